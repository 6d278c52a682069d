"""Split examples so that a reported number was never used to fit or to choose."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphml.examples import has_account_labels, has_transaction_labels
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.scorer import Examples
from graphml.window import to_datetime

__all__ = ["Part", "Protocol", "plan"]

Mask = NDArray[np.bool_]

FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Hold one split of the examples into three disjoint masks."""

    train: Mask  # (M,)
    choose: Mask  # (M,)
    report: Mask  # (M,)


@dataclass(frozen=True, slots=True, eq=False)
class Protocol:
    """Say how models are judged; `parts` is empty where labels do not allow it."""

    kind: str  # temporal, folds, none
    parts: tuple[Part, ...]  # one where temporal; one for each fold
    cuts: tuple[int, ...]  # temporal: the instants where train and choose end, microseconds UTC
    sentence: str  # for reports

    def seen(self, examples: Examples) -> Examples:
        """Return *examples* with the labels that may be learned from: those known when the last of choose ends."""
        return examples.as_known(self.cuts[1]) if self.cuts else examples


def plan(ledger: Ledger, graph: TransactionGraph, examples: Examples, split: Sequence[float]) -> Protocol:
    """Return the most honest protocol that the labels allow: temporal, out of fold, or none.

    *split* has the shares of transactions, in order of time, to train on, to choose on and to report on.
    """
    if has_transaction_labels(ledger):
        return _temporal(graph, examples, split)
    if has_account_labels(ledger):
        return _folds(examples)
    return _none("The ledger has no labels of both kinds, so no model was trained and nothing could be measured")


def _none(why: str) -> Protocol:
    return Protocol("none", (), (), f"{why}; accounts are ranked by fixed rules, ties by an isolation forest.")


def _temporal(graph: TransactionGraph, examples: Examples, split: Sequence[float]) -> Protocol:
    ends = np.unique(examples.at)
    share = np.searchsorted(graph.time[graph.rows], ends, "left") / max(len(graph), 1)
    best: tuple[float, int, int] | None = None
    for i in range(len(ends) - 2):
        for j in range(i + 1, len(ends) - 1):
            got = share[i], share[j] - share[i], 1 - share[j]
            error = max(abs(g / w - 1) for g, w in zip(got, split, strict=True))
            if best is not None and error >= best[0]:
                continue
            seen = examples.as_known(int(ends[j]))
            train, choose = examples.at <= ends[i], (examples.at > ends[i]) & (examples.at <= ends[j])
            if _both(seen, train) and _both(seen, choose):
                best = error, i, j
    if best is None:
        return _none("Labels are too few to train on early periods and choose on later ones")
    _, i, j = best
    a, b = int(ends[i]), int(ends[j])
    known = examples.label >= 0
    part = Part(known & (examples.at <= a), known & (examples.at > a) & (examples.at <= b), known & (examples.at > b))
    sentence = (
        f"Temporal: trained on transactions before {to_datetime(a):%Y-%m-%d} ({share[i]:.0%}), chosen on those before "
        f"{to_datetime(b):%Y-%m-%d} ({share[j] - share[i]:.0%}), reported on the rest ({1 - share[j]:.0%}), which was "
        f"not touched before; each account is judged from strictly earlier transactions. {_learned(examples, b)}"
    )
    return Protocol("temporal", (part,), (a, b), sentence)


def _learned(examples: Examples, end: int) -> str:
    early = examples.at <= end
    bad, seen = (int((one.label[early] == 1).sum()) for one in (examples, examples.as_known(end)))
    if not (examples.known > examples.at).any():
        return "Labels are taken as known at the end of their period (no delay)."
    return (
        f"Models learn what was known by {to_datetime(end):%Y-%m-%d}: {seen:,} of the {bad:,} periods in which an "
        "account had laundered; the others count as clean, as they did to the bank."
    )


def _both(examples: Examples, mask: Mask) -> bool:
    label = examples.label[mask]
    return bool((label == 1).any() and (label == 0).any())


def _folds(examples: Examples) -> Protocol:
    known = examples.label >= 0
    fold = _assign(examples)
    masks = [known & (fold == k) for k in range(FOLDS)]
    parts = []
    for k in range(FOLDS):
        choose = masks[(k + 1) % FOLDS]
        parts.append(Part(known & ~masks[k] & ~choose, choose, masks[k]))
    if not all(_both(examples, p.train) and _both(examples, p.choose) for p in parts):
        return _none(f"Labelled accounts fall into too few communities for {FOLDS} folds")
    sentence = (
        f"NOT temporal: only accounts are labelled, so each is scored by a model that did not see its fold, out of "
        f"{FOLDS} folds; accounts of one Leiden community stay in one fold. Expect less on future data."
    )
    return Protocol("folds", tuple(parts), (), sentence)


def _assign(examples: Examples) -> NDArray[np.int64]:
    # Greedy: groups with most positives, then most accounts, go to the fold that has least; ties by number.
    names, where = np.unique(examples.group, return_inverse=True)
    size = np.bincount(where, minlength=len(names))
    hits = np.bincount(where, weights=examples.label == 1, minlength=len(names))
    load = np.zeros((FOLDS, 2))
    fold = np.zeros(len(names), np.int64)
    for group in np.lexsort((names, -size, -hits)):
        column = 0 if hits[group] else 1
        fold[group] = np.lexsort((load[:, 1], load[:, column]))[0]
        load[fold[group]] += hits[group], size[group]
    return fold[where]
