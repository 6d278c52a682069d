"""Find dense flows: few accounts pay many, which pass nearly all of it on to few."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ring import Found, Reason, Ring
from graphml.typologies._crowds import uncrowded
from graphml.typologies._instance import instance, money, span_reason
from graphml.typologies._peel import densest
from graphml.typologies._windows import payments_between
from graphml.window import DAY

__all__ = ["TYPOLOGY", "DenseFlow"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DenseFlow:
    """Much money goes from few accounts through several that keep hardly any of it to few others: FlowScope.

    Time is cut into windows of length `window` that begin at its multiples since 1970 UTC. In each, middles M are the
    accounts that get money and later pay, with (1 + penalty) * f > penalty * q for f the lesser and q the greater of what they
    get before their last payment and pay after their first receipt; A are their payers and C their payees. Blocks of A, M, C are
    found as in Li et al. (FlowScope, AAAI 2020, equation 2): nodes of least weight are taken away until the density
    sum over M of (1 + penalty) * f - penalty * q, divided by |A| + |M| + |C|, was greatest; then the block is taken out
    and the rest is looked at again. Only blocks with at least `middles` middles, and no more of A or of C than of M. A heuristic:
    it is not certain that the densest block is met. penalty 4 as published: up to a fifth may stay behind. With a
    hub_limit of 20 most accounts hang together in one part, which takes ten times as long and finds no more.
    """

    window: int = 4 * DAY  # microseconds
    middles: int = 3  # fewest
    penalty: float = 4.0  # lambda of the paper
    hub_limit: int = 10  # payments of an account in the window up to a payment; above, that payment is left out

    @property
    def name(self) -> str:
        """Return `dense-flow`."""
        return "dense-flow"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the blocks met in the view, and the hubs whose payments were left out."""
        limits = (self.hub_limit, self.hub_limit)
        rows, cuts = uncrowded(graph, payments_between(graph, False), self.window, limits, self.name)
        rings: list[Ring] = []
        tile = graph.time[rows] // self.window
        edges = np.flatnonzero(np.r_[True, tile[1:] != tile[:-1], True]) if len(rows) else np.zeros(1, np.int64)
        for lo, hi in itertools.pairwise(edges):
            for ins, outs in self._parts(graph, rows[lo:hi]):
                rings.extend(self._blocks(graph, ins, outs))
        return Found.of(self.name, rings, cuts)

    def _parts(self, graph: TransactionGraph, rows: Ints) -> Iterator[tuple[Ints, Ints]]:
        # What comes in and goes out at middles, a connected part at a time.
        ins, outs = _turned(graph, rows)
        came = np.bincount(graph.target[ins], graph.value[ins], graph.n)
        went = np.bincount(graph.source[outs], graph.value[outs], graph.n)
        good = (1 + self.penalty) * np.minimum(came, went) > self.penalty * np.maximum(came, went)
        ins, outs = ins[good[graph.target[ins]]], outs[good[graph.source[outs]]]
        n = graph.n
        nodes = np.concatenate([graph.source[ins], graph.target[outs].astype(np.int64) + 2 * n])
        middle = np.concatenate([graph.target[ins], graph.source[outs]]).astype(np.int64) + n
        label = _parts_of(nodes, middle, 3 * n)
        mark = label[middle]
        count = np.bincount(label[np.flatnonzero(good) + n], minlength=3 * n)
        order = np.argsort(mark, kind="stable")
        order = order[count[mark[order]] >= self.middles]
        whole = np.concatenate([ins, outs])
        edges = np.flatnonzero(np.r_[True, np.diff(mark[order]) != 0, True]) if len(order) else np.zeros(1, np.int64)
        for lo, hi in itertools.pairwise(edges):
            here = order[lo:hi]
            yield np.sort(whole[here[here < len(ins)]]), np.sort(whole[here[here >= len(ins)]])

    def _blocks(self, graph: TransactionGraph, ins: Ints, outs: Ints) -> Iterator[Ring]:
        n = graph.n
        while len(ins) and len(outs):
            source = np.concatenate([graph.source[ins].astype(np.int64), graph.source[outs].astype(np.int64) + n])
            target = np.concatenate(
                [graph.target[ins].astype(np.int64) + n, graph.target[outs].astype(np.int64) + 2 * n]
            )
            names, number = np.unique(np.concatenate([source, target]), return_inverse=True)
            ends = (number[: len(source)], number[len(source) :])
            value = graph.value[np.concatenate([ins, outs])]
            kept, density = densest(ends, value, (names // n).astype(np.int8), self.penalty, self.middles)
            if density <= 0:
                return
            inside = kept[ends[0]] & kept[ends[1]]
            one = (ins[inside[: len(ins)]], outs[inside[len(ins) :]])
            if self._few(graph, *one):
                yield self._ring(graph, *one, density)
            taken = np.unique(graph.target[one[0]])
            ins, outs = ins[~np.isin(graph.target[ins], taken)], outs[~np.isin(graph.source[outs], taken)]

    def _few(self, graph: TransactionGraph, ins: Ints, outs: Ints) -> bool:
        middles = len(np.intersect1d(graph.target[ins], graph.source[outs]))
        return max(len(np.unique(graph.source[ins])), len(np.unique(graph.target[outs]))) <= middles

    def _ring(self, graph: TransactionGraph, ins: Ints, outs: Ints, density: float) -> Ring:
        middles = set(graph.target[ins].tolist()) | set(graph.source[outs].tolist())
        payers, payees = set(graph.source[ins].tolist()), set(graph.target[outs].tolist())
        roles = dict.fromkeys(payees, "cash-out") | dict.fromkeys(payers, "source") | dict.fromkeys(middles, "mule")
        came, went = fsum(graph.value[ins].tolist()), fsum(graph.value[outs].tolist())
        rows = sorted({*ins.tolist(), *outs.tolist()})
        reasons = (
            Reason(f"{money(came)} came to {len(middles)} accounts (at least {self.middles}) from {len(payers)} and "
                   f"{money(went)} went on to {len(payees)}.", len(middles), self.middles),
            Reason(f"For each account in it {money(density)} flowed through, less {self.penalty:g} times what stayed behind.",
                   density, 0.0),
            span_reason(graph, rows, self.window),
        )  # fmt: skip
        return instance(graph, rows, roles, (self.name, reasons))


def _turned(graph: TransactionGraph, rows: Ints) -> tuple[Ints, Ints]:
    # Ins before their payee's last payment, outs after their payer's first receipt; *rows* ascend.
    first = np.full(graph.n, np.iinfo(np.int64).max)
    last = np.full(graph.n, np.iinfo(np.int64).min)
    time = graph.time[rows]
    np.minimum.at(first, graph.target[rows], time)
    np.maximum.at(last, graph.source[rows], time)
    return rows[time < last[graph.target[rows]]], rows[time > first[graph.source[rows]]]


@numba.njit(cache=True, nogil=True)
def _parts_of(one, other, n):  # type: ignore[no-untyped-def]
    # (n,) the least node of the connected part of each node.
    label = np.arange(n)
    for i in range(len(one)):
        a, b = one[i], other[i]
        while label[a] != a:
            label[a] = label[label[a]]
            a = label[a]
        while label[b] != b:
            label[b] = label[label[b]]
            b = label[b]
        label[max(a, b)] = min(a, b)
    for i in range(n):
        label[i] = label[label[i]]
    return label


TYPOLOGY = DenseFlow()
