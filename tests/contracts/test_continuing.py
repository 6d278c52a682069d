"""Go on from what is left of a ledger: each family gives, to the byte, what it gives on the whole of it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from graphml import registry
from graphml.families import Families
from graphml.features.taint import Taint
from graphml.graph import TransactionGraph
from graphml.knowledge import NEVER, Knowledge
from graphml.stream import Stream
from graphml.window import DAY
from tests import toy
from tests.graphml.features import cases

NAMES = registry.names("graphml.features")
HELD = 30 * DAY


def told(families: Families, stream: Stream) -> np.ndarray:
    (family,) = families.chosen
    out = np.full((stream.graph.hi - stream.new, len(family.of_transactions)), cases.UNWRITTEN, np.float32)
    family.transactions(stream, out)
    return out


def asked(families: Families, stream: Stream, at: int) -> np.ndarray:
    (family,) = families.chosen
    account = np.arange(stream.graph.n, dtype=np.int32)
    out = np.full((len(account), len(family.of_accounts)), cases.UNWRITTEN, np.float32)
    family.accounts(stream, account, np.full(len(account), at, np.int64), out)
    return out


def steps(graph: TransactionGraph, count: int) -> list[int]:
    """Return the first rows of *count* parts that begin with an instant of their own."""
    rows = np.linspace(0, len(graph), count + 1)[1:-1].astype(int)
    return [int(np.searchsorted(graph.time, graph.time[row])) for row in rows]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("days", "rows", "parts"), [(90, 160, 5), (20, 80, 4), (150, 120, 7)])
def test_going_on_gives_the_bytes_of_the_whole(name: str, days: int, rows: int, parts: int) -> None:
    families = Families.of((name,))
    if name == "taint":
        since = np.array([toy.START + 15 * DAY, NEVER, toy.START + 40 * DAY, *[NEVER] * 6])
        families = Families((Taint(Knowledge(since)),))
    for seed in range(6):
        whole = toy.graph(toy.random_rows(seed, n=8, rows=rows, days=days), n=9)
        expected = told(families, Stream.of(whole))
        stream, begun = Stream.of(whole), 0
        edges = [*steps(whole, parts), len(whole)]
        for first, last in pairwise(edges):
            if first == last:
                continue
            before = replace(whole, lo=stream.graph.lo, hi=first)
            held = max(stream.graph.lo, int(np.searchsorted(whole.time, whole.time[first - 1] + 1 - HELD)))
            past = families.forget(Stream.of(before, begun, stream.past), held)
            stream, begun = Stream.of(replace(whole, lo=held, hi=last), first, past), first
            found = told(families, stream)
            wrong = np.argwhere(~((found == expected[first:last]) | (np.isnan(found) & np.isnan(expected[first:last]))))
            columns = families.of_transactions
            assert found.tobytes() == expected[first:last].tobytes(), (
                f"{seed}: row {first + wrong[0, 0]}, {columns[wrong[0, 1]].name}, {len(wrong)} values"
            )
            at = int(whole.time[last - 1]) + DAY
            alone = asked(families, Stream.of(whole.before(int(whole.time[last - 1]) + 1)), at)
            assert asked(families, stream, at).tobytes() == alone.tobytes(), f"{seed}: accounts"
