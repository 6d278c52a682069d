"""Slide a window over the payments of every account."""

from math import fsum

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ring import Cut

__all__ = ["apart", "crowded", "payments_between", "sliding"]

Ints = NDArray[np.int64]


def payments_between(graph: TransactionGraph, new: bool) -> Ints:
    """Return the rows of the view that are no self-loops, ascending; with *new* only those at a pair's first instant."""
    if new:
        return np.flatnonzero(graph.new)
    view = graph.rows
    return np.flatnonzero(graph.source[view] != graph.target[view]) + graph.lo


def sliding(owner: Ints, time: Ints, window: int, least: int) -> Ints:
    """Return (K, 2) the half-open slices of the maximal windows; input is sorted by (owner, time).

    A window is all entries of one owner with last - first <= *window*; it is maximal where no other window of
    the owner holds it; *least* is the fewest entries it needs.
    """
    slices: Ints = _sliding(owner, time, window, least)
    return slices


@numba.njit(cache=True, nogil=True)
def _sliding(owner, time, window, least):  # type: ignore[no-untyped-def]
    found = np.empty((len(owner), 2), np.int64)
    count, end = 0, 0
    for i in range(len(owner)):
        if i > 0 and owner[i] == owner[i - 1] and time[i] == time[i - 1]:
            continue  # entries of one instant start together
        before = end
        end = max(end, i)
        while end < len(owner) and owner[end] == owner[i] and time[end] - time[i] <= window:
            end += 1
        if (end > before or i >= before) and end - i >= least:
            found[count, 0], found[count, 1] = i, end
            count += 1
    return found[:count]


def apart(slices: Ints, limit: int) -> Ints:
    """Return *slices* without those above *limit* entries that overlap an earlier one above it that was kept.

    A hub has as many crowded windows as payments, all much alike; those that are kept still hold every payment of them.
    """
    kept: Ints = slices[_apart(slices, limit)]
    return kept


@numba.njit(cache=True, nogil=True)
def _apart(slices, limit):  # type: ignore[no-untyped-def]
    kept, end = np.ones(len(slices), np.bool_), 0
    for i in range(len(slices)):
        if slices[i, 1] - slices[i, 0] > limit:
            if slices[i, 0] < end:
                kept[i] = False
            else:
                end = slices[i, 1]
    return kept


def crowded(graph: TransactionGraph, account: int, rows: Ints, limit: int, way: str) -> tuple[Ints, tuple[Cut, ...]]:
    """Return at most *limit* of *rows*, the largest amounts first and ties by row, and what was cut.

    *way* is `incoming` or `outgoing`, as the account sees them.
    """
    if len(rows) <= limit:
        return rows, ()
    order = rows[np.lexsort((rows, -graph.value[rows]))]
    lost = fsum(graph.value[order[limit:]].tolist())
    cut = Cut(account, len(rows), limit, len(rows) - limit, lost, f"largest {way} amount first")
    return np.sort(order[:limit]), (cut,)
