import numpy as np
import pytest

from graphml.graph import TransactionGraph
from graphml.ranking import rank
from graphml.ring import Ring
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
