"""Find plug-ins: a plug-in is a file in a folder that binds one agreed name."""

import importlib
import pkgutil
from typing import Any

from graphml.errors import MissingLibrary, UnknownName

__all__ = ["names", "plugin"]

_KINDS = {
    "graphml.features": "feature family", "graphml.models": "model", "graphml.typologies": "typology",
    "ingest": "format",
}  # fmt: skip


def names(package: str) -> tuple[str, ...]:
    """Return the plug-ins of *package* (`graphml.features`), ascending, hyphens for underscores, without importing them.

    Files that start with an underscore and folders are parts of plug-ins, not plug-ins.
    """
    home = importlib.import_module(package)
    return tuple(
        sorted(
            m.name.replace("_", "-") for m in pkgutil.iter_modules(home.__path__) if m.name[0] != "_" and not m.ispkg
        )
    )


def plugin(package: str, name: str, attribute: str) -> Any:  # the caller knows the port
    """Return what the file *name* of *package* binds to *attribute*.

    Raises:
        UnknownName: there is no such file.
        MissingLibrary: the file needs something that is not installed.
    """
    known = names(package)
    if name.replace("_", "-") not in known:
        raise UnknownName.of(_KINDS.get(package, "plug-in"), name, known)
    try:
        module = importlib.import_module(f"{package}.{name.replace('-', '_')}")
    except ModuleNotFoundError as fault:
        raise MissingLibrary(f"'{name}' needs {fault.name}. Install it with: pip install {fault.name}") from fault
    return getattr(module, attribute)
