"""Walk payments in strictly rising time, with amounts that are kept."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph

__all__ = ["Walk", "cycles", "next_rows", "trails"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Walk:
    """Say which steps a walk may take."""

    window: int  # microseconds from first to last payment
    gap: int  # microseconds from one payment to the next
    keep: float  # least ratio of a payment to the one before
    most: float  # largest ratio
    shortest: int  # payments
    longest: int  # payments
    hub_limit: int  # a walk stops at an account with more payments than this to go on with
    steps: int  # most steps from one first payment


def cycles(graph: TransactionGraph, walk: Walk) -> tuple[list[Ints], NDArray[np.bool_]]:
    """Return the rows of each cycle in order, and (E,) whether the search from a first row ran out of steps."""
    return _run(graph, walk, True)


def trails(graph: TransactionGraph, walk: Walk) -> tuple[list[Ints], NDArray[np.bool_]]:
    """Return the rows of each maximal chain in order, and (E,) whether the search from a first row ran out of steps."""
    return _run(graph, walk, False)


def next_rows(graph: TransactionGraph, row: int, end: int) -> Ints:
    """Return the rows that the payee of *row* pays after it and until *end* (microseconds UTC, inclusive)."""
    own = graph.paid_by(int(graph.target[row]))
    lo, hi = np.searchsorted(graph.time[own], [graph.time[row], end], "right")
    return own[lo:hi]


def _run(graph: TransactionGraph, walk: Walk, closed: bool) -> tuple[list[Ints], NDArray[np.bool_]]:
    limits = np.array([walk.window, walk.gap, walk.shortest, walk.longest, walk.hub_limit, walk.steps], np.int64)
    out = (graph.source, graph.target, graph.time, graph.value, graph.out_start, graph.out_rows)
    bounds = (graph.lo, graph.hi, walk.keep, walk.most)
    flat, spent = _walk(out, (graph.in_start, graph.in_rows), bounds, limits, closed)
    ends = np.flatnonzero(flat < 0)
    return [flat[a:b] for a, b in zip(np.r_[0, ends[:-1] + 1], ends, strict=True)] if len(ends) else [], spent


@numba.njit(cache=True)
def _after(time, rows, lo, hi, bound):  # type: ignore[no-untyped-def]
    # First position in rows[lo:hi] that is later than bound.
    while lo < hi:
        middle = (lo + hi) // 2
        if time[rows[middle]] <= bound:
            lo = middle + 1
        else:
            hi = middle
    return lo


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _grows_back(graph, inward, bounds, limits, path) -> bool:  # type: ignore[no-untyped-def]
    # Whether a payment can be put before the chain, so that the chain is part of a longer one.
    source, target, time, value, out_start, out_rows = graph
    in_start, in_rows = inward
    lo, hi, keep, most = bounds
    window, gap, _shortest, _longest, hub, _steps = limits
    first = path[0]
    account = source[first]
    for i in range(in_start[account], in_start[account + 1]):
        row = in_rows[i]
        if row >= first:
            break
        if row < lo or time[row] >= time[first] or time[first] - time[row] > gap:
            continue
        if time[path[-1]] - time[row] > window or source[row] == account:
            continue
        if not keep * value[row] <= value[first] <= most * value[row]:
            continue
        a, b = out_start[account], out_start[account + 1]
        until = min(time[row] + gap, time[row] + window)
        held = 0
        for j in range(_after(time, out_rows, a, b, time[row]), _after(time, out_rows, a, b, until)):
            held += lo <= out_rows[j] < hi
        fresh = held <= hub
        for other in path:
            fresh = fresh and target[other] != source[row]
        if fresh:
            return True
    return False


@numba.njit(cache=True)
def _walk(graph, inward, bounds, limits, closed):  # type: ignore[no-untyped-def]
    source, target, time, value, out_start, out_rows = graph
    lo, hi, keep, most = bounds
    window, gap, shortest, longest, hub, steps = limits
    flat = [np.int64(0) for _ in range(0)]
    spent = np.zeros(len(time), np.bool_)
    path, at, stop = np.empty(longest, np.int64), np.empty(longest, np.int64), np.empty(longest, np.int64)
    grew = np.empty(longest, np.bool_)
    for first in range(lo, hi):
        if source[first] == target[first]:
            continue
        origin, depth, used, enter = source[first], 0, 0, True
        path[0] = first
        while depth >= 0:
            row = path[depth]
            if enter:
                account = target[row]
                a, b = out_start[account], out_start[account + 1]
                at[depth] = _after(time, out_rows, a, b, time[row])
                stop[depth] = _after(time, out_rows, a, b, min(time[row] + gap, time[first] + window))
                while stop[depth] > at[depth] and out_rows[stop[depth] - 1] >= hi:
                    stop[depth] -= 1
                # The hub test uses the account and the arrival only, so that it is the same for every walk through it.
                wide = _after(time, out_rows, a, b, min(time[row] + gap, time[row] + window))
                while wide > at[depth] and out_rows[wide - 1] >= hi:
                    wide -= 1
                if wide - at[depth] > hub:
                    stop[depth] = at[depth]
                grew[depth] = False
                enter = False
            if at[depth] >= stop[depth] or used >= steps or (not closed and depth + 1 >= longest):
                if not closed and not grew[depth] and depth + 1 >= shortest and used < steps:
                    full = depth + 1 >= longest
                    if full or not _grows_back(graph, inward, bounds, limits, path[: depth + 1]):
                        flat.extend(path[: depth + 1])
                        flat.append(np.int64(-1))
                depth -= 1
                continue
            onward = out_rows[at[depth]]
            at[depth] += 1
            if not keep * value[row] <= value[onward] <= most * value[row]:
                continue
            payee = target[onward]
            if payee == origin and closed and depth + 2 >= shortest and depth + 2 <= longest:
                flat.extend(path[: depth + 1])
                flat.append(onward)
                flat.append(np.int64(-1))
            fresh = payee != origin
            for i in range(depth + 1):
                fresh = fresh and target[path[i]] != payee
            if fresh and depth + 1 < longest:
                used += 1
                grew[depth] = True
                depth += 1
                path[depth] = onward
                enter = True
        spent[first] = used >= steps
    return np.array(flat, np.int64), spent
