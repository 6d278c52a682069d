"""Read a file of cells as text, with the line on which each row stands."""

import csv
import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import polars as pl

from graphml import schema
from graphml.errors import InputError

__all__ = ["Table", "header", "quarantined"]

_JOINED = 20  # lines that a quoted cell may run over


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Hold the cells of a file as text columns "0", "1", ... with `file` and `line` (the header is line 1)."""

    path: Path
    header: tuple[str, ...]
    rows: pl.LazyFrame
    broken: pl.DataFrame  # QUARANTINE: lines that are no rows

    @classmethod
    def of(cls, path: Path, encoding: str = "utf-8", heading: bool = True) -> Self:
        """Return the table in *path*: CSV, CSV in gzip, or Parquet.

        Raises:
            InputError: the file does not exist, is empty, or is not what its ending says.
        """
        if not path.is_file():
            raise InputError(f"There is no file '{path}'. Check the path.")
        if path.suffix == ".parquet":
            return cls._parquet(path)
        content = _content(path)
        if not content.strip():
            raise InputError(f"'{path.name}' is empty: a header and rows were expected.")
        if b'"' in content or b"\0" in content or encoding != "utf-8" or not heading:
            return cls._slowly(path, content, encoding, heading)
        try:
            content.decode("utf-8")
            return cls._fast(path, content)
        except (UnicodeDecodeError, pl.exceptions.ComputeError, pl.exceptions.NoDataError, _Irregular):
            return cls._slowly(path, content, encoding, heading)

    @classmethod
    def _parquet(cls, path: Path) -> Self:
        try:
            frame = pl.scan_parquet(path)
            names = tuple(frame.collect_schema().names())
        except (pl.exceptions.ComputeError, OSError) as fault:
            raise InputError(f"'{path.name}' cannot be read as Parquet: {fault}.") from fault
        text = [pl.col(name).cast(pl.String).alias(str(i)) for i, name in enumerate(names)]
        return cls(path, names, _placed(frame.select(text), path, 2), _none())

    @classmethod
    def _fast(cls, path: Path, content: bytes) -> Self:
        names = header(path, content)
        whole = pl.read_csv(
            io.BytesIO(content), infer_schema=False, quote_char=None, has_header=False, skip_rows=1,
            new_columns=[str(i) for i in range(len(names))],
        )  # fmt: skip
        lines = content.count(b"\n") + (not content.endswith(b"\n"))
        # A blank line, a short line or a bare carriage return would move the numbers of the lines after it.
        commas = content.count(b",")
        if whole.width != len(names) or whole.height != lines - 1 or commas != (len(names) - 1) * lines:
            raise _Irregular
        return cls(path, names, _placed(whole.lazy(), path, 2), _none())

    @classmethod
    def _slowly(cls, path: Path, content: bytes, encoding: str, heading: bool) -> Self:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="surrogateescape")
        lines = text.replace("\r\n", "\n").split("\n")
        names = tuple(next(csv.reader([lines[0]]))) if heading else ()
        kept: list[tuple[int, list[str]]] = []
        bad: list[tuple[str, int, str, str, str]] = []
        number = int(heading)
        width = len(names)
        while number < len(lines):
            cells, used, reason = _record(lines, number, width)
            if reason and any(lines[number : number + used]):
                shown = lines[number].encode("utf-8", "backslashreplace").decode("utf-8")[:200]
                bad.append((path.name, number + 1, "", shown, reason))
            elif cells:
                width = width or len(cells)
                kept.append((number + 1, cells))
            number += used
        columns = {str(i): [cells[i] or None for _, cells in kept] for i in range(width)}
        frame = pl.DataFrame(columns, schema={str(i): pl.String for i in range(width)})
        placed = frame.with_columns(
            pl.lit(path.name).alias("file"), pl.Series("line", [line for line, _ in kept], dtype=pl.Int64)
        )
        return cls(path, names, placed.lazy(), pl.DataFrame(bad, schema=schema.QUARANTINE, orient="row"))

    def pick(self, columns: dict[str, str | tuple[str, int] | int]) -> pl.LazyFrame:
        """Return the named columns with `file` and `line`; a header name may be given with its occurrence (from 1).

        Raises:
            InputError: the file has no such column.
        """
        return self.rows.select(
            "file", "line", *(pl.col(str(self.place(where))).alias(name) for name, where in columns.items())
        )

    def place(self, where: str | tuple[str, int] | int) -> int:
        """Return the position of a column."""
        if isinstance(where, int):
            return where
        name, occurrence = where if isinstance(where, tuple) else (where, 1)
        places = [i for i, cell in enumerate(self.header) if cell.strip().lower() == name.lower()]
        if len(places) < occurrence:
            raise InputError(f"'{self.path.name}' has no column '{name}'. Its columns are: {', '.join(self.header)}.")
        return places[occurrence - 1]


class _Irregular(Exception):
    """Raised when a file needs the slow, exact way."""


def header(path: Path, content: bytes | None = None) -> tuple[str, ...]:
    """Return the cells of the first line, or the column names of a Parquet file.

    Raises:
        InputError: the first line is empty.
    """
    if path.suffix == ".parquet":
        return tuple(pl.read_parquet_schema(path))
    if content is None:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            content = stream.readline(100_000)
    first = content.split(b"\n", 1)[0].decode("utf-8-sig", errors="replace").rstrip("\r")
    if not first.strip():
        raise InputError(f"'{path.name}' is empty: a header and rows were expected.")
    return tuple(next(csv.reader([first]), []))


def quarantined(tables: Sequence[Table]) -> pl.DataFrame:
    """Return the broken lines of *tables*."""
    return pl.concat([t.broken for t in tables]) if tables else _none()


def _record(lines: list[str], number: int, width: int) -> tuple[list[str], int, str]:
    """Return the cells of the record that starts at line *number*, the lines it takes, and what is wrong with it."""
    text = lines[number]
    if not text.strip():
        return [], 1, "" if not text else "The line holds nothing but white space."
    used = 1
    while text.count('"') % 2 and used < _JOINED and number + used < len(lines):
        text += "\n" + lines[number + used]
        used += 1
    if text.count('"') % 2:
        return [], 1, "A quoted cell is never closed."
    if "\0" in text:
        return [], 1, "The line holds a NUL byte."
    if any("\udc80" <= letter <= "\udcff" for letter in text):
        return [], 1, "The line is not UTF-8. Name the file's encoding in a map (mapped), or convert the file."
    cells = next(csv.reader(io.StringIO(text)), [])
    if width and len(cells) != width:
        return [], 1, f"The line has {len(cells)} cells where the header has {width}."
    return cells, used, ""


def _content(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (gzip.BadGzipFile, EOFError) as fault:
        raise InputError(f"'{path.name}' cannot be unpacked: {fault}. Unpack it by hand, or fetch it again.") from fault


def _placed(frame: pl.LazyFrame, path: Path, first: int) -> pl.LazyFrame:
    return frame.with_row_index("line", offset=first).with_columns(
        pl.lit(path.name).alias("file"), pl.col("line").cast(pl.Int64)
    )


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema=schema.QUARANTINE)
