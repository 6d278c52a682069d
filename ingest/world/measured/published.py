"""Find what is known of AMLworld: what was published of its files, and its own attempts where they lie on this machine."""

import logging
import os
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from ingest.world.measured import attempts
from ingest.world.measured.measures import Measures

__all__ = ["genuine", "patterns", "published"]

_LOG = logging.getLogger(__name__)


def published() -> dict[str, Any]:
    """Return the published values by preset and source, and what the sources are."""
    return tomllib.loads((files("ingest.world.measured") / "published.toml").read_text(encoding="utf-8"))


def patterns() -> Path:
    """Return where AMLworld's own attempts of HI-Small should lie: in `MULETRAIL_DATA`, else beside the checkout."""
    data = os.environ.get("MULETRAIL_DATA", Path(__file__).parents[4] / "shared" / "data")
    return Path(data) / "amlworld_samples" / "HI-Small_Patterns.txt"


def genuine() -> Measures | None:
    """Return the measures of AMLworld's own attempts of HI-Small, or None where the file is absent."""
    path = patterns()
    if not path.is_file():
        _LOG.info("No %s: nothing is compared with genuine attempts. Set MULETRAIL_DATA.", path.name)
        return None
    return attempts.measure(attempts.read(path))
