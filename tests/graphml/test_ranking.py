from dataclasses import fields, replace

import numpy as np
import polars as pl
import pytest

from graphml.graph import TransactionGraph
from graphml.ranking import Weights, rank
from graphml.ring import Ring
from graphml.window import DAY
from tests import toy


def test_suspicion_lifts_and_rhythm_lowers_a_ring() -> None:
    ledger = toy.ledger(
        [(0, 1, 0, 10.0), (0, 1, 1, 10.0), (0, 1, 2, 10.0), (2, 3, 0, 10.0), (2, 3, 1, 20.0), (2, 3, 2, 5.0)]
    )
    graph = TransactionGraph.of(ledger)
    rows = [tuple(np.flatnonzero(graph.source == payer).tolist()) for payer in (0, 2)]
    rings = [
        Ring("cycle", rows[i], ((a, "source"), (a + 1, "mule")), (), 0, 0, 1.0, ("cycle",), id=name)
        for i, (a, name) in enumerate([(0, "payroll"), (2, "other")])
    ]
    calm = np.zeros(4), np.zeros(6)
    assert [ring.id for ring in rank(ledger, graph, rings, *calm)] == ["other", "payroll"]
    loud = (graph.source == 0).astype(float)
    lifted = rank(ledger, graph, rings, np.array([1.0, 1, 0, 0]), loud)
    assert lifted[0].reasons[-1].value is not None
    gain = {r.id: r.score for r in lifted}["payroll"] - {r.id: r.score for r in rank(ledger, graph, rings, *calm)}[
        "payroll"
    ]
    assert gain > 0.5


def test_rarity_tells_the_best_from_the_best_hundredth_and_says_nothing_of_equal_scores() -> None:
    from graphml.ranking import _rarity

    rarity = _rarity(np.arange(10_000.0))
    assert rarity[-1] == pytest.approx(1.0)
    assert rarity[-1000] == pytest.approx(0.25, abs=1e-3)
    assert rarity[-1] - rarity[-100] > 0.4
    assert np.all(np.diff(rarity) > 0)
    assert np.ptp(_rarity(np.full(50, 0.3))) == 0


def test_the_score_is_the_weighted_sum_of_what_its_doc_says() -> None:
    # Three accounts in a chain within two days, one pair knew each other, one pays 10.0 three times; 1 and 2 have one owner.
    rows = [(0, 1, 0, 10.0), (0, 1, 1, 10.0), (0, 1, 2, 10.0), (1, 2, 4, 40.0), (3, 4, 5, 5.0), (3, 4, 6, 90.0)]
    ledger = toy.ledger(rows)
    owned = pl.DataFrame(
        {"party": ["P", "P", "Q"], "account": [1, 2, 0], "role": ["owner"] * 3}, schema=ledger.ownership.schema
    )
    ledger = replace(ledger, ownership=owned)
    graph = TransactionGraph.of(ledger)
    ring = Ring("cycle", (1, 2, 3), ((0, "source"), (1, "mule"), (2, "mule")), (), toy.START + DAY, toy.START + 4 * DAY,
                60.0, ("cycle", "fan-in"), id="a")  # fmt: skip
    calm = np.zeros(5), np.zeros(6)

    def score(**weight: float) -> float:
        weights = Weights(**{**dict.fromkeys((f.name for f in fields(Weights)), 0.0), **weight})
        return rank(ledger, graph, [ring], *calm, weights)[0].score

    assert score() == 0
    assert score(variety=1) == pytest.approx(2 / 3)
    assert score(new=1) == pytest.approx(1 / 3)  # only the payment from 1 to 2 is a first
    assert score(value=1) == pytest.approx(1 / 6)  # one of six is below the median of 10
    assert score(speed=1) == pytest.approx(1 - 3 / 8)
    assert score(size=1) == pytest.approx(3 / 12)
    assert score(rhythm=1) == pytest.approx(2 / 3)
    assert score(owner=1) == pytest.approx(1 / 3)
    half = np.log(3.0 / 5) / np.log(1 / 5), np.log(3.5 / 6) / np.log(1 / 6)  # all alike: in the middle
    assert score(suspicion=1) == pytest.approx(sum(half) / 2)
    usual = rank(ledger, graph, [ring], *calm)[0].score
    assert usual == pytest.approx(
        6 * sum(half) / 2 + 2 / 3 + 1 / 3 + 0.5 / 6 + 0.5 * 5 / 8 + 0.5 / 4 - 2 / 3 - 1 / 3, abs=1e-8
    )


def test_evidence_ends_at_its_full_measure() -> None:
    rows = [(i, i + 1, i / 2, 10.0 + i) for i in range(20)]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)

    def score(accounts: int, parts: int, days: float, name: str) -> float:
        ring = Ring("cycle", (0, 1), tuple((a, "mule") for a in range(accounts)), (), 0, round(days * DAY), 1.0,
                    tuple("abcdef"[:parts]), id="a")  # fmt: skip
        weights = Weights(**{**dict.fromkeys((f.name for f in fields(Weights)), 0.0), name: 1.0})
        return rank(ledger, graph, [ring], np.zeros(21), np.zeros(20), weights)[0].score

    assert [score(n, 1, 0, "size") for n in (6, 12, 18)] == [0.5, 1, 1]
    assert [score(3, n, 0, "variety") for n in (3, 6)] == [1, 1]
    assert [score(3, 1, n, "speed") for n in (0, 4, 8, 9)] == [1, 0.5, 0, 0]


