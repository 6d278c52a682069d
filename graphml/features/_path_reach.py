"""Follow what an account paid through later payments, and find what comes back to it.

Both halves meet in the middle: up to three payments are followed forward once for the account, and two backward from
each payment that it gets; only where they touch at an account is the pair looked up.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphml.features._path_ahead import SEEN
from graphml.kernel import kernel
from graphml.prefetch import SOONER, prefetch
from graphml.stream import Ints

__all__ = ["come_back", "follow", "reach_room"]

Pack = tuple[Any, ...]  # of arrays, as the docstring says

# A payment reached from the account has a slot: (count, amount kept, largest of one way) over 2 and over 3 payments.


def reach_room(payments: int, whom: NDArray[np.int32]) -> Pack:
    """Return the memory to follow with: slot of a payment, payment of a slot, its six numbers, what is known of accounts."""
    slot, key = np.empty(payments + 1, np.int32), np.empty(payments + 1, np.int32)
    return slot, key, np.empty((payments + 1, 6), np.int64), whom


@kernel
def _slot(o, used, slot, key, reach):  # type: ignore[no-untyped-def]
    # A slot counts only where payment and slot name each other, so nothing has to be cleared between accounts.
    found = slot[o]
    if 0 <= found < used and key[found] == o:
        return found, used
    slot[o] = used
    key[used] = o
    reach[used, :] = 0
    return used, used + 1


@kernel
def _mark(whom, account, own, hop):  # type: ignore[no-untyped-def]
    whom[account, SEEN] = own << 3 | _bits(whom, account, own) | hop


@kernel
def _bits(whom, account, own):  # type: ignore[no-untyped-def]
    seen = whom[account, SEEN]
    return seen & 7 if seen >> 3 == own else 0


@kernel
def follow(own: int, out_start: Ints, went: NDArray[np.void], memory: Pack, marking: bool) -> int:
    """Fill slots with the payments that end ways of 2 and 3 from *own*, none through it again; return their number.

    With *marking* the accounts on the way are marked, which `come_back` needs.
    """
    slot, key, reach, whom = memory
    used = 0
    for f in range(out_start[own], out_start[own + 1]):
        first = went[f]
        if marking:
            _mark(whom, first.other, own, 1)
        for o in range(first.first, first.last):
            prefetch(went, o)
            s, used = _slot(o, used, slot, key, reach)
            reach[s, 0] += 1
            reach[s, 1] += first.amount
            reach[s, 2] = max(reach[s, 2], first.amount)
    two = used
    for s in range(two):
        second = went[key[s]]
        reach[s, 1] = min(reach[s, 1], second.amount)
        reach[s, 2] = min(reach[s, 2], second.amount)
        if s + SOONER < two:
            prefetch(slot, went[key[s + SOONER]].first)
        if second.other == own:
            continue
        if marking:
            _mark(whom, second.other, own, 2)
        for o in range(second.first, second.last):
            prefetch(went, o)
            t, used = _slot(o, used, slot, key, reach)
            reach[t, 3] += reach[s, 0]
            reach[t, 4] += reach[s, 1]
            reach[t, 5] = max(reach[t, 5], reach[s, 2])
    for s in range(used):
        third = went[key[s]]
        if marking and reach[s, 3] and third.other != own:
            _mark(whom, third.other, own, 4)
        reach[s, 4] = min(reach[s, 4], third.amount)
        reach[s, 5] = min(reach[s, 5], third.amount)
    return used


@kernel
def _touch(o, used, memory):  # type: ignore[no-untyped-def]
    found = memory[0][o]
    return found if 0 <= found < used and memory[1][found] == o else -1


@kernel
def come_back(own: int, p: int, came: NDArray[np.void], used: int, memory: Pack, deed: Ints) -> None:
    """Write to *deed* how many ways of 2 to 6 payments *p* brings back to *own*, the shortest, and the most kept."""
    reach, whom = memory[2], memory[3]
    count, shortest, most = np.int64(0), 7, np.int64(0)
    last = came[p]
    for e in range(last.first, last.last):
        fifth = came[e]
        carried = min(last.amount, fifth.amount)
        if fifth.other == own:
            count, shortest, most = count + 1, 2, max(most, carried)
            continue
        if _bits(whom, fifth.other, own) & 3:
            s = _touch(fifth.twin, used, memory)
            if s >= 0:
                for k in range(2):
                    if reach[s, 3 * k]:
                        count += reach[s, 3 * k]
                        shortest = min(shortest, 3 + k)
                        most = max(most, min(last.amount, reach[s, 3 * k + 2]))
        # Nothing marks the account itself, so no way passes it between.
        for d in range(fifth.first, fifth.last):
            fourth = came[d]
            bits = _bits(whom, fourth.other, own)
            if bits & 2:
                s = _touch(fourth.twin, used, memory)
                if s >= 0 and reach[s, 3]:
                    count += reach[s, 3]
                    shortest = min(shortest, 5)
                    most = max(most, min(carried, reach[s, 5]))
            if bits & 4:
                less = min(carried, fourth.amount)
                for c in range(fourth.first, fourth.last):
                    s = _touch(came[c].twin, used, memory)
                    if s >= 0 and reach[s, 3]:
                        count += reach[s, 3]
                        shortest = min(shortest, 6)
                        most = max(most, min(less, reach[s, 5]))
    deed[0], deed[1], deed[2] = count, shortest if count else 0, most
