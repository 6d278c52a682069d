"""Measure a ranking of rare positives; equal scores count as in random order."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["average_precision", "best_threshold", "bootstrap", "f1", "hits_at", "measure"]

Scores = NDArray[np.float64]
Labels = NDArray[np.int8]

BUDGETS = (0.001, 0.005, 0.01)  # shares of the judged
TOPS = (10, 50, 100)


def average_precision(label: Labels, score: Scores, weight: Scores | None = None) -> float:
    """Return the area under the precision-recall steps over distinct scores; NaN without a positive."""
    weight = np.ones(len(label)) if weight is None else weight
    order = np.argsort(-score, kind="stable")
    edge = np.flatnonzero(np.diff(score[order], append=-np.inf))
    hits = np.cumsum(weight[order] * (label[order] == 1))[edge]
    seen = np.cumsum(weight[order])[edge]
    if not len(hits) or hits[-1] == 0:
        return float("nan")
    precision = np.divide(hits, seen, out=np.zeros_like(hits), where=seen > 0)
    return float((np.diff(hits, prepend=0.0) * precision).sum() / hits[-1])


def hits_at(label: Labels, score: Scores, k: int) -> float:
    """Return the expected positives among the *k* highest scores; equal scores share what is left of k."""
    if k <= 0 or not len(score):
        return 0.0
    k = min(k, len(score))
    last = np.partition(score, len(score) - k)[len(score) - k]
    above, tied = score > last, score == last
    return float((label[above] == 1).sum() + (label[tied] == 1).sum() * (k - above.sum()) / tied.sum())


def f1(label: Labels, score: Scores, threshold: float) -> float:
    """Return the F1 of calling positive what scores at least *threshold*; 0 where nothing is right."""
    called = score >= threshold
    right = int((called & (label == 1)).sum())
    return 2 * right / max(int(called.sum()) + int((label == 1).sum()), 1)


def best_threshold(label: Labels, score: Scores) -> float:
    """Return the score whose use as a threshold gives the highest F1; the highest such one."""
    order = np.argsort(-score, kind="stable")
    edge = np.flatnonzero(np.diff(score[order], append=-np.inf))
    hits = np.cumsum(label[order] == 1)[edge]
    return float(score[order][edge][np.argmax(2 * hits / (edge + 1 + (label == 1).sum()))])


def bootstrap(label: Labels, score: Scores, cluster: NDArray[np.int32], seed: int, draws: int = 200) -> list[float]:
    """Return the 2.5 and 97.5 percentiles of average precision over resamples of whole clusters."""
    rng = np.random.default_rng(seed)
    names, where = np.unique(cluster, return_inverse=True)
    values = []
    for _ in range(draws):
        times = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))
        values.append(average_precision(label, score, times[where].astype(np.float64)))
    low, high = np.nanpercentile(values, [2.5, 97.5]) if not np.isnan(values).all() else (np.nan, np.nan)
    return [float(low), float(high)]


def measure(label: Labels, score: Scores, cluster: NDArray[np.int32], threshold: float, seed: int) -> dict[str, object]:
    """Return the metrics of a report part; *threshold* was chosen elsewhere; a random ranking has AP = base rate."""
    total = int((label == 1).sum())
    if not total:
        return {"examples": len(label), "positives": 0, "base_rate": 0.0}
    result: dict[str, object] = {
        "examples": len(label),
        "positives": total,
        "base_rate": total / len(label),
        "average_precision": average_precision(label, score),
        "average_precision_95": bootstrap(label, score, cluster, seed),
        "f1": f1(label, score, threshold),
        "threshold": threshold,
    }
    for share in BUDGETS:
        k = max(1, round(share * len(label)))
        hits = hits_at(label, score, k)
        result[f"recall_at_{share:.1%}"] = hits / total
        result[f"precision_at_{share:.1%}"] = hits / k
    for k in TOPS:
        if k <= len(label):
            result[f"precision_at_{k}"] = hits_at(label, score, k) / k
    return result
