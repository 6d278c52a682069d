"""Walk each account once: what each payment to it closes, and the windows over that at every instant asked."""

from typing import Any

import numpy as np

from graphml.features._deeds import COUNTS, MONEY
from graphml.features._path_ahead import ask, known_of_accounts
from graphml.features._path_gather import gather_room, gather_scatter, scatter_gather
from graphml.features._path_reach import come_back, follow, reach_room
from graphml.kernel import kernel
from graphml.prefetch import ahead

__all__ = ["DEEDS", "STATES", "walk", "walk_room"]

Pack = tuple[Any, ...]  # of arrays, as the docstring says

STATES = 16  # columns of an account
DEEDS = 14  # columns of what a payment closes
_SUMS = ((0, 0), (1, 1), (2, 2), (3, 3), (6, 8), (8, 9))  # deed whose sum over the window is a state
_GRAIN = 1 / 1024


def walk_room(sides: Pack, asked: Pack, block: tuple[int, int]) -> Pack:
    """Return the memory to walk the accounts of *block* with."""
    starts = sides[0][0], sides[1][0], sum(start for start, _, _ in asked)
    got, paid, ticks = (int(np.diff(start[block[0] : block[1] + 1]).max(initial=0)) for start in starts)
    payments, n = len(sides[0][1]), len(starts[0]) - 1
    deeds = np.zeros((got, DEEDS), np.int64), np.zeros(paid, np.int64), np.zeros((2, got), np.int64)
    states = np.empty(ticks, np.int64), np.empty((ticks + 1, STATES), np.int64)
    rest = np.empty(max(got, paid), np.int64), np.empty(3, np.int64), np.empty(7, np.int64), np.empty(5, np.int64)
    whom = known_of_accounts(n)
    return reach_room(payments, whom), gather_room(payments, whom), deeds, states, rest


@kernel
def walk(
    sides: Pack, links: Pack, asked: Pack, outs: Pack, money: Pack, widths: Pack, known: Pack, fresh: Pack, block: Pack,
    memory: Pack,
) -> int:  # fmt: skip
    """Fill *outs*: the account's state for each of the three that are asked, and the deeds of its payments in.

    *asked* holds (start, at, row) three times; *widths* is (window, gap, first row that is told, whether deeds are
    told, first row whose deeds are not known, whether *fresh* keeps them); *money* which columns of a state and of a
    deed are money; *known* are the columns of `Known`; *memory* is of `walk_room`.
    """
    (in_start, payer, in_time, in_row), (out_start, payee, out_time, out_row) = sides
    came, went, pair, kept, trail = links
    window, gap, first_row, whole, unknown, keeping = widths
    reached, gathered, (deeds, scattered, fans), (ticks, states), (queue, place, run, done) = memory
    done[:] = 0
    for own in range(block[0], block[1]):
        count = _ticks(own, asked, place, ticks)
        begin, end = in_start[own], in_start[own + 1]
        first, last = out_start[own], out_start[own + 1]
        got = begin + np.searchsorted(in_row[begin:end], unknown)
        gave = first + np.searchsorted(out_row[first:last], unknown)
        if count == 0 and (not keeping or (got == end and gave == last)):
            continue
        ask((got, gave), (end, last), (came, went, pair, kept), (reached[0], *gathered), done)
        _recall(own, (got - begin, gave - first), known, deeds, scattered)
        used = follow(own, out_start, went, reached, got < end)
        for steady in range(2):
            span = (begin, got, end)
            scatter_gather(span, own, window, in_time, (came, pair), gathered, steady, fans[steady])
        mine, its = (in_start, payer, in_time), (payee, out_time)
        gather_scatter((first, gave, last), own, window, mine, its, (came, went), gathered, scattered)
        for p in range(got, end):
            own_deed = deeds[p - begin]
            _ways(p, came, kept, own_deed)
            come_back(own, p, came, used, reached, own_deed[6:9])
            own_deed[9], own_deed[10] = fans[0, p - begin], fans[1, p - begin]
            own_deed[12], own_deed[13] = trail[p, 0], trail[p, 1]
            if keeping:
                _store(own_deed, in_row[p] - unknown, fresh)
        for o in range(gave, last if keeping else gave):
            fresh[2][out_row[o] - unknown] = scattered[o - first]
        when, state = ticks[:count], states[: count + 1]
        state[:] = 0
        _sum(in_time[begin:end], deeds, window, when, state, run)
        for deed, column in ((9, 10), (10, 11), (12, 13)):
            _most(in_time[begin:end], deeds[:, deed], window, when, state[:, column], queue)
        _most(out_time[first:last], scattered, window, when, state[:, 12], queue)
        _reach(own, (out_start, went), (reached, used), (window, gap), when, state)
        _tell(own, asked[0], when, state, money[0], outs[0])
        _tell(own, asked[1], when, state, money[0], outs[1])
        _tell(own, asked[2], when, state, money[0], outs[2])
        if whole:
            for p in range(begin + np.searchsorted(in_row[begin:end], first_row), end):
                _write(deeds[p - begin], in_row[p] - first_row, money[1], 11, outs[3])
            for o in range(first + np.searchsorted(out_row[first:last], first_row), last):
                outs[3][out_row[o] - first_row, 11] = scattered[o - first]
    return 0


@kernel
def _ticks(own, asked, place, ticks):  # type: ignore[no-untyped-def]
    # The different instants of all, ascending.
    count, never = 0, np.iinfo(np.int64).max
    for k in range(3):
        place[k] = asked[k][0][own]
    while True:
        now = never
        for k in range(3):
            if place[k] < asked[k][0][own + 1]:
                now = min(now, asked[k][1][place[k]])
        if now == never:
            return count
        ticks[count] = now
        count += 1
        for k in range(3):
            while place[k] < asked[k][0][own + 1] and asked[k][1][place[k]] == now:
                place[k] += 1


