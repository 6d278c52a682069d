"""Examine what is installed."""

import shutil
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version

__all__ = ["Check", "examine"]

_PARTS = (
    ("polars", "tables", True),
    ("numba", "features and patterns", True),
    ("graspologic-native", "communities", True),
    ("lightgbm", "boosted trees", True),
    ("torch", "the graph neural network", True),
    ("torch-geometric", "the graph neural network", True),
    ("arcadedb-embedded", "the embedded entity graph", True),
    ("neo4j", "talking to entity graphs", True),
)
_PROGRAMS = (
    ("java", "Neo4j's contract tests", "install a Java 17 runtime"),
    ("mvn", "fetching Neo4j's jars for its contract tests", "install Maven"),
)


@dataclass(frozen=True, slots=True)
class Check:
    """Say whether one part is there."""

    part: str
    found: str  # version or path, "" where missing
    purpose: str
    needed: bool
    way_out: str

    def row(self) -> tuple[str, str, str, str]:
        """Return the check as a line for people."""
        missing = "missing" if self.needed else "missing (optional)"
        return self.part, self.found or missing, self.purpose, "" if self.found else self.way_out

    def describe(self) -> dict[str, object]:
        """Return the check as a JSON object."""
        return asdict(self)


def examine() -> tuple[Check, ...]:
    """Return a check for each library and program that muletrail uses."""
    libraries = (Check(name, _version(name), use, need, f"pip install {name}") for name, use, need in _PARTS)
    programs = (Check(name, shutil.which(name) or "", use, False, fix) for name, use, fix in _PROGRAMS)
    return (*libraries, *programs, _cuda())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _cuda() -> Check:
    found = ""
    if _version("torch"):
        import torch

        found = torch.cuda.get_device_name() if torch.cuda.is_available() else ""
    return Check("CUDA", found, "faster training", False, "not needed; the CPU is used")
