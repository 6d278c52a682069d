"""Follow money backwards: what share of a payment came in shortly before, how old it is, over how many accounts it went."""

import numpy as np

from graphml.exact import fixed_product, less, plus
from graphml.kernel import kernel
from graphml.prefetch import SOONER, ahead, prefetch
from graphml.stream import Accounts, Floats, Ints
from graphml.window import DAY, HOUR

__all__ = ["carried"]

_WINDOW = 8 * DAY
_LEAST = 1e-6  # reference currency; less than it is nothing

# `run` (L+N, 8), before each lot in of each account, and after its last: value, value x hours of arrival, value x hops,
# value x hours of origin; each a double-double.


def carried(
    ends: tuple[Accounts, Accounts],
    rows: tuple[Ints, Floats],
    arrived: tuple[Ints, Ints, Floats, Accounts],
    paid: tuple[Floats, Accounts],
    before: tuple[Ints, Floats, Floats],
) -> tuple[Floats, Floats, Ints, Floats]:
    """Return (E, 4): covered share, hours held, hops, hours since the origin; NaN for a payment to oneself.

    Also return what the next rows need: (L, 4) of each lot in that they can use its value x hops and its value x hours
    of origin, two double-doubles; (N, 2) the first of these lots and one past the last; (N,) what is used of the first.

    *ends* is (payer, payee), *rows* (time, value) in order of time; *arrived* holds start, time and value of the lots
    in and the lot of each row, *paid* the value of the lots out and the lot of each row. Each row is told as if it
    were the only one of its instant; after it the payer has paid them all. *before* is what rows before these have left:
    how many lots can still be used (N,), what is used of the first (N,), and the second result for those lots.
    """
    lots, n = len(arrived[1]), len(arrived[0]) - 1
    result = np.full((len(rows[0]), 4), np.nan)
    run, mix = np.empty((lots + n, 8)), np.empty((lots, 4))
    state, gone, settled = np.empty((n, 2), np.int64), before[1].copy(), np.full(n, -1, np.int64)
    _carry(ends, rows, arrived, paid, (before[0], before[2]), (result, run, mix, state, gone, settled))
    return result, mix, state, gone


@kernel
def _carry(ends, rows, arrived, paid, before, found):  # type: ignore[no-untyped-def]
    (source, target), (time, value), (start, lot_time, lot_value, lot_of) = ends, rows, arrived
    result, run, mix, state, gone, settled = found
    n = len(start) - 1
    begin = time[0] if len(time) else np.iinfo(np.int64).max
    first = given = 0
    for own in range(n):
        last = start[own]
        while last < start[own + 1] and lot_time[last] < begin:
            last += 1
        state[own, :] = last - before[0][own]
        run[state[own, 1] + own, :] = 0.0
        for j in range(last, start[own + 1]):
            mix[j, :] = 0.0
        for _ in range(before[0][own]):
            for c in range(4):
                mix[state[own, 1], c] = before[1][given, c]
            given += 1
            _arrive(run, mix, (state[own], own), lot_time, lot_value)
    while first < len(time):
        last = first
        while last < len(time) and time[last] == time[first]:
            own = source[last]
            ahead(state, source, last)
            ahead(state, target, last)
            ahead(gone, source, last)
            _ask_lots(run, mix, lot_of, (source, target), state, last + SOONER)
            if own != target[last]:
                _drop(state[own], gone, own, lot_time, time[first] - _WINDOW)
                _tell(result[last], run, (own, state[own], gone[own]), (time[last], value[last]))
            last += 1
        for i in range(first, last):
            own, lot = source[i], paid[1][i]
            if lot < 0:
                continue
            if settled[own] != lot:
                settled[own] = lot
                _pay(state[own], gone, own, lot_value, paid[0][lot])
            m = mix[lot_of[i]]
            m[0], m[1] = plus(m[0], m[1], fixed_product(value[i], result[i, 2]))
            m[2], m[3] = plus(m[2], m[3], fixed_product(value[i], time[i] / HOUR - result[i, 3]))
        for i in range(first, last):
            j, own = lot_of[i], target[i]
            if j >= 0 and state[own, 1] == j:
                _arrive(run, mix, (state[own], own), lot_time, lot_value)
        first = last
    for own in range(n if len(time) else 0):
        _drop(state[own], gone, own, lot_time, time[-1] + 1 - _WINDOW)