@kernel
def _recall(own, ends, known, deeds, scattered):  # type: ignore[no-untyped-def]
    # What is known stands last before what is not; what no window reaches any more is nothing.
    inward, money, counts, outward, gathers = known
    place = ends[0] - (inward[own + 1] - inward[own])
    deeds[:place] = 0
    for i in range(inward[own], inward[own + 1]):
        for k, deed in enumerate(MONEY):
            deeds[place, deed] = money[i, k]
        for k, deed in enumerate(COUNTS):
            deeds[place, deed] = counts[i, k]
        place += 1
    place = ends[1] - (outward[own + 1] - outward[own])
    scattered[:place] = 0
    for i in range(outward[own], outward[own + 1]):
        scattered[place] = gathers[i]
        place += 1


@kernel
def _store(deed, place, fresh):  # type: ignore[no-untyped-def]
    for k, which in enumerate(MONEY):
        fresh[0][place, k] = deed[which]
    for k, which in enumerate(COUNTS):
        fresh[1][place, k] = deed[which]


@kernel
def _ways(p, came, kept, deed):  # type: ignore[no-untyped-def]
    # Ways of 2 and of 3 that end with p: how many, the amount kept, and the largest of one way.
    last = came[p]
    deed[0] = last.last - last.first
    deed[1] = deed[3] = deed[5] = 0
    for e in range(last.first, last.last):
        deed[1] += came[e].last - came[e].first
        deed[3] += kept[e, 0]
        deed[5] = max(deed[5], kept[e, 1])
    deed[2], deed[4] = kept[p, 0], kept[p, 1]
    deed[3], deed[5] = min(last.amount, deed[3]), min(last.amount, deed[5])


@kernel
def _sum(time, deeds, window, when, state, run):  # type: ignore[no-untyped-def]
    # Whole numbers, so nothing is lost when a payment leaves the window.
    lo = hi = 0
    run[:] = 0
    for k in range(len(when)):
        while hi < len(time) and time[hi] < when[k]:
            for i, (deed, _) in enumerate(_SUMS):
                run[i] += deeds[hi, deed]
            run[6] += deeds[hi, 13] > 0
            hi += 1
        while lo < hi and time[lo] < when[k] - window:
            for i, (deed, _) in enumerate(_SUMS):
                run[i] -= deeds[lo, deed]
            run[6] -= deeds[lo, 13] > 0
            lo += 1
        for i, (_, column) in enumerate(_SUMS):
            state[k, column] = run[i]
        state[k, 14] = run[6]


@kernel
def _most(time, value, window, when, state, queue):  # type: ignore[no-untyped-def]
    # The queue holds those that no later one reaches, so its first inside the window is the largest.
    hi = foot = top = 0
    for k in range(len(when)):
        while hi < len(time) and time[hi] < when[k]:
            while top > foot and value[queue[top - 1]] <= value[hi]:
                top -= 1
            queue[top] = hi
            top, hi = top + 1, hi + 1
        while foot < top and time[queue[foot]] < when[k] - window:
            foot += 1
        state[k] = value[queue[foot]] if foot < top else 0


@kernel
def _reach(own, outward, found, widths, when, state):  # type: ignore[no-untyped-def]
    # A way counts from the instant after its last payment until the window has left that behind.
    out_start, went = outward
    (_, key, reach, _), used = found
    for s in range(used):
        step = went[key[s]]
        a, b = _span(step.time, widths[0], when)
        for k in range(2):
            state[a, 4 + k] += reach[s, 3 * k]
            state[b, 4 + k] -= reach[s, 3 * k]
            state[a, 6 + k] += reach[s, 3 * k + 1]
            state[b, 6 + k] -= reach[s, 3 * k + 1]
        if reach[s, 0] and step.other != own:
            _drop(step, outward, widths, when, state)
    for o in range(out_start[own], out_start[own + 1]):
        _drop(went[o], outward, widths, when, state)
    for k in range(1, len(when)):
        for column in (4, 5, 6, 7, 15):
            state[k, column] += state[k - 1, column]


@kernel
def _drop(step, outward, widths, when, state):  # type: ignore[no-untyped-def]
    # The first payment that would have followed, had others not come between, tells that the limit bit.
    out_start, went = outward
    if step.last < out_start[step.other + 1] and went[step.last].time <= step.time + widths[1]:
        a, b = _span(went[step.last].time, widths[0], when)
        state[a, 15] += 1
        state[b, 15] -= 1


@kernel
def _span(at, window, when):  # type: ignore[no-untyped-def]
    # The instants k in [first, second) with when - window <= at < when.
    edges = (at, at + window)
    lo = 0
    found = (0, 0)
    for i in range(2):
        hi = len(when)
        while lo < hi:
            middle = (lo + hi) // 2
            if when[middle] <= edges[i]:
                lo = middle + 1
            else:
                hi = middle
        found = (found[1], lo)
    return found


@kernel
def _tell(own, asked, when, state, money, out):  # type: ignore[no-untyped-def]
    start, at, row = asked
    k = 0
    for q in range(start[own], start[own + 1]):
        ahead(out, row, q)
        while when[k] < at[q]:
            k += 1
        _write(state[k], row[q], money, -1, out)


@kernel
def _write(values, row, money, but, out):  # type: ignore[no-untyped-def]
    for c in range(len(money)):
        if c != but:
            out[row, c] = values[c] * _GRAIN if money[c] else values[c]
