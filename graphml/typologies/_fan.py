"""Find fans: many counterparties on one side of one account."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
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
    rows = payments_between(graph, fan.new)
    centre, other = (graph.target, graph.source) if fan.inward else (graph.source, graph.target)
    rows = listed(graph, rows, fan.inward)
    found: list[Ring] = []
    cuts: list[Cut] = []
    for account, kept, others, cut in _windows(graph, fan, rows, (centre, other)):
        cuts.extend(cut)
        who = set(others)
        if len(who) >= fan.counterparties:  # else few counterparties made the largest payments
            found.append(_ring(graph, fan, kept, (account, who), cut))
    return Found.of(fan.name, found, cuts)


def _windows(
    graph: TransactionGraph, fan: Fan, rows: Ints, ends: tuple[NDArray[np.int32], NDArray[np.int32]]
) -> Iterator[tuple[int, list[int], list[int], tuple[Cut, ...]]]:  # fmt: skip
    # Account, rows kept, their counterparties, cuts; lists at once, for there are as many windows as payments.
    centre, other = ends
    every, others = rows.tolist(), other[rows].tolist()
    way = "incoming" if fan.inward else "outgoing"
    slices = sliding(centre[rows].astype(np.int64), graph.time[rows], fan.window, fan.counterparties)
    slices = apart(slices, fan.hub_limit)
    for account, (lo, hi) in zip(centre[rows[slices[:, 0]]].tolist(), slices.tolist(), strict=True):
        here = others[lo:hi]
        if hi - lo < 2 * fan.counterparties and len(set(here)) < fan.counterparties:
            continue
        if hi - lo <= fan.hub_limit:
            yield account, every[lo:hi], here, ()
        elif len(set(here)) >= fan.counterparties:
            kept, cut = crowded(graph, account, rows[lo:hi], fan.hub_limit, way)
            yield account, kept.tolist(), other[kept].tolist(), cut


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