@kernel
def _ask_lots(run, mix, lot_of, ends, state, place):  # type: ignore[no-untyped-def]
    # Begin to load the lots that a payment takes from and the one that it brings.
    if place < len(lot_of):
        own, other = ends[0][place], ends[1][place]
        prefetch(run, state[own, 0] + own)
        prefetch(run, state[own, 1] + own)
        prefetch(run, state[other, 1] + other)
        if lot_of[place] >= 0:
            prefetch(mix, lot_of[place])


@kernel
def _arrive(run: Floats, mix: Floats, whose: tuple[Ints, int], time: Ints, value: Floats) -> None:
    state, own = whose
    j, k = state[1], state[1] + own
    run[k + 1, 0], run[k + 1, 1] = plus(run[k, 0], run[k, 1], value[j])
    run[k + 1, 2], run[k + 1, 3] = plus(run[k, 2], run[k, 3], fixed_product(value[j], time[j] / HOUR))
    for c in range(2):
        high, low = plus(run[k, 4 + 2 * c], run[k, 5 + 2 * c], mix[j, 2 * c])
        run[k + 1, 4 + 2 * c], run[k + 1, 5 + 2 * c] = plus(high, low, mix[j, 2 * c + 1])
    state[1] = j + 1


@kernel
def _drop(state: Ints, gone: Floats, own: int, time: Ints, since: int) -> None:
    while state[0] < state[1] and time[state[0]] < since:
        state[0] += 1
        gone[own] = 0.0


@kernel
def _pay(state: Ints, gone: Floats, own: int, value: Floats, wanted: float) -> None:
    while state[0] < state[1] and wanted > 0:
        used = min(wanted, value[state[0]] - gone[own])
        gone[own] += used
        wanted -= used
        if gone[own] < value[state[0]]:
            break
        state[0] += 1
        gone[own] = 0.0


@kernel
def _tell(o: Floats, run: Floats, queue: tuple[int, Ints, float], payment: tuple[int, float]) -> None:
    own, state, gone = queue
    now, wanted = payment
    head, end = state[0] + own, state[1] + own  # slots of `run`
    have = less(run[end, 0], run[end, 1], run[head, 0], run[head, 1]) - gone
    hours = now / HOUR
    if wanted <= _LEAST or have <= _LEAST:
        o[0], o[2], o[3] = 0.0, 0.0, 0.0
        return
    used = min(wanted, have)
    lo, hi = head, end - 1  # the last lot that is touched
    while lo < hi:
        middle = (lo + hi) // 2
        if less(run[middle + 1, 0], run[middle + 1, 1], run[head, 0], run[head, 1]) - gone >= used:
            hi = middle
        else:
            lo = middle + 1
    tail = used - (less(run[lo, 0], run[lo, 1], run[head, 0], run[head, 1]) - gone)  # of the last lot
    when = _sum(run, (head, lo), 2, (gone, tail))
    hops = _sum(run, (head, lo), 4, (gone, tail))
    origin = _sum(run, (head, lo), 6, (gone, tail))
    o[0] = used / wanted
    o[1] = max(hours - when / used, 0.0)
    o[2] = max((used + hops) / wanted, 0.0)
    o[3] = max((hours * used - origin) / wanted, 0.0)


@kernel
def _sum(run: Floats, lots: tuple[int, int], c: int, parts: tuple[float, float]) -> float:
    # The sum over the lots from the first, less what is gone of it, to `tail` of the last.
    head, last = lots
    whole = less(run[last, c], run[last, c + 1], run[head, c], run[head, c + 1])
    return float(whole - parts[0] * _rate(run, head, c) + parts[1] * _rate(run, last, c))


@kernel
def _rate(run: Floats, k: int, c: int) -> float:
    worth = less(run[k + 1, 0], run[k + 1, 1], run[k, 0], run[k, 1])
    return float(less(run[k + 1, c], run[k + 1, c + 1], run[k, c], run[k, c + 1]) / worth) if worth > 0 else 0.0
