"""Find scatter-gather: one account pays many, which all pay one other."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ring import Found, Reason, Ring
from graphml.typologies._instance import instance, money, span_reason
from graphml.typologies._listed import listed
from graphml.typologies._onward import Onward
from graphml.window import DAY

__all__ = ["TYPOLOGY", "ScatterGather"]

Ints = NDArray[np.int64]
_CHUNK = 200_000  # first payments looked at together, to bound memory


@dataclass(frozen=True, slots=True)
class ScatterGather:
    """One account pays several accounts, and each later pays the same other account.

    For accounts s != d, the pairs {(e, f) : source(e) = s, target(e) = source(f) = m, target(f) = d, m not s or d,
    t(e) < t(f)} whose times all lie in one window, with at least `middles` different m; no pair can be added.
    The smurf motif of Starnini et al. (2021); windows as measured on AMLworld (Altman et al., 2023).
    """

    window: int = 4 * DAY  # microseconds
    middles: int = 3  # fewest different accounts between
    hub_limit: int = 50  # an account with more payments to go on with is not passed

    @property
    def name(self) -> str:
        """Return `scatter-gather`."""
        return "scatter-gather"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal instances in the view, and the hubs that were no middles."""
        onward = Onward.of(graph, self.window, self.hub_limit)
        rows = listed(graph, np.arange(graph.lo, graph.hi, dtype=np.int64), False)
        found: list[Ring] = []
        start = 0
        while start < len(rows):
            stop = min(start + _CHUNK, len(rows))
            while stop < len(rows) and graph.source[rows[stop]] == graph.source[rows[stop - 1]]:
                stop += 1  # all payments of a payer stay together
            found.extend(self._of(graph, onward, rows[start:stop]))
            start = stop
        return Found.of(self.name, found, onward.cuts(graph, self.name))

    def _of(self, graph: TransactionGraph, onward: Onward, rows: Ints) -> Iterator[Ring]:
        after = (onward.start, onward.stop, graph.out_rows)
        pairs = _pairs(graph.source, graph.target, after, rows, self.hub_limit)
        key = graph.source[pairs[:, 0]].astype(np.int64) * graph.n + graph.target[pairs[:, 1]]
        order = np.argsort(key, kind="stable")  # pairs come in order of their payments
        key, pairs = key[order], pairs[order]
        edges = np.flatnonzero(np.r_[True, key[1:] != key[:-1], True]) if len(key) else np.zeros(1, np.int64)
        edges = np.stack([edges[:-1], edges[1:]], 1)[np.diff(edges) >= self.middles]
        for begin, end in _windows(
            graph.time, graph.target, pairs, edges, (self.window, self.middles, graph.n)
        ).tolist():
            inside = pairs[begin:end]
            inside = inside[graph.time[inside[:, 1]] <= graph.time[inside[0, 0]] + self.window]
            yield self._ring(graph, inside, np.unique(graph.target[inside[:, 0]]).tolist())

    def _ring(self, graph: TransactionGraph, pairs: Ints, middles: list[int]) -> Ring:
        roles = dict.fromkeys(middles, "mule")
        roles[int(graph.source[pairs[0, 0]])], roles[int(graph.target[pairs[0, 1]])] = "source", "collector"
        firsts, seconds = np.unique(pairs[:, 0]), np.unique(pairs[:, 1])
        out, back = fsum(graph.value[firsts].tolist()), fsum(graph.value[seconds].tolist())
        rows = [*firsts.tolist(), *seconds.tolist()]
        reasons = (
            Reason(f"One account paid {len(middles)} accounts that all later paid one other account "
                   f"(at least {self.middles}).", len(middles), self.middles),
            Reason(f"{money(out)} was scattered and {money(back)} gathered.", back / out if out else 0.0),
            span_reason(graph, rows, self.window),
        )  # fmt: skip
        return instance(graph, rows, roles, (self.name, reasons))


@numba.njit(cache=True)
def _pairs(source, target, after, rows, hub):  # type: ignore[no-untyped-def]
    start, stop, out_rows = after
    pairs, count = np.empty((0, 2), np.int64), 0
    for write in range(2):  # counted first, so that the table is made once
        if write:
            pairs = np.empty((count, 2), np.int64)
            count = 0
        for row in rows:
            payer, middle = source[row], target[row]
            if payer == middle or stop[row] - start[row] > hub:
                continue
            for i in range(start[row], stop[row]):
                end = target[out_rows[i]]
                if end != payer and end != middle:
                    if write:
                        pairs[count, 0], pairs[count, 1] = row, out_rows[i]
                    count += 1
    return pairs


@numba.njit(cache=True)
def _windows(time, target, pairs, edges, limits):  # type: ignore[no-untyped-def]
    # (K, 2): first pair of a maximal window, end of its group; the pairs of a group are by their first payment.
    window, least, n = limits
    seen = np.full(n, -1, np.int64)
    found = [(np.int64(0), np.int64(0)) for _ in range(0)]
    for group in range(len(edges)):
        lo, hi = edges[group]
        before = np.int64(-1)
        for i in range(lo, hi):
            start = time[pairs[i, 0]]
            if i > lo and start == time[pairs[i - 1, 0]]:
                continue  # pairs of one instant start together
            count, more = 0, False
            for k in range(i, hi):
                if time[pairs[k, 0]] > start + window:
                    break
                if time[pairs[k, 1]] > start + window:
                    continue
                # A window without a pair later than those before is part of the window before.
                if before < 0 or time[pairs[k, 1]] > before + window:
                    more = True
                middle = target[pairs[k, 0]]
                if seen[middle] != i:
                    seen[middle] = i
                    count += 1
            before = start
            if more and count >= least:
                found.append((np.int64(i), np.int64(hi)))
    spans = np.empty((len(found), 2), np.int64)
    for i in range(len(found)):
        spans[i, 0], spans[i, 1] = found[i]
    return spans


TYPOLOGY = ScatterGather()
