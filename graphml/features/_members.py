"""Describe communities by their members, and members by their place in their community."""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.exact import less, plus
from graphml.prefetch import ahead
from graphml.stream import Accounts, Out

__all__ = ["bank_order", "describe"]

Pack = tuple[Any, ...]  # of arrays, as the docstring says


def bank_order(bank: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return (N,) the accounts by number of their bank."""
    return np.argsort(bank, kind="stable").astype(np.int32)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def describe(lists: Pack, own: Pack, banks: Pack, member: Accounts, out: Out) -> None:
    """Fill *out* (K, 9): size, banks, inner share, sources, sinks, turnover; bridge share, bridge payments, rank.

    *lists* are start, other, paid, got and value of `Known`; *own* its money and count, and accounts by falling money
    moved; *banks* are (N,) bank, accounts by bank, and number of each account. Money is added exactly.
    """
    start, other, paid, got, value = lists
    money, count, order = own
    k = len(member)
    size, sources, sinks = np.zeros(k, np.int64), np.zeros(k, np.int64), np.zeros(k, np.int64)
    touch, inner = np.zeros((k, 2)), np.zeros((k, 2))
    for v in range(k):
        c = member[v]
        size[c] += 1
        sources[c] += count[v, 1] > 0 and count[v, 0] == 0
        sinks[c] += count[v, 0] > 0 and count[v, 1] == 0
        high = low = cross_high = cross_low = 0.0
        payments = cross = 0
        for e in range(start[v], start[v + 1]):
            ahead(member, other, e)
            high, low = plus(high, low, value[e])
            payments += paid[e] + got[e]
            if member[other[e]] != c:
                cross_high, cross_low = plus(cross_high, cross_low, value[e])
                cross += paid[e] + got[e]
                touch[c, 0], touch[c, 1] = plus(touch[c, 0], touch[c, 1], value[e])
            elif other[e] > v:
                inner[c, 0], inner[c, 1] = plus(inner[c, 0], inner[c, 1], value[e])
                touch[c, 0], touch[c, 1] = plus(touch[c, 0], touch[c, 1], value[e])
        out[v, 6] = (cross_high + cross_low) / (high + low) if high > 0.0 else np.nan
        out[v, 7] = cross / payments if payments else np.nan
    kinds = _banks(banks, member)
    seen, rank, last = np.zeros(k, np.int64), np.zeros(k, np.int64), np.zeros(k)
    for i, v in enumerate(order):
        ahead(member, order, i)
        ahead(money, order, i)
        ahead(out, order, i)
        c, moved = member[v], money[v, 0] + money[v, 1]
        seen[c] += 1
        if seen[c] == 1 or moved < last[c]:
            rank[c], last[c] = seen[c], moved
        out[v, 8] = rank[c]
    for v in range(k):
        c = member[v]
        total = less(touch[c, 0], touch[c, 1], 0.0, 0.0)
        out[v, 0], out[v, 1] = size[c], kinds[c]
        out[v, 2] = less(inner[c, 0], inner[c, 1], 0.0, 0.0) / total if total > 0.0 else np.nan
        out[v, 3], out[v, 4], out[v, 5] = sources[c], sinks[c], total


@numba.njit(cache=True, nogil=True)
def _banks(banks, member):  # type: ignore[no-untyped-def]
    # (K,) different banks of each community.
    bank, order, number = banks
    found, last = np.zeros(len(member), np.int64), np.full(len(member), -1, np.int64)
    for i, a in enumerate(order):
        ahead(number, order, i)
        ahead(bank, order, i)
        if number[a] >= 0:
            c = member[number[a]]
            found[c] += last[c] != bank[a]
            last[c] = bank[a]
    return found
