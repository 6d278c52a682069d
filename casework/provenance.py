"""Say with which code a result was made."""

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

__all__ = ["code_digest", "versions"]

_PACKAGES = ("casework", "cypher", "graphml", "ingest")
_LIBRARIES = (
    "lightgbm",
    "neo4j",
    "networkx",
    "numba",
    "numpy",
    "polars",
    "pyarrow",
    "scipy",
    "torch",
    "torch-geometric",
)
_KINDS = (".py", ".cypher", ".j2", ".toml")


@cache
def code_digest() -> str:
    """Return the SHA-256 of every source file of muletrail, in order of name."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for name, content in sorted(_sources(files(package), package)):
            digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of muletrail, Python's libraries and Python itself that bear on results."""
    import platform

    found = {name: version(name) for name in _LIBRARIES}
    return {"muletrail": version("muletrail"), "python": platform.python_version(), **found}


def _sources(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        name = f"{prefix}/{entry.name}"
        if entry.is_dir() and entry.name != "__pycache__":
            found += _sources(entry, name)
        elif entry.name.endswith(_KINDS):
            found.append((name, entry.read_bytes()))
    return found
