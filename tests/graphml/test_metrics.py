import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from graphml.metrics import average_precision, best_threshold, bootstrap, f1, hits_at, measure


def case(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    label = (rng.random(80) < 0.2).astype(np.int8)
    label[0] = 1
    return label, rng.integers(0, 10, 80) / 10  # many ties


@pytest.mark.parametrize("seed", range(10))
def test_average_precision_and_f1_equal_sklearn(seed: int) -> None:
    label, score = case(seed)
    assert average_precision(label, score) == pytest.approx(average_precision_score(label, score))
    for t in (0.0, 0.3, 0.9):
        assert f1(label, score, t) == pytest.approx(f1_score(label, score >= t, zero_division=0))
    best = max(f1(label, score, t) for t in np.unique(score))
    assert f1(label, score, best_threshold(label, score)) == pytest.approx(best)


@pytest.mark.parametrize("seed", range(5))
def test_hits_with_ties_are_the_mean_over_random_orders(seed: int) -> None:
    label, score = case(seed)
    rng = np.random.default_rng(seed)
    draws = [label[np.lexsort((rng.random(80), -score))][:7].sum() for _ in range(4_000)]
    assert hits_at(label, score, 7) == pytest.approx(np.mean(draws), abs=0.1)


def test_weights_count_as_repeated_rows() -> None:
    label, score = case(1)
    times = np.random.default_rng(0).integers(0, 3, 80)
    repeated = average_precision(np.repeat(label, times), np.repeat(score, times))
    assert average_precision(label, score, times.astype(float)) == pytest.approx(repeated)


def test_one_cluster_gives_a_wider_interval_than_none_and_holds_the_value() -> None:
    label, score = case(2)
    cluster = np.arange(80, dtype=np.int32)
    low, high = bootstrap(label, score, cluster, 0)
    assert low < average_precision(label, score) < high
    assert bootstrap(label, score, cluster, 0) == [low, high]
    assert bootstrap(label, score, np.zeros(80, np.int32), 0) == pytest.approx([average_precision(label, score)] * 2)


def test_the_base_rate_stands_beside_the_result() -> None:
    label, score = case(3)
    found = measure(label, score, np.arange(80, dtype=np.int32), 0.5, 0)
    assert found["base_rate"] == label.mean()
    assert found["recall_at_1.0%"] == pytest.approx(hits_at(label, score, 1) / label.sum())
    assert measure(np.zeros(3, np.int8), np.zeros(3), np.arange(3, dtype=np.int32), 0.5, 0)["positives"] == 0
