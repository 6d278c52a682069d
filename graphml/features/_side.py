"""Lay out one side of a graph view, payments in or out, for kernels that walk each account once in order of time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.feature import Feature
from graphml.graph import TransactionGraph

__all__ = ["Accounts", "Columns", "Floats", "Ints", "Side", "both_ends", "ordered", "sides"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Accounts = NDArray[np.int32]
Columns = tuple[Ints, Accounts, Ints, Floats]  # start, other, time, value of a side
Kernel = Callable[[Accounts, Ints], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Hold the payments of each account on one side, by account, then row, hence by time.

    Only rows of the view are in it, so a kernel that keeps to it cannot see past the view.
    """

    start: NDArray[np.int64]  # (N+1,) entries start[a]:start[a+1] are those of account a
    rows: NDArray[np.int64]  # (P,) row of the graph
    other: NDArray[np.int32]  # (P,) the counterparty
    time: NDArray[np.int64]  # (P,) microseconds UTC
    value: Floats  # (P,) reference currency

    @classmethod
    def of(cls, graph: TransactionGraph, side: str, loops: bool = True) -> Self:
        """Return the payments that accounts make (`out`) or get (`in`); without *loops* none to oneself."""
        out = side == "out"
        start, rows = (graph.out_start, graph.out_rows) if out else (graph.in_start, graph.in_rows)
        keep = (rows >= graph.lo) & (rows < graph.hi)
        if not loops:
            keep &= graph.source[rows] != graph.target[rows]
        kept = rows[keep]
        position = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(keep, out=position[1:])
        other = (graph.target if out else graph.source)[kept]
        return cls(position[start], kept, other, graph.time[kept], graph.value[kept])

    @property
    def columns(self) -> Columns:
        """Return (start, other, time, value)."""
        return self.start, self.other, self.time, self.value

    def before(self, account: NDArray[np.int32], at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return (M,) one past the last payment of each account strictly earlier than its instant."""
        return np.asarray(_before(self.start, self.time, account, at), np.int64)


def sides(graph: TransactionGraph, loops: bool = True) -> tuple[Side, Side]:
    """Return the sides in and out."""
    return Side.of(graph, "in", loops), Side.of(graph, "out", loops)


def ordered(kernel: Kernel, account: NDArray[np.int32], at: NDArray[np.int64]) -> Floats:
    """Return (M, F) what *kernel* gives for the pairs, which it gets by account, then instant."""
    order = np.lexsort((at, account))
    found = kernel(account[order], at[order])
    result = np.empty_like(found)
    result[order] = found
    return result


def both_ends(features: tuple[Feature, ...]) -> tuple[Feature, ...]:
    """Return the account features twice, for the payer and for the payee of a transaction."""
    return tuple(
        Feature(f"{end}_{f.name}", f.unit, f.window, f"the {end} {f.sentence}")
        for end in ("payer", "payee")
        for f in features
    )


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _before(start: Ints, time: Ints, account: Accounts, at: Ints) -> Ints:
    result = np.empty(len(account), np.int64)
    for q in range(len(account)):
        lo, hi = start[account[q]], start[account[q] + 1]
        result[q] = lo + np.searchsorted(time[lo:hi], at[q])
    return result
