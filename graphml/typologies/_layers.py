"""Find fans of fans: several accounts each gather from several, and pay one; or the same outwards."""

from dataclasses import dataclass
from math import fsum

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
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
    lists = (by_middle, by_other)
    spans, busy = _middles(ends, lists, (counts, wanted.keep, wanted.most), wanted.inward, graph.n)
    good = by_middle[spans[:, 1] > spans[:, 0]]
    span_of = dict(zip(good.tolist(), spans[spans[:, 1] > spans[:, 0]].tolist(), strict=True))
    good = good[np.lexsort((good, centre[good]))]
    rings = []
    for lo, hi in sliding(centre[good].astype(np.int64), graph.time[good], wanted.window, wanted.middles):
        if len(np.unique(middle[good[lo:hi]])) >= wanted.middles:
            outer = [_leaves(by_other[slice(*span_of[r])], (middle, centre), r) for r in good[lo:hi].tolist()]
            rings.append(_ring(graph, wanted, good[lo:hi], np.concatenate(outer)))
    return Found.of(wanted.name, rings, _cuts(graph, wanted, by_other, busy))


def _leaves(rows: Ints, ends: tuple[NDArray[np.int32], NDArray[np.int32]], row: int) -> Ints:
    middle, centre = ends
    kept: Ints = rows[middle[rows] != centre[row]]
    return kept


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


@numba.njit(cache=True)
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
        row = by_middle[i]
        account = middle[row]
        if i == 0 or middle[by_middle[i - 1]] != account:
            while start < len(by_other) and centre[by_other[start]] < account:
                start += 1
            a = b = start
        # in: [t - gap, t); out: (t, t + gap]
        low = time[row] - gap if inward else time[row] + 1
        high = time[row] - 1 if inward else time[row] + gap
        while a < len(by_other) and centre[by_other[a]] == account and time[by_other[a]] < low:
            a += 1
        b = max(a, b)
        while b < len(by_other) and centre[by_other[b]] == account and time[by_other[b]] <= high:
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
