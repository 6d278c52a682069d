"""Score by several models at once: a logistic regression over their log odds (stacking: Wolpert, 1992)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from graphml.elementary import log, logistic
from graphml.graph import TransactionGraph
from graphml.registry import plugin
from graphml.scorer import Examples, Fitted

__all__ = ["SCORER", "StackScorer", "Stacked"]


@dataclass(frozen=True, slots=True)
class StackScorer:
    """Fit the base models on train and their weights on choose."""

    bases: tuple[str, ...] = ("gnn", "lightgbm", "rules")
    strength: float = 1.0  # inverse of the L2 penalty

    name = "stack"
    needs_labels = True
    chooses = True

    def fit(self, graph: TransactionGraph, train: Examples, choose: Examples, seed: int) -> "Stacked":
        """Return the stack with base models fitted here."""
        fitted = {b: plugin("graphml.models", b, "SCORER").fit(graph, train, choose, seed) for b in self.bases}
        return self.combine(graph, fitted, choose)

    def combine(self, graph: TransactionGraph, fitted: Mapping[str, Fitted], choose: Examples) -> "Stacked":
        """Return the stack of base models that are *fitted* already; only its weights are learnt, on *choose*.

        The bases stopped early on the same part, so their weight is slightly flattered; the report part is not.
        """
        bases = {b: fitted[b] for b in self.bases}
        x = _log_odds([base.score(graph, choose) for base in bases.values()])
        centre, scale = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
        model = LogisticRegression(C=self.strength, max_iter=500).fit((x - centre) / scale, choose.label == 1)
        weights = [_short(weight) for weight in (model.coef_[0] / scale).tolist()]
        at_centre = sum(weight * one for weight, one in zip(weights, centre.tolist(), strict=True))
        return Stacked(bases, tuple(weights), _short(float(model.intercept_[0]) - at_centre))

    def load(self, folder: Path) -> "Stacked":
        """Return the stack saved in *folder*."""
        note = json.loads((folder / "stack.json").read_text(encoding="utf-8"))
        bases = {b: plugin("graphml.models", b, "SCORER").load(folder / b) for b in note["bases"]}
        return Stacked(bases, tuple(note["weights"]), note["intercept"])


@dataclass(frozen=True, slots=True, eq=False)
class Stacked:
    """Hold base models and their weights."""

    bases: dict[str, Fitted]
    weights: tuple[float, ...]  # of the log odds, in the order of bases
    intercept: float

    def score(self, graph: TransactionGraph, examples: Examples) -> NDArray[np.float64]:
        """Return (M,) the weighted probability."""
        return self.blend({name: base.score(graph, examples) for name, base in self.bases.items()})

    def blend(self, scores: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return (M,) the weighted probability from the scores (M,) of each base model."""
        odds = _log_odds([scores[name] for name in self.bases])
        z = (odds * np.array(self.weights)).sum(axis=1) + self.intercept
        return logistic(z)

    def save(self, folder: Path) -> None:
        """Write the weights as JSON and each base model into a folder of its name."""
        note = {"bases": list(self.bases), "weights": self.weights, "intercept": self.intercept}
        (folder / "stack.json").write_text(json.dumps(note, sort_keys=True), encoding="utf-8")
        for name, base in self.bases.items():
            (folder / name).mkdir(exist_ok=True)
            base.save(folder / name)


def _short(number: float) -> float:
    # What the solver finds beyond these digits depends on the processor's linear algebra.
    return float(f"{number:.6g}")


def _log_odds(scores: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    p = np.clip(np.stack(scores, axis=1), 1e-6, 1 - 1e-6)
    return np.asarray(log(p / (1 - p)), np.float64)


SCORER = StackScorer()
