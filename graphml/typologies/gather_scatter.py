"""Find gather-scatter: many pay one account, which pays many."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ring import Cut, Found, Reason, Ring
from graphml.typologies._instance import instance, span_reason
from graphml.typologies._listed import both_ways
from graphml.typologies._windows import apart, crowded, payments_between, sliding
from graphml.window import DAY

__all__ = ["TYPOLOGY", "GatherScatter"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GatherScatter:
    """Many accounts pay one account, and it pays many, both within a short time; phases may overlap.

    For an account a, In = {e : target(e) = a} and Out = {e : source(e) = a}, no self-loops and each at the first
    instant of its pair where `new`, in one window with max t - min t <= window; every out is later than the first in, every
    in is earlier than the last out; at least `gathered` payers and `scattered` payees; no instance holds another.
    Phases overlap in two of three AMLworld attempts, which last up to 8 days (Altman et al., 2023).
    """

    window: int = 8 * DAY  # microseconds
    gathered: int = 4  # fewest different payers
    scattered: int = 4  # fewest different payees
    new: bool = True  # only first payments between a pair count
    hub_limit: int = 400  # payments kept of one instance, the rest is in `cut`; windows above it are kept apart

    @property
    def name(self) -> str:
        """Return `gather-scatter`."""
        return "gather-scatter"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal instances in the view."""
        base = payments_between(graph, self.new)
        owner, rows, inward = both_ways(graph, base, base)
        found: list[tuple[int, Ints, Ints]] = []
        slices = sliding(owner, graph.time[rows], self.window, self.gathered + self.scattered)
        slices = apart(slices, self.hub_limit)
        ends = (graph.source, graph.target, graph.time)
        enough = _enough(ends, (rows, inward), slices, (self.gathered, self.scattered, graph.n))
        for lo, hi in slices[enough].tolist():
            one = self._trim(graph, rows[lo:hi], inward[lo:hi])
            if one is None:
                continue
            account = int(owner[lo])
            # Windows slide, so one instance holds another exactly where both start or both end alike.
            if found and found[-1][0] == account and found[-1][1][0] == one[0][0]:
                found.pop()
            if not (found and found[-1][0] == account and found[-1][2][-1] == one[1][-1]):
                found.append((account, *one))
        rings: list[Ring] = []
        cuts: list[Cut] = []
        for account, ins, outs in found:
            ins, cut_in = crowded(graph, account, ins, self.hub_limit // 2, "incoming")
            outs, cut_out = crowded(graph, account, outs, self.hub_limit // 2, "outgoing")
            cuts.extend(cut_in + cut_out)
            rows = np.concatenate([ins, outs])
            left = self._trim(graph, rows, np.arange(len(rows)) < len(ins)) if cut_in or cut_out else (ins, outs)
            if left is not None:  # else the largest payments alone are no instance
                rings.append(self._ring(graph, account, left, cut_in + cut_out))
        return Found.of(self.name, rings, cuts)

    def _trim(self, graph: TransactionGraph, rows: Ints, inward: NDArray[np.bool_]) -> tuple[Ints, Ints] | None:
        ins, outs = rows[inward], rows[~inward]
        if len(ins) < self.gathered or len(outs) < self.scattered:
            return None
        ins, outs = (
            ins[graph.time[ins] < graph.time[outs].max()],
            outs[graph.time[outs] > graph.time[ins].min()],
        )
        many = len(np.unique(graph.source[ins])) >= self.gathered
        return (ins, outs) if many and len(np.unique(graph.target[outs])) >= self.scattered else None

    def _ring(self, graph: TransactionGraph, account: int, both: tuple[Ints, Ints], cut: tuple[Cut, ...]) -> Ring:
        ins, outs = both
        payers, payees = set(graph.source[ins].tolist()), set(graph.target[outs].tolist())
        roles = dict.fromkeys(payers, "source") | dict.fromkeys(payees, "cash-out")
        roles |= dict.fromkeys(payers & payees, "mule") | {account: "collector"}
        rows = [*ins.tolist(), *outs.tolist()]
        reasons = (
            Reason(f"{len(payers)} payers paid into one account (at least {self.gathered}).", len(payers), self.gathered),
            Reason(f"It paid {len(payees)} payees (at least {self.scattered}).", len(payees), self.scattered),
            span_reason(graph, rows, self.window),
        )  # fmt: skip
        return instance(graph, rows, roles, (self.name, reasons), cut)


@numba.njit(cache=True)
def _enough(ends, events, slices, limits):  # type: ignore[no-untyped-def]
    # (K,) whether a window has enough payers before its last out, and payees after its first in.
    source, target, time = ends
    rows, inward = events
    gathered, scattered, n = limits
    seen = np.full((2, n), -1, np.int64)
    enough = np.zeros(len(slices), np.bool_)
    for i in range(len(slices)):
        lo, hi = slices[i]
        first, last = np.int64(-1), np.int64(-1)
        for k in range(lo, hi):
            if inward[k] and first < 0:
                first = time[rows[k]]
            elif not inward[k]:
                last = time[rows[k]]
        payers, payees = 0, 0
        for k in range(lo, hi):
            row = rows[k]
            if inward[k] and time[row] < last and seen[0, source[row]] != i:
                seen[0, source[row]] = i
                payers += 1
            elif not inward[k] and first >= 0 and time[row] > first and seen[1, target[row]] != i:
                seen[1, target[row]] = i
                payees += 1
        enough[i] = payers >= gathered and payees >= scattered
    return enough


TYPOLOGY = GatherScatter()
