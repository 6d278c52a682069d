"""Score by fixed rules: the baseline that banks run today."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ring import Reason
from graphml.scorer import Examples

__all__ = ["SCORER", "RulesScorer"]

_RULES = (  # feature, field with its threshold, sentence
    ("in_parties_8d", "payers", "was paid by {value:.0f} different accounts within 8 days"),
    ("out_parties_8d", "payees", "paid {value:.0f} different accounts within 8 days"),
    ("pass_share_8d", "passed", "passed on {value:.0%} of what it received within 8 days"),
    ("return_count_8d", "returns", "had money come back {value:.0f} times within 8 days"),
    ("in_sum_8d", "received", "received {value:,.0f} (reference currency) within 8 days"),
    ("out_sum_8d", "paid", "paid {value:,.0f} (reference currency) within 8 days"),
)


@dataclass(frozen=True, slots=True)
class RulesScorer:
    """Give one point for each threshold that is reached; nothing is learnt, so it is its own fitted model."""

    payers: float = 5.0  # accounts within 8 days
    payees: float = 5.0  # accounts within 8 days
    passed: float = 0.8  # share of the received that is paid on within 8 days
    returns: float = 1.0  # times within 8 days
    received: float = 10_000.0  # reference currency within 8 days
    paid: float = 10_000.0  # reference currency within 8 days

    name = "rules"
    needs_labels = False
    chooses = False

    def fit(self, graph: TransactionGraph, train: Examples, choose: Examples, seed: int) -> Self:  # noqa: ARG002
        """Return the rules themselves."""
        return self

    def score(self, graph: TransactionGraph, examples: Examples) -> NDArray[np.float64]:  # noqa: ARG002
        """Return (M,) the share of the rules whose threshold is reached; a missing feature reaches none."""
        points = np.zeros(len(examples))
        for feature, limit, _ in _RULES:
            if feature in examples.names:
                points += examples.features[:, examples.names.index(feature)] >= getattr(self, limit)
        return points / len(_RULES)

    def reasons(self, examples: Examples, position: int) -> tuple[Reason, ...]:
        """Return a sentence for each threshold that the example at *position* reaches."""
        found = []
        for feature, limit, sentence in _RULES:
            if feature in examples.names:
                value = float(examples.features[position, examples.names.index(feature)])
                threshold = float(getattr(self, limit))
                if value >= threshold:
                    text = f"{sentence.format(value=value)} (rule: at least {threshold:g})"
                    found.append(Reason(text, value, threshold))
        return tuple(found)

    def save(self, folder: Path) -> None:
        """Write the thresholds as JSON."""
        (folder / "rules.json").write_text(json.dumps(asdict(self), sort_keys=True, indent=1), encoding="utf-8")

    def load(self, folder: Path) -> "RulesScorer":
        """Return the rules saved in *folder*."""
        return RulesScorer(**json.loads((folder / "rules.json").read_text(encoding="utf-8")))


SCORER = RulesScorer()
