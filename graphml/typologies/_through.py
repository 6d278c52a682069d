"""Find accounts through which money goes within a window, with limits on how many pay in and are paid."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import fsum

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.lists import Lists
from graphml.prefetch import ahead
from graphml.ring import Cut, Found, Ring
from graphml.typologies._listed import both_ways, marked
from graphml.typologies._maximal import maximal

__all__ = ["Passing", "Through", "passed", "through"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Through:
    """Say which accounts count: what comes in and goes out in a window that starts at one of their payments."""

    name: str  # of the typology
    window: int  # microseconds
    payers: tuple[int, int]  # fewest and most different payers
    payees: tuple[int, int]  # fewest and most different payees
    keep: float  # least ratio of what goes out to what comes in, reference currency
    most: float  # largest ratio
    part: float  # a payment out below this share of what comes in is no part of it
    hub_limit: int  # a window with more payments is not looked at

    def said(self) -> str:
        """Return the order that a cut of this limit has."""
        return f"as {self.name} looks at no window with more than {self.hub_limit:,} payments"


@dataclass(frozen=True, slots=True, eq=False)
class Passing:
    """Hold one account with what came in and went out."""

    account: int
    ins: Ints  # rows, ascending
    outs: Ints  # rows, ascending


def through(
    graph: TransactionGraph, ins: Ints, outs: Ints, wanted: Through, starts: Ints | None = None
) -> tuple[list[Passing], tuple[Cut, ...]]:  # fmt: skip
    """Return the maximal instances among the rows *ins* and *outs*, and the accounts that were too busy.

    In a window of an account, outs are the payments out of at least `part` of all that comes in, after the first in;
    ins are the payments in before the last of these outs. *starts* are the payments in that a window can start with;
    None: it can start with any payment, in or out.
    """
    owner, rows, inward = both_ways(graph, ins, outs)
    other = np.where(inward, graph.source[rows], graph.target[rows])
    begin = np.ones(len(rows), np.bool_) if starts is None else marked(graph, starts)[rows] & inward
    events = (owner, other, rows, inward, begin)
    whole = np.array([wanted.window, *wanted.payers, *wanted.payees, wanted.hub_limit], np.int64)
    ratios = np.array([wanted.keep, wanted.most, wanted.part], np.float64)
    flat, busy = _through(graph.time, graph.value, events, (whole, ratios), graph.n)
    ends = np.flatnonzero(flat < 0)
    sets = [flat[a:b] for a, b in zip(np.r_[0, ends[:-1] + 1], ends, strict=True)] if len(ends) else []
    accounts = {tuple(one[1:].tolist()): int(one[0]) for one in reversed(sets)}
    found = []
    for one in maximal(accounts):
        kept = np.array(one, np.int64)
        came = graph.target[kept] == accounts[one]
        found.append(Passing(accounts[one], kept[came], kept[~came]))
    return found, _cuts(graph, events, busy, wanted)


def passed(
    name: str, graph: TransactionGraph, found: Sequence[Passing], told: Callable[[Passing], Ring], cuts: tuple[Cut, ...]
) -> Found:  # fmt: skip
    """Return what the typology *name* found, of which *told* makes the rings that are asked for."""
    rows = Lists.of([sorted([*one.ins.tolist(), *one.outs.tolist()]) for one in found])
    return Found.lists(name, graph, rows, lambda i: told(found[i]), cuts)


def _cuts(graph: TransactionGraph, events: tuple[NDArray, ...], busy: Ints, wanted: Through) -> tuple[Cut, ...]:  # type: ignore[type-arg]
    owner, rows = events[0], events[2]
    return tuple(
        Cut(int(owner[lo]), int(hi - lo), 0, int(hi - lo), fsum(graph.value[rows[lo:hi]].tolist()), wanted.said())
        for lo, hi in busy
    )


@numba.njit(cache=True, nogil=True)
def _kept(time, value, events, span, ratios):  # type: ignore[no-untyped-def]
    # First time of an in, last time of an out that counts, and least value of an out; a last of -1: no out counts.
    _owner, _other, rows, inward, _begin = events
    lo, hi = span
    came, first, last = 0.0, np.int64(-1), np.int64(-1)
    for i in range(lo, hi):
        if inward[i]:
            came += value[rows[i]]
            if first < 0:
                first = time[rows[i]]
    least = ratios[2] * came
    if first >= 0:
        for i in range(lo, hi):
            if not inward[i] and time[rows[i]] > first and value[rows[i]] >= least:
                last = time[rows[i]]
    return first, last, least


@numba.njit(cache=True, nogil=True)
def _take(time, value, events, span, ratios, seen, mark, picked):  # type: ignore[no-untyped-def]
    # Put the rows of one window that count into *picked*; return how many, payers, payees, sum in, sum out.
    _owner, other, rows, inward, _begin = events
    first, last, least = _kept(time, value, events, span, ratios)
    count, payers, payees, came, went = 0, 0, 0, 0.0, 0.0
    if last < 0:
        return count, payers, payees, came, went
    for i in range(span[0], span[1]):
        row = rows[i]
        side = 0 if inward[i] else 1
        if inward[i]:
            if time[row] >= last:
                continue
            came += value[row]
        else:
            if time[row] <= first or value[row] < least:
                continue
            went += value[row]
        if seen[side, other[i]] != mark:
            seen[side, other[i]] = mark
            if inward[i]:
                payers += 1
            else:
                payees += 1
        picked[count] = row
        count += 1
    return count, payers, payees, came, went


@numba.njit(cache=True, nogil=True)
def _through(time, value, events, limits, n):  # type: ignore[no-untyped-def]
    owner, _other, rows, _inward, begin = events
    whole, ratios = limits
    window, hub = whole[0], whole[5]
    seen = np.full((2, n), -1, np.int64)
    picked = np.empty(hub, np.int64)
    flat = [np.int64(0) for _ in range(0)]
    busy = [(np.int64(0), np.int64(0)) for _ in range(0)]
    end, wide_lo, wide_hi = 0, 0, 0
    for i in range(len(owner)):
        ahead(time, rows, i)
        ahead(value, rows, i)
        fresh = i == 0 or owner[i] != owner[i - 1]
        if fresh:
            if wide_hi - wide_lo > hub:
                busy.append((np.int64(wide_lo), np.int64(wide_hi)))
            wide_lo, wide_hi = i, i
        elif time[rows[i]] == time[rows[i - 1]]:
            continue  # payments of one instant start together
        end = max(end, i)
        while end < len(owner) and owner[end] == owner[i] and time[rows[end]] - time[rows[i]] <= window:
            end += 1
        if end - i > hub:
            if end - i > wide_hi - wide_lo:
                wide_lo, wide_hi = i, end
            continue
        ready = False
        for k in range(i, end):  # any payment of the instant may be one to start with
            if time[rows[k]] != time[rows[i]]:
                break
            ready = ready or begin[k]
        if not ready or end - i < whole[1] + whole[3]:
            continue
        count, payers, payees, came, went = _take(time, value, events, (i, end), ratios, seen, i, picked)
        if not (whole[1] <= payers <= whole[2] and whole[3] <= payees <= whole[4]):
            continue
        if ratios[0] * came <= went <= ratios[1] * came:
            flat.append(owner[i])
            flat.extend(picked[:count])
            flat.append(np.int64(-1))
    if wide_hi - wide_lo > hub:
        busy.append((np.int64(wide_lo), np.int64(wide_hi)))
    spans = np.empty((len(busy), 2), np.int64)
    for i in range(len(busy)):
        spans[i, 0], spans[i, 1] = busy[i]
    return np.array(flat, np.int64), spans
