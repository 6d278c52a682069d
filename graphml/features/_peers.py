"""Rank accounts among their peers: groups that widen until they are large enough."""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.prefetch import ahead
from graphml.stream import Accounts, Floats, Ints, Out

__all__ = ["TENTHS", "grouped", "ranks"]

Pack = tuple[Any, ...]  # of arrays, as the docstring says

TENTHS = 10


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def grouped(static: NDArray[np.int32], account: Accounts, tenth: Ints, least: int) -> Pack:
    """Return (K, W) the groups of each account, (K,) the first that gives it *least* peers, else the last, (K,) peers.

    *static* (N, W) are the groups of all accounts before they are split by *tenth*, -1 for those too small to be of
    use; the last is everyone. Groups that nobody is compared in become -1, the others are numbered from 0.
    """
    k, w = len(account), static.shape[1]
    base = np.zeros(w + 1, np.int64)
    for i in range(w):
        base[i + 1] = base[i] + (static[:, i].max() + 1) * TENTHS if k else base[i]
    group, size = np.empty((k, w), np.int32), np.zeros(base[w] + 1, np.int64)
    for v in range(k):
        for i in range(w):
            own = static[account[v], i]
            group[v, i] = -1 if own < 0 else base[i] + own * TENTHS + (tenth[v] if i < w - 1 else 0)
            if own >= 0:
                size[group[v, i]] += 1
    width, peers = np.empty(k, np.int8), np.empty(k, np.int64)
    number = np.full(len(size), -1, np.int32)
    used = 0
    for v in range(k):
        for i in range(w):
            g = group[v, i]
            if g >= 0 and (size[g] > least or i == w - 1):
                width[v], peers[v] = i, size[g] - 1
                if number[g] < 0:
                    number[g] = used
                    used += 1
                break
    for v in range(k):
        for i in range(w):
            if group[v, i] >= 0:
                group[v, i] = number[group[v, i]]
    return group, width, peers


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def ranks(groups: Pack, value: Floats, order: Ints, out: Out) -> None:
    """Fill *out* (K,) with the share of an account's peers that have less than it, equals counted half.

    *groups* is what `grouped` gives, *order* (K,) the accounts by *value* (K,). NaN without peers.
    """
    group, width, peers = groups
    k, w = group.shape
    most = group.max() + 1 if k else 0
    below, equal = np.zeros(most, np.int64), np.zeros(most, np.int64)
    first = 0
    while first < k:
        own = value[order[first]]
        last = first
        while last < k and value[order[last]] == own:
            ahead(group, order, last)
            ahead(width, order, last)
            ahead(peers, order, last)
            ahead(value, order, last)
            ahead(out, order, last)
            for i in range(w):
                g = group[order[last], i]
                if g >= 0:
                    equal[g] += 1
            last += 1
        for j in range(first, last):
            v = order[j]
            g = group[v, width[v]]
            out[v] = (below[g] + (equal[g] - 1) / 2) / peers[v] if peers[v] else np.nan
        for j in range(first, last):
            for i in range(w):
                g = group[order[j], i]
                if g >= 0 and equal[g]:
                    below[g] += equal[g]
                    equal[g] = 0
        first = last
