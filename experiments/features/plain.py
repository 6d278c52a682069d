"""Compute activity with dicts and lists, and closing ways with a networkx MultiDiGraph: what plain Python costs."""

import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from statistics import fmean, pstdev
from typing import Any

import networkx as nx
import numpy as np

from experiments.features.apart import answer
from experiments.features.equal import agreement, different
from experiments.features.payments import load, ours
from experiments.features.worlds import warm
from graphml.families import Families
from graphml.graph import TransactionGraph
from graphml.window import DAY, HOUR

__all__ = ["WAYS", "activity", "measure", "ways"]

_WINDOWS = (HOUR, DAY, 4 * DAY, 8 * DAY, 30 * DAY, 1 << 62)
_GAP, _HUB, _LONGEST = 4 * DAY, 64, 6
_RETURNS = ("closes_return", "closes_return_length", "closes_return_kept")
WAYS = ("closes_paths_2", "closes_paths_3", "closes_most_2", "closes_most_3", *_RETURNS)
Told = list[list[float]]
Edge = tuple[int, int, int, float]  # payer, payee, time, amount


def activity(graph: TransactionGraph, limit: float) -> Told:
    """Return the 216 columns of the first rows, as many as *limit* seconds are enough for."""
    begin, told = time.perf_counter(), []
    times: dict[tuple[int, str], list[int]] = defaultdict(list)
    seen: dict[tuple[int, str], list[tuple[float, int, int, int]]] = defaultdict(list)
    bank = graph.bank.tolist()
    columns = (graph.source, graph.target, graph.time, graph.value, graph.currency)
    for source, target, now, value, currency in zip(*(c.tolist() for c in columns), strict=True):
        row: list[float] = []
        for own in (source, target):
            for side in ("in", "out"):
                when, what = times[own, side], seen[own, side]
                end = bisect_left(when, now)
                for width in _WINDOWS:
                    row += _statistics(what[bisect_left(when, now - width) : end], own)
        told.append(row)
        for own, other, side in ((source, target, "out"), (target, source, "in")):
            times[own, side].append(now)
            seen[own, side].append((value, other, bank[other], currency))
        if time.perf_counter() - begin > limit:
            break
    return told


def _statistics(some: list[tuple[float, int, int, int]], own: int) -> list[float]:
    values = [one[0] for one in some]
    money = [float("nan")] * 4
    if values:
        money = [fmean(values), pstdev(values), max(values), min(values)]
    different_ = ({one[1] for one in some} - {own}, {one[2] for one in some}, {one[3] for one in some})
    return [len(values), sum(values), *money, *map(len, different_)]


def ways(graph: TransactionGraph, limit: float) -> Told:
    """Return the columns `WAYS` of the first rows, as many as *limit* seconds are enough for."""
    begin, told, known = time.perf_counter(), [], nx.MultiDiGraph()
    columns = (graph.source, graph.target, graph.time, graph.value)
    for source, target, now, value in zip(*(c.tolist() for c in columns), strict=True):
        pay = (source, target, now, round(min(value, 2.0**36) * 1024) / 1024)
        told.append(_closes(known, pay) if source != target else [0.0] * len(WAYS))
        if source != target:
            known.add_edge(source, target, time=now, amount=pay[3])
        if time.perf_counter() - begin > limit:
            break
    return told


def _closes(known: "nx.MultiDiGraph[int]", pay: Edge) -> list[float]:
    found: dict[int, list[float]] = {2: [], 3: []}
    back: list[tuple[int, float]] = []
    open_ways, returning = [(pay, pay[3])], [(pay, pay[3])]
    for length in (2, 3):
        open_ways = [(e, min(kept, e[3])) for first, kept in open_ways for e in _followed(known, first)]
        found[length] = [kept for _, kept in open_ways]
    for length in range(2, _LONGEST + 1):
        longer = [(e, min(kept, e[3])) for first, kept in returning for e in _followed(known, first)]
        back += [(length, kept) for first, kept in longer if first[0] == pay[1]]
        returning = [way for way in longer if way[0][0] != pay[1]]
    counts = [float(len(found[2])), float(len(found[3])), max(found[2], default=0.0), max(found[3], default=0.0)]
    shortest, most = min((b[0] for b in back), default=0), max((b[1] for b in back), default=0.0)
    return [*counts, float(len(back)), float(shortest), most]


def _followed(known: "nx.MultiDiGraph[int]", pay: Edge) -> list[Edge]:
    if pay[0] not in known:
        return []
    since = pay[2] - _GAP
    could = [
        (u, v, data["time"], data["amount"])
        for u, v, data in known.in_edges(pay[0], data=True)
        if since <= data["time"] < pay[2]
    ]
    if len(could) <= _HUB:
        return could
    could.sort(key=lambda e: e[2])
    edge = could[-_HUB][2]  # an instant counts in whole or not at all
    return [e for e in could if e[2] > edge or (e[2] == edge and could[-_HUB - 1][2] < edge)]


def measure(ledger: str, small: str, rows: int, check: int, limit: float) -> dict[str, Any]:
    """Return for both parts equality on the first *check* rows, and seconds beside ours on as many rows as were done."""
    warm(small, ["activity", "path"])
    graph = load(ledger, rows)
    told: dict[str, Any] = {"rows": len(graph)}
    parts: dict[str, tuple[Callable[[TransactionGraph, float], Told], list[str]]] = {
        "activity": (activity, [f.name for f in Families.of(["activity"]).of_transactions]),
        "path": (ways, list(WAYS)),
    }
    for name, (work, columns) in parts.items():
        begin = time.perf_counter()
        theirs = np.array(work(graph, limit))
        seconds = time.perf_counter() - begin
        mine = ours(graph, slice(len(theirs)), [name])
        equal = _compared(load(ledger, min(check, len(theirs))), name, columns, theirs)
        told[name] = {
            "rows": len(theirs), "columns": len(columns), "equal": equal, "seconds": round(seconds, 2),
            "ours": {key: round(value, 4) for key, value in asdict(mine).items()},
            "ratio": round(seconds / mine.seconds, 1),
        }  # fmt: skip
    return told


def _compared(graph: TransactionGraph, name: str, columns: list[str], theirs: np.ndarray) -> dict[str, Any]:
    family = Families.of([name])
    values, place = family.transactions(graph), {f.name: i for i, f in enumerate(family.of_transactions)}
    unequal = {}
    for i, column in enumerate(columns):
        kind = column.split("_")[2] if name == "activity" else "ways"
        around = None
        if kind == "deviation":
            around = values[:, place[column.replace("deviation", "mean")]]
        unequal[column] = int(different(kind, values[:, place[column]], theirs[: len(graph), i], around).sum())
    return agreement(unequal, len(graph))


if __name__ == "__main__":
    answer(measure)
