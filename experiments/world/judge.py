"""Learn with LightGBM from the past, and judge the later part."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from experiments.world.examples import Examples
from graphml.metrics import average_precision, hits_at

__all__ = ["BUDGET", "Judged", "learn"]

BUDGET = 0.01  # share of the judged rows that can be looked at
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
        """Return how well all laundering is ranked, and attempts only: what is outside attempts is then left out.

        `lift`: average precision over the base rate, 1 by chance; `auc`: how often a laundering row is ranked above a
        normal one, 0.5 by chance; `recall`: share of the rows within the budget; `touched`: share of attempts of which
        a row is within it.
        """
        found = {}
        for name, rows in (
            ("", np.ones(len(self.true), np.bool_)),
            ("_attempts", (self.attempt >= 0) | (self.true == 0)),
        ):
            true, score = self.true[rows], self.score[rows]
            found[f"lift{name}"] = average_precision(true, score) / float(true.mean())
            found[f"auc{name}"] = _auc(true, score)
        most = round(BUDGET * len(self.true))
        found["recall"] = hits_at(self.true, self.score, most) / max(int(self.true.sum()), 1)
        first, every = (set(part[part >= 0].tolist()) for part in (self.attempt[:most], self.attempt))
        found["touched"] = len(first) / max(len(every), 1)
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


def _auc(true: NDArray[np.int8], score: Floats) -> float:
    # By ranks; equal scores share theirs (Mann and Whitney, 1947).
    _, where, times = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(times) - (times - 1) / 2)[where]
    k, n = int(true.sum()), len(true)
    return float((rank[true == 1].sum() - k * (k + 1) / 2) / (k * (n - k)))


def _score(model: lightgbm.LGBMClassifier, columns: NDArray[np.float32], trees: int) -> Floats:
    return np.asarray(model.booster_.predict(columns, num_iteration=trees, raw_score=True, num_threads=1), np.float64)


def _chosen(score: Callable[[int], Floats], label: NDArray[np.int8], trees: Sequence[int]) -> int:
    # Where no label of the middle part is known in time, the second smallest.
    if not label.any():
        return trees[1]
    return max(trees, key=lambda k: average_precision(label, score(k)))
