"""Measure what crossed the border of a ring while it was at work."""

from collections.abc import Collection
from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ring import Reason, Ring

__all__ = ["Boundary", "boundary", "boundary_reason"]


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


def boundary(graph: TransactionGraph, accounts: Collection[int], start: int, end: int) -> Boundary:
    """Return what *accounts* received from and paid to others in [start, end] (microseconds UTC)."""
    lo = max(graph.lo, int(np.searchsorted(graph.time, start, "left")))
    hi = min(graph.hi, int(np.searchsorted(graph.time, end, "right")))
    members = np.array(sorted(accounts), np.int32)
    sides = []
    for paid, others in ((graph.paid_to, graph.source), (graph.paid_by, graph.target)):
        rows = np.concatenate([_between(paid(account), lo, hi) for account in members.tolist()])
        sides.append(graph.value[rows[~np.isin(others[rows], members)]].tolist())
    came, went = sides
    return Boundary(fsum(came), len(came), fsum(went), len(went))


def _between(rows: NDArray[np.int64], lo: int, hi: int) -> NDArray[np.int64]:
    return rows[slice(*np.searchsorted(rows, [lo, hi]))]


def boundary_reason(graph: TransactionGraph, ring: Ring) -> Reason:
    """Return the sentence on what crossed the ring's border; its value is the kept share."""
    found = boundary(graph, ring.accounts, ring.start, ring.end)
    some = "payment" if found.received_payments == 1 else "payments"
    came = f"{found.received:,.2f} in {found.received_payments} {some} came in from outside"
    went = f"{found.paid:,.2f} in {found.paid_payments} went out"
    kept = found.kept
    if not found.received_payments + found.paid_payments:
        return Reason("From its first to its last payment nothing came in from outside and nothing went out.")
    said = "" if kept is None else f"; it kept {kept:.0%}" if kept >= 0 else "; more went out than came in"
    return Reason(f"From its first to its last payment {came} and {went}{said}.", kept)
