"""Find the payments that close a scatter-gather or a gather-scatter."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphml.features._path_ahead import GAVE, GOT, OVER
from graphml.features._paths import keeps
from graphml.kernel import kernel
from graphml.stream import Ints

__all__ = ["gather_room", "gather_scatter", "scatter_gather"]

Pack = tuple[Any, ...]  # of arrays, as the docstring says


def gather_room(payments: int, whom: NDArray[np.int32]) -> Pack:
    """Return memory: the latest payment in over each pair, and what is known of accounts."""
    return np.full(payments, -1, np.int32), whom


@kernel
def scatter_gather(
    span: Pack, own: int, window: int, time: Ints, links: Pack, memory: Pack, steady: int, found: Ints
) -> None:
    """Write for each payment to *own* over how many accounts one source has reached it, the payer being the last.

    *span* is where its payments begin, the first that is told, and where they end. With *steady* only what goes on in a steady amount counts.

    Each pair of source and intermediary keeps its latest payment on to *own*, so that sliding the window counts
    different intermediaries without going through them.
    """
    came, pair = links
    latest, whom = memory
    begin, fresh, end = span
    lo = hi = begin + np.searchsorted(time[begin:fresh], time[fresh] - window) if fresh < end else begin
    for p in range(fresh, end):
        while time[hi] < time[p]:
            for e in range(came[hi].first, came[hi].last):
                if not steady or keeps(came[e].amount, came[hi].amount):
                    whom[came[e].other, OVER] += latest[pair[e]] < lo
                    latest[pair[e]] = hi
            hi += 1
        while time[lo] < time[p] - window:
            for e in range(came[lo].first, came[lo].last):
                if latest[pair[e]] == lo:
                    whom[came[e].other, OVER] -= 1
                    latest[pair[e]] = -1
            lo += 1
        most = 0
        for e in range(came[p].first, came[p].last):
            if came[e].other != own and (not steady or keeps(came[e].amount, came[p].amount)):
                most = max(most, whom[came[e].other, OVER] + (latest[pair[e]] < lo))
        found[p - begin] = most if most > 1 else 0
    for q in range(lo, hi):
        for e in range(came[q].first, came[q].last):
            whom[came[e].other, OVER] = 0
            latest[pair[e]] = -1


@kernel
def gather_scatter(
    span: Pack, own: int, window: int, inward: Pack, outward: Pack, links: Pack, memory: Pack, found: Ints
) -> None:
    """Write for each payment by *own*, from the first of *span* that is told on, the fewer of its different payers and of those paid on to, the payee the last."""
    (in_start, payer, in_time), (payee, out_time) = inward, outward
    came, went = links
    whom = memory[1]
    (begin, fresh, end), stop = span, in_start[own + 1]
    in_lo = in_hi = in_start[own]
    lo = hi = begin
    if fresh < end:
        in_lo = in_hi = in_lo + np.searchsorted(in_time[in_lo:stop], out_time[fresh] - window)
        lo = hi = lo + np.searchsorted(out_time[begin:fresh], out_time[fresh] - window)
    sources = targets = 0
    for o in range(fresh, end):
        since = out_time[o] - window
        while in_hi < stop and in_time[in_hi] < out_time[o]:
            sources += whom[payer[in_hi], GOT] < in_lo
            whom[payer[in_hi], GOT] = in_hi
            in_hi += 1
        while in_lo < in_hi and in_time[in_lo] < since:
            sources -= whom[payer[in_lo], GOT] == in_lo
            in_lo += 1
        while out_time[hi] < out_time[o]:
            if _follows(came[went[hi].twin]):
                targets += whom[payee[hi], GAVE] < lo
                whom[payee[hi], GAVE] = hi
            hi += 1
        while out_time[lo] < since:
            targets -= whom[payee[lo], GAVE] == lo
            lo += 1
        fewer = min(sources, targets + (whom[payee[o], GAVE] < lo))
        found[o - begin] = fewer if fewer > 1 and _follows(came[went[o].twin]) else 0


@kernel
def _follows(step):  # type: ignore[no-untyped-def]
    return step.first < step.last
