"""Match what an account paid with what it had got, first in first out, each part of a lot once."""

import numba
import numpy as np

from graphml.exact import fixed_product, less, plus
from graphml.kernel import kernel
from graphml.prefetch import ahead
from graphml.stream import Floats, Ints, Out
from graphml.window import DAY, HOUR

__all__ = ["LotColumns", "pass_through", "queues", "room"]

LotColumns = tuple[Ints, Ints, Floats]  # start, time, value of `Lots`

_WINDOW = 8 * DAY
_LEAST = 1e-6  # reference currency; less than it is nothing

# `run` (., 12), before each lot: value, value x hours of arrival, then of settled lots what was taken within 1, 4 and 8
# days, and taken x hours held; each a double-double. `touched`, before each lot: settled lots of which something left.
# `part` (4,): of the lot at the head, what is gone within 1, 4, 8 days, and gone x hours held.


def room(
    arrived: LotColumns, paid: LotColumns, block: tuple[int, int]
) -> tuple[Floats, Floats, Ints, Ints]:  # fmt: skip
    """Return the memory to walk the accounts of *block* with."""
    most = max(int(np.diff(start[block[0] : block[1] + 1]).max(initial=0)) for start in (arrived[0], paid[0])) + 1
    return np.zeros((most, 12)), np.zeros(4), np.zeros(most, np.int64), np.zeros(most, np.int64)


@kernel
def pass_through(
    arrived: LotColumns,
    paid: LotColumns,
    before: tuple[Ints, Floats, Floats],
    asked: tuple[Ints, Ints, Ints],
    block: tuple[int, int],
    memory: tuple[Floats, Floats, Ints, Ints],
    out: Out,
) -> None:
    """Fill *out* for the accounts of *block*, in the order of `Flow.of_accounts`.

    *before* is what is left of rows that are gone: how many of the lots in are theirs (N,), what is gone of the first
    lot (N, 4), and all that was received and paid (N, 4), two double-doubles.
    """
    in_start, in_time, in_value = arrived
    out_start, out_time, out_value = paid
    start, at, row = asked
    old, part_before, ever = before
    run, part, touched, bare = memory
    for own in range(block[0], block[1]):
        begin, end, first = in_start[own], in_start[own + 1], out_start[own]
        head = lo = hi = begin
        since = done = first
        got, got_rest, spent, rest = ever[own]
        for k in range(4):
            part[k] = part_before[own, k]
        for q in range(start[own], start[own + 1]):
            ahead(out, row, q)
            t = at[q]
            if q > start[own] and at[q - 1] == t:
                for c in range(out.shape[1]):
                    out[row[q], c] = out[row[q - 1], c]
                continue
            while hi < end and in_time[hi] < t:
                j = hi - begin
                run[j + 1, 0], run[j + 1, 1] = plus(run[j, 0], run[j, 1], in_value[hi])
                hours = fixed_product(in_value[hi], in_time[hi] / HOUR)
                run[j + 1, 2], run[j + 1, 3] = plus(run[j, 2], run[j, 3], hours)
                if j >= old[own]:
                    got, got_rest = plus(got, got_rest, in_value[hi])
                hi += 1
            while done < out_start[own + 1] and out_time[done] < t:
                payment = out_time[done], out_value[done]
                head, short = _take((begin, end, in_time, in_value), payment, head, part, run, touched)
                bare[done - first + 1] = bare[done - first] + (short == payment[1] > 0)
                spent, rest = plus(spent, rest, payment[1])
                done += 1
            while lo < hi and in_time[lo] < t - _WINDOW:
                lo += 1
            while since < done and out_time[since] < t - _WINDOW:
                since += 1
            r = row[q]
            _moved(out, r, (begin, lo, hi, head), part, run, touched)
            out[r, 7] = _age((begin, lo, hi, head), in_time, part, run, t)
            out[r, 10] = bare[done - first] - bare[since - first]
            out[r, 5] = less(got, got_rest, spent, rest)
            out[r, 6] = got + spent
            out[r, 4] = out[r, 5] / max(got, spent) if got + spent > 0 else np.nan


