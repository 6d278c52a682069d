"""Measure how well laundering is told from normal life where the sets of payments are given, none to be found."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.histories import Histories
from graphml.ledger import Ledger
from graphml.likeness import Lessons
from graphml.lists import Lists
from graphml.models.lightgbm import Boosted, LightGBMScorer, train_trees
from graphml.people import People
from graphml.pipeline import ring_scores
from graphml.ranking import Columns, evidence, score
from graphml.shapes import MEASURES, measured
from graphml.suspicion import Suspicion

__all__ = ["ceiling"]

_CUTS = (10, 20, 50)


def ceiling(ledger: Ledger, suspicion: Suspicion, answers: Path, seed: int, folds: int = 5) -> dict[str, Any]:
    """Return precision of exact attempts among exact normal groups of the generated world whose key is *answers*.

    Each has at least three accounts. They are ranked by what the models say of them, as rings are where nothing is
    learned, and by trees on their shapes, learned from four fifths of both and asked of the last: more than a run can
    know, which must find the sets first and learns from the earlier half of the attempts only.
    """
    graph, key = TransactionGraph.of(ledger), json.loads(answers.read_text(encoding="utf-8"))
    place = {name: row for row, name in enumerate(ledger.transactions["id"].to_list())}
    known = ledger.labels.drop_nulls("attempt").filter("laundering").group_by("attempt", maintain_order=True).agg("row")
    laundering = [sorted(rows) for rows in known["row"].to_list()]
    normal = [sorted(place[one] for one in group["transactions"]) for group in key["normal_groups"]]
    rows = Lists.of([*laundering, *normal])
    true = np.arange(len(rows)) < len(laundering)
    accounts = rows.ends(graph.source, graph.target)
    large = np.flatnonzero(np.diff(accounts.start) >= 3)
    rows, accounts, true = rows.take(large), accounts.take(large), true[large]
    people = People.of(ledger)
    scores = ring_scores(graph, suspicion, seed)
    columns = Columns.of(graph, people, scores.account, scores.transaction)
    shapes = measured(Histories.of(graph, people), rows, accounts)
    told = {"models": score(evidence(rows, accounts, columns)), "shapes": _learned(shapes, true, seed, folds)}
    return {
        "attempts": int(true.sum()),
        "normal_groups": int((~true).sum()),
        **{name: _precision(worth, true) for name, worth in told.items()},
    }


def _learned(shapes: NDArray[np.float32], true: NDArray[np.bool_], seed: int, folds: int) -> NDArray[np.float64]:
    lessons, fold = Lessons(), np.random.default_rng(seed).integers(0, folds, len(true))
    how = LightGBMScorer(
        rounds=lessons.rounds, leaves=lessons.leaves, rate=lessons.rate, features=0.7, ridge=0.0, weight=1.0
    )
    worth, names = np.zeros(len(true)), tuple(MEASURES)
    for k in range(folds):
        own = shapes[fold != k], true[fold != k].astype(np.int8)
        for model in range(lessons.models):
            trees = Boosted(train_trees(how, own, None, names, seed + model), names)
            worth[fold == k] += trees.raw(shapes[fold == k])
    return worth


def _precision(worth: NDArray[np.float64], true: NDArray[np.bool_]) -> dict[str, float]:
    best = true[np.argsort(-worth, kind="stable")]
    average = float((np.cumsum(best) / np.arange(1, len(best) + 1))[best].mean())
    return {"average_precision": round(average, 4), **{f"precision_at_{k}": float(best[:k].mean()) for k in _CUTS}}
