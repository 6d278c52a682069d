from pathlib import Path

import polars as pl
import pytest

from graphml.errors import InputError
from graphml.ledger import TABLES, Ledger
from graphml.ledger_stream import LedgerStream
from tests import toy


def blocks(table: pl.DataFrame, sizes: list[int]) -> list[pl.DataFrame]:
    edges = [0, *sizes]
    return [table.slice(sum(edges[: i + 1]), size) for i, size in enumerate(sizes)]


@pytest.mark.parametrize("sizes", [[60], [1, 59], [20, 0, 40]])
def test_a_streamed_ledger_is_the_saved_one(tmp_path: Path, sizes: list[int]) -> None:
    whole = toy.ledger(toy.random_rows(3, rows=60), laundering=[1, 2])
    folder = tmp_path / "streamed"
    folder.mkdir()
    stream = LedgerStream(folder, whole.meta.own_ids)
    labels = blocks(whole.labels, sizes)
    for transactions, some in zip(blocks(whole.transactions, sizes), labels, strict=True):
        stream.append(transactions, some)
    rest = {name: getattr(whole, name) for name in TABLES if name not in ("transactions", "labels")}
    meta = stream.close(rest, whole.meta)
    back = Ledger.load(folder)
    assert meta == back.meta == whole.meta
    for name in TABLES:
        assert getattr(back, name).equals(getattr(whole, name)), name


def test_blocks_out_of_order_are_refused(tmp_path: Path) -> None:
    whole = toy.ledger(toy.random_rows(3, rows=60))
    stream = LedgerStream(tmp_path, whole.meta.own_ids)
    stream.append(whole.transactions.tail(5), whole.labels.head(0))
    with pytest.raises(InputError, match="came after"):
        stream.append(whole.transactions.head(5), whole.labels.head(0))
