"""Find bicliques in time: payers that all pay the same payees within a window."""

from dataclasses import dataclass
from itertools import pairwise

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ring import Cut
from graphml.typologies._crowds import uncrowded
from graphml.typologies._listed import edges, listed
from graphml.typologies._maximal import maximal
from graphml.typologies._windows import payments_between

__all__ = ["Biclique", "bicliques"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Biclique:
    """Say which bicliques count."""

    name: str  # of the typology
    window: int  # microseconds
    payers: int  # fewest
    payees: int  # fewest
    pairs: int  # fewest pairs of a payer and a payee
    hub_limit: int  # first payments of one account in the window up to a payment; the payment is left out above


def bicliques(graph: TransactionGraph, wanted: Biclique) -> tuple[list[tuple[int, ...]], tuple[Cut, ...]]:
    """Return the rows of each maximal biclique, ascending, and the hubs whose payments were left out.

    A biclique is grown from two payees x, y and a window that starts with the earlier of two payments by which one
    payer pays both: its payers are all that pay both in the window, its payees all that each of these pays in it.
    """
    limits = (wanted.hub_limit, wanted.hub_limit)
    rows, cuts = uncrowded(graph, payments_between(graph, True), wanted.window, limits, wanted.name)
    rows = _popular(graph, rows, wanted.payers)
    rows = listed(graph, rows, False)
    pairs = _pairs(graph.source, graph.target, graph.time, rows, wanted.window)
    start = np.searchsorted(graph.source[rows], np.arange(graph.n + 1))
    found: set[tuple[int, ...]] = set()
    for some in _shared(pairs, graph.n, wanted.payers):
        found.update(_grown(graph, wanted, some, (rows, start)))
    return sorted(maximal(found)), cuts


def _shared(pairs: Ints, n: int, payers: int) -> list[Ints]:
    # The *pairs* of each two payees that stand at least so often, by payees, in their order, which is by payer.
    key = pairs[:, 0] * n + pairs[:, 1]
    order = np.argsort(key)  # equals in any order; most payees stand once, so what goes on is little
    sizes = np.diff(edges(key[order]))
    often = np.sort(order[np.repeat(sizes >= payers, sizes)])
    often = often[np.argsort(key[often], kind="stable")]
    return [pairs[often[first:last]] for first, last in pairwise(edges(key[often]).tolist())]


def _popular(graph: TransactionGraph, rows: Ints, payers: int) -> Ints:
    # Only payees of enough payers, and payers of two of them, can be in a biclique.
    count = np.bincount(graph.target[rows], minlength=graph.n)
    rows = rows[count[graph.target[rows]] >= payers]
    kept: Ints = rows[np.bincount(graph.source[rows], minlength=graph.n)[graph.source[rows]] >= 2]
    return kept


def _grown(graph: TransactionGraph, wanted: Biclique, pairs: Ints, lists: tuple[Ints, Ints]) -> set[tuple[int, ...]]:
    first = np.minimum(graph.time[pairs[:, 3]], graph.time[pairs[:, 4]])
    last = np.maximum(graph.time[pairs[:, 3]], graph.time[pairs[:, 4]])
    found = set()
    for start in np.unique(first):
        payers = np.unique(pairs[(first >= start) & (last <= start + wanted.window), 2])
        if len(payers) >= wanted.payers:
            one = _closed(graph, payers, int(start), wanted, lists)
            if one:
                found.add(one)
    return found


def _closed(
    graph: TransactionGraph, payers: Ints, start: int, wanted: Biclique, lists: tuple[Ints, Ints]
) -> tuple[int, ...]:  # fmt: skip
    # All payments of *payers* to payees that each of them pays in the window, empty where too few.
    rows, begin = lists
    own = [rows[begin[a] : begin[a + 1]] for a in payers.tolist()]
    own = [r[(graph.time[r] >= start) & (graph.time[r] <= start + wanted.window)] for r in own]
    common = set(graph.target[own[0]].tolist()).intersection(*(graph.target[r].tolist() for r in own[1:]))
    # No payer is among them, for nobody of *payers* pays himself in *rows*.
    if len(common) < wanted.payees or len(common) * len(payers) < wanted.pairs:
        return ()
    inside = np.concatenate(own)
    return tuple(sorted(inside[np.isin(graph.target[inside], list(common))].tolist()))


@numba.njit(cache=True, nogil=True)
def _pairs(source, target, time, rows, window):  # type: ignore[no-untyped-def]
    # (K, 5): lesser payee, greater payee, payer, row to the first, row to the second.
    count, pairs = 0, np.empty((0, 5), np.int64)
    for write in range(2):
        if write:
            pairs = np.empty((count, 5), np.int64)
            count = 0
        for i in range(len(rows)):
            a = rows[i]
            for k in range(i + 1, len(rows)):
                b = rows[k]
                if source[b] != source[a] or time[b] - time[a] > window:
                    break
                x, y = target[a], target[b]
                if x == y:
                    continue
                if write:
                    pairs[count, 0], pairs[count, 1], pairs[count, 2] = min(x, y), max(x, y), source[a]
                    pairs[count, 3], pairs[count, 4] = (a, b) if x < y else (b, a)
                count += 1
    return pairs
