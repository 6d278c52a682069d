"""Write wide tables part by part, and leave nothing else behind."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from casework import wide
from casework.wide import write_wide
from graphml.feature import Feature, Part


def parts(rows: int, widths: tuple[int, ...]) -> tuple[list[Part], np.ndarray]:
    values = np.random.default_rng(rows).random((rows, sum(widths))).astype(np.float32)
    values[values < 0.1] = np.nan
    found, first = [], 0
    for width in widths:
        columns = values[:, first : first + width]
        names = tuple(Feature(f"f{i}", "count", "all", "{value}") for i in range(first, first + width))
        found.append(Part(first, names, lambda out, columns=columns: np.copyto(out, columns)))
        first += width
    return found, values


@pytest.mark.parametrize("rows", [0, 1, 6, 7, 8, 50])
def test_what_is_read_is_what_was_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(wide, "_GROUP", 7)
    made, values = parts(rows, (3, 1, 5))
    key = pl.Series("transaction", [f"t{i}" for i in range(rows)], pl.String)
    assert write_wide(tmp_path / "x.parquet", key, made) == 9
    found = pl.read_parquet(tmp_path / "x.parquet")
    assert found["transaction"].to_list() == key.to_list()
    assert found.drop("transaction").to_numpy().astype(np.float32).tobytes() == values.tobytes()
    assert [path.name for path in tmp_path.iterdir()] == ["x.parquet"]
