"""Walk payments in strictly rising time, with amounts that are kept."""

from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphml.cores import over_accounts
from graphml.graph import TransactionGraph
from graphml.kernel import kernel
from graphml.lists import Lists
from graphml.prefetch import SOON, ahead, prefetch
from graphml.ring import Cut
from graphml.typologies._onward import Onward

__all__ = ["Walk", "cycles", "trails"]

Ints = NDArray[np.int64]
Marks = NDArray[np.int32]  # (2, E) 1 + the account from which a payment was followed, or left untried, last
Walked = tuple[Lists, tuple[Cut, ...]]
# What a walk reads of a payment lies together: `more` payments, from place `next` on, can follow it.
STEP = np.dtype([("time", "i8"), ("value", "f8"), ("next", "i8"), ("more", "i4"), ("target", "i4")], align=True)
_ROOM = 1 << 12  # numbers for which there is room at first
# How far the search of a block has come: the payment it is at, how much is told, untried, and counted of that, how much
# was told before the account, and whether its payments are marked.
_ACCOUNT, _FIRST, _FLAT, _UNTRIED, _SETTLED, _BEFORE, _MARKED = range(7)
_SPENT = -2  # told in the place of what is untried: no step is left, and payments are not marked


@dataclass(frozen=True, slots=True)
class Walk:
    """Say which steps a walk may take."""

    name: str  # of the typology
    window: int  # microseconds from first to last payment
    gap: int  # microseconds from one payment to the next
    keep: float  # least ratio of a payment to the one before
    most: float  # largest ratio
    shortest: int  # payments
    longest: int  # payments
    hub_limit: int  # a walk stops at an account with more payments than this to go on with
    steps: int  # most steps from one first payment


def cycles(graph: TransactionGraph, walk: Walk) -> Walked:
    """Return the rows of each cycle in order, and where limits stopped a search."""
    return _run(graph, walk, True)


def trails(graph: TransactionGraph, walk: Walk) -> Walked:
    """Return the rows of each maximal chain in order, and where limits stopped a search."""
    return _run(graph, walk, False)


def _run(graph: TransactionGraph, walk: Walk, closed: bool) -> Walked:
    onward = Onward.of(graph, min(walk.gap, walk.window), walk.hub_limit)
    limits = np.array([walk.window, walk.gap, walk.shortest, walk.longest, walk.hub_limit, walk.steps], np.int64)
    # A walk reads payments by their place among those of all payers, where what an account pays stands together.
    rows = graph.out_rows
    steps = np.empty(len(rows), STEP)
    columns = graph.time, graph.value, onward.spans, graph.target
    over_accounts(
        lambda first, last: _fill(steps, rows, columns, (graph.out_start[first], graph.out_start[last])),
        graph.out_start,
    )
    came = (graph.source, graph.time, graph.value, onward.spans, graph.in_start, graph.in_rows)
    world = (steps, came, (graph.out_start, rows), (graph.lo, graph.hi, walk.keep, walk.most), limits)
    followed = np.zeros(graph.n, np.int64)  # payments that searches from an account followed, less those untried
    found: dict[int, tuple[Ints, Ints]] = {}  # by the first account of a block
    marks: list[Marks] = []  # which no block uses now; those that a block has left mean nothing to another

    def block(first: int, last: int) -> None:
        try:
            mine = marks.pop()
        except IndexError:
            mine = np.zeros((2, len(rows)), np.int32)
        found[first] = _walked(world, closed, (first, last), followed, mine)
        marks.append(mine)

    over_accounts(block, graph.out_start)
    blocks = [found[first] for first in sorted(found)] or [(np.zeros(0, np.int64), np.zeros((0, 2), np.int64))]
    flat, untried = (np.concatenate([one[i] for one in blocks]) for i in range(2))
    untried[:, 1] = rows[untried[:, 1]]
    ends = np.flatnonzero(flat < 0)
    paths = Lists.slices(
        rows[flat], np.stack([np.r_[0, ends[:-1] + 1], ends], axis=1) if len(ends) else np.zeros((0, 2), np.int64)
    )
    return paths, onward.cuts(graph, walk.name) + _spent(graph, walk, untried, followed)


