"""Take whole-graph values anew on a fixed calendar, so that each instant reads the latest one before its day."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.window import DAY

__all__ = ["refresh_days", "snapshots"]

_DAILY = 8  # the first days are each looked at
_GROWTH = 1.12  # later the next day is this much further from the beginning


def refresh_days(first: int, last: int) -> list[int]:
    """Return midnights (microseconds UTC) after the day of *first* up to *last*; they depend on *first* alone."""
    found: list[int] = []
    day, number = first // DAY * DAY, 0
    while True:
        number = number + 1 if number < _DAILY else max(number + 1, int(number * _GROWTH))
        if day + number * DAY > last:
            return found
        found.append(day + number * DAY)


def snapshots(
    graph: TransactionGraph,
    account: NDArray[np.int32],
    at: NDArray[np.int64],
    compute: Callable[[TransactionGraph, NDArray[np.int64]], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Return (M, F): the values of the latest refresh day at or before each instant's own midnight, NaN where none.

    *compute* gets the view before the refresh day and the accounts in it, ascending (K,), and returns (K, F). It must
    not know accounts that come later, so it works on the K accounts and not on N.
    """
    width = compute(graph.before(graph.time[graph.lo]) if len(graph) else graph, np.empty(0, np.int64)).shape[1]
    result = np.full((len(account), width), np.nan)
    if not len(graph) or not len(at):
        return result
    days = np.array(refresh_days(int(graph.time[graph.lo]), int(at.max())), np.int64)
    which = np.searchsorted(days, at // DAY * DAY, "right") - 1
    for number in np.unique(which[which >= 0]):
        view = graph.before(int(days[number]))
        seen = np.unique(np.concatenate([graph.source[view.rows], graph.target[view.rows]])).astype(np.int64)
        values = compute(view, seen)
        asked = np.flatnonzero(which == number)
        place = np.minimum(np.searchsorted(seen, account[asked]), len(seen) - 1)
        known = seen[place] == account[asked]
        result[asked[known]] = values[place[known]]
    return result
