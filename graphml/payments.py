"""Judge payments: by models of the earlier ones, and those they learned from by models that did not see them."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphml.elementary import logistic
from graphml.examples import row_labels
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.metrics import best_threshold, measure
from graphml.window import to_datetime

__all__ = ["Judged", "Lessons", "judge_payments"]

Table = tuple[NDArray[np.float32], tuple[str, ...]]  # (E, F) and the names of its columns


@dataclass(frozen=True, slots=True)
class Lessons:
    """Say how it is learned."""

    models: int = 3  # of different seeds and normal payments, whose log odds are averaged
    parts: int = 2  # of the time learned from, with as many that launder; each is judged by what the others teach
    most: int = 150_000  # payments that each is grown on, at most: all that launder, others by seed


class Judged(NamedTuple):
    """Hold what models say of each payment."""

    score: NDArray[np.float64]  # (E,) probability of laundering
    model: NDArray[np.int8]  # (E,) which models gave it: what those of two kinds say cannot be compared as it stands
    metrics: dict[str, object]  # of the payments after the second cut


class _Known(NamedTuple):
    label: NDArray[np.int8]  # (E,) as known at the second cut; below 0 where unknown
    learned: NDArray[np.int64]  # rows before it that have a label
    end: int  # the first row after it
    seed: int
    lessons: Lessons

    def one_kind(self, rows: NDArray[np.int64]) -> bool:
        return len(np.unique(self.label[rows])) < 2

    @property
    def blocks(self) -> list[tuple[NDArray[np.int64], slice]]:
        """Return what is learned from and the rows that it judges: later ones by all, each part of time by the others."""
        hits, parts = self.learned[self.label[self.learned] == 1], self.lessons.parts
        edges = hits[np.arange(1, parts) * len(hits) // parts]  # as many that launder in each
        edges = np.concatenate([[0], edges, [self.end]])
        inside = [(self.learned >= lo) & (self.learned < hi) for lo, hi in pairwise(edges.tolist())]
        if any(self.one_kind(self.learned[own]) or self.one_kind(self.learned[~own]) for own in inside):
            return [(self.learned, slice(None))]
        apart = [
            (self.learned[~own], slice(lo, hi)) for own, (lo, hi) in zip(inside, pairwise(edges.tolist()), strict=True)
        ]
        return [(self.learned, slice(self.end, None)), *apart]


def judge_payments(
    ledger: Ledger, graph: TransactionGraph, cuts: tuple[int, ...], features: Table, seed: int,
    lessons: Lessons = Lessons(),
) -> Judged | None:  # fmt: skip
    """Return what LightGBM on *features* (E, F), with their names, says of payments; None where too little is labelled.

    It learns from payments before the second of *cuts* (microseconds UTC), with labels as known then, and is measured on
    the others. What is later learned from its scores must not take remembered labels for insight, so each part of the
    time learned from has the scores of models of the other parts (stacked generalisation: Wolpert, 1992), and the
    threshold is the best for these; where a part has too few labels, the same models judge all, what they learned from too.
    """
    label, day = row_labels(ledger, graph)
    early = np.where((label == 1) & (day > cuts[1]), 0, label)
    end = int(np.searchsorted(graph.time, cuts[1], "left"))
    known = _Known(early, np.flatnonzero(early[:end] >= 0), end, seed, lessons)
    if known.one_kind(known.learned):
        return None
    odds = np.empty(len(label))
    model = np.zeros(len(label), np.int8)
    for number, (learned, rows) in enumerate(known.blocks):
        odds[rows], model[rows] = _predicted(known, learned, features, rows), number
    result = logistic(odds)
    report = end + np.flatnonzero(label[end:] >= 0)
    threshold = best_threshold(early[known.learned], result[known.learned])
    measured = measure(label[report], result[report], graph.source[report], threshold, seed)
    sentence = f"LightGBM on transactions before {to_datetime(cuts[1]):%Y-%m-%d}; reported on those after."
    return Judged(result, model, {"sentence": sentence, "lightgbm": measured})


def _predicted(known: _Known, learned: NDArray[np.int64], table: Table, rows: slice) -> NDArray[np.float64]:
    from graphml.models.lightgbm import Boosted, LightGBMScorer, train_trees

    (values, names), label, lessons = table, known.label, known.lessons
    how = LightGBMScorer()
    hits, clean = learned[label[learned] == 1], learned[label[learned] == 0]
    few = min(max(lessons.most - len(hits), 1), len(clean))
    odds = np.zeros(len(values[rows]))
    for seed in range(known.seed, known.seed + lessons.models):
        chosen = np.sort(np.r_[hits, np.random.default_rng(seed).choice(clean, few, replace=False)])
        trees = train_trees(how, (values[chosen], label[chosen]), None, names, seed)
        odds += Boosted(trees, names).raw(values[rows])
    # What sampling and weight did to the odds is put right (King and Zeng, 2001).
    return np.asarray(odds / lessons.models + math.log(few / len(clean) / how.weight), np.float64)
