"""Measure rankings over resampled clusters, the same resamples for all, so that differences are paired."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["Judge"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """Hold what is true of the judged (M) and D resamples of whole clusters; the first one takes each cluster once."""

    true: NDArray[np.int8]  # (M,)
    cluster: Ints  # (M,) 0..C-1
    times: NDArray[np.int32]  # (D, C) how often a resample has a cluster
    budgets: Floats  # (B,) shares of the judged

    @classmethod
    def of(cls, true: NDArray[np.int8], cluster: Ints, budgets: Sequence[float], draws: int, seed: int) -> Self:
        """Return the judge; *cluster* is any number for each example."""
        names, where = np.unique(cluster, return_inverse=True)
        rng, many = np.random.default_rng(seed), len(names)
        times = np.ones((draws + 1, many), np.int32)
        for draw in range(1, draws + 1):
            times[draw] = np.bincount(rng.integers(0, many, many), minlength=many)
        return cls(true, where.astype(np.int64), times, np.array(budgets))

    def measures(self, score: Floats, within: NDArray[np.bool_]) -> Floats:
        """Return (D, 1 + 2 B): average precision, recall and precision at each budget, of the examples *within*.

        Equal scores count as in random order. NaN where a resample has no positive.
        """
        rows = np.flatnonzero(within)
        order = rows[np.argsort(-score[rows], kind="stable")]
        edge = np.diff(score[order], append=-np.inf) != 0
        return np.stack([_measured(self.true[order], edge, self.cluster[order], t, self.budgets) for t in self.times])


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _measured(
    true: NDArray[np.int8], edge: NDArray[np.bool_], cluster: Ints, times: NDArray[np.int32], budgets: Floats
) -> Floats:
    # Rows are in order of score, best first; `edge` marks the last of equal scores.
    total, positives = 0, 0
    for i in range(len(true)):
        total += times[cluster[i]]
        positives += times[cluster[i]] * true[i]
    out = np.full(1 + 2 * len(budgets), np.nan)
    if positives == 0:
        return out
    most = np.maximum(1.0, np.round(budgets * total))
    seen, hits, area, b = 0, 0, 0.0, 0
    seen_before, hits_before = 0, 0
    for i in range(len(true)):
        seen += times[cluster[i]]
        hits += times[cluster[i]] * true[i]
        if edge[i] and seen > seen_before:
            area += (hits - hits_before) * hits / seen
            while b < len(budgets) and most[b] <= seen:
                found = hits_before + (hits - hits_before) * (most[b] - seen_before) / (seen - seen_before)
                out[1 + b], out[1 + len(budgets) + b] = found / positives, found / most[b]
                b += 1
            seen_before, hits_before = seen, hits
    out[0] = area / positives
    return out
