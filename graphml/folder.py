"""Replace a folder as a whole, so that a killed writer leaves the old one or the new one."""

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["new_folder", "swap"]

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder beside *target* that takes its place when the block ends without a fault."""
    target = target.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    yield partial
    swap(partial, target)


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
