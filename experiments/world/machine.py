"""Say what numbers depend on: machine, versions, and the digest of the generator."""

import hashlib
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

__all__ = ["digest", "generator", "machine"]

_GENERATOR = Path(__file__).parents[2] / "ingest" / "world"


def machine(*packages: str) -> dict[str, object]:
    """Return cores, processor, versions of Python and *packages*, and the load now."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": model[0] if model else "unknown",
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        **{name: version(name) for name in ("muletrail", "numpy", "polars", *packages)},
    }


def generator() -> str:
    """Return the digest of the generator's code."""
    return digest(sorted(_GENERATOR.glob("*.py")))


def digest(paths: Sequence[Path]) -> str:
    """Return a digest of the bytes of *paths*."""
    found = hashlib.sha256()
    for path in paths:
        found.update(path.read_bytes())
    return f"sha256:{found.hexdigest()}"
