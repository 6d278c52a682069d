"""Find fans: many counterparties on one side of one account."""

from dataclasses import dataclass

import numpy as np

from graphml.graph import TransactionGraph
from graphml.ring import Cut, Found, Reason, Ring
from graphml.typologies._instance import instance, span_reason
from graphml.typologies._windows import crowded, payments_between, sliding

__all__ = ["Fan", "fans"]


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
    rows = rows[np.lexsort((rows, centre[rows]))]
    found: list[Ring] = []
    cuts: list[Cut] = []
    for lo, hi in sliding(centre[rows].astype(np.int64), graph.time[rows], fan.window, fan.counterparties):
        if len(np.unique(other[rows[lo:hi]])) < fan.counterparties:
            continue
        account = int(centre[rows[lo]])
        kept, cut = crowded(graph, account, rows[lo:hi], fan.hub_limit, "incoming" if fan.inward else "outgoing")
        cuts.extend(cut)
        others = set(other[kept].tolist())
        if len(others) >= fan.counterparties:  # else few counterparties made the largest payments
            found.append(_ring(graph, fan, kept, (account, others), cut))
    return Found.of(fan.name, found, cuts)


def _ring(graph: TransactionGraph, fan: Fan, rows: np.ndarray, who: tuple[int, set[int]], cut: tuple[Cut, ...]) -> Ring:
    centre, others = who
    roles = dict.fromkeys(others, "source" if fan.inward else "cash-out")
    roles[centre] = "collector" if fan.inward else "distributor"
    what = "payers paid into one account" if fan.inward else "payees were paid from one account"
    first = ", each for the first time" if fan.new else ""
    many = Reason(
        f"{len(others)} different {what}{first} (at least {fan.counterparties}).", len(others), fan.counterparties
    )
    return instance(graph, rows.tolist(), roles, (fan.name, (many, span_reason(graph, rows.tolist(), fan.window))), cut)
