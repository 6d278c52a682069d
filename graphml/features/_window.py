"""Slide several windows, all ending at one instant, over the payments of an account on one side."""

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.exact import fixed, fixed_product, less, plus, spread
from graphml.kernel import kernel
from graphml.prefetch import SOON, ahead, prefetch
from graphml.stream import Accounts, Columns, Floats, Ints

__all__ = ["STATS", "room", "statistics"]

STATS = 9  # count, sum, mean, deviation, largest, smallest, parties, banks, currencies
_MOST = np.float32(np.finfo(np.float32).max)

# Of the account that is walked: `at` (W,) first entries of the windows; `distinct` (W, 3) how many parties, banks and
# currencies they hold; `run` (., 4) running sums of values and squares in double-double, one more than entries; two
# `stacks` of entries whose amounts fall (rise) from bottom to top, `tops` their heights, `feet` (W, 2) the lowest that
# is inside each window: its largest (smallest).
Memory = tuple[tuple[Accounts, Accounts, Accounts], Floats, Ints, Ints, Ints, Ints, Ints]


def room(start: Ints, windows: int, block: tuple[int, int]) -> Memory:
    """Return the memory to walk the accounts of *block* with, whose entries begin at *start*."""
    n, most = len(start), int(np.diff(start[block[0] : block[1] + 1]).max(initial=0))
    last = np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.full(1 << 16, -1, np.int32)  # party, bank, currency
    run, stacks, at = np.zeros((most + 1, 4)), np.zeros((2, most + 1), np.int64), np.zeros(windows, np.int64)
    distinct, feet = np.zeros((windows, 3), np.int64), np.zeros((windows, 2), np.int64)
    return last, run, stacks, at, distinct, np.zeros(2, np.int64), feet


