"""Replace a folder as a whole, so that a killed writer leaves the old one or the new one."""

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graphml.errors import ParameterError

__all__ = ["new_folder", "require_apart", "require_place", "swap"]

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def require_place(target: Path, mark: str) -> None:
    """Do nothing where a folder may be put at *target*: nothing is there, or an older one, known by its file *mark*.

    Raises:
        ParameterError: *target* is a file, or a folder that holds something else, which would be lost.
    """
    if target.exists() and not target.is_dir():
        raise ParameterError(f"'{target}' is a file; expected a folder. Name a new or empty folder.")
    if target.is_dir() and not (target / mark).exists():
        other = sorted(path.name for path in target.iterdir())
        if other:
            raise ParameterError(
                f"'{target}' holds something else ('{other[0]}', but no '{mark}'), which would be lost. "
                "Name a new or empty folder, or one that holds an older result of this command."
            )


def require_apart(target: Path, *others: Path) -> None:
    """Do nothing where none of *others* is or lies in *target*, which is replaced as a whole.

    Raises:
        ParameterError: one would be lost.
    """
    for other in others:
        if other.resolve().is_relative_to(target.resolve()):
            raise ParameterError(
                f"'{target}' is replaced as a whole, and '{other}' would be lost with it. Name another folder."
            )


@contextmanager
def new_folder(target: Path, mark: str) -> Iterator[Path]:
    """Yield an empty folder beside *target* that takes its place when the block ends without a fault.

    Raises:
        ParameterError: *target* holds something without the file *mark*, by which older results are known, or cannot be
            made.
    """
    target = target.absolute()
    require_place(target, mark)
    partial = target.with_name(f".{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
    except OSError as fault:
        raise ParameterError(
            f"No folder can be made at '{target}': {fault.strerror}. Name a place that you may write to."
        ) from fault
    try:
        yield partial
        swap(partial, target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def swap(new: Path, target: Path) -> None:
    """Put *new* in the place of *target*; the old content is deleted after the exchange."""
    if not target.exists():
        new.rename(target)
        return
    if not _exchange(new, target):
        old = target.with_name(f".{target.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)
        new.rename(target)
        new = old
    shutil.rmtree(new) if new.is_dir() else new.unlink()


def _exchange(one: Path, other: Path) -> bool:
    # renameat2 is the only call that exchanges two folders in one step; where the system lacks it, swap takes two.
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    return bool(rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)
