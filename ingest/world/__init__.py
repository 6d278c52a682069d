"""Generate synthetic worlds with laundering in them, and the answers."""

from ingest.world.generate import generate
from ingest.world.presets import presets

__all__ = ["generate", "presets"]
