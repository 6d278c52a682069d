"""Walk the payments of an account on one side and say what it and the counterparty had been to each other before."""

import numba
import numpy as np

from graphml.kernel import kernel
from graphml.prefetch import ahead
from graphml.stream import Accounts, Columns, Ints, Out
from graphml.window import HOUR

__all__ = ["meeting_room", "meetings"]

Before = tuple[Ints, Accounts, Accounts, Ints, Ints, Ints]
_OWN, _RANK, _LAST, _COUNT = range(4)


def meeting_room(n: int) -> tuple[Ints, Ints]:
    """Return the memory for what is known of *n* parties."""
    return np.full((n, 4), -1, np.int64), np.full((n, 2), -1, np.int64)


@kernel
def meetings(
    sides: tuple[Columns, Columns],
    before: Before,
    places: tuple[Ints, Ints],
    way: int,
    block: tuple[int, int],
    memory: tuple[Ints, Ints],
    out: Out,
) -> None:
    """Write for each entry of the first side: port, hours since the pair's last, its number, hours since the way back.

    *sides* are the side that is told and the other one. *before* holds how many counterparties each account had met in
    rows that are gone, for each entry the place of its pair and of the way back among the pairs of that past (else -1),
    and count, last instant and ports (., 2) of those pairs; *way* says which port counts here. *places* are the output
    row of each entry of the first side, below 0 for one that is not told, and the four columns, -1 for one that is not
    wanted. Payments of one instant are all read before any is written down.
    """
    (start, other, time, _), (back_start, back_other, back_time, _) = sides
    (known_before, of_pair, of_back, pair_count, pair_last, pair_port), (row, columns) = before, places
    # What is known of a party lies together: the latest account that met it, then its rank, last instant and count there.
    met, back = memory
    port, gap, number, gap_back = columns
    for own in range(block[0], block[1]):
        lo, end, known, b = start[own], start[own + 1], known_before[own], back_start[own]
        if lo == end or row[end - 1] < 0:
            continue
        while lo < end:
            now = time[lo]
            while gap_back >= 0 and b < back_start[own + 1] and back_time[b] < now:
                ahead(back, back_other, b)
                back[back_other[b], 0], back[back_other[b], 1] = own, back_time[b]
                b += 1
            hi = lo
            while hi < end and time[hi] == now:
                ahead(met, other, hi)
                party, p = other[hi], of_pair[hi]
                if met[party, _OWN] != own and p >= 0:
                    met[party, _OWN], met[party, _RANK] = own, pair_port[p, way]
                    met[party, _LAST], met[party, _COUNT] = pair_last[p], pair_count[p]
                if row[hi] >= 0:
                    r, ever = row[hi], met[party, _OWN] == own
                    out[r, port] = met[party, _RANK] if ever else 1 + known
                    if gap >= 0:
                        out[r, gap] = (now - met[party, _LAST]) / HOUR if ever else np.nan
                    if number >= 0:
                        out[r, number] = met[party, _COUNT] if ever else 0
                    if gap_back >= 0 and back[party, 0] == own:
                        out[r, gap_back] = (now - back[party, 1]) / HOUR
                    elif gap_back >= 0:
                        out[r, gap_back] = (now - pair_last[of_back[hi]]) / HOUR if of_back[hi] >= 0 else np.nan
                hi += 1
            seen = known
            for i in range(lo, hi):
                known += _note(other[i], (own, now, 1 + seen), met)
            lo = hi


@numba.njit(cache=True, inline="always")
def _note(party, what, met):  # type: ignore[no-untyped-def]
    # Writes a payment down; returns whether the party was met for the first time.
    own, now, port = what
    new = met[party, _OWN] != own
    if new:
        met[party, _OWN], met[party, _RANK], met[party, _COUNT] = own, port, 0
    met[party, _LAST] = now
    met[party, _COUNT] += 1
    return new