def test_of_a_ring_the_more_suspicious_half_counts_and_is_said() -> None:
    ledger = toy.ledger([(0, 1, 0, 9.0), (1, 2, 1, 9.0), (2, 3, 2, 9.0), (3, 4, 3, 9.0)])
    graph = TransactionGraph.of(ledger)
    score = np.array([0.9, 0.7, 0.5, 0.3, 0.1]), np.array([0.4, 0.3, 0.2, 0.1])
    ring = Ring("cycle", (0, 1, 2), tuple((a, "mule") for a in range(4)), (), 0, 0, 1.0, id="a")
    only = Weights(suspicion=1, variety=0, new=0, value=0, speed=0, size=0, rhythm=0, owner=0)
    done = rank(ledger, graph, [ring], *score, only)[0]
    accounts = np.log([1 / 5, 2 / 5]) / np.log(1 / 5)
    payments = np.log([1 / 4, 2 / 4]) / np.log(1 / 4)
    assert done.score == pytest.approx((accounts.mean() + payments.mean()) / 2)
    assert done.reasons[-1].value == pytest.approx(done.score)
    assert f"one in {5**done.score:,.0f} accounts" in done.reasons[-1].sentence


def test_payments_of_the_first_instant_of_a_pair_are_all_first_and_amounts_repeat_per_pair() -> None:
    from graphml.ranking import _pairs

    rows = [
        (0, 1, 0, 5.0),
        (0, 1, 0, 7.0),
        (1, 0, 0, 5.0),
        (0, 1, 1, 5.0),
        (0, 1, 2, 5.0),
        (2, 1, 3, 5.0),
        (0, 1, 4, 7.0),
    ]
    graph = toy.graph(rows)
    first, repeats = _pairs(graph, np.arange(len(graph)))
    assert first.tolist() == [True, True, True, False, False, True, False]
    assert repeats.tolist() == [True, False, False, True, True, False, False]


def test_a_view_counts_from_its_own_first_row_and_ties_go_by_id() -> None:
    ledger = toy.ledger([(0, 1, 0, 5.0), (0, 1, 1, 5.0), (0, 1, 2, 5.0), (1, 2, 3, 5.0)])
    graph = replace(TransactionGraph.of(ledger), lo=1)
    only = Weights(suspicion=0, variety=0, new=1, value=0, speed=0, size=0, rhythm=0, owner=0)
    rings = [Ring("cycle", (1, 3), ((0, "mule"), (1, "mule")), (), 0, 0, 1.0, id=name) for name in "cab"]
    done = rank(ledger, graph, rings, np.zeros(3), np.zeros(4), only)
    assert [(r.id, r.score) for r in done] == [("a", 1.0), ("b", 1.0), ("c", 1.0)]
    value = replace(only, new=0, value=1)
    dear = toy.ledger([(0, 1, 0, 1.0), (0, 1, 1, 2.0), (0, 1, 2, 5.0), (1, 2, 3, 5.0)])
    graph = replace(TransactionGraph.of(dear), lo=1)
    ring = replace(rings[0], rows=(2, 3))
    assert rank(dear, graph, [ring], np.zeros(3), np.zeros(4), value)[0].score == pytest.approx(1 / 3, abs=1e-8)


def test_accounts_that_never_moved_money_change_no_score() -> None:
    rows = toy.random_rows(5, n=6, rows=30)
    scores = []
    for n in (6, 60):
        ledger = toy.ledger([(a, b, t, v) for a, b, t, v in rows], n=n)
        graph = TransactionGraph.of(ledger)
        accounts = sorted({int(graph.source[0]), int(graph.target[0]), int(graph.source[1]), int(graph.target[1])})
        ring = Ring("cycle", (0, 1), tuple((a, "mule") for a in accounts), (), 0, 0, 1.0, ("cycle",), id="x")
        account_score = np.concatenate([np.linspace(0.1, 0.9, 6), np.zeros(n - 6)])
        scores.append(rank(ledger, graph, [ring], account_score, np.linspace(0, 1, 30))[0])
    assert scores[0] == scores[1]


def test_what_speaks_against_a_ring_is_said() -> None:
    rows = [(0, 1, float(day), 500.0) for day in range(4)] + [(1, 2, 5.0, 70.0)]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    ring = Ring("chain", tuple(range(5)), ((0, "source"), (1, "mule"), (2, "cash-out")), (), 0, DAY, 0.0, ("chain",))
    (done,) = rank(ledger, graph, [ring], np.zeros(3), np.zeros(5))
    assert [r.sentence for r in done.reasons if r.sentence.startswith("Against it")] == [
        "Against it: 80% of its payments repeat one amount between the same two, as wages or rent do."
    ]
    (calm,) = rank(ledger, graph, [replace(ring, rows=(4,))], np.zeros(3), np.zeros(5))
    assert len(calm.reasons) == 1
