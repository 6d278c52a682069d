"""Judge accounts: fit every model under one protocol, compare them on the report part, flag and say why."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graphml import registry
from graphml.config import Config
from graphml.errors import UnknownName
from graphml.examples import build
from graphml.families import Families, Features
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.metrics import best_threshold, measure
from graphml.payments import judge_payments
from graphml.protocol import Part, Protocol, plan
from graphml.reasons import explain
from graphml.ring import Reason
from graphml.scorer import Examples, Fitted

__all__ = ["Suspicion", "judge"]

_LOG = logging.getLogger(__name__)
_MODELS = ("rules", "lightgbm", "gnn", "stack")
_HOME = "graphml.models"
_USUAL = Config()
MOST = 150_000  # examples to train on, at most: all positives, negatives by seed


@dataclass(frozen=True, slots=True, eq=False)
class Suspicion:
    """Hold what the models say of each account and transaction, and how far that can be trusted."""

    score: NDArray[np.float64]  # (N,) at the account's latest judged instant; 0 where it never moved money
    at: NDArray[
        np.int64
    ]  # (N,) that instant, microseconds UTC: the end of its last period with payments, or of the ledger
    reported: NDArray[np.bool_]  # (N,) the score comes from a model that did not see the example
    flagged: NDArray[np.bool_]  # (N,) within the budget
    reasons: dict[int, tuple[Reason, ...]]  # of flagged accounts
    transaction_score: NDArray[np.float64]  # (E,)
    metrics: dict[str, object]  # report part only; empty where nothing could be measured
    sentence: str  # the protocol
    since: int  # microseconds UTC; what happened from then on was not used to fit or to choose
    fitted: dict[str, Fitted]
    transaction_model: NDArray[np.int8]  # (E,) which model gave the transaction's score; those of one can be compared
    payments_judged: bool  # transaction scores come from a model of transactions, else from their ends


def judge(
    ledger: Ledger,
    graph: TransactionGraph,
    config: Config = _USUAL,
    features: Features | None = None,
) -> Suspicion:
    """Return the suspicion by the model of *config*, as its seed, split and budget say.

    *features* of all families, where they have been computed already, are not computed again.

    Raises:
        UnknownName: no such model.
    """
    model, seed = config.model, config.seed
    if model not in registry.names(_HOME):
        raise UnknownName.of("model", model, registry.names(_HOME))
    every = Families.of(None, ledger) if features is None or not features.families.complete else features.families
    examples = build(ledger, graph, families=every)
    protocol = plan(ledger, graph, examples, config.split)
    if protocol.kind == "none":
        scores, tie, fitted = _unlabelled(graph, examples, seed)
        metrics: dict[str, object] = {}
        used = "rules"
        reported = np.ones(len(examples), np.bool_)
    else:
        used = model
        scores, reported, fitted, metrics = _compare(graph, examples, (protocol, model), seed)
        tie = scores
    # Examples are in order of time: the last write of an account wins.
    last = np.zeros(graph.n, np.int64)
    last[examples.account] = np.arange(len(examples))
    active = np.zeros(graph.n, np.bool_)
    active[examples.account] = True
    latest = np.flatnonzero(active)
    score, at = np.zeros(graph.n), np.full(graph.n, graph.span.end, np.int64)
    score[latest] = scores[last[latest]]
    at[latest] = np.minimum(examples.at[last[latest]], graph.span.end)  # a period can end after the last transaction
    seen = np.zeros(graph.n, np.bool_)
    seen[latest] = reported[last[latest]]
    flagged = _flag(score, tie[last], latest, config.budget)
    why = _reasons(examples, last, flagged, fitted.get("rules" if used in ("rules", "anomaly") else "lightgbm"))
    since = protocol.cuts[1] if protocol.cuts else graph.span.start
    told = None
    if protocol.kind == "temporal":
        same = features is not None and features.families is every
        told = features.transactions if same and features is not None else every.transactions(graph)
    names = tuple(f.name for f in every.of_transactions)
    judged = None if told is None else judge_payments(ledger, graph, protocol.cuts, (told, names), seed)
    if metrics and judged:
        metrics["transactions"] = judged.metrics
    rows = judged.score if judged else (score[graph.source] + score[graph.target]) / 2
    by = judged.model if judged else np.zeros(len(rows), np.int8)
    return Suspicion(
        score, at, seen, flagged, why, rows, metrics, _said(protocol), since, fitted, by, judged is not None
    )  # fmt: skip


def _said(protocol: Protocol) -> str:
    again = " Boosted trees learned once more from the parts to train and to choose together." if protocol.parts else ""
    return protocol.sentence + again


def _flag(
    score: NDArray[np.float64], tie: NDArray[np.float64], active: NDArray[np.int64], budget: float
) -> NDArray[np.bool_]:
    flagged = np.zeros(len(score), np.bool_)
    best = active[np.lexsort((active, -tie[active], -score[active]))][: max(1, round(budget * len(active)))]
    flagged[best[score[best] > 0]] = True
    return flagged


def _unlabelled(
    graph: TransactionGraph, examples: Examples, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], dict[str, Fitted]]:
    fitted: dict[str, Fitted] = {
        name: registry.plugin(_HOME, name, "SCORER").fit(graph, examples, examples, seed)
        for name in ("rules", "anomaly")
    }
    return fitted["rules"].score(graph, examples), fitted["anomaly"].score(graph, examples), fitted


def _compare(
    graph: TransactionGraph, examples: Examples, how: tuple[Protocol, str], seed: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_], dict[str, Fitted], dict[str, object]]:
    protocol, model = how
    wanted = (*_MODELS, "anomaly") if model == "anomaly" else _MODELS
    scores = {name: np.zeros(len(examples)) for name in wanted}
    cut: dict[str, list[float]] = {name: [] for name in wanted}
    reported = np.zeros(len(examples), np.bool_)
    kept: dict[str, Fitted] = {}
    seen = protocol.seen(examples)
    for part in protocol.parts:
        fitted = _fit(graph, seen, part, (wanted, seed))
        chosen_on = _scores(graph, seen.take(part.choose), fitted)
        for name, value in chosen_on.items():
            cut[name].append(best_threshold(seen.label[part.choose], value))
        fitted = _again(graph, seen, part, (fitted, seed))
        kept = kept or fitted
        # A temporal model also scores earlier and unlabelled examples; a fold's model only its own fold.
        unlabelled = examples.label < 0
        where = part.report | unlabelled if protocol.kind == "folds" else np.ones(len(examples), np.bool_)
        for name, value in _scores(graph, examples.take(where), fitted).items():
            scores[name][where] = value
        after = examples.at > protocol.cuts[1] if protocol.cuts else where
        reported |= part.report | (unlabelled & after)
    metrics = _metrics(examples, protocol, scores, {n: float(np.mean(c)) for n, c in cut.items()}, seed)
    return scores[model], reported, kept, metrics


def _fit(
    graph: TransactionGraph, examples: Examples, part: Part, how: tuple[tuple[str, ...], int]
) -> dict[str, Fitted]:
    wanted, seed = how
    train, choose = examples.take(_capped(part.train, examples, seed)), examples.take(part.choose)
    fitted: dict[str, Fitted] = {}
    for name in wanted:
        scorer = registry.plugin(_HOME, name, "SCORER")
        # The stack shares the base models with the comparison instead of fitting them again.
        fitted[name] = (
            scorer.combine(graph, fitted, choose) if name == "stack" else scorer.fit(graph, train, choose, seed)
        )
        _LOG.info("fitted %s on %d examples", name, len(train))
    return fitted


def _again(
    graph: TransactionGraph, examples: Examples, part: Part, how: tuple[dict[str, Fitted], int]
) -> dict[str, Fitted]:
    # Models for which nothing is chosen learn once more, from train and choose: what is latest tells most of what comes.
    from graphml.models.stack import Stacked

    fitted, seed = how
    both = examples.take(_capped(part.train | part.choose, examples, seed))
    scorers = {name: registry.plugin(_HOME, name, "SCORER") for name in fitted}
    again = {
        name: scorer.fit(graph, both, both, seed)
        for name, scorer in scorers.items()
        if scorer.needs_labels and not scorer.chooses
    }
    latest = {**fitted, **again}
    return {
        name: replace(one, bases={base: latest[base] for base in one.bases}) if isinstance(one, Stacked) else one
        for name, one in latest.items()
    }


def _scores(
    graph: TransactionGraph, examples: Examples, fitted: Mapping[str, Fitted]
) -> dict[str, NDArray[np.float64]]:  # fmt: skip
    # The stack is blended from scores that exist; the bases come first in the order of models.
    from graphml.models.stack import Stacked

    own: dict[str, NDArray[np.float64]] = {}
    for name, one in fitted.items():
        own[name] = one.blend(own) if isinstance(one, Stacked) else one.score(graph, examples)
    return own


def _capped(train: NDArray[np.bool_], examples: Examples, seed: int) -> NDArray[np.int64]:
    index = np.flatnonzero(train)
    if len(index) <= MOST:
        return index
    hits, clean = index[examples.label[index] == 1], index[examples.label[index] == 0]
    left = np.random.default_rng(seed).choice(clean, min(len(clean), max(MOST - len(hits), 1)), replace=False)
    return np.sort(np.concatenate([hits, left]))


def _metrics(
    examples: Examples,
    protocol: Protocol,
    scores: dict[str, NDArray[np.float64]],
    cut: dict[str, float],
    seed: int,
) -> dict[str, object]:
    mask = np.any([p.report for p in protocol.parts], axis=0)
    report = examples.take(mask)
    train = [int(p.train.sum()) for p in protocol.parts]
    return {
        "protocol": _said(protocol),
        "kind": protocol.kind,
        "seed": seed,
        "base_rate": float((report.label == 1).mean()) if len(report) else 0.0,
        "counts": {
            "examples": len(examples),
            "train": train,
            "choose": [int(p.choose.sum()) for p in protocol.parts],
            "report": len(report),
            "report_positives": int((report.label == 1).sum()),
            "train_dropped_by_cap": [max(0, n - MOST) for n in train],
            "train_and_choose_dropped_by_cap": [max(0, int((p.train | p.choose).sum()) - MOST) for p in protocol.parts],
        },
        "models": {
            name: measure(report.label, value[mask], report.account, cut[name], seed)
            for name, value in sorted(scores.items())
        },
    }


def _reasons(
    examples: Examples, last: NDArray[np.int64], flagged: NDArray[np.bool_], model: Fitted | None
) -> dict[int, tuple[Reason, ...]]:
    accounts = np.flatnonzero(flagged)
    return explain(examples, accounts, last[accounts], model)
