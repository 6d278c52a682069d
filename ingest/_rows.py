"""Turn a file into frames of text columns with line numbers: regular blocks at once, irregular ones line by line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from graphml.errors import InputError
from graphml.source import Head
from ingest._blocks import Block, blocks
from ingest._files import is_parquet
from ingest._lines import Fault, split

__all__ = ["Raw", "is_regular", "rows", "whole"]

_BATCH = 250_000  # rows of a Parquet batch


@dataclass(frozen=True, slots=True, eq=False)
class Raw:
    """Hold rows of a file as text; null is an empty field."""

    frame: pl.DataFrame  # String columns as the header names them, and `line` (Int64, header = line 1)
    faults: tuple[Fault, ...]


def rows(head: Head, columns: Sequence[str], exact: bool = False) -> Iterator[Raw]:
    """Yield the rows of a file in order, only *columns*; *exact* takes the line-by-line way for all of it.

    Raises:
        InputError: the file cannot be read, or lacks a column.
    """
    missing = [c for c in columns if c not in head.columns]
    if missing:
        raise InputError(f"'{head.name}' lacks the columns {missing}; it has {list(head.columns)}.")
    if is_parquet(head.path):
        yield from _parquet(head, columns)
    else:
        yield from _text(head, columns, exact)


def whole(head: Head, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Return a small table beside the transactions as text, lines that cannot be read left out."""
    wanted = head.columns if columns is None else columns
    return pl.concat([raw.frame for raw in rows(head, wanted)]) if wanted else pl.DataFrame()


def _text(head: Head, columns: Sequence[str], exact: bool) -> Iterator[Raw]:
    line = 1
    rest = b""
    for block in blocks(head):
        data = rest + block.data
        rest = b""
        if line == 1:
            cut = _after_header(data)
            if cut is None and not block.last:
                rest = data
                continue
            cut = len(data) if cut is None else cut
            line += data.count(b"\n", 0, cut) or 1
            data = data[cut:]
        if not data:
            continue
        raw, used, rest = _block(Block(data, block.last), line, head, columns, exact)
        line += used
        yield raw


def _after_header(data: bytes) -> int | None:
    # A header may have quoted names that run over lines.
    quotes = at = 0
    while (end := data.find(b"\n", at)) >= 0:
        quotes += data.count(b'"', at, end)
        at = end + 1
        if quotes % 2 == 0:
            return at
    return None


def _block(block: Block, line: int, head: Head, columns: Sequence[str], exact: bool) -> tuple[Raw, int, bytes]:
    data = block.data.replace(b"\r\n", b"\n") if b"\r" in block.data else block.data
    width = len(head.columns)
    if not exact and is_regular(data, width, head.separator):
        frame = pl.read_csv(
            data, has_header=False, new_columns=list(head.columns), separator=head.separator, quote_char=None,
            infer_schema=False, columns=sorted(head.columns.index(c) for c in columns),
        )  # fmt: skip
        frame = frame.with_columns(pl.int_range(line, line + frame.height, dtype=pl.Int64).alias("line"))
        return Raw(frame, ()), frame.height, b""
    found = split(data, line, width, head.separator, block.last)
    places = [head.columns.index(c) for c in columns]
    table = {c: [f[p] or None for f in found.fields] for c, p in zip(columns, places, strict=True)}
    frame = pl.DataFrame(table, schema=dict.fromkeys(columns, pl.String))
    return (
        Raw(frame.with_columns(line=pl.Series(found.line, dtype=pl.Int64)), tuple(found.faults)),
        found.lines,
        (found.rest),
    )


def is_regular(data: bytes, width: int, separator: str) -> bool:
    """Return whether all lines have *width* fields and nothing needs care: no quotes, spaces at edges, odd bytes.

    The check is exact: where it says yes, splitting at separators and line feeds gives what `split` gives.
    """
    mark = separator.encode()
    if len(mark) != 1 or width < 2 or any(odd in data for odd in (b'"', b"\0", b"\r")):
        return False
    if data[:1] in (b" ", b"\t", b"\n") or (mark != b"\t" and b"\t" in data) or not _is_utf8(data):
        return False
    text = np.frombuffer(data if data.endswith(b"\n") else data + b"\n", np.uint8)
    ends, space = (text == mark[0]) | (text == 10), text == 32
    if (space[1:] & ends[:-1]).any() or (space[:-1] & ends[1:]).any():
        return False
    at = text[ends]
    if len(at) % width:
        return False
    grid = at.reshape(-1, width)
    return bool((grid[:, -1] == 10).all() and (grid[:, :-1] == mark[0]).all())


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _parquet(head: Head, columns: Sequence[str]) -> Iterator[Raw]:
    line = 2
    try:
        with pq.ParquetFile(head.path) as file:
            for batch in file.iter_batches(_BATCH, columns=list(columns)):
                frame = pl.DataFrame(pl.from_arrow(batch)).select(columns)
                frame = frame.select(_as_text(frame[c]) for c in frame.columns)
                number = pl.int_range(line, line + frame.height, dtype=pl.Int64).alias("line")
                yield Raw(frame.with_columns(number), ())
                line += frame.height
    except (pa.ArrowException, OSError, pl.exceptions.PolarsError) as fault:
        raise InputError(f"'{head.name}' cannot be read as Parquet: {fault}.") from fault


def _as_text(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, pl.Datetime):
        zone = "Z" if column.dtype.time_zone else ""
        column = column.dt.convert_time_zone("UTC") if zone else column
        return column.dt.strftime(f"%Y-%m-%dT%H:%M:%S%.6f{zone}")
    text = column.cast(pl.String).str.strip_chars(" \t\r")
    return text.set(text == "", None)
