"""Leave out payments with accounts that many others newly deal with: shops, employers, other hubs."""

from math import fsum

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ring import Cut
from graphml.typologies._listed import edges, listed

__all__ = ["uncrowded"]

Ints = NDArray[np.int64]


def uncrowded(
    graph: TransactionGraph, rows: Ints, reach: int, limits: tuple[int, int], name: str
) -> tuple[Ints, tuple[Cut, ...]]:  # fmt: skip
    """Return those of *rows* (ascending) between accounts that are no hubs then, and the cuts of the others.

    A payment is left out where its payer made more than `limits[0]` of *rows*, or its payee got more than `limits[1]`,
    in the *reach* (microseconds) up to its instant, itself included; nothing later counts.
    """
    lost = np.zeros(len(graph.time), np.bool_)
    cuts: list[Cut] = []
    for side, limit, way in ((graph.source, limits[0], "outgoing"), (graph.target, limits[1], "incoming")):
        mine = listed(graph, rows, side is graph.target)
        owner = side[mine]
        crowd = _crowded(owner, graph.time[mine], reach, limit)
        lost[mine[crowd]] = True
        text = f"as {name} leaves out {way} payments from more than {limit:,} in {reach / 3_600_000_000:g} hours on"
        runs = edges(owner)
        first, degree = runs[:-1], np.diff(runs)
        dropped = np.add.reduceat(crowd.astype(np.int64), first) if len(first) else first
        values, told = graph.value[mine[crowd]].tolist(), 0
        hubs = np.flatnonzero(dropped)
        for account, all_, gone in np.stack([owner[first[hubs]], degree[hubs], dropped[hubs]], axis=1).tolist():
            cuts.append(Cut(account, all_, all_ - gone, gone, fsum(values[told : told + gone]), text))
            told += gone
    return rows[~lost[rows]], tuple(cuts)


@numba.njit(cache=True, nogil=True)
def _crowded(owner, time, reach, limit):  # type: ignore[no-untyped-def]
    crowd = np.zeros(len(owner), np.bool_)
    lo = hi = 0
    for i in range(len(owner)):
        if i == 0 or owner[i] != owner[i - 1]:
            lo = hi = i
        while time[i] - time[lo] > reach:
            lo += 1
        while hi < len(owner) and owner[hi] == owner[i] and time[hi] == time[i]:
            hi += 1
        hi = max(hi, i + 1)
        crowd[i] = hi - lo > limit
    return crowd
