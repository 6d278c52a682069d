"""Find fans: many counterparties on one side of one account."""

from collections.abc import Collection
from dataclasses import dataclass
from math import fsum

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.lists import Lists
from graphml.ring import Cut, Found, Reason, Ring
from graphml.typologies._instance import said_span
from graphml.typologies._listed import listed
from graphml.typologies._windows import apart, crowded, payments_between, sliding

__all__ = ["Fan", "fans"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fan:
    """Say which fans count."""

    name: str
    inward: bool  # many payers, else many payees
    window: int  # microseconds
    counterparties: int  # fewest
    new: bool  # only first payments between a pair count
    hub_limit: int  # payments of a fan that are kept


def fans(graph: TransactionGraph, fan: Fan) -> Found:
    """Return the maximal fans of the view."""
    centre, other = (graph.target, graph.source) if fan.inward else (graph.source, graph.target)
    rows = listed(graph, payments_between(graph, fan.new), fan.inward)
    slices = sliding(centre[rows].astype(np.int64), graph.time[rows], fan.window, fan.counterparties)
    slices = apart(slices, fan.hub_limit)
    slices = slices[_different(other[rows], slices, graph.n) >= fan.counterparties]
    crowd = slices[slices[:, 1] - slices[:, 0] > fan.hub_limit]
    whole = Lists.slices(rows, slices[slices[:, 1] - slices[:, 0] <= fan.hub_limit])
    kept, cuts = _crowds(graph, fan, [(int(centre[rows[lo]]), rows[lo:hi]) for lo, hi in crowd.tolist()], other)
    every = Lists.joined([whole, Lists.of([own.tolist() for own, _ in kept])])

    def told(i: int) -> Ring:
        cut = kept[i - len(whole)][1] if i >= len(whole) else ()
        own = every[i]
        return _ring(graph, fan, own.tolist(), (int(centre[own[0]]), set(other[own].tolist())), cut)

    return Found.lists(fan.name, graph, every, told, cuts)


def _crowds(
    graph: TransactionGraph, fan: Fan, crowd: list[tuple[int, Ints]], other: NDArray[np.int32]
) -> tuple[list[tuple[Ints, tuple[Cut, ...]]], list[Cut]]:
    # Fans above the limit: what is kept of each and its cut, but for those of which few counterparties made the
    # largest payments; the cuts of all.
    kept: list[tuple[Ints, tuple[Cut, ...]]] = []
    cuts: list[Cut] = []
    for account, rows in crowd:
        own, cut = crowded(graph, account, rows, fan.hub_limit, "incoming" if fan.inward else "outgoing")
        cuts.extend(cut)
        if len(np.unique(other[own])) >= fan.counterparties:
            kept.append((own, cut))
    return kept, cuts


@numba.njit(cache=True, nogil=True)
def _different(other, slices, n):  # type: ignore[no-untyped-def]
    # (K,) how many different counterparties each slice has.
    seen, count = np.full(n, -1, np.int64), np.zeros(len(slices), np.int64)
    for i in range(len(slices)):
        for k in range(slices[i, 0], slices[i, 1]):
            if seen[other[k]] != i:
                seen[other[k]] = i
                count[i] += 1
    return count


def _ring(
    graph: TransactionGraph, fan: Fan, rows: list[int], who: tuple[int, Collection[int]], cut: tuple[Cut, ...]
) -> Ring:
    centre, others = who
    roles = dict.fromkeys(others, "source" if fan.inward else "cash-out")
    roles[centre] = "collector" if fan.inward else "distributor"
    what = "payers paid into one account" if fan.inward else "payees were paid from one account"
    first = ", each for the first time" if fan.new else ""
    many = Reason(
        f"{len(others)} different {what}{first} (at least {fan.counterparties}).", len(others), fan.counterparties
    )
    start, end = int(graph.time[rows[0]]), int(graph.time[rows[-1]])
    value = fsum(graph.value[rows].tolist())
    return Ring(
        typology=fan.name, rows=tuple(rows), roles=tuple(sorted(roles.items())),
        reasons=(many, said_span(len(rows), end - start, value, fan.window)),
        start=start, end=end, value=value, parts=(fan.name,), cut=cut,
    )  # fmt: skip
