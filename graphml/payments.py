"""Judge payments: by a model of the earlier ones, and those it learned from by models that did not see them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphml.examples import row_labels
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.metrics import best_threshold, measure
from graphml.window import to_datetime

__all__ = ["Judged", "judge_payments"]


class Judged(NamedTuple):
    """Hold what a model says of each payment."""

    score: NDArray[np.float64]  # (E,) probability of laundering
    model: NDArray[np.int8]  # (E,) which model gave it: what two models say cannot be compared as it stands
    metrics: dict[str, object]  # of the payments after the second cut


class _Lessons(NamedTuple):
    values: NDArray[np.float32]  # (E, F)
    label: NDArray[np.int8]  # (E,) as known at the second cut; below 0 where unknown
    names: tuple[str, ...]
    seed: int


def judge_payments(
    ledger: Ledger, graph: TransactionGraph, cuts: tuple[int, ...],
    features: tuple[NDArray[np.float32], tuple[str, ...]], seed: int,
) -> Judged | None:  # fmt: skip
    """Return what LightGBM on *features* (E, F), with their names, says of payments; None where too little is labelled.

    It learns from payments before the first of *cuts* (microseconds UTC), stops on those before the second, and is
    measured on the others, with labels as known at the second. What is later learned from its scores must not take
    remembered labels for insight, so each half in time of the payments that it learned from has the scores of a model of
    the other half (stacked generalisation: Wolpert, 1992); where a half has too few labels, those of the one model.
    """
    label, known = row_labels(ledger, graph)
    values, names = features
    lessons = _Lessons(values, np.where((label == 1) & (known > cuts[1]), 0, label), names, seed)
    a, b = np.searchsorted(graph.time, cuts, "left").tolist()
    train, choose, report = (np.arange(s, e)[label[s:e] >= 0] for s, e in ((0, a), (a, b), (b, len(label))))
    if any(len(np.unique(lessons.label[part])) < 2 for part in (train, choose)):
        return None
    result, model = _predicted(lessons, train, choose, slice(None)), np.zeros(len(label), np.int8)
    threshold = best_threshold(lessons.label[choose], result[choose])
    measured = measure(label[report], result[report], graph.source[report], threshold, seed)
    halves = train[: len(train) // 2], train[len(train) // 2 :]
    if all(len(np.unique(lessons.label[half])) == 2 for half in halves):
        middle = int(halves[1][0])
        result[:middle] = _predicted(lessons, halves[1], choose, slice(middle))
        result[middle:a] = _predicted(lessons, halves[0], choose, slice(middle, a))
        model[:middle], model[middle:a] = 1, 2
    sentence = f"LightGBM on transactions; reported on those from {to_datetime(cuts[1]):%Y-%m-%d} on."
    return Judged(result, model, {"sentence": sentence, "lightgbm": measured})


def _predicted(
    lessons: _Lessons, train: NDArray[np.int64], choose: NDArray[np.int64], rows: slice
) -> NDArray[np.float64]:
    from graphml.models.lightgbm import SCORER, Boosted, train_trees

    values, label, names, seed = lessons
    trees = train_trees(SCORER, (values[train], label[train]), (values[choose], label[choose]), names, seed)
    return Boosted(trees, names).predict(values[rows])
