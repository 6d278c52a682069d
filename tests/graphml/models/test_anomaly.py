"""Check the isolation forest against scikit-learn's own scores."""

import numpy as np

from graphml.models.anomaly import AnomalyScorer, Forest
from graphml.scorer import Examples
from tests import toy


def test_a_score_is_that_of_scikit_learn_but_for_the_last_bits() -> None:
    rng = np.random.default_rng(3)
    values = rng.lognormal(0.0, 2.0, (3_000, 12)).astype(np.float32)
    values[rng.random(values.shape) < 0.1] = np.nan
    graph = toy.graph(toy.random_rows(1))
    for kept in (2, 3, 300, 3_000):
        forest = Forest(AnomalyScorer(), np.nan_to_num(values[:kept], nan=-1.0), 5)
        clean = np.nan_to_num(values, nan=-1.0)
        told = forest.score(graph, examples(values))
        assert np.abs(told + forest._forest.score_samples(clean)).max() < 1e-13, kept
        assert len(np.unique(told)) > 1 or kept == 2
    assert forest.score(graph, examples(values[:0])).shape == (0,)


def examples(values: np.ndarray) -> Examples:
    """Return examples of which only the features count."""
    m = len(values)
    whole, small = np.zeros(m, np.int64), np.zeros(m, np.int32)
    return Examples(
        small, whole, np.zeros(m, np.int8), whole, values, tuple(f"f{k}" for k in range(values.shape[1])), small
    )
