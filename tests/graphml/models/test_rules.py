import numpy as np

from graphml.models.rules import RulesScorer
from graphml.scorer import Examples
from tests import toy


def test_a_point_for_each_threshold_reached_with_its_sentence() -> None:
    names = ("in_parties_8d", "pass_share_8d")
    values = np.array([[5, 0.8], [4, 0.9], [4, np.nan]], np.float32)
    empty = np.zeros(3, np.int32)
    examples = Examples(
        empty, empty.astype(np.int64), empty.astype(np.int8), empty.astype(np.int64), values, names, empty
    )
    rules = RulesScorer(payers=5.0, passed=0.75)
    assert (rules.score(toy.graph([(0, 1, 0.0, 1.0)]), examples) * 6).tolist() == [2.0, 1.0, 0.0]
    (reason,) = rules.reasons(examples, 1)
    assert reason.sentence == "passed on 90% of what it received within 8 days (rule: at least 0.75)"
    assert reason.threshold == 0.75
    assert rules.reasons(examples, 2) == ()
