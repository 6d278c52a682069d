"""Find fans of fans: several accounts each gather from several, and pay one; or the same outwards."""

from dataclasses import dataclass
from math import fsum

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.lists import Lists
from graphml.prefetch import ahead
from graphml.ring import Cut, Found, Reason, Ring
from graphml.typologies._instance import instance, money, span_reason
from graphml.typologies._listed import listed
from graphml.typologies._windows import payments_between, sliding

__all__ = ["Layered", "layered"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Layered:
    """Say which fans of fans count."""

    name: str  # of the typology
    inward: bool  # leaves pay middles, which pay the centre; else the centre pays middles, which pay leaves
    window: int  # microseconds from the first to the last payment between middles and the centre
    gap: int  # microseconds between a payment with the centre and those of its middle with leaves
    middles: int  # fewest
    leaves: int  # fewest of one middle
    keep: float  # least ratio of the later to the earlier layer at one middle
    most: float  # largest ratio
    hub_limit: int  # a middle with more payments within the gap is none


def layered(graph: TransactionGraph, wanted: Layered) -> Found:
    """Return the maximal fans of fans in the view, and the middles that were too busy."""
    rows = payments_between(graph, True)
    middle, centre = (graph.source, graph.target) if wanted.inward else (graph.target, graph.source)
    by_middle = listed(graph, rows, not wanted.inward)  # payments with centres, by the account that may be a middle
    by_other = listed(graph, rows, wanted.inward)  # payments with leaves, by the same account
    counts = np.array([wanted.gap, wanted.leaves, wanted.hub_limit], np.int64)
    ends = (middle, centre, graph.time, graph.value)
    spans, busy = _middles(ends, (by_middle, by_other), (counts, wanted.keep, wanted.most), wanted.inward, graph.n)
    good = np.flatnonzero(spans[:, 1] > spans[:, 0])
    good = good[np.lexsort((by_middle[good], centre[by_middle[good]]))]
    inner, spans = by_middle[good], spans[good]
    windows = sliding(centre[inner].astype(np.int64), graph.time[inner], wanted.window, wanted.middles)
    windows = windows[_several(middle[inner], windows, wanted.middles, graph.n)]
    both = Lists(*_both((middle, centre), inner, (spans, by_other), windows))

    def told(i: int) -> Ring:
        count = windows[i, 1] - windows[i, 0]
        return _ring(graph, wanted, both[i][:count], both[i][count:])

    return Found.lists(wanted.name, graph, both.sets(), told, _cuts(graph, wanted, by_other, busy))


def _cuts(graph: TransactionGraph, wanted: Layered, by_other: Ints, busy: Ints) -> list[Cut]:
    order = (
        f"as {wanted.name} takes no account with more than {wanted.hub_limit:,} first payments in the gap for a middle"
    )
    side = graph.target if wanted.inward else graph.source
    return [
        Cut(int(side[by_other[lo]]), int(hi - lo), 0, int(hi - lo), fsum(graph.value[by_other[lo:hi]].tolist()), order)
        for lo, hi in busy
    ]


def _ring(graph: TransactionGraph, wanted: Layered, inner: Ints, outer: Ints) -> Ring:
    if wanted.inward:
        middles, leaves, centre = graph.source[inner], graph.source[outer], int(graph.target[inner[0]])
        names = ("source", "mule", "collector")
    else:
        middles, leaves, centre = graph.target[inner], graph.target[outer], int(graph.source[inner[0]])
        names = ("cash-out", "distributor", "source")
    between, ends = set(middles.tolist()), set(leaves.tolist())
    roles = dict.fromkeys(ends, names[0]) | dict.fromkeys(between, names[1]) | {centre: names[2]}
    early, late = (outer, inner) if wanted.inward else (inner, outer)
    first, second = fsum(graph.value[np.unique(early)].tolist()), fsum(graph.value[np.unique(late)].tolist())
    what = "gathered from others and paid one account" if wanted.inward else "were paid by one account and paid others"
    rows = sorted({*inner.tolist(), *outer.tolist()})
    reasons = (
        Reason(f"{len(between)} accounts {what} (at least {wanted.middles}), each with at least {wanted.leaves} "
               "counterparties.", len(between), wanted.middles),
        Reason(f"{money(first)} moved in the first layer and {money(second)} in the second.",
               second / first if first else 0.0, wanted.keep),
        span_reason(graph, rows, wanted.window + wanted.gap),
    )  # fmt: skip
    return instance(graph, rows, roles, (wanted.name, reasons))


@numba.njit(cache=True, nogil=True)
def _middles(ends, lists, limits, inward, n):  # type: ignore[no-untyped-def]
    # For each row of by_middle its span of by_other, empty where it is no payment of a middle.
    middle, centre, time, value = ends
    by_middle, by_other = lists
    counts, keep, most = limits
    gap, leaves, hub = counts
    spans = np.zeros((len(by_middle), 2), np.int64)
    seen = np.full(n, -1, np.int64)
    wide = np.zeros((n, 2), np.int64)
    a = b = start = 0
    for i in range(len(by_middle)):
        ahead(middle, by_middle, i)
        ahead(centre, by_middle, i)
        ahead(time, by_middle, i)
        ahead(value, by_middle, i)
        row = by_middle[i]
        account = middle[row]
        if i == 0 or middle[by_middle[i - 1]] != account:
            while start < len(by_other) and centre[by_other[start]] < account:
                ahead(centre, by_other, start)
                start += 1
            a = b = start
        # in: [t - gap, t); out: (t, t + gap]
        low = time[row] - gap if inward else time[row] + 1
        high = time[row] - 1 if inward else time[row] + gap
        while a < len(by_other) and centre[by_other[a]] == account and time[by_other[a]] < low:
            a += 1
        b = max(a, b)
        while b < len(by_other) and centre[by_other[b]] == account and time[by_other[b]] <= high:
            ahead(centre, by_other, b)
            ahead(middle, by_other, b)
            ahead(time, by_other, b)
            ahead(value, by_other, b)
            b += 1
        if b - a > hub:
            if b - a > wide[account, 1] - wide[account, 0]:
                wide[account, 0], wide[account, 1] = a, b
            continue
        found, total = 0, 0.0
        for k in range(a, b):
            leaf = middle[by_other[k]]
            if leaf == centre[row]:
                continue
            total += value[by_other[k]]
            if seen[leaf] != i:
                seen[leaf] = i
                found += 1
        early, late = (total, value[row]) if inward else (value[row], total)
        if found >= leaves and keep * early <= late <= most * early:
            spans[i, 0], spans[i, 1] = a, b
    return spans, wide[wide[:, 1] > wide[:, 0]]


@numba.njit(cache=True, nogil=True)
def _several(middle, windows, least, n):  # type: ignore[no-untyped-def]
    # (windows,) whether at least so many different middles are in each.
    enough, seen = np.zeros(len(windows), np.bool_), np.full(n, -1, np.int64)
    for i in range(len(windows)):
        found = 0
        for k in range(windows[i, 0], windows[i, 1]):
            found += seen[middle[k]] != i
            seen[middle[k]] = i
        enough[i] = found >= least
    return enough


@numba.njit(cache=True, nogil=True)
def _both(ends, inner, outward, windows):  # type: ignore[no-untyped-def]
    # Lists of the rows of each window: those between the centre and middles, then those of middles and leaves. A row
    # that stands with two payments of its middle is there twice.
    middle, centre = ends
    spans, by_other = outward
    start = np.zeros(len(windows) + 1, np.int64)
    for write in (False, True):
        rows = np.empty(start[-1] if write else 0, np.int64)
        used = 0
        for i in range(len(windows)):
            lo, hi = windows[i]
            if write:
                rows[used : used + hi - lo] = inner[lo:hi]
            used += hi - lo
            for k in range(lo, hi):
                for place in range(spans[k, 0], spans[k, 1]):
                    row = by_other[place]
                    if middle[row] != centre[inner[k]]:
                        if write:
                            rows[used] = row
                        used += 1
            start[i + 1] = used
    return start, rows
