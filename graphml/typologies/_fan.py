"""Find fans: many counterparties on one side of one account."""

from dataclasses import dataclass

import numpy as np

from graphml.graph import TransactionGraph
from graphml.ring import Reason, Ring
from graphml.typologies._instance import instance, ordered, span_reason
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


def fans(graph: TransactionGraph, fan: Fan) -> list[Ring]:
    """Return the maximal fans of the view, by (start, rows)."""
    rows = payments_between(graph, fan.new)
    centre, other = (graph.target, graph.source) if fan.inward else (graph.source, graph.target)
    rows = rows[np.lexsort((rows, centre[rows]))]
    found = []
    for lo, hi in sliding(centre[rows].astype(np.int64), graph.time[rows], fan.window, fan.counterparties):
        if len(np.unique(other[rows[lo:hi]])) >= fan.counterparties:
            found.append(_ring(graph, fan, rows[lo:hi], int(centre[rows[lo]])))
    return ordered(found)


def _ring(graph: TransactionGraph, fan: Fan, rows: np.ndarray, centre: int) -> Ring:
    rows, cut = crowded(graph, centre, rows, fan.hub_limit)
    others = {int(a) for a in (graph.source if fan.inward else graph.target)[rows]}
    roles = dict.fromkeys(others, "source" if fan.inward else "cash-out")
    roles[centre] = "collector" if fan.inward else "distributor"
    what = "payers paid into one account" if fan.inward else "payees were paid from one account"
    first = ", each for the first time" if fan.new else ""
    many = Reason(
        f"{len(others)} different {what}{first} (at least {fan.counterparties}).", len(others), fan.counterparties
    )
    return instance(graph, rows.tolist(), roles, (fan.name, (many, span_reason(graph, rows.tolist(), fan.window))), cut)
