"""Find the payments that traced money can concern, so that no others are looked at."""

import heapq

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.trail._instants import Ints

__all__ = ["Lists", "concerned_rows"]

Lists = tuple[Ints, Ints]  # start (N+1,) and rows, those of each account in order of number


def concerned_rows(
    lists: tuple[Lists, Lists], ends: tuple[NDArray[np.int32], Ints], seeds: Ints, kind: NDArray[np.int8],
    span: tuple[int, int],
) -> Ints:  # fmt: skip
    """Return the rows with a seed or with an account that traced money can have reached by then, ascending.

    Money reaches who is paid by somebody it has reached at an earlier instant, and goes no further from who has a
    *kind* (N,) above 0.

    Args:
        lists: the payments that accounts make, and those that they get, as money runs.
        ends: payee and time of each row.
        seeds: rows, whatever their order.
        kind: (N,) 0 where money goes on, else it stops.
        span: first and last row that count.
    """
    taken: Ints = _taken(*lists, ends, seeds, kind, span)
    return np.unique(taken)


@numba.njit(cache=True)
def _taken(made, got, ends, seeds, kind, span):  # type: ignore[no-untyped-def]
    # Accounts are reached in order of time (Dijkstra, 1959), each once.
    (payee, time), (low, high) = ends, span
    reached = np.zeros(len(kind), np.bool_)
    found = list(seeds)
    waiting = [(time[row], payee[row]) for row in seeds]
    heapq.heapify(waiting)
    while len(waiting):
        now, own = heapq.heappop(waiting)
        if reached[own] or kind[own] != 0:
            continue
        reached[own] = True
        came = _between(got, own, low, high)
        found.extend(came[time[came] >= now])  # what it gets at the very instant is there afterwards
        for row in _between(made, own, low, high):
            if time[row] > now:
                found.append(row)
                if not reached[payee[row]]:
                    heapq.heappush(waiting, (time[row], payee[row]))
    return np.array(found)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _between(lists: Lists, own: int, low: int, high: int) -> Ints:
    start, rows = lists
    mine = rows[start[own] : start[own + 1]]
    return mine[np.searchsorted(mine, low) : np.searchsorted(mine, high, side="right")]
