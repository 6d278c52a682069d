"""Candidates stand in one order, whatever numbers they have and whoever found them first."""

import numpy as np
import pytest

from graphml.candidates import Candidates
from graphml.graph import TransactionGraph
from graphml.lists import Lists
from graphml.ring import Found, Ring
from tests import toy


def _ring(graph: TransactionGraph, rows: list[int], typology: str = "cycle") -> Ring:
    accounts = sorted({int(a) for row in rows for a in (graph.source[row], graph.target[row])})
    return Ring(typology, tuple(rows), tuple((a, "mule") for a in accounts), (), int(graph.time[rows[0]]),
                int(graph.time[rows[-1]]), 0.0)  # fmt: skip


def _lists(seed: int) -> list[list[int]]:
    rng = np.random.default_rng(seed)
    return [rng.choice(9, int(rng.integers(0, 4)), replace=False).tolist() for _ in range(int(rng.integers(0, 20)))]


@pytest.mark.parametrize("seed", range(30))
def test_lists_do_in_columns_what_lists_do(seed: int) -> None:
    plain = _lists(seed)
    lists = Lists.of(plain)
    of = np.random.default_rng(seed).integers(-5, 50, 9)

    def told(some: Lists) -> list[list[int]]:
        return [some.values[a:b].tolist() for a, b in zip(some.start[:-1], some.start[1:], strict=True)]

    assert told(lists) == plain
    assert len(lists) == len(plain)
    assert lists.sums(of).tolist() == [sum(int(of[v]) for v in one) for one in plain]
    assert told(lists.holders(9)) == [[i for i, one in enumerate(plain) if v in one] for v in range(9)]
    assert [one.tolist() for one in lists] == plain
    assert told(lists.ascending()) == [sorted(one) for one in plain]
    assert told(Lists.joined([lists, lists])) == plain + plain
    assert told(Lists.joined([])) == []
    places = np.random.default_rng(seed).integers(0, len(plain), 2 * len(plain))
    assert told(lists.take(places)) == [plain[i] for i in places]
    spans = np.stack([lists.start[:-1], lists.start[1:]], axis=1)[::-1]
    assert told(Lists.slices(lists.values, spans)) == plain[::-1]
    assert lists.repeated().tolist() == [i > 0 and one == plain[i - 1] for i, one in enumerate(plain)]
    source, target = np.random.default_rng(seed).integers(0, 4, (2, 9)).astype(np.int32)
    ends = [sorted({int(end[v]) for v in one for end in (source, target)}) for one in plain]
    assert told(lists.ends(source, target)) == ends
    filled = [one for one in plain if one]
    assert [filled[i] for i in Lists.of(filled).order()] == sorted(filled)
    assert told(lists.only(lists.values % 2 == 0)) == [[v for v in one if v % 2 == 0] for one in plain]


def test_candidates_come_by_first_payment_then_size_then_what_they_are_then_typology() -> None:
    ledger = toy.ledger([(0, 1, 0, 5.0), (1, 2, 0, 5.0), (1, 2, 1, 5.0), (2, 3, 2, 5.0), (3, 0, 3, 5.0)])
    graph = TransactionGraph.of(ledger)
    parts = [
        ([0, 2, 3], "cycle"),
        ([0, 2], "fan-in"),
        ([1, 2], "cycle"),
        ([0, 2], "chain"),
        ([2, 3], "cycle"),
        ([0, 3], "chain"),
    ]
    found = [Found.of(kind, [_ring(graph, rows, kind) for rows, name in parts if name == kind])
             for kind in ("cycle", "fan-in", "chain")]  # fmt: skip
    both = (Candidates.of(ledger, graph, order) for order in (found, found[::-1]))
    some, other = ([one.ring(i) for i in range(len(one))] for one in both)
    assert some == other
    assert [ring.rows for ring in some][3:] == [(0, 2, 3), (1, 2), (2, 3)]  # 0 and 1 are of one instant
    pair = [(ring.rows, ring.typology) for ring in some[:3]]
    assert sorted(pair) == [((0, 2), "chain"), ((0, 2), "fan-in"), ((0, 3), "chain")]
    assert pair[0][0] == pair[1][0] or pair[1][0] == pair[2][0]  # the same payments stand together


def test_a_leaf_is_an_account_with_one_payment_that_is_small() -> None:
    rows = [
        (0, 1, 0, 1000.0), (1, 2, 1, 1000.0), (3, 1, 2, 9.99), (4, 1, 3, 10.0), (0, 2, 4, 1000.0), (5, 1, 5, 3.0),
        (5, 1, 6, 3.0), (2, 0, 7, 1000.0), (0, 1, 8, 80000.0), (6, 6, 9, 1.0),
    ]  # fmt: skip
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)

    def kept(rows: list[int]) -> tuple[list[int], list[int]]:
        one = Candidates.of(ledger, graph, [Found.of("cycle", (_ring(graph, rows),))])
        return one.rows.values.tolist(), one.accounts.values.tolist()

    # 3 goes; 4 pays 1 % of the median, one large payment changes nothing, 0 to 2 are no leaves, 5 paid twice
    assert kept(list(range(9))) == ([0, 1, 3, 4, 5, 6, 7, 8], [0, 1, 2, 4, 5])
    assert kept([0, 1, 4, 7, 9]) == ([0, 1, 4, 7, 9], [0, 1, 2, 6])  # 6 has two ends of one payment
    # three accounts may be left; where fewer would be, nothing is left out
    assert kept([0, 1, 2]) == ([0, 1], [0, 1, 2])
    assert kept([0, 2, 7, 8]) == ([0, 7, 8], [0, 1, 2])
    assert kept([0, 2, 8]) == ([0, 2, 8], [0, 1, 3])


def test_nothing_found_is_no_candidate() -> None:
    ledger = toy.ledger([(0, 1, 0, 5.0)])
    assert len(Candidates.of(ledger, TransactionGraph.of(ledger), [Found.of("cycle", ())])) == 0
