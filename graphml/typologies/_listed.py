"""List payments by account without sorting: the graph's own lists are in that order."""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.prefetch import ahead

__all__ = ["both_ways", "edges", "listed", "marked"]

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def marked(graph: TransactionGraph, rows: Ints) -> Flags:
    """Return (E,) which rows of the ledger are among *rows*."""
    flags = np.zeros(len(graph.time), np.bool_)
    flags[rows] = True
    return flags


def listed(graph: TransactionGraph, rows: Ints, inward: bool) -> Ints:
    """Return *rows* by payee where *inward*, else by payer, then ascending."""
    lists = graph.in_rows if inward else graph.out_rows
    kept: Ints = lists[marked(graph, rows)[lists]]
    return kept


def edges(key: NDArray[Any]) -> Ints:
    """Return where the runs of equal values in *key* begin, and its end."""
    return np.flatnonzero(np.r_[True, key[1:] != key[:-1], True]) if len(key) else np.zeros(1, np.int64)


def both_ways(graph: TransactionGraph, ins: Ints, outs: Ints) -> tuple[Ints, Ints, Flags]:
    """Return account, row and whether it came in, of *ins* at their payees and *outs* at their payers.

    They are by account, then row, what came in first.
    """
    lists = (graph.in_start, graph.in_rows, graph.out_start, graph.out_rows)
    owner, rows, inward = _both_ways(lists, marked(graph, ins), marked(graph, outs), len(ins) + len(outs))
    return owner, rows, inward


@numba.njit(cache=True, nogil=True)
def _both_ways(lists, came, went, size):  # type: ignore[no-untyped-def]
    in_start, in_rows, out_start, out_rows = lists
    owner, rows, inward = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.bool_)
    k = 0
    for account in range(len(in_start) - 1):
        i, j = in_start[account], out_start[account]
        for e in range(i, in_start[account + 1]):
            ahead(came, in_rows, e)
        for e in range(j, out_start[account + 1]):
            ahead(went, out_rows, e)
        while True:
            while i < in_start[account + 1] and not came[in_rows[i]]:
                i += 1
            while j < out_start[account + 1] and not went[out_rows[j]]:
                j += 1
            into, out = i < in_start[account + 1], j < out_start[account + 1]
            if not into and not out:
                break
            first = into and (not out or in_rows[i] <= out_rows[j])
            owner[k], inward[k] = account, first
            rows[k] = in_rows[i] if first else out_rows[j]
            i, j, k = i + first, j + (not first), k + 1
    return owner, rows, inward
