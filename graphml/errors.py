"""Name the ways in which muletrail says no.

GraphMLError
 ├─ InputError        a file, row or value cannot be used
 │   └─ BadShare      more rows are bad than the stated share allows
 ├─ ParameterError    an argument is outside what is allowed
 │   └─ UnknownName   a name is in no registry
 ├─ StoreError        the graph store refused or is not there
 ├─ MissingLibrary    an optional part is not installed
 └─ VerifyError       a package or run is not what its manifest says
"""

import difflib
from collections.abc import Iterable
from typing import Self

__all__ = [
    "BadShare",
    "GraphMLError",
    "InputError",
    "MissingLibrary",
    "ParameterError",
    "StoreError",
    "UnknownName",
    "VerifyError",
]


_SHOWN = 40  # names that an error lists


class GraphMLError(Exception):
    """Raised for every fault a user can mend; its text has the value, the expectation and the way out."""


class InputError(GraphMLError):
    """Raised when a file, a row or a value cannot be used."""


class BadShare(InputError):
    """Raised when more rows are bad than the stated share allows."""


class ParameterError(GraphMLError):
    """Raised when an argument is outside what is allowed."""


class UnknownName(ParameterError):
    """Raised when a name is in no registry."""

    @classmethod
    def of(cls, kind: str, name: str, known: Iterable[str], lists: str = "") -> Self:
        """Return the error for *name*, with near misses and the names there are, or the command that *lists* them."""
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        if lists and len(names) > _SHOWN:
            return cls(f"Unknown {kind} '{name}'.{hint} `{lists}` lists the {len(names):,} there are.")
        shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")
        return cls(f"Unknown {kind} '{name}'.{hint} Known: {shown}.")


class StoreError(GraphMLError):
    """Raised when the graph store refuses or is not there."""


class MissingLibrary(GraphMLError):
    """Raised when an optional part is not installed; its text has the command that installs it."""


class VerifyError(GraphMLError):
    """Raised when a package or a run is not what its manifest says."""
