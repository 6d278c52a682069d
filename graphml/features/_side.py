"""Lay out one side of a graph view, payments in or out, for kernels that walk each account once in order of time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from graphml.feature import Feature
from graphml.graph import TransactionGraph

__all__ = ["Side", "both_ends", "ordered", "sides"]

Floats = NDArray[np.float64]
Kernel = Callable[[NDArray[np.int32], NDArray[np.int64]], Floats]


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
    def columns(self) -> tuple[Any, ...]:  # a kernel takes one tuple of arrays
        """Return (start, other, time, value)."""
        return self.start, self.other, self.time, self.value


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