def _spent(graph: TransactionGraph, walk: Walk, untried: Ints, followed: Ints) -> tuple[Cut, ...]:
    order = (
        f"as {walk.name} searches take the earliest payment first and end after {walk.steps:,} steps; "
        "what lies behind the dropped payments is not known"
    )
    cuts = []
    accounts, first = np.unique(untried[:, 0], return_index=True)  # untried is by account
    for account, rows in zip(accounts.tolist(), np.split(untried[:, 1], first)[1:], strict=True):
        kept, value = int(followed[account]), fsum(graph.value[rows].tolist())
        cuts.append(Cut(account, kept + len(rows), kept, len(rows), value, order))
    return tuple(cuts)


def _walked(
    world: Any, closed: bool, block: tuple[int, int], followed: Ints, marks: Marks
) -> tuple[Ints, Ints]:  # fmt: skip
    # The walks from a half-open block of accounts, each with -1 after it, and (account, payment) for which no step was left.
    longest = int(world[-1][3])
    stack, grew = np.empty((3, longest), np.int64), np.empty(longest, np.bool_)
    scratch = (stack[0], stack[1], stack[2], grew, marks[0], marks[1], followed)
    flat, untried = np.empty(_ROOM, np.int64), np.empty((_ROOM, 2), np.int64)
    state = np.array([block[0], -1, 0, 0, 0, 0, 0], np.int64)
    while not _walk(world, closed, block, (flat, untried), state, scratch):  # a search that found no room begins again
        flat, untried = (np.concatenate([one, np.empty_like(one)]) for one in (flat, untried))
    return flat[: state[_FLAT]].copy(), untried[: state[_UNTRIED]].copy()


@kernel
def _fill(steps, rows, columns, part):  # type: ignore[no-untyped-def]
    time, value, spans, target = columns
    for i in range(part[0], part[1]):
        ahead(time, rows, i)
        ahead(value, rows, i)
        ahead(spans, rows, i)
        ahead(target, rows, i)
        row, step = rows[i], steps[i]
        step.time, step.value, step.target = time[row], value[row], target[row]
        step.next, step.more = spans[row, 0], spans[row, 1] - spans[row, 0]


@kernel
def _grows_back(world, path, length):  # type: ignore[no-untyped-def]
    # Whether a payment can be put before the chain, the first *length* of *path*, so that the chain is part of a longer one.
    steps, came, (_out_start, out_rows), bounds, limits = world
    source, time, value, spans, in_start, in_rows = came
    lo, _hi, keep, most = bounds
    window, gap, hub = limits[0], limits[1], limits[4]
    first = out_rows[path[0]]
    account, last = source[first], steps[path[length - 1]].time
    for i in range(in_start[account], in_start[account + 1]):
        row = in_rows[i]
        if row >= first:
            break
        if row < lo or time[row] >= time[first] or time[first] - time[row] > gap:
            continue
        if last - time[row] > window or source[row] == account:
            continue
        if not keep * value[row] <= value[first] <= most * value[row]:
            continue
        fresh = spans[row, 1] - spans[row, 0] <= hub
        for k in range(length):
            fresh = fresh and steps[path[k]].target != source[row]
        if fresh:
            return True
    return False


@kernel
def _put(path, length, out, used):  # type: ignore[no-untyped-def]
    # Add the walk to *out*; return how much of it is used then, -1: there is no room.
    if used + length + 1 > len(out):
        return -1
    for i in range(length):
        out[used + i] = path[i]
    out[used + length] = -1
    return used + length + 1


