"""Learn with LightGBM from the past, and judge the later part."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from experiments.world.examples import Examples
from graphml.metrics import average_precision, hits_at

__all__ = ["BUDGETS", "Judged", "interval", "learn"]

BUDGETS = (0.001, 0.005, 0.01)  # shares of the judged rows
_SPLIT = (0.6, 0.8)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Hold scored rows of the last part, highest score first."""

    score: Floats  # (T,)
    true: NDArray[np.int8]  # (T,)
    attempt: NDArray[np.int64]  # (T,) else -1
    trees: int

    def measures(self) -> dict[str, float]:
        """Return average precision over all laundering and over attempts only, and recall within budgets."""
        pattern = (self.attempt >= 0) | (self.true == 0)
        found = {
            "ap": average_precision(self.true, self.score),
            "ap_attempts": average_precision(self.true[pattern], self.score[pattern]),
        }
        for budget in BUDGETS:
            hits = hits_at(self.true, self.score, round(budget * len(self.true)))
            found[f"recall_{budget:.1%}"] = hits / max(int(self.true.sum()), 1)
        return found

    def resampled(self, rng: np.random.Generator, draws: int) -> Floats:
        """Return (draws, 2) average precision of all laundering and of attempts only.

        A draw takes whole attempts, and each other laundering row by itself, with replacement; normal rows stay.
        """
        rows = np.flatnonzero(self.true == 1)
        normal = np.sort(-self.score[self.true == 0])
        above = np.searchsorted(normal, -self.score[rows], side="right").astype(np.float64)
        edge = np.flatnonzero(np.diff(self.score[rows], append=np.inf))  # the last of equal scores
        inside = self.attempt[rows] >= 0
        names, where = np.unique(np.where(inside, self.attempt[rows], -1 - rows), return_inverse=True)
        found = np.empty((draws, 2))
        for draw in range(draws):
            times = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))[where]
            for column, weight in enumerate((times, times * inside)):
                hits = np.cumsum(weight)[edge]
                gain = np.diff(hits, prepend=0)
                precision = hits / np.maximum(hits + above[edge], 1.0)
                found[draw, column] = (gain * precision).sum() / hits[-1] if hits[-1] else np.nan
        return found


def learn(
    made: Examples, columns: NDArray[np.float32], categories: Sequence[int], asked: Mapping[str, Any], seed: int
) -> Judged:
    """Return how a model of *columns* ranks the last part; *categories* are columns without order."""
    first, second = made.cuts(_SPLIT)
    label = made.labels_at(first)[:first]
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(label | (rng.random(first) < asked["negatives"]))
    model = lightgbm.LGBMClassifier(
        n_estimators=max(asked["trees"]), random_state=seed, n_jobs=1, deterministic=True, force_row_wise=True,
        verbosity=-1, **asked["lightgbm"],
    )  # fmt: skip
    model.fit(columns[rows], label[rows], categorical_feature=list(categories) or "auto")
    later = made.labels_at(second)[first:second]
    # A tenth of the normal rows chooses as all would, in a tenth of the time.
    middle = np.flatnonzero(later | (rng.random(second - first) < asked["negatives"]))
    trees = _chosen(lambda k: _score(model, columns[first + middle], k), later[middle].astype(np.int8), asked["trees"])
    score = _score(model, columns[second:], trees)
    order = np.argsort(-score, kind="stable")
    return Judged(score[order], made.true[second:][order].astype(np.int8), made.attempt[second:][order], trees)


def interval(judged: Sequence[Judged], draws: int) -> dict[str, list[float]]:
    """Return the 2.5 and 97.5 percentiles of the mean over worlds, of both average precisions."""
    rng = np.random.default_rng(0)
    mean = np.mean([j.resampled(rng, draws) for j in judged], axis=0)
    mean = mean[np.isfinite(mean).all(1)]
    if not len(mean):
        return {}
    low, high = np.percentile(mean, [2.5, 97.5], axis=0)
    return {name: [float(low[i]), float(high[i])] for i, name in enumerate(("ap", "ap_attempts"))}


def _score(model: lightgbm.LGBMClassifier, columns: NDArray[np.float32], trees: int) -> Floats:
    return np.asarray(model.booster_.predict(columns, num_iteration=trees, raw_score=True, num_threads=1), np.float64)


def _chosen(score: Callable[[int], Floats], label: NDArray[np.int8], trees: Sequence[int]) -> int:
    # Where no label of the middle part is known in time, the second smallest.
    if not label.any():
        return trees[1]
    return max(trees, key=lambda k: average_precision(label, score(k)))
