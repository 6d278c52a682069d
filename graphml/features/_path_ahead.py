"""Ask memory for what the walk over the next accounts jumps to, for most of its time would be waiting."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphml.kernel import kernel
from graphml.prefetch import prefetch
from graphml.stream import Accounts

__all__ = ["GAVE", "GOT", "OVER", "SEEN", "ask", "known_of_accounts"]

Pack = tuple[Any, ...]  # of arrays, as the docstring says

# What a walk knows of an account lies together: the latest that reached it and how, accounts between, latest payment in, out.
SEEN, OVER, GOT, GAVE = range(4)
_FAR, _NEAR, _AT_HAND = 64, 32, 12  # payments ahead that one, two and three steps are asked for
_WIDE = 8  # payments of a step that are asked for


def known_of_accounts(n: int) -> NDArray[np.int32]:
    """Return (N, 4) for a walk that has not begun.

    Raises:
        OverflowError: there are more accounts than marks can tell.
    """
    if n >= 1 << 28:
        raise OverflowError(f"Paths can tell at most {(1 << 28) - 1} accounts apart, and these are {n}.")
    known = np.full((n, 4), -1, np.int32)
    known[:, OVER] = 0
    return known


@kernel
def ask(ends: tuple[int, int], links: Pack, memory: Pack, done: Accounts) -> None:
    """Begin to load what payments after *ends*, the positions in and out, lead to; *done* (5,) is how far it has been."""
    came, went, pair, kept = links
    slot, latest, whom = memory
    for p in range(done[0], min(ends[0] + _FAR, len(came))):
        before = came[p]
        prefetch(whom, before.other)
        if before.first < len(came):
            prefetch(came, before.first)
            prefetch(pair, before.first)
            prefetch(kept, before.first)
            prefetch(latest, before.first)
        done[0] = p + 1
    for p in range(done[1], min(ends[0] + _NEAR, len(came))):
        for e in range(came[p].first, min(came[p].first + _WIDE, came[p].last)):
            prefetch(whom, came[e].other)
            if came[e].first < len(came):
                prefetch(came, came[e].first)
        done[1] = p + 1
    for p in range(done[2], min(ends[0] + _AT_HAND, len(came))):
        for e in range(came[p].first, min(came[p].first + _WIDE, came[p].last)):
            for d in range(came[e].first, min(came[e].first + _WIDE // 2, came[e].last)):
                prefetch(whom, came[d].other)
        done[2] = p + 1
    for o in range(done[3], min(ends[1] + _FAR, len(went))):
        after = went[o]
        prefetch(whom, after.other)
        prefetch(came, after.twin)
        if after.first < len(went):
            prefetch(slot, after.first)
            prefetch(went, after.first)
        done[3] = o + 1
    for o in range(done[4], min(ends[1] + _NEAR, len(went))):
        for e in range(went[o].first, min(went[o].first + _WIDE, went[o].last)):
            prefetch(whom, went[e].other)
            if went[e].first < len(went):
                prefetch(slot, went[e].first)
                prefetch(went, went[e].first)
        done[4] = o + 1
