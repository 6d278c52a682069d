"""Find the files that were named, open them and read their heads."""

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from graphml.errors import InputError
from graphml.source import Head

__all__ = ["bytes_of", "expand", "head", "is_parquet", "unique_names"]

_SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz", ".parquet")
_HEAD = 65_536  # bytes
_SEPARATORS = ",;\t|"


def expand(paths: Sequence[Path]) -> list[tuple[Path, bool]]:
    """Return the files of *paths* in order, folders replaced by their data files; True: the user named the file.

    Raises:
        InputError: a path is not there, a folder has no data files or one of them compressed and plain, or two files have
            one name.
    """
    found: list[tuple[Path, bool]] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.is_file() and p.name.lower().endswith(_SUFFIXES))
            if not inside:
                raise InputError(f"The folder '{path}' holds no file that ends in {', '.join(_SUFFIXES)}.")
            _once(path, {p.name for p in inside})
            found += [(p, False) for p in inside]
        elif path.is_file():
            found.append((path, True))
        else:
            raise InputError(f"'{path}' is not there. Name a file or a folder that exists.")
    if not found:
        raise InputError("No file was named. Name files or folders.")
    names = [path.name for path, _ in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"Two files are named '{twice[0]}', and rows are known by FILE:LINE. Rename one of them.")
    return found


def _once(folder: Path, names: set[str]) -> None:
    for name in sorted(names):
        if f"{name}.gz" in names:
            raise InputError(
                f"The folder '{folder}' holds '{name}' and '{name}.gz', so each row would count twice. Move one of them "
                f"away, or name the files: muletrail ingest FORMAT {folder / name} ..."
            )


def is_parquet(path: Path) -> bool:
    """Return whether the file is Parquet, by its name."""
    return path.name.lower().endswith(".parquet")


@contextmanager
def bytes_of(path: Path) -> Iterator[IO[bytes]]:
    """Yield the bytes of a file, decompressed where its name ends in .gz.

    Raises:
        InputError: the file cannot be read or decompressed.
    """
    try:
        with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
            yield file  # type: ignore[misc]  # GzipFile is a binary stream without the name
    except (OSError, EOFError, gzip.zlib.error) as fault:  # type: ignore[attr-defined]  # gzip imports zlib
        raise InputError(f"'{path.name}' cannot be read: {fault}. Fetch or compress it again.") from fault


def head(path: Path, separator: str | None = None, encoding: str | None = None) -> Head:
    """Return the head of a file; separator and encoding are found out where they are not given.

    Raises:
        InputError: the file cannot be read.
    """
    if is_parquet(path):
        try:
            names = pq.read_schema(path).names
        except (pa.ArrowException, OSError) as fault:
            raise InputError(f"'{path.name}' is no Parquet file: {fault}.") from fault
        return Head(path, tuple(names), "", separator="")
    with bytes_of(path) as file:
        data = file.read(_HEAD)
    encoding = encoding or ("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    text = _decode(data, encoding, path)
    first = text.split("\n", 1)[0].rstrip("\r")
    separator = separator or max(_SEPARATORS, key=lambda s: (first.count(s), -_SEPARATORS.index(s)))
    try:
        fields = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        fields = first.split(separator)
    return Head(path, unique_names(fields), first, separator, encoding)


def unique_names(fields: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a header, without spaces around, each once: a repeated one gets " (2)"."""
    seen: dict[str, int] = {}
    names = []
    for field in (f.strip() for f in fields):
        seen[field] = seen.get(field, 0) + 1
        names.append(field if seen[field] == 1 else f"{field} ({seen[field]})")
    return tuple(names)


def _decode(data: bytes, encoding: str, path: Path) -> str:
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode(encoding, errors="replace").removeprefix("\ufeff")
    except LookupError as fault:
        raise InputError(f"'{encoding}' is no encoding ({path.name}). Write utf-8, utf-16, cp1252, ...") from fault
