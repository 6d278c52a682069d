"""Write a table that is too wide to be held: part by part to the disk, then row group by row group into one file."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from graphml.cores import side_by_side
from graphml.families import Part

__all__ = ["write_wide"]

_GROUP = 262_144  # rows


def write_wide(path: Path, key: pl.Series, parts: Iterable[Part]) -> int:
    """Write *key* and the columns of *parts* as Parquet to *path*, and return the number of columns of the parts.

    As many parts are in memory at a time as there are cores. They lie beside *path* until it is complete, 4 bytes a
    value.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".parts-") as home:
        made = list(parts)

        def save(k: int) -> Path:
            values = np.empty((len(key), len(made[k].features)), np.float32)
            made[k].fill(values)
            file = Path(home) / f"{k}"
            values.tofile(file)
            return file

        files = side_by_side(save, range(len(made)))
        names = [f.name for part in made for f in part.features]
        schema = pa.schema([(key.name, pa.string()), *((name, pa.float32()) for name in names)])
        with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1, use_dictionary=[key.name]) as out:
            for first in range(0, len(key), _GROUP):
                rows = key[first : first + _GROUP].to_arrow().cast(pa.string())
                blocks = [
                    _rows(file, len(part.features), first, len(rows)) for file, part in zip(files, made, strict=True)
                ]
                columns = [pa.array(column) for block in blocks for column in np.ascontiguousarray(block.T)]
                out.write_table(pa.table([rows, *columns], schema=schema))
    return len(names)


def _rows(file: Path, width: int, first: int, count: int) -> NDArray[np.float32]:
    # (count, width) read, not mapped: what is mapped stays in memory.
    size = np.dtype(np.float32).itemsize * width
    return np.fromfile(file, np.float32, count * width, offset=first * size).reshape(count, width)
