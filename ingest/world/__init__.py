"""Generate synthetic worlds with laundering in them, and the answers."""

from ingest.world.generate import generate
from ingest.world.preset import Preset, describe, presets
from ingest.world.switches import BUNDLES, SWITCHES

__all__ = ["BUNDLES", "SWITCHES", "Preset", "describe", "generate", "presets"]