@kernel
def statistics(
    side: Columns,
    kinds: tuple[Accounts, NDArray[np.int16]],
    ever: tuple[Ints, Floats, Floats, Ints, NDArray[np.bool_]],
    asked: tuple[tuple[Ints, Ints, Ints], Ints],
    block: tuple[int, int],
    memory: Memory,
    out: NDArray[np.float32],
) -> None:
    """Write the statistics of each window, `STATS` columns each, at each asked instant of the accounts of *block*.

    *out* (., ends, F) has the output rows of `asked` in turn: row 0 of end 0, of end 1, row 1 of end 0 ...
    *memory* is of `room`; *kinds* are the bank of each account and the currency of each entry; *ever* what `Ever` holds of earlier rows, which
    is in the last window alone; *asked* (start, at, row) and the widths of the windows, ascending, in microseconds.
    """
    (start, _, time, value), (count, total, extremes, seen, known) = side, ever
    (q_start, q_at, q_row), widths = asked
    turns = out.shape[1]
    last, run, stacks, at, distinct, tops, feet = memory
    for own in range(block[0], block[1]):
        if q_start[own] == q_start[own + 1]:
            continue
        hi = begin = start[own]
        for k in range(len(widths)):  # what no window reaches any more at the first instant is in none
            at[k] = begin + np.searchsorted(time[begin : start[own + 1]], q_at[q_start[own]] - widths[k])
        distinct[:], tops[:], feet[:] = 0, 0, 0
        for c in range(3):
            distinct[-1, c] = seen[own, c]
        for c in range(4):
            run[0, c] = total[own, c]
        for q in range(q_start[own], q_start[own + 1]):
            if q + SOON < len(q_row):
                for c in range(0, out.shape[2], 16):
                    prefetch(out, (q_row[q + SOON] // turns, q_row[q + SOON] % turns, c))
            row, end = q_row[q] // turns, q_row[q] % turns
            if q > q_start[own] and q_at[q - 1] == q_at[q]:
                before, its = q_row[q - 1] // turns, q_row[q - 1] % turns
                for c in range(out.shape[2]):
                    out[row, end, c] = out[before, its, c]
                continue
            hi = _advance(side, kinds, known, last, (own, hi, q_at[q]), widths, (at, distinct, run, stacks, tops, feet))
            _tell(out, (row, end), (begin, hi), (count[own], extremes[own]), (at, distinct, run, stacks, feet), value)


@numba.njit(cache=True, inline="always")
def _advance(side, kinds, known, last, step, widths, state):  # type: ignore[no-untyped-def]
    # Takes in the entries from `hi` on that are earlier than `until`, lets old ones go, and returns the new `hi`.
    (start, other, time, value), (bank, currency), (own, hi, until) = side, kinds, step
    at, distinct, run, stacks, tops, feet = state
    begin, end, w = start[own], start[own + 1], len(widths)
    near = w - 1  # the shortest window that holds the entry
    low_0, low_1 = tops[0], tops[1]  # how far down the stacks were taken: what stands above is new
    while hi < end and time[hi] < until:
        i, v, party = hi - begin, fixed(value[hi]), other[hi]
        ahead(last[0], other, hi)
        ahead(bank, other, hi)
        while near > 0 and at[near - 1] <= hi:
            near -= 1
        run[i + 1, 0], run[i + 1, 1] = plus(run[i, 0], run[i, 1], v)
        run[i + 1, 2], run[i + 1, 3] = plus(run[i, 2], run[i, 3], fixed_product(v, v))
        if party != own:
            _meet(last[0], party, (begin, end, hi, near), at, distinct, 0, known[hi, 0])
        _meet(last[1], bank[party], (begin, end, hi, near), at, distinct, 1, known[hi, 1])
        _meet(last[2], currency[hi], (begin, end, hi, near), at, distinct, 2, known[hi, 2])
        while tops[0] > 0 and value[stacks[0, tops[0] - 1]] <= value[hi]:
            tops[0] -= 1
        while tops[1] > 0 and value[stacks[1, tops[1] - 1]] >= value[hi]:
            tops[1] -= 1
        low_0, low_1 = min(low_0, tops[0]), min(low_1, tops[1])
        stacks[0, tops[0]] = stacks[1, tops[1]] = hi
        tops += 1
        hi += 1
    for k in range(w):
        lo = at[k]
        while lo < hi and time[lo] < until - widths[k]:
            if other[lo] != own:
                distinct[k, 0] -= last[0][other[lo]] == lo
            distinct[k, 1] -= last[1][bank[other[lo]]] == lo
            distinct[k, 2] -= last[2][currency[lo]] == lo
            lo += 1
        at[k] = lo
        for s in range(2):
            foot = min(feet[k, s], low_0 if s == 0 else low_1)
            while foot < tops[s] and stacks[s, foot] < lo:
                foot += 1
            feet[k, s] = foot
    return hi


@numba.njit(cache=True, inline="always")
def _meet(last, kind, place, at, distinct, which, known):  # type: ignore[no-untyped-def]
    # A kind is new to a window that does not reach back to the latest entry of the kind.
    begin, end, hi, near = place
    before = last[kind]
    last[kind] = hi
    if before < begin or before >= end:  # of another account
        before = np.int64(-1)
    for k in range(near, len(at) - 1):
        distinct[k, which] += before < at[k]
    distinct[-1, which] += before < 0 and not known


@numba.njit(cache=True, inline="always")
def _tell(out, place, span, ever, state, value):  # type: ignore[no-untyped-def]
    (row, end), (begin, hi), (count_before, extremes), (at, distinct, run, stacks, feet) = place, span, ever, state
    top, w = hi - begin, len(at)
    for k in range(w):
        c, lo, every = k * STATS, at[k] - begin, k == w - 1
        if k and at[k] == at[k - 1] and not (every and count_before):  # the same payments as in the shorter window
            for i in range(STATS):
                out[row, end, c + i] = out[row, end, c - STATS + i]
            continue
        count = top - lo + (count_before if every else 0)
        total = run[top, 0] if every else less(run[top, 0], run[top, 1], run[lo, 0], run[lo, 1])
        out[row, end, c] = count
        out[row, end, c + 1] = min(total, _MOST)
        if count:
            squares = run[top, 2] if every else less(run[top, 2], run[top, 3], run[lo, 2], run[lo, 3])
            out[row, end, c + 2] = min(total / count, _MOST)
            out[row, end, c + 3] = min(spread(count, total, squares), _MOST)
            largest = value[stacks[0, feet[k, 0]]] if top > lo else -np.inf
            smallest = value[stacks[1, feet[k, 1]]] if top > lo else np.inf
            out[row, end, c + 4] = min(max(largest, extremes[0]) if every else largest, _MOST)
            out[row, end, c + 5] = min(min(smallest, extremes[1]) if every else smallest, _MOST)
        else:
            out[row, end, c + 2] = out[row, end, c + 3] = out[row, end, c + 4] = out[row, end, c + 5] = np.nan
        out[row, end, c + 6], out[row, end, c + 7], out[row, end, c + 8] = (
            distinct[k, 0],
            distinct[k, 1],
            distinct[k, 2],
        )
