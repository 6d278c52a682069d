"""Make random graphs and compare a family with a slow definition in plain Python."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from graphml.feature import Family
from graphml.graph import TransactionGraph
from graphml.stream import Stream
from graphml.window import HOUR
from tests import toy


class Pay(NamedTuple):
    """One payment of the view."""

    source: int
    target: int
    time: int
    value: float
    row: int


UNWRITTEN = np.float32(-77.03125)

Past = list[Pay]  # strictly earlier payments, in order of row
OfAccount = Callable[[Past, int, int], list[float]]  # past, account, instant
OfTransaction = Callable[[Past, Pay], list[float]]


def accounts(family: Family, graph: TransactionGraph, account: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return (M, F) what *family* gives for the pairs."""
    out = np.full((len(account), len(family.of_accounts)), UNWRITTEN, np.float32)
    family.accounts(Stream.of(graph), account, at, out)
    return out


def transactions(family: Family, graph: TransactionGraph) -> np.ndarray:
    """Return (E, F) what *family* gives for the rows of the view."""
    out = np.full((len(graph), len(family.of_transactions)), UNWRITTEN, np.float32)
    family.transactions(Stream.of(graph), out)
    return out


def pays(graph: TransactionGraph) -> list[Pay]:
    columns = (graph.source, graph.target, graph.time, graph.value)
    return [Pay(*(c[r].item() for c in columns), r) for r in range(graph.lo, graph.hi)]


def graphs(count: int, **shape: int) -> Iterator[TransactionGraph]:
    """Yield small graphs, one in three a view without the first and the last rows, and an empty one."""
    for seed in range(count):
        whole = toy.graph(toy.random_rows(seed, **shape), n=shape.get("n", 8) + 1)
        if seed % 3 == 2:
            edges = whole.time[len(whole) // 5], whole.time[len(whole) * 4 // 5]
            whole = whole.window(type(whole.span).of(int(edges[0]), int(edges[1])))
        yield whole
    yield toy.graph(toy.random_rows(0, **shape), n=shape.get("n", 8) + 1).before(0)


def pairs(graph: TransactionGraph, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return every account at some instants: of a payment, just after one, before all and after all."""
    rng = np.random.default_rng(seed)
    when = rng.choice(graph.time, 4)
    instants = np.unique([*when[:3], when[3] + 1, graph.time[0] - 1, graph.time[-1] + 30 * HOUR])
    return np.tile(np.arange(graph.n, dtype=np.int32), len(instants)), np.repeat(instants, graph.n).astype(np.int64)


def assert_equals(
    family: Family, of_account: OfAccount, of_transaction: OfTransaction, count: int, **shape: int
) -> None:
    """Assert that *family* gives what the definitions give, on *count* graphs."""
    for seed, graph in enumerate(graphs(count, **shape)):
        rows = pays(graph)
        account, at = pairs(graph, seed)
        wanted = [
            of_account([p for p in rows if p.time < t], a, t)
            for a, t in zip(account.tolist(), at.tolist(), strict=True)
        ]
        same(accounts(family, graph, account, at), wanted, [f.name for f in family.of_accounts], seed)
        wanted = [of_transaction([p for p in rows if p.time < r.time], r) for r in rows]
        same(transactions(family, graph), wanted, [f.name for f in family.of_transactions], seed)


def same(found: np.ndarray, wanted: list[list[float]], names: list[str], seed: int) -> None:
    expected = np.array(wanted, float).reshape(-1, len(names))
    assert found.shape == expected.shape
    for column, name in enumerate(names):
        np.testing.assert_allclose(
            found[:, column], expected[:, column], rtol=2e-7, atol=1e-9, err_msg=f"{name}, graph {seed}"
        )


def mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else float("nan")
