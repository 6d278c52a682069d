"""Find gather-scatter: many pay one account, which pays many."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.lists import Lists
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
        slices = sliding(owner, graph.time[rows], self.window, self.gathered + self.scattered)
        ends = (graph.source, graph.target, graph.time)
        slices = apart(slices, self.hub_limit)
        slices = slices[_maximal(ends, (owner, rows, inward), slices, (self.gathered, self.scattered, graph.n))]
        parts, account = Lists(*_picked(graph.time, (rows, inward), slices)), owner[slices[:, 0]]
        came = Lists(parts.start, np.arange(len(parts.values))).sums(
            (graph.target[parts.values] == np.repeat(account, np.diff(parts.start))).astype(np.int64)
        )
        large = np.maximum(came, np.diff(parts.start) - came) > self.hub_limit // 2
        whole, centre = parts.take(np.flatnonzero(~large)), account[~large].tolist()
        crowds = [self._crowded(graph, int(account[i]), parts[i]) for i in np.flatnonzero(large).tolist()]
        kept = [(one, own, cut) for one, own, cut in crowds if len(own)]
        every = Lists.joined([whole, Lists.of([own.tolist() for _, own, _ in kept])])

        def told(i: int) -> Ring:
            one, _, cut = kept[i - len(whole)] if i >= len(whole) else (centre[i], None, ())
            return self._ring(graph, one, every[i], cut)

        return Found.lists(self.name, graph, every, told, (cut for _, _, cuts in crowds for cut in cuts))

    def _crowded(self, graph: TransactionGraph, account: int, rows: Ints) -> tuple[int, Ints, tuple[Cut, ...]]:
        # The account, what is kept of its payments, none where the largest alone are no instance, and cuts.
        came = graph.target[rows] == account
        ins, cut_in = crowded(graph, account, rows[came], self.hub_limit // 2, "incoming")
        outs, cut_out = crowded(graph, account, rows[~came], self.hub_limit // 2, "outgoing")
        return account, self._trim(graph, ins, outs), cut_in + cut_out

    def _trim(self, graph: TransactionGraph, ins: Ints, outs: Ints) -> Ints:
        if not len(ins) or not len(outs):
            return ins[:0]
        first, last = graph.time[ins].min(), graph.time[outs].max()
        ins, outs = ins[graph.time[ins] < last], outs[graph.time[outs] > first]
        enough = len(np.unique(graph.source[ins])) >= self.gathered
        enough &= len(np.unique(graph.target[outs])) >= self.scattered
        return np.sort(np.concatenate([ins, outs])) if enough else ins[:0]

    def _ring(self, graph: TransactionGraph, account: int, rows: Ints, cut: tuple[Cut, ...]) -> Ring:
        ins, outs = rows[graph.target[rows] == account], rows[graph.target[rows] != account]
        payers, payees = set(graph.source[ins].tolist()), set(graph.target[outs].tolist())
        roles = dict.fromkeys(payers, "source") | dict.fromkeys(payees, "cash-out")
        roles |= dict.fromkeys(payers & payees, "mule") | {account: "collector"}
        reasons = (
            Reason(f"{len(payers)} payers paid into one account (at least {self.gathered}).", len(payers), self.gathered),
            Reason(f"It paid {len(payees)} payees (at least {self.scattered}).", len(payees), self.scattered),
            span_reason(graph, rows.tolist(), self.window),
        )  # fmt: skip
        return instance(graph, rows.tolist(), roles, (self.name, reasons), cut)


@numba.njit(cache=True, nogil=True)
def _bounds(time, events, lo, hi):  # type: ignore[no-untyped-def]
    # Instants of the first in and of the last out of a window; -1 where there is none.
    rows, inward = events
    first, last = np.int64(-1), np.int64(-1)
    for k in range(lo, hi):
        if inward[k] and first < 0:
            first = time[rows[k]]
        elif not inward[k]:
            last = time[rows[k]]
    return first, last


@numba.njit(cache=True, nogil=True)
def _maximal(ends, events, slices, limits):  # type: ignore[no-untyped-def]
    # Which windows have enough payers before their last out and payees after their first in, and are in no other one.
    source, target, time = ends
    owner, rows, inward = events
    gathered, scattered, n = limits
    seen = np.full((2, n), -1, np.int64)
    kept, count = np.empty((len(slices), 3), np.int64), 0  # window, its first in, its last out
    for i in range(len(slices)):
        lo, hi = slices[i]
        first, last = _bounds(time, (rows, inward), lo, hi)
        payers, payees, begin, end = 0, 0, np.int64(-1), np.int64(-1)
        for k in range(lo, hi):
            row = rows[k]
            if inward[k] and time[row] < last:
                begin = row if begin < 0 else begin
                payers += seen[0, source[row]] != i
                seen[0, source[row]] = i
            elif not inward[k] and first >= 0 and time[row] > first:
                end = row
                payees += seen[1, target[row]] != i
                seen[1, target[row]] = i
        if payers < gathered or payees < scattered:
            continue
        # Windows slide, so one instance holds another exactly where both start or both end alike.
        if count and owner[slices[kept[count - 1, 0], 0]] == owner[lo] and kept[count - 1, 1] == begin:
            count -= 1
        if count and owner[slices[kept[count - 1, 0], 0]] == owner[lo] and kept[count - 1, 2] == end:
            continue
        kept[count] = i, begin, end
        count += 1
    return kept[:count, 0].copy()


@numba.njit(cache=True, nogil=True)
def _picked(time, events, slices):  # type: ignore[no-untyped-def]
    # Of each window the ins before its last out and the outs after its first in, as start and values of lists.
    rows, inward = events
    start, out, used = np.zeros(len(slices) + 1, np.int64), np.empty((slices[:, 1] - slices[:, 0]).sum(), np.int64), 0
    for i in range(len(slices)):
        first, last = _bounds(time, events, slices[i, 0], slices[i, 1])
        for k in range(slices[i, 0], slices[i, 1]):
            if (inward[k] and time[rows[k]] < last) or (not inward[k] and time[rows[k]] > first):
                out[used] = rows[k]
                used += 1
        start[i + 1] = used
    return start, out[:used].copy()


TYPOLOGY = GatherScatter()
