"""Find scatter-gather: one account pays many, which all pay one other."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ring import Found, Reason, Ring
from graphml.typologies._instance import instance, money, span_reason
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
        rows = np.arange(graph.lo, graph.hi, dtype=np.int64)
        rows = rows[np.lexsort((rows, graph.source[rows]))]
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
        order = np.lexsort((pairs[:, 1], pairs[:, 0], key))
        key, pairs = key[order], pairs[order]
        edges = np.flatnonzero(np.r_[True, key[1:] != key[:-1], True]) if len(key) else np.zeros(1, np.int64)
        for lo, hi in itertools.pairwise(edges):
            if hi - lo >= self.middles:
                yield from self._windows(graph, pairs[lo:hi])

    def _windows(self, graph: TransactionGraph, pairs: Ints) -> Iterator[Ring]:
        first, second = graph.time[pairs[:, 0]], graph.time[pairs[:, 1]]
        before = -1
        for start in np.unique(first):
            inside = (first >= start) & (second <= start + self.window)
            last = int(second[inside].max())
            # A window without a pair later than those before is part of the window before.
            if not np.any(inside & (second > before + self.window if before >= 0 else inside)):
                before = int(start)
                continue
            before = int(start)
            middles = np.unique(graph.target[pairs[inside, 0]])
            if len(middles) >= self.middles and last:
                yield self._ring(graph, pairs[inside], middles.tolist())

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
    found = [(np.int64(0), np.int64(0)) for _ in range(0)]
    for row in rows:
        payer, middle = source[row], target[row]
        if payer == middle or stop[row] - start[row] > hub:
            continue
        for i in range(start[row], stop[row]):
            onward = out_rows[i]
            if target[onward] != payer and target[onward] != middle:
                found.append((row, onward))
    pairs = np.empty((len(found), 2), np.int64)
    for i in range(len(found)):
        pairs[i, 0], pairs[i, 1] = found[i]
    return pairs


TYPOLOGY = ScatterGather()
