"""Measure where accounts stand in the graph of who paid whom: PageRank, cores, triangles, reciprocity."""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.prefetch import SOON, SOONER, prefetch
from graphml.stream import Accounts, Floats, Ints

__all__ = ["clustering", "core_number", "pagerank", "reciprocity"]

Pack = tuple[Any, ...]  # of arrays, as the docstring says


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def pagerank(lists: Pack, before: Floats, damping: float, steps: int) -> Floats:
    """Return (K,) PageRank times K after some steps from what it was *before* (Brin and Page, 1998).

    What one payment passes on counts in single precision: half the memory that each step reads at random; sums stay in double.
    """
    start, other, paid, got = lists
    k = len(start) - 1
    share, times, who, where = (
        np.zeros(k),
        np.empty(len(other), np.float32),
        np.empty(len(other), np.int32),
        np.zeros(k + 1, np.int64),
    )
    top = 0
    for v in range(k):  # who paid v, and how many times
        total = 0
        for e in range(start[v], start[v + 1]):
            total += paid[e]
            who[top], times[top] = other[e], got[e]
            top += got[e] > 0
        where[v + 1] = top
        share[v] = damping / total if total else 0.0
    rank, flow = before * (k / before.sum()), np.empty(k, np.float32)
    for _ in range(steps):
        passed = 0.0
        for v in range(k):
            flow[v] = share[v] * rank[v]
            passed += damping * rank[v] if share[v] > 0.0 else 0.0
        jump = (k - passed) / k  # what rests on who pays nobody, and the rest of what is not passed on
        for v in range(k):
            moved = jump
            for e in range(where[v], where[v + 1]):
                moved += flow[who[e]] * times[e]
            rank[v] = moved
    return np.asarray(rank)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def core_number(start: Ints, other: Accounts) -> NDArray[np.int32]:
    """Return (K,) int32, the largest core of each account (Seidman, 1983), in time linear in the pairs.

    Level by level, who has no more counterparties left than the level goes, and is taken off the count of each of them.
    """
    k = len(start) - 1
    degree = np.empty(k, np.int32)
    for v in range(k):
        degree[v] = start[v + 1] - start[v]
    left, goes = np.arange(k).astype(np.int32), np.empty(k, np.int32)
    core = 0
    while k > 0:
        stay = end = 0
        least = np.iinfo(np.int32).max
        for i in range(k):
            v = left[i]
            if degree[v] == core:
                goes[end] = v
                end += 1
            elif degree[v] > core:
                least = min(least, degree[v])
                left[stay] = v
                stay += 1
        head = 0
        while head < end:
            v = goes[head]
            head += 1
            for e in range(start[v], start[v + 1]):
                u = other[e]
                if degree[u] > core:
                    degree[u] -= 1
                    if degree[u] == core:
                        goes[end] = u
                        end += 1
        core = core + 1 if end else least
        k = stay
    return degree


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def clustering(start: Ints, other: Accounts) -> Floats:
    """Return (K,) share of the pairs of an account's counterparties that have paid one another; NaN for fewer than two.

    Each triangle is found once, from its account with the fewest counterparties (Chiba and Nishizeki, 1985), so a hub
    costs no more than its pairs.
    """
    k = len(start) - 1
    triangles = _triangles(*_forward(start, other))
    found = np.empty(k)
    for v in range(k):
        degree = start[v + 1] - start[v]
        found[v] = 2.0 * triangles[v] / (degree * (degree - 1.0)) if degree > 1 else np.nan
    return found


@numba.njit(cache=True, nogil=True)
def _forward(start, other):  # type: ignore[no-untyped-def]
    # Of each account the counterparties that have more counterparties, or as many and a greater number.
    k = len(start) - 1
    degree = np.empty(k, np.int32)
    for v in range(k):
        degree[v] = start[v + 1] - start[v]
    new_start, new_other = np.zeros(k + 1, np.int64), np.empty(len(other) // 2 + 1, np.int32)
    top = 0
    for v in range(k):
        for e in range(start[v], start[v + 1]):
            u = other[e]
            new_other[top] = u
            top += (degree[u] > degree[v]) | ((degree[u] == degree[v]) & (u > v))
        new_start[v + 1] = top
    return new_start, new_other


@numba.njit(cache=True, nogil=True)
def _triangles(start, other):  # type: ignore[no-untyped-def]
    k = len(start) - 1
    found, mark = np.zeros(k, np.int64), np.full(k, -1, np.int32)
    for v in range(k):
        for e in range(start[v], start[v + 1]):
            mark[other[e]] = v
            if e + SOON < start[k]:
                prefetch(start, other[e + SOON])
                prefetch(other, start[other[e + SOONER]])
        for e in range(start[v], start[v + 1]):
            u = other[e]
            for f in range(start[u], start[u + 1]):
                if mark[other[f]] == v:
                    found[v] += 1
                    found[u] += 1
                    found[other[f]] += 1
    return found


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def reciprocity(start: Ints, paid: NDArray[np.int32], got: NDArray[np.int32]) -> Floats:
    """Return (K,) share of those whom an account has paid that have also paid it; NaN where it paid nobody."""
    k = len(start) - 1
    found = np.empty(k)
    for v in range(k):
        out = both = 0
        for e in range(start[v], start[v + 1]):
            out += paid[e] > 0
            both += paid[e] > 0 and got[e] > 0
        found[v] = both / out if out else np.nan
    return found
