"""Measure what crossed the border of a ring while it was at work."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from math import fsum

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ring import Reason

__all__ = ["Boundary", "boundary"]


@dataclass(frozen=True, slots=True)
class Boundary:
    """Hold the payments with exactly one end in a ring, from its first to its last payment."""

    received: float  # reference currency
    received_payments: int
    paid: float
    paid_payments: int

    @property
    def kept(self) -> float | None:
        """Return the share of what came in that did not go out, negative where more went out; None: nothing came in."""
        return (self.received - self.paid) / self.received if self.received else None

    @property
    def figures(self) -> dict[str, float]:
        """Return `received` and `paid` (reference currency), the payments of each, and `kept` where anything came in."""
        kept = {} if self.kept is None else {"kept": self.kept}
        return {**asdict(self), **kept}

    @property
    def reason(self) -> Reason:
        """Return the sentence on it; its value is the kept share."""
        if not self.received_payments + self.paid_payments:
            return Reason("From its first to its last payment nothing came in from outside and nothing went out.")
        some = "payment" if self.received_payments == 1 else "payments"
        came = (
            f"{self.received:,.2f} in {self.received_payments} {some} came"
            if self.received_payments
            else "nothing came"
        )
        went = f"{self.paid:,.2f} in {self.paid_payments} went out" if self.paid_payments else "nothing went out"
        kept = self.kept
        said = "" if kept is None else f"; it kept {kept:.0%}" if kept >= 0 else "; more went out than came in"
        return Reason(f"From its first to its last payment {came} in from outside and {went}{said}.", kept)


def boundary(graph: TransactionGraph, accounts: Collection[int], start: int, end: int) -> Boundary:
    """Return what *accounts* received from and paid to others in [start, end] (microseconds UTC)."""
    lo = max(graph.lo, int(np.searchsorted(graph.time, start, "left")))
    hi = min(graph.hi, int(np.searchsorted(graph.time, end, "right")))
    members = np.array(sorted(accounts), np.int64)
    sides = (graph.in_start, graph.in_rows, graph.source), (graph.out_start, graph.out_rows, graph.target)
    came, went = (graph.value[_crossing(members, (lo, hi), side)].tolist() for side in sides)
    return Boundary(fsum(came), len(came), fsum(went), len(went))


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _crossing(members, bounds, side) -> NDArray[np.int64]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # The rows of *members* on a side whose other end is no member.
    start, rows, other = side
    found = [np.int64(0) for _ in range(0)]
    for account in members:
        own = rows[start[account] : start[account + 1]]
        for row in own[np.searchsorted(own, bounds[0]) :]:
            if row >= bounds[1]:
                break
            place = np.searchsorted(members, other[row])
            if place == len(members) or members[place] != other[row]:
                found.append(row)
    return np.array(found, np.int64)
