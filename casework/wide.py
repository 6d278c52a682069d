"""Write a table that is too wide to be held: part by part to the disk, then row group by row group into one file."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from graphml.feature import Feature, Part
from graphml.parts import over_parts

__all__ = ["write_wide"]

_GROUP = 262_144  # rows


def write_wide(path: Path, key: pl.Series, parts: Iterable[Part]) -> int:
    """Write *key* and the columns of *parts*, in their order, as Parquet to *path*, and return how many columns these are.

    The parts lie beside *path* until it is complete, 4 bytes a value.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".parts-") as home:

        def save(part: Part, values: NDArray[np.float32]) -> tuple[int, tuple[Feature, ...], Path]:
            file = Path(home) / f"{part.first}"
            values.tofile(file)
            return part.first, part.features, file

        made = sorted(over_parts(save, parts, len(key)), key=lambda one: one[0])
        names = [f.name for _, features, _ in made for f in features]
        schema = pa.schema([(key.name, pa.string()), *((name, pa.float32()) for name in names)])
        with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1, use_dictionary=[key.name]) as out:
            for first in range(0, len(key), _GROUP):
                rows = key[first : first + _GROUP].to_arrow().cast(pa.string())
                blocks = [_rows(file, len(features), first, len(rows)) for _, features, file in made]
                columns = [pa.array(column) for block in blocks for column in np.ascontiguousarray(block.T)]
                out.write_table(pa.table([rows, *columns], schema=schema))
    return len(names)


def _rows(file: Path, width: int, first: int, count: int) -> NDArray[np.float32]:
    # (count, width) read, not mapped: what is mapped stays in memory.
    size = np.dtype(np.float32).itemsize * width
    return np.fromfile(file, np.float32, count * width, offset=first * size).reshape(count, width)