@numba.njit(cache=True, inline="always")  # type: ignore[untyped-decorator]
def _take(
    lots: tuple[int, int, Ints, Floats], payment: tuple[int, float], head: int, part: Floats, run: Floats, touched: Ints
) -> tuple[int, float]:
    # Lots before `head` are settled, those after it are whole. Returns the new head and what stayed uncovered.
    begin, end, time, value = lots
    now, wanted = payment
    while head < end and time[head] < now:
        held = now - time[head]
        used = min(wanted, value[head] - part[2]) if held <= _WINDOW else 0.0
        if used > 0:
            part[0] += used if held <= DAY else 0.0
            part[1] += used if held <= 4 * DAY else 0.0
            part[2] += used
            part[3] += used * (held / HOUR)
            wanted -= used
        if held <= _WINDOW and part[2] < value[head]:
            break
        j = head - begin
        for k in range(4):
            run[j + 1, 4 + 2 * k], run[j + 1, 5 + 2 * k] = plus(run[j, 4 + 2 * k], run[j, 5 + 2 * k], part[k])
        touched[j + 1] = touched[j] + (part[2] > 0)
        part[:] = 0.0
        head += 1
    return head, wanted


@numba.njit(cache=True, inline="always")  # type: ignore[untyped-decorator]
def _moved(out: Out, r: int, ends: tuple[int, int, int, int], part: Floats, run: Floats, touched: Ints) -> None:
    begin, lo, hi, head = ends
    top, low, settled = hi - begin, lo - begin, head - begin
    least, own = min(low, settled), lo <= head
    came = less(run[top, 0], run[top, 1], run[low, 0], run[low, 1])
    for k in range(4):
        c = 4 + 2 * k
        gone = less(run[settled, c], run[settled, c + 1], run[least, c], run[least, c + 1]) + (part[k] if own else 0.0)
        if k < 3:
            out[r, k] = gone / came if came > 0 else np.nan
            left = gone
        else:
            out[r, 3] = gone / left if left > 0 else np.nan
    out[r, 9] = touched[settled] - touched[least] + (own and part[2] > 0)
    out[r, 8] = (hi - lo) - out[r, 9]


@numba.njit(cache=True, inline="always")  # type: ignore[untyped-decorator]
def _age(ends: tuple[int, int, int, int], time: Ints, part: Floats, run: Floats, now: int) -> float:
    begin, lo, hi, head = ends
    first = max(lo, head)
    if first == hi:
        return np.nan
    top, low = hi - begin, first - begin
    gone = part[2] if first == head else 0.0
    left = less(run[top, 0], run[top, 1], run[low, 0], run[low, 1]) - gone
    when = less(run[top, 2], run[top, 3], run[low, 2], run[low, 3]) - gone * (time[first] / HOUR)
    return now / HOUR - when / left if left > _LEAST else np.nan


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def queues(arrived: LotColumns, paid: LotColumns, before: Floats, edge: int) -> tuple[Ints, Floats]:
    """Return (N,) the first lot of each account that can still be used at *edge* or later, and (N, 4) what is gone of it.

    *before* (N, 4) is what was gone of the first lot at the beginning.
    """
    in_start, in_time, in_value = arrived
    out_start, out_time, out_value = paid
    n, most = len(in_start) - 1, 0
    for own in range(n):
        most = max(most, in_start[own + 1] - in_start[own])
    run, touched = np.zeros((most + 1, 12)), np.zeros(most + 1, np.int64)
    heads, parts = in_start[:-1].copy(), before.copy()
    for own in range(n):
        lots = (in_start[own], in_start[own + 1], in_time, in_value)
        for i in range(out_start[own], out_start[own + 1]):
            if out_time[i] < edge:
                payment = out_time[i], out_value[i]
                heads[own], _ = _take(lots, payment, heads[own], parts[own], run, touched)
        while heads[own] < in_start[own + 1] and in_time[heads[own]] < edge - _WINDOW:
            heads[own] += 1
            parts[own] = 0.0
    return heads, parts
