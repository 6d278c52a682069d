"""Link each payment with those that it may follow, and note once per payment what led up to it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphml.cores import over_accounts, side_by_side
from graphml.features._deeds import Known
from graphml.kernel import kernel
from graphml.prefetch import SOONER, ahead, prefetch
from graphml.stream import Ints, Side

__all__ = ["Links", "keeps", "link"]

_KEEP, _MOST = 0.8, 1.25  # a payment keeps the amount of the one before, as trails do
_STEPS = 5  # how far back a cut is told: a return of 6 payments has as many steps
Places = NDArray[np.int32]
_LONGEST = 6  # payments of a steady chain that are counted, so that it lies inside 20 days
_GRAIN, _TOP = 1024.0, 2.0**36
# What a walk reads of a payment lies together, for a walk jumps and each place that it reads apart is a wait for memory.
STEP = np.dtype(
    [("time", "i8"), ("amount", "i8"), ("other", "i4"), ("first", "i4"), ("last", "i4"), ("twin", "i4")], align=True
)
Steps = NDArray[np.void]  # of STEP

# Positions number the payments of a side without those to oneself: `inward` by payee, then time, `outward` by payer.


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Hold the P payments between different accounts and how they follow each other."""

    inward: Side
    outward: Side
    came: Steps  # (P,) inward; it may follow inward positions `first` to `last`; `twin` is its outward position
    went: Steps  # (P,) outward; outward positions `first` to `last` may follow it; `twin` is its inward position
    pair: Places  # (P,) inward: the first position with the same payer and payee
    kept: Ints  # (P, 2) inward: of ways of 2 payments that end here, the amount kept and the largest of one way
    trail: (
        Places  # (P, 2) inward: the longest steady chain that ends here, up to 6, and how many steps back the limit bit
    )


def link(inward: Side, outward: Side, limits: tuple[int, int], known: Known) -> Links:
    """Return how payments follow each other; *limits* is (gap in microseconds, payments followed at one account).

    `kept` and `trail` are told of the payments that are *known* and of those after them; elsewhere they are 0.
    """
    count = len(inward.rows)  # as many as outward, and the same rows
    came, went = side_by_side(lambda sides: _steps(*sides), ((inward, outward), (outward, inward)))
    pair, cut = np.empty(count, np.int32), np.empty(count, np.bool_)
    kept, trail = np.zeros((count, 2), np.int64), np.zeros((count, 2), np.int32)
    load, columns = inward.start + outward.start, (inward.start, inward.other, inward.time, outward.start, outward.time)

    def work(first: int, last: int) -> None:
        leader = np.full(len(inward.start), -1, np.int32)  # first payment from each account to the one that is walked
        _link(columns, limits, (first, last), (came, went, pair, cut, leader))

    over_accounts(work, load)
    mine, before = (inward.start, inward.rows, came), (known.first, *known.columns[:3])
    over_accounts(lambda first, last: _keep(mine, before, (first, last), (kept, trail)), load)
    order = _places(inward)[known.first :]
    _trail(order[order >= 0], (came, went, cut), trail)
    return Links(inward, outward, came, went, pair, kept, trail)


def _places(side: Side) -> Places:
    # (E,) the position of each row, -1 for one that is not there.
    place = np.full(int(side.rows.max(initial=-1)) + 1, -1, np.int32)
    place[side.rows] = np.arange(len(side.rows), dtype=np.int32)
    return place


def _steps(side: Side, twin: Side) -> Steps:
    # (P,) of a side, not linked yet.
    steps = np.empty(len(side.rows), STEP)
    _fill(steps, side.time, side.value, side.other, side.rows, _places(twin))
    return steps


@kernel
def _fill(steps, time, value, other, rows, place):  # type: ignore[no-untyped-def]
    for i in range(len(rows)):
        step = steps[i]
        step.time, step.other, step.twin = time[i], other[i], place[rows[i]]
        step.amount = np.int64(np.rint(min(value[i], _TOP) * _GRAIN))


@kernel
def keeps(before: int, after: int) -> bool:
    """Return whether a payment carries on the amount of the one before."""
    return _KEEP * before <= after <= _MOST * before


@kernel
def _link(columns, limits, block, found):  # type: ignore[no-untyped-def]
    # Both ends of a range only ever grow with time, so one walk over the account finds them, and their inverse.
    in_start, in_other, in_time, out_start, out_time = columns
    gap, hub = limits
    came, went, pair, cut, first = found
    for own in range(block[0], block[1]):
        begin, end, out_end = in_start[own], in_start[own + 1], out_start[own + 1]
        lo = hi = begin
        for o in range(out_start[own], out_end):
            while hi < end and in_time[hi] < out_time[o]:
                hi += 1
            while lo < hi and in_time[lo] < out_time[o] - gap:
                lo += 1
            since = max(lo, hi - hub)
            while lo < since < hi and in_time[since] == in_time[since - 1]:
                since += 1
            p = went[o].twin
            came[p].first, came[p].last = since, hi
            cut[p] = since > lo
        lo = hi = out_start[own]
        for i in range(begin, end):
            while lo < out_end and came[went[lo].twin].last <= i:
                lo += 1
            hi = max(lo, hi)
            while hi < out_end and came[went[hi].twin].first <= i:
                hi += 1
            o = came[i].twin
            went[o].first, went[o].last = lo, hi
            leader = first[in_other[i]]
            if leader < begin:
                leader = first[in_other[i]] = i
            pair[i] = leader
    return 0


@kernel
def _keep(inward, known, block, found):  # type: ignore[no-untyped-def]
    (start, row, came), (first, old, money, counts), (kept, trail) = inward, known, found
    for own in range(block[0], block[1]):
        fresh = start[own] + np.searchsorted(row[start[own] : start[own + 1]], first)
        p = fresh - (old[own + 1] - old[own])
        for i in range(old[own], old[own + 1]):
            kept[p, 0], kept[p, 1], trail[p, 0], trail[p, 1] = money[i, 0], money[i, 1], counts[i, 0], counts[i, 1]
            p += 1
        for p in range(fresh, start[own + 1]):
            total = largest = np.int64(0)
            for e in range(came[p].first, came[p].last):
                total += came[e].amount
                largest = max(largest, came[e].amount)
            kept[p, 0] = min(came[p].amount, total)
            kept[p, 1] = min(came[p].amount, largest)
    return 0


@kernel
def _trail(order, links, trail):  # type: ignore[no-untyped-def]
    # In order of time, for a chain is as long as the one before and a payment. One core: each needs those before it.
    came, went, cut = links
    for i, p in enumerate(order):
        ahead(came, order, i)
        ahead(trail, order, i)
        ahead(cut, order, i)
        if i + SOONER < len(order):
            e = came[order[i + SOONER]].first
            prefetch(came, e)
            prefetch(trail, e)
        longest, near = 0, 0
        for e in range(came[p].first, came[p].last):
            if keeps(came[e].amount, came[p].amount) and came[e].other != went[came[p].twin].other:
                longest = max(longest, trail[e, 0])
            if trail[e, 1] and (near == 0 or trail[e, 1] < near):
                near = trail[e, 1]
        trail[p, 0] = min(longest + 1, _LONGEST)
        trail[p, 1] = 1 if cut[p] else near + 1 if 0 < near < _STEPS else 0
    return 0
