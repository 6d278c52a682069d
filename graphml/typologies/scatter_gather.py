"""Find scatter-gather: one account pays many, which all pay one other."""

from dataclasses import dataclass
from math import fsum

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.cores import side_by_side
from graphml.graph import TransactionGraph
from graphml.lists import Lists
from graphml.ring import Found, Reason, Ring
from graphml.typologies._instance import instance, money, span_reason
from graphml.typologies._listed import edges, listed
from graphml.typologies._onward import Onward
from graphml.window import DAY

__all__ = ["TYPOLOGY", "ScatterGather"]

Ints = NDArray[np.int64]
_CHUNK = 200_000  # first payments that one core looks at together, to bound memory


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
        payee = graph.target[graph.out_rows]
        chunks, start = [], 0
        while start < len(rows):
            stop = min(start + _CHUNK, len(rows))
            while stop < len(rows) and graph.source[rows[stop]] == graph.source[rows[stop - 1]]:
                stop += 1  # all payments of a payer stay together
            chunks.append(rows[start:stop])
            start = stop
        every = Lists.joined(side_by_side(lambda some: self._of(graph, onward, payee, some), chunks))
        return Found.lists(
            self.name, graph, every, lambda i: self._ring(graph, every[i]), onward.cuts(graph, self.name)
        )

    def _of(self, graph: TransactionGraph, onward: Onward, payee: NDArray[np.int32], rows: Ints) -> Lists:
        after = (onward.spans, graph.out_rows, payee)
        pairs = _pairs(graph.source, graph.target, after, rows, (self.hub_limit, self.middles, graph.n))
        key = graph.source[pairs[:, 0]].astype(np.int64) * graph.n + graph.target[pairs[:, 1]]
        order = np.argsort(key, kind="stable")  # pairs come in order of their payments
        key, pairs = key[order], pairs[order]
        runs = edges(key)
        groups = np.stack([runs[:-1], runs[1:]], 1)[np.diff(runs) >= self.middles]
        spans = _windows(graph.time, graph.target, pairs, groups, (self.window, self.middles, graph.n))
        return Lists(*_rows(graph.time, pairs, spans, self.window)).sets()

    def _ring(self, graph: TransactionGraph, rows: Ints) -> Ring:
        scattered = graph.source[rows] == graph.source[rows[0]]
        firsts, seconds = rows[scattered], rows[~scattered]
        middles = np.unique(graph.target[firsts]).tolist()
        roles = dict.fromkeys(middles, "mule")
        roles[int(graph.source[firsts[0]])], roles[int(graph.target[seconds[0]])] = "source", "collector"
        out, back = fsum(graph.value[firsts].tolist()), fsum(graph.value[seconds].tolist())
        reasons = (
            Reason(f"One account paid {len(middles)} accounts that all later paid one other account "
                   f"(at least {self.middles}).", len(middles), self.middles),
            Reason(f"{money(out)} was scattered and {money(back)} gathered.", back / out if out else 0.0),
            span_reason(graph, rows.tolist(), self.window),
        )  # fmt: skip
        return instance(graph, rows.tolist(), roles, (self.name, reasons))


@numba.njit(cache=True, nogil=True)
def _pairs(source, target, after, rows, limits):  # type: ignore[no-untyped-def]
    # (P, 2) a payment and one that follows it, by the first; none to an end that a payer reaches by too few middles.
    # A middle that comes again after another one is counted again here: what is kept is looked at closely later.
    spans, out_rows, payee = after
    hub, middles, n = limits
    ends = np.full((n, 4), -1, np.int32)  # of an end: the latest payer that reached it, over how many middles, the last
    pairs, count, lo = np.empty((1024, 2), np.int64), 0, 0
    while lo < len(rows):
        hi, payer = lo, source[rows[lo]]
        while hi < len(rows) and source[rows[hi]] == payer:
            hi += 1
        for write in range(2):
            for k in range(lo, hi):
                row, middle = rows[k], target[rows[k]]
                start, stop = spans[row, 0], spans[row, 1]
                if payer == middle or stop - start > hub:
                    continue
                for i in range(start, stop):
                    end = payee[i]
                    if end in (payer, middle):
                        continue
                    if write and ends[end, 1] >= middles:
                        if count == len(pairs):
                            pairs = np.concatenate((pairs, np.empty_like(pairs)))
                        pairs[count, 0], pairs[count, 1] = row, out_rows[i]
                        count += 1
                    elif not write:
                        if ends[end, 0] != payer:
                            ends[end, 0], ends[end, 1], ends[end, 2] = payer, 0, -1
                        ends[end, 1] += ends[end, 2] != middle
                        ends[end, 2] = middle
        lo = hi
    return pairs[:count]


@numba.njit(cache=True, nogil=True)
def _rows(time, pairs, spans, window):  # type: ignore[no-untyped-def]
    # The rows of each window's pairs as start and values of lists; a row of several pairs as often.
    start, used = np.zeros(len(spans) + 1, np.int64), 0
    out = np.empty(2 * (spans[:, 1] - spans[:, 0]).sum(), np.int64)
    for one in range(len(spans)):
        begin, end = spans[one]
        bound = time[pairs[begin, 0]] + window
        for k in range(begin, end):
            if time[pairs[k, 1]] <= bound:
                out[used], out[used + 1] = pairs[k]
                used += 2
        start[one + 1] = used
    return start, out[:used].copy()


@numba.njit(cache=True, nogil=True)
def _windows(time, target, pairs, edges, limits):  # type: ignore[no-untyped-def]
    # (K, 2): the half-open pairs of a maximal window; the pairs of a group are by their first payment.
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
            count, more, last = 0, False, hi
            for k in range(i, hi):
                if time[pairs[k, 0]] > start + window:
                    last = k
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
                found.append((np.int64(i), np.int64(last)))
    spans = np.empty((len(found), 2), np.int64)
    for i in range(len(found)):
        spans[i, 0], spans[i, 1] = found[i]
    return spans


TYPOLOGY = ScatterGather()
