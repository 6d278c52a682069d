"""Lay out the payments of each account on one side in order of time."""

from dataclasses import dataclass
from typing import Self

import numba
import numpy as np

from graphml.graph import TransactionGraph
from graphml.past import Accounts, Floats, Ints
from graphml.prefetch import ahead

__all__ = ["Columns", "Side"]

Columns = tuple[Ints, Accounts, Ints, Floats]  # start, other, time, value of a side


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Hold the payments of each account on one side, by account, then row, hence by time.

    Only rows of the view are in it, so a kernel that keeps to it cannot see past the view.
    """

    start: Ints  # (N+1,) entries start[a]:start[a+1] are those of account a
    rows: Ints  # (P,) row of the graph
    other: Accounts  # (P,) the counterparty
    time: Ints  # (P,) microseconds UTC
    value: Floats  # (P,) reference currency

    @classmethod
    def of(cls, graph: TransactionGraph, side: str) -> Self:
        """Return the payments that accounts make (`out`) or get (`in`)."""
        out = side == "out"
        start, rows = (graph.out_start, graph.out_rows) if out else (graph.in_start, graph.in_rows)
        if len(graph) < len(rows):
            keep = (rows >= graph.lo) & (rows < graph.hi)
            position = np.zeros(len(rows) + 1, np.int64)
            np.cumsum(keep, out=position[1:])
            start, rows = position[start], rows[keep]
        return cls(start, rows, *_entries(rows, graph.target if out else graph.source, graph.time, graph.value))

    def without_loops(self) -> Self:
        """Return the side without payments to oneself."""
        return type(self)(*_without_loops(self.start, self.rows, self.other, self.time, self.value))

    @property
    def columns(self) -> Columns:
        """Return (start, other, time, value)."""
        return self.start, self.other, self.time, self.value

    @property
    def own(self) -> Accounts:
        """Return (P,) the account of each entry."""
        return np.repeat(np.arange(len(self.start) - 1, dtype=np.int32), np.diff(self.start))

    def before(self, account: Accounts, at: Ints) -> Ints:
        """Return (M,) one past the last payment of each account strictly earlier than its instant."""
        return np.asarray(_before(self.start, self.time, account, at), np.int64)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _before(start: Ints, time: Ints, account: Accounts, at: Ints) -> Ints:
    result = np.empty(len(account), np.int64)
    for q in range(len(account)):
        lo, hi = start[account[q]], start[account[q] + 1]
        result[q] = lo + np.searchsorted(time[lo:hi], at[q])
    return result


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _entries(rows: Ints, other: Accounts, time: Ints, value: Floats) -> tuple[Accounts, Ints, Floats]:
    found = np.empty(len(rows), np.int32), np.empty(len(rows), np.int64), np.empty(len(rows))
    for i in range(len(rows)):
        ahead(other, rows, i)
        ahead(time, rows, i)
        ahead(value, rows, i)
        row = rows[i]
        found[0][i], found[1][i], found[2][i] = other[row], time[row], value[row]
    return found


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _without_loops(
    start: Ints, rows: Ints, other: Accounts, time: Ints, value: Floats
) -> tuple[Ints, Ints, Accounts, Ints, Floats]:
    place = np.zeros(len(start), np.int64)
    for own in range(len(start) - 1):
        place[own + 1] = place[own]
        for i in range(start[own], start[own + 1]):
            place[own + 1] += other[i] != own
    size, top = place[-1], 0
    found = np.empty(size, np.int64), np.empty(size, np.int32), np.empty(size, np.int64), np.empty(size)
    for own in range(len(start) - 1):
        for i in range(start[own], start[own + 1]):
            if other[i] != own:
                found[0][top], found[1][top], found[2][top], found[3][top] = rows[i], other[i], time[i], value[i]
                top += 1
    return place, found[0], found[1], found[2], found[3]
