"""Count walks of payments in strictly rising time, and those that come back to where they began."""

import numba
import numpy as np

from graphml.features._side import Accounts, Columns, Ints

__all__ = ["ending", "leaving", "steps"]

# `side` is (start, other, time, value) of `Side.columns` without payments to oneself; positions index its columns.


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _first_at(time: Ints, lo: int, hi: int, bound: int) -> int:
    # The first position in [lo, hi) that is not earlier than bound.
    while lo < hi:
        middle = (lo + hi) // 2
        if time[middle] < bound:
            lo = middle + 1
        else:
            hi = middle
    return lo


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def steps(inward: Columns, gap: int) -> Ints:
    """Return (P, 2): for each payment in, the range of payments into its payer that it may follow."""
    start, other, time, _value = inward
    result = np.empty((len(other), 2), np.int64)
    for p in range(len(other)):
        lo, hi = start[other[p]], start[other[p] + 1]
        result[p, 0] = _first_at(time, lo, hi, time[p] - gap)
        result[p, 1] = _first_at(time, result[p, 0], hi, time[p])
    return result


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _paid(outward: Columns, ends: tuple[int, int], since: int, until: int) -> int:
    # How many payments go from ends[0] to ends[1] in [since, until); outward is by account, counterparty, time.
    start, other, time, _value = outward
    edges = [since, until]
    found = [np.int64(0), np.int64(0)]
    for i in range(2):
        lo, hi = start[ends[0]], start[ends[0] + 1]
        while lo < hi:
            middle = (lo + hi) // 2
            if other[middle] < ends[1] or (other[middle] == ends[1] and time[middle] < edges[i]):
                lo = middle + 1
            else:
                hi = middle
        found[i] = lo
    return int(found[1] - found[0])


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def ending(inward: Columns, pairs: Columns, outward: Columns, back: Ints, limits: tuple[int, int]) -> Ints:
    """Return (P, 4) for each payment in: walks of 2 and of 3 that end with it, returns it closes, whether cut.

    *pairs* is the side out by account, counterparty, time; *back* is what `steps` gives; *limits* is (gap, hub).
    """
    start, other, time, _value = inward
    gap = limits[0]
    result = np.zeros((len(other), 4), np.int64)
    two = np.zeros(len(other) + 1, np.int64)
    for p in range(len(other)):
        result[p, 0] = back[p, 1] - back[p, 0]
        two[p + 1] = two[p] + result[p, 0]
    for owner in range(len(start) - 1):
        for p in range(start[owner], start[owner + 1]):
            result[p, 1] = two[back[p, 1]] - two[back[p, 0]]
            lo, hi = outward[0][owner], outward[0][owner + 1]
            early = _first_at(outward[2], lo, hi, time[p] - 3 * gap)
            if early < hi and outward[2][early] < time[p]:
                result[p, 2], result[p, 3] = _returns(inward, pairs, back, limits, (owner, p))
    return result


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _returns(
    inward: Columns, pairs: Columns, back: Ints, limits: tuple[int, int], asked: tuple[int, int]
) -> tuple[int, bool]:
    _start, other, time, _value = inward
    gap, hub = limits
    origin, p = asked
    found = _paid(pairs, (origin, other[p]), time[p] - gap, time[p])
    cut = back[p, 1] - back[p, 0] > hub
    for i in range(max(back[p, 0], back[p, 1] - hub), back[p, 1]):
        if other[i] == origin:
            continue
        found += _paid(pairs, (origin, other[i]), time[i] - gap, time[i])
        cut |= back[i, 1] - back[i, 0] > hub
        for j in range(max(back[i, 0], back[i, 1] - hub), back[i, 1]):
            found += _paid(pairs, (origin, other[j]), time[j] - gap, time[j])  # none where the origin itself paid
    return found, cut


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def leaving(outward: Columns, account: Accounts, at: Ints, limits: tuple[int, int, int]) -> Ints:
    """Return (M, 3): walks of 2 and of 3 that leave *account* in the window before *at* and end before it, whether cut.

    *limits* is (window, gap, hub).
    """
    start, other, time, _value = outward
    window, gap, hub = limits
    result = np.zeros((len(account), 3), np.int64)
    for q in range(len(account)):
        end = start[account[q] + 1]
        first = _first_at(time, start[account[q]], end, at[q] - window)
        for p in range(first, _first_at(time, first, end, at[q])):
            lo, hi = start[other[p]], start[other[p] + 1]
            lo = _first_at(time, lo, hi, time[p] + 1)
            hi = _first_at(time, lo, hi, min(time[p] + gap + 1, at[q]))
            result[q, 0] += hi - lo
            if hi - lo > hub:
                result[q, 2] = 1
            for i in range(lo, min(hi, lo + hub)):
                last = start[other[i] + 1]
                low = _first_at(time, start[other[i]], last, time[i] + 1)
                result[q, 1] += _first_at(time, low, last, min(time[i] + gap + 1, at[q])) - low
    return result
