"""Generate synthetic worlds with laundering in them, and the answers."""

from ingest._world.generate import generate
from ingest._world.presets import presets

__all__ = ["generate", "presets"]
