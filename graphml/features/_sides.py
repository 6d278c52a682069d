"""List what each account pays, or receives, in order of time, and read windows of it."""

from dataclasses import dataclass
from typing import Self, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph

T = TypeVar("T", bound=np.generic)

__all__ = ["Queries", "Side", "window_counts", "window_sum"]

_NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Hold one direction of the view: position p is the p-th row of its owner, owners one after another."""

    start: NDArray[np.int64]  # (N+1,) positions start[a]..start[a+1] belong to account a
    row: NDArray[np.int64]  # (E,) row of the graph
    other: NDArray[np.int32]  # (E,) counterparty
    time: NDArray[np.int64]  # (E,)
    value: NDArray[np.float64]  # (E,)
    before: NDArray[np.int64]  # (E,) position of the owner's former row with the same counterparty, -1 none
    after: NDArray[np.int64]  # (E,) position of the next one, E none

    @classmethod
    def of(cls, graph: TransactionGraph, paying: bool) -> Self:
        """Return the rows that accounts pay (*paying*) or receive."""
        owner = (graph.source if paying else graph.target)[graph.rows]
        other = (graph.target if paying else graph.source)[graph.rows]
        order = np.argsort(owner, kind="stable")
        start = np.zeros(graph.n + 1, np.int64)
        np.cumsum(np.bincount(owner, minlength=graph.n), out=start[1:])
        pair = owner[order].astype(np.int64) * max(graph.n, 1) + other[order]
        along = np.argsort(pair, kind="stable")
        same = pair[along][1:] == pair[along][:-1]
        before, after = np.full(len(pair), -1, np.int64), np.full(len(pair), len(pair), np.int64)
        before[along[1:][same]] = along[:-1][same]
        after[along[:-1][same]] = along[1:][same]
        row = order + graph.lo
        return cls(start, row, other[order], graph.time[row], graph.value[row], before, after)

    def rank(self) -> NDArray[np.float64]:
        """Return (E,): 1 + the owner's counterparties met strictly before this position's counterparty was."""
        rank: NDArray[np.float64] = _rank(self.start, self.time, self.before)
        return rank

    def first(self) -> NDArray[np.bool_]:
        """Return (E,): whether the position is the owner's first with its counterparty."""
        return self.before < 0


@dataclass(frozen=True, slots=True, eq=False)
class Queries:
    """Hold (account, instant) pairs grouped by account, instants ascending inside each."""

    start: NDArray[np.int64]  # (N+1,)
    at: NDArray[np.int64]  # (Q,)
    order: NDArray[np.int64]  # (Q,) where each came from

    @classmethod
    def of(cls, n: int, account: NDArray[np.int32], at: NDArray[np.int64]) -> Self:
        """Return the queries for *n* accounts."""
        order = np.lexsort((at, account))
        start = np.searchsorted(account[order], np.arange(n + 1))
        return cls(start.astype(np.int64), at[order], order)

    def edges(self, side: Side, back: int | None = None) -> NDArray[np.int64]:
        """Return (Q,): the first position of the owner at or after the instant less *back* microseconds.

        Without *back* it is the end of everything strictly earlier than the instant.
        """
        found: NDArray[np.int64] = _edges(self.start, self.at - (back or 0), side.start, side.time)
        return found

    def given_back(self, values: NDArray[T]) -> NDArray[T]:
        """Return *values* (Q, ...) in the order in which the pairs were given."""
        result = np.empty_like(values)
        result[self.order] = values
        return result


def window_sum(
    queries: Queries, side: Side, values: NDArray[np.float64], low: NDArray[np.int64], high: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return (Q,): the sum of *values* (E,) of positions low..high; summed in order of rows, so it is order-stable."""
    result = np.empty(len(high))
    _sums(queries.start, side.start, low, high, values, result)
    return result


def window_counts(queries: Queries, side: Side, back: int | None) -> NDArray[np.float64]:
    """Return (Q, 3): count, sum and distinct counterparties of the last *back* microseconds, all time where None."""
    high = queries.edges(side)
    low = queries.edges(side, back) if back is not None else np.minimum(_own_start(queries, side), high)
    result = np.empty((len(high), 3))
    result[:, 0] = high - low
    result[:, 1] = window_sum(queries, side, side.value, low, high)
    _distinct(queries.start, side.start, low, high, side.before, side.after, result)
    return result


def _own_start(queries: Queries, side: Side) -> NDArray[np.int64]:
    return np.repeat(side.start[:-1], np.diff(queries.start))


@numba.njit(cache=True)
def _edges(q_start, at, start, time):  # type: ignore[no-untyped-def]
    found = np.empty(len(at), np.int64)
    for a in range(len(q_start) - 1):
        p = start[a]
        for q in range(q_start[a], q_start[a + 1]):
            while p < start[a + 1] and time[p] < at[q]:
                p += 1
            found[q] = p
    return found


@numba.njit(cache=True)
def _sums(q_start, start, low, high, value, result):  # type: ignore[no-untyped-def]
    # A difference of the owner's own running sum: no window is walked twice, and neither other accounts nor later rows
    # touch its rounding.
    total = np.zeros(len(value) + 1)
    for a in range(len(q_start) - 1):
        running_sum = 0.0
        for p in range(start[a], start[a + 1]):
            total[p] = running_sum
            running_sum += value[p]
        for q in range(q_start[a], q_start[a + 1]):
            upper = running_sum if high[q] == start[a + 1] else total[high[q]]
            lower = running_sum if low[q] == start[a + 1] else total[low[q]]
            result[q] = upper - lower


@numba.njit(cache=True)
def _distinct(q_start, start, low, high, before, after, result):  # type: ignore[no-untyped-def]
    for a in range(len(q_start) - 1):
        lo = start[a]
        hi = start[a]
        distinct = 0
        for q in range(q_start[a], q_start[a + 1]):
            while hi < high[q]:
                if before[hi] < lo:
                    distinct += 1
                hi += 1
            while lo < low[q]:
                if after[lo] >= hi:
                    distinct -= 1
                lo += 1
            result[q, 2] = distinct


@numba.njit(cache=True)
def _rank(start, time, before):  # type: ignore[no-untyped-def]
    rank = np.empty(len(time), np.float64)
    for a in range(len(start) - 1):
        met = 0  # counterparties met strictly before `now`
        meeting = 0  # counterparties first met at `now`
        now = _NEVER
        for p in range(start[a], start[a + 1]):
            if time[p] != now:
                met += meeting
                meeting = 0
                now = time[p]
            if before[p] < 0:
                rank[p] = met + 1
                meeting += 1
            else:
                rank[p] = rank[before[p]]
    return rank