@kernel
def _search(world, closed, origin, first, until, out, used, scratch):  # type: ignore[no-untyped-def]
    # Put into the first of *out* the walks of account *origin* from one first payment to the time *until*, into the second
    # the payments for which no step was left; payments are places among those of all payers. *used* is how much of each is
    # used, and whether payments are marked; told by how much it is then, -1 where there is no room, _SPENT where no step is
    # left and none is marked.
    steps, _came, _out, bounds, limits = world
    _lo, _hi, keep, most = bounds
    _window, _gap, shortest, longest, hub, room = limits
    path, at, end, grew, seen, missed, followed = scratch
    flat, untried = out
    told, left, marked = used
    depth, taken, enter = 0, 0, True
    path[0] = first
    while depth >= 0:
        row = path[depth]
        if enter:
            step = steps[row]
            at[depth], grew[depth], enter = step.next, False, False
            end[depth] = step.next + (step.more if step.more <= hub else 0)  # within the gap
        if depth + 1 >= longest or at[depth] >= end[depth] or steps[at[depth]].time > until:
            ended = not closed and not grew[depth] and depth + 1 >= shortest
            if ended and (depth + 1 >= longest or not _grows_back(world, path, depth + 1)):
                told = _put(path, depth + 1, flat, told)
                if told < 0:
                    return told, left
            depth -= 1
            continue
        onward = at[depth]
        at[depth] += 1
        if onward + 1 < end[depth]:
            prefetch(steps, steps[onward + 1].next)
        if not keep * steps[row].value <= steps[onward].value <= most * steps[row].value:
            continue
        payee = steps[onward].target
        if payee == origin and closed and depth + 2 >= shortest:
            path[depth + 1] = onward
            told = _put(path, depth + 2, flat, told)
            if told < 0:
                return told, left
        fresh = payee != origin
        for i in range(depth + 1):
            fresh = fresh and steps[path[i]].target != payee
        if not fresh:
            continue
        grew[depth] = True  # also where no step is left: the walk could go on, so it is not maximal
        if taken < room:
            if marked:
                followed[origin] += seen[onward] != origin + 1
                seen[onward] = origin + 1
            taken, depth, enter = taken + 1, depth + 1, True
            path[depth] = onward
        elif not marked:
            return told, _SPENT
        elif missed[onward] != origin + 1:
            if left == len(untried):
                return told, -1
            missed[onward] = origin + 1
            untried[left, 0], untried[left, 1] = origin, onward
            left += 1
    return told, left


@kernel
def _walk(world, closed, block, out, state, scratch):  # type: ignore[no-untyped-def]
    # Search from the payments of a block of accounts, from the one on that *state* names; return whether that was the last.
    steps, came, (out_start, out_rows), bounds, limits = world
    when, in_start, in_rows = came[1], came[4], came[5]
    lo, hi, window, shortest, hub = bounds[0], bounds[1], limits[0], limits[2], limits[4]
    seen, followed = scratch[4], scratch[6]
    account = state[_ACCOUNT]
    while account < block[1]:
        first, back = max(state[_FIRST], out_start[account]), in_start[account]
        while first < out_start[account + 1]:
            if first + SOON < len(steps):
                prefetch(steps, steps[first + SOON].next)
            step, until = steps[first], steps[first].time
            # Nothing follows where there is no more, and the limit stops it where there is too much.
            if (0 < step.more <= hub or shortest == 1) and lo <= out_rows[first] < hi and step.target != account:
                until += window
                if closed:  # it is over with the last payment that comes back in time
                    while back < in_start[account + 1] and in_rows[back] < hi and when[in_rows[back]] <= until:
                        ahead(when, in_rows, back)
                        back += 1
                    until = when[in_rows[back - 1]] if back > in_start[account] else step.time
            if until > step.time:
                used = state[_FLAT], state[_UNTRIED], state[_MARKED]
                told, left = _search(world, closed, account, first, until, out, used, scratch)
                if left == _SPENT:  # few accounts run out of steps: only then marks are made, and searches begin again
                    state[_MARKED], state[_FLAT] = 1, state[_BEFORE]
                    first, back = out_start[account], in_start[account]
                    continue
                # What is untried has its mark and is not told again, so it stays, also where there is no room.
                state[_UNTRIED] = left if left >= 0 else len(out[1])
                if told < 0 or left < 0:
                    state[_ACCOUNT], state[_FIRST] = account, first
                    return False
                state[_FLAT] = told
            first += 1
        for i in range(state[_SETTLED], state[_UNTRIED]):  # each once; dropped also where another search followed it
            followed[account] -= seen[out[1][i, 1]] == account + 1
        state[_SETTLED], state[_BEFORE], state[_MARKED] = state[_UNTRIED], state[_FLAT], 0
        account += 1
    return True
