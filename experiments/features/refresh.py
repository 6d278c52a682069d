"""Measure what beginning from the communities of the day before saves, and what waiting for a refresh day costs."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import graspologic_native as native
import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from experiments.features.apart import answer
from graphml.feature import Family
from graphml.features._known import Known, KnownDays
from graphml.features._leiden import leiden, singles
from graphml.features._refresh import Refresh
from graphml.features.centrality import Centrality
from graphml.features.community import Community
from graphml.features.peers import Peers
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.stream import Stream
from graphml.window import DAY

__all__ = ["measure"]

Members = NDArray[np.int32]
_EVERY_DAY = Refresh(daily=10**6)
_WATCHED = ("payer_community_size", "payer_community_rank", "payer_pagerank", "payer_peer_rank_turnover")


def measure(ledger: str, waiting: str) -> dict[str, Any]:
    """Return seconds and modularity of the last refresh day of *ledger*, and what waiting changes in *waiting*."""
    return {"communities": _communities(_stream(ledger)), "waiting": _waiting(_stream(waiting))}


def _stream(ledger: str) -> Stream:
    return Stream.of(TransactionGraph.of(Ledger.load(Path(ledger))))


def _communities(stream: Stream) -> dict[str, Any]:
    # By number of payments, of the last refresh day.
    time, days = stream.graph.time, KnownDays(stream)
    former = np.full(stream.graph.n, -1, np.int32)
    found: dict[str, Any] = {}
    for day in Refresh().days(int(time[0])):
        if day > time[-1]:
            break
        known = days.before(day, int(np.searchsorted(time, day)))
        begin = former[known.account]
        new = np.flatnonzero(begin < 0)
        begin[new] = begin.max(initial=-1) + 1 + np.arange(len(new), dtype=np.int32)
        weight = (known.paid + known.got).astype(np.float32)
        member, seconds = _timed(lambda: leiden(known.start, known.other, weight, begin))  # noqa: B023
        former[known.account] = member
        found = {"from the day before": _told(known, weight, member, seconds)}
    k = len(known.account)
    afresh, seconds = _timed(lambda: leiden(known.start, known.other, weight, singles(k)))
    found["afresh"] = _told(known, weight, afresh, seconds)
    arrays = known.start.astype(np.int64), known.other, weight.astype(np.float64)
    (_, labels), seconds = _timed(lambda: native.leiden_csr(*arrays, k, seed=0))
    theirs = np.arange(k, dtype=np.int32) + k
    theirs[np.fromiter(labels.keys(), np.int64)] = np.fromiter(labels.values(), np.int32)
    found["graspologic-native, afresh"] = _told(known, weight, theirs, seconds)
    return {"accounts": k, "pairs": len(known.other) // 2, "ways": found}


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    begin = perf_counter()
    return work(), perf_counter() - begin


def _told(known: Known, weight: NDArray[np.float32], member: Members, seconds: float) -> dict[str, float]:
    return {"seconds": round(seconds, 2), "modularity": round(_modularity(known, weight, member), 4)}


def _modularity(known: Known, weight: NDArray[np.float32], member: Members) -> float:
    # Of an undirected weighted graph (Newman, 2004), each two accounts listed twice.
    own = np.repeat(np.arange(len(known.account)), np.diff(known.start))
    heavy = weight.astype(np.float64)
    total = heavy.sum()
    label = np.unique(member, return_inverse=True)[1]
    inside = heavy[label[own] == label[known.other]].sum() / total
    strength = np.bincount(label, np.bincount(own, heavy, len(label)))
    return float(inside - ((strength / total) ** 2).sum())


def _waiting(stream: Stream) -> dict[str, Any]:
    # Over the payments of the last two days: as the calendar has it, beside a refresh on each day.
    graph = stream.graph
    late = int(np.searchsorted(graph.time, graph.time[-1] // DAY * DAY - DAY))
    by_calendar, cost = _values(graph, late, Refresh())
    by_day, dear = _values(graph, late, _EVERY_DAY)
    same = by_calendar["same_community"], by_day["same_community"]
    known = ~np.isnan(same[0] + same[1])
    return {
        "rows": len(graph) - late,
        "same_community_changes": round(float((same[0] != same[1])[known].mean()), 4),
        "rank_correlation": {name: _correlation(by_calendar[name], by_day[name]) for name in _WATCHED},
        "seconds": {"by the calendar": cost, "each day": dear},
    }


def _values(graph: TransactionGraph, late: int, refresh: Refresh) -> tuple[dict[str, NDArray[np.float32]], float]:
    begin = perf_counter()
    found: dict[str, NDArray[np.float32]] = {}
    stream = Stream.of(graph)
    families: tuple[Family, ...] = (Community(refresh), Centrality(refresh), Peers(refresh))
    for family in families:
        out = np.empty((len(graph), len(family.of_transactions)), np.float32)
        family.transactions(stream, out)
        found |= {f.name: out[late:, i].copy() for i, f in enumerate(family.of_transactions)}
    return found, round(perf_counter() - begin, 2)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    known = ~np.isnan(one + other)
    return round(float(spearmanr(one[known], other[known]).statistic), 3)


if __name__ == "__main__":
    answer(measure)
