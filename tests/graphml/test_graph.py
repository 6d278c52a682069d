import numpy as np
import polars as pl
import pytest

from graphml.graph import Codes, TransactionGraph
from graphml.window import DAY, Window
from tests import toy


@pytest.mark.parametrize("seed", range(20))
def test_views_and_neighbour_lists_equal_a_scan_of_the_rows(seed: int) -> None:
    ledger = toy.ledger(toy.random_rows(seed))
    graph = TransactionGraph.of(ledger)
    rows = list(
        zip(
            ledger.transactions["source"],
            ledger.transactions["target"],
            ledger.transactions["time"].to_physical(),
            strict=True,
        )
    )
    rng = np.random.default_rng(seed)
    for _ in range(10):
        start, end = sorted(int(t) for t in rng.choice([r[2] for r in rows], 2))
        view = graph.window(Window(start, end))
        inside = [i for i, (_, _, t) in enumerate(rows) if start <= t < end]
        assert list(range(view.lo, view.hi)) == inside
        for account in range(graph.n):
            assert view.paid_by(account).tolist() == [i for i in inside if rows[i][0] == account]
            assert view.paid_to(account).tolist() == [i for i in inside if rows[i][1] == account]
        assert len(graph.before(end)) == sum(t < end for _, _, t in rows)


def test_rows_at_the_instant_itself_are_not_before_it() -> None:
    graph = toy.graph([(0, 1, 0.0, 5.0), (1, 2, 1.0, 5.0), (2, 0, 1.0, 5.0), (0, 2, 2.0, 5.0)])
    assert len(graph.before(toy.START + DAY)) == 1
    assert len(graph.before(toy.START + DAY + 1)) == 3


def test_a_view_shares_memory_with_its_parent() -> None:
    graph = toy.graph(toy.random_rows(1))
    view = graph.before(toy.START + 2 * DAY)
    for name in ("source", "target", "time", "value", "out_rows", "in_rows"):
        assert np.shares_memory(getattr(view, name), getattr(graph, name))
    assert view.paid_by(0).base is graph.out_rows


def test_a_view_of_a_view_never_grows() -> None:
    graph = toy.graph(toy.random_rows(1))
    view = graph.window(Window(toy.START + DAY, toy.START + 3 * DAY))
    wider = view.window(Window(toy.START, toy.START + 9 * DAY))
    assert (wider.lo, wider.hi) == (view.lo, view.hi)
    assert len(view.before(toy.START)) == 0


def test_networkx_keeps_parallel_edges_by_row() -> None:
    graph = toy.graph([(0, 1, 0.0, 5.0), (0, 1, 0.0, 5.0), (1, 1, 1.0, 7.0)])
    nx_graph = graph.to_networkx()
    assert sorted(nx_graph.edges(keys=True)) == [(0, 1, 0), (0, 1, 1), (1, 1, 2)]
    assert nx_graph.edges[1, 1, 2]["value"] == 7.0
    assert nx_graph.edges[1, 1, 2]["time"] == toy.START + DAY


def test_pyg_data_has_the_rows_of_the_view_only() -> None:
    pytest.importorskip("torch")
    graph = toy.graph(toy.random_rows(2)).before(toy.START + 3 * DAY)
    data = graph.to_pyg()
    assert data.num_nodes == graph.n
    assert data.edge_index.numpy().tolist() == [graph.source[graph.rows].tolist(), graph.target[graph.rows].tolist()]
    assert data.edge_time.tolist() == graph.time[graph.rows].tolist()
    assert data.edge_attr.shape == (len(graph), 3)


@pytest.mark.parametrize("kind", [pl.String, pl.Categorical, pl.Enum(["zz", "a", "b"])])
def test_names_have_one_number_in_the_whole_column_and_in_a_part(kind: pl.DataType) -> None:
    column = pl.Series(["zz", "b", None, "a", "b"]).cast(kind)
    codes = Codes.of(column)
    pl.Series(["q", "r", "a"]).cast(pl.Categorical)  # others number their names meanwhile
    assert codes.names == ("", "a", "b", "zz")
    assert codes(column).tolist() == [3, 2, 0, 1, 2]
    assert codes(column[3:]).tolist() == [1, 2]
    assert codes(column[:0]).tolist() == []
