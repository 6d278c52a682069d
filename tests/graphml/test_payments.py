"""Payments are judged by what was learned, not by what is remembered."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from graphml.graph import TransactionGraph
from graphml.payments import Lessons, judge_payments
from graphml.window import DAY
from tests import toy

ROWS, DAYS = 6_000, 60.0
CUTS = (toy.START + 40 * DAY, toy.START + 45 * DAY)


def world(telling: float, seed: int = 0, bad_days: tuple[float, float] = (0.0, DAYS)) -> tuple:
    """Return ledger, graph and features of random payments, of which *telling* is how much the first one tells."""
    rng = np.random.default_rng(seed)
    days = np.sort(rng.uniform(0, DAYS, ROWS))
    bad = (rng.random(ROWS) < 0.06) & (days >= bad_days[0]) & (days < bad_days[1])
    rows = [(int(a), int(a + 1 + b) % 50, float(d), 10.0) for a, b, d in
            zip(rng.integers(0, 50, ROWS), rng.integers(0, 48, ROWS), days, strict=True)]  # fmt: skip
    ledger = toy.ledger(rows, n=50, laundering=np.flatnonzero(bad).tolist())
    values = rng.normal(size=(ROWS, 6)).astype(np.float32)
    values[:, 0] += telling * bad
    return ledger, TransactionGraph.of(ledger), (values, tuple("abcdef")), bad


def precision(judged, bad: np.ndarray, graph: TransactionGraph, start: int, end: int) -> float:
    part = (graph.time >= start) & (graph.time < end)
    return float(average_precision_score(bad[part], judged.score[part]))


@pytest.mark.parametrize("telling", [0.7, 1.0])
def test_what_was_learned_from_is_judged_no_better_than_what_came_later(telling: float) -> None:
    ledger, graph, features, bad = world(telling)
    judged = judge_payments(ledger, graph, CUTS, features, 0)
    assert judged is not None
    later = precision(judged, bad, graph, CUTS[1], toy.START + 60 * DAY)
    assert precision(judged, bad, graph, toy.START, CUTS[0]) < 1.2 * later


def test_what_tells_is_found_in_all_parts_and_later() -> None:
    ledger, graph, features, bad = world(3.0)
    judged = judge_payments(ledger, graph, CUTS, features, 0)
    assert judged is not None
    for start, end in ((0, 20), (20, 40), (45, 60)):
        assert precision(judged, bad, graph, toy.START + start * DAY, toy.START + end * DAY) > 0.6


def test_with_too_few_labels_the_same_models_judge_all() -> None:
    ledger, graph, features, _ = world(3.0)
    judged = judge_payments(ledger, graph, CUTS, features, 0, Lessons(parts=1_000))
    assert judged is not None
    assert not judged.model.any()


@pytest.mark.parametrize("bad_days", [(0.0, 0.0), (46.0, DAYS)])
def test_too_little_labelled_gives_none(bad_days: tuple[float, float]) -> None:
    ledger, graph, features, _ = world(3.0, bad_days=bad_days)
    assert judge_payments(ledger, graph, CUTS, features, 0) is None


def test_labels_of_later_payments_teach_nothing() -> None:
    ledger, graph, features, bad = world(3.0)
    one = judge_payments(ledger, graph, CUTS, features, 0)
    late = toy.ledger(
        [(int(s), int(t), (int(m) - toy.START) / DAY, 10.0) for s, t, m in
         zip(graph.source, graph.target, graph.time, strict=True)],
        n=50, laundering=np.flatnonzero(bad & (graph.time < CUTS[1])).tolist(),
    )  # fmt: skip
    two = judge_payments(late, graph, CUTS, features, 0)
    assert one is not None
    assert two is not None
    assert np.array_equal(one.score, two.score)


def test_a_probability_is_one_though_normal_payments_are_sampled() -> None:
    ledger, graph, features, bad = world(1.0)
    judged = judge_payments(ledger, graph, CUTS, features, 0, Lessons(most=1_000))
    assert judged is not None
    later = graph.time >= CUTS[1]
    assert judged.score[later].mean() == pytest.approx(bad[later].mean(), rel=0.5)
