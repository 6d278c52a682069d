"""Ask memory for what the walk over the next accounts jumps to, for most of its time would be waiting."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphml.kernel import kernel
from graphml.prefetch import prefetch
from graphml.stream import Accounts

__all__ = ["GAVE", "GOT", "OVER", "SEEN", "ask", "known_of_accounts"]

Pack = tuple[Any, ...]  # of arrays, as the docstring says

# What a walk knows of an account lies together: the latest that reached it and over how many payments, how many accounts
# lie between it and the one that is walked, its latest payment to that one, that one's latest payment to it.
SEEN, OVER, GOT, GAVE = range(4)
_FAR, _NEAR, _AT_HAND = 64, 32, 12  # payments ahead for what one, two and three jumps lead to
_WIDE = 8  # payments of a jump that are asked for
_LONG = 256  # payments of an account that are asked for: what comes later would be gone again when it is read


def known_of_accounts(n: int) -> NDArray[np.int32]:
    """Return (N, 4) for a walk that has not begun.

    Raises:
        OverflowError: there are more accounts than marks can tell.
    """
    if n >= 1 << 28:
        raise OverflowError(
            f"Paths can tell at most {(1 << 28) - 1} accounts apart, and these are {n}. Choose families without path."
        )
    known = np.full((n, 4), -1, np.int32)
    known[:, OVER] = 0
    return known


@kernel
def ask(begin: tuple[int, int], end: tuple[int, int], links: Pack, memory: Pack, done: Accounts) -> None:
    """Begin to load what the payments of an account, from *begin* to *end* (in, out), and those after them lead to.

    *links* are came, went, pair and kept of `Links`; *memory* the slots of `reach_room`, the latest payments of
    `gather_room` and `known_of_accounts`; *done* (5,) how far was asked before, and what is written there.
    """
    came, went, pair, kept = links
    slot, latest, whom = memory
    edge = min(end[0], begin[0] + _LONG), min(end[1], begin[1] + _LONG)
    for p in range(max(done[0], begin[0]), min(edge[0] + _FAR, len(came))):
        before = came[p]
        prefetch(whom, before.other)
        prefetch(came, before.first)
        prefetch(pair, before.first)
        prefetch(kept, before.first)
        prefetch(latest, before.first)
        done[0] = p + 1
    for p in range(max(done[1], begin[0]), min(edge[0] + _NEAR, len(came))):
        for e in range(came[p].first, min(came[p].first + _WIDE, came[p].last)):
            prefetch(whom, came[e].other)
            prefetch(came, came[e].first)
        done[1] = p + 1
    for p in range(max(done[2], begin[0]), min(edge[0] + _AT_HAND, len(came))):
        for e in range(came[p].first, min(came[p].first + _WIDE, came[p].last)):
            for d in range(came[e].first, min(came[e].first + _WIDE // 2, came[e].last)):
                prefetch(whom, came[d].other)
        done[2] = p + 1
    for o in range(max(done[3], begin[1]), min(edge[1] + _FAR, len(went))):
        after = went[o]
        prefetch(whom, after.other)
        prefetch(came, after.twin)
        prefetch(slot, after.first)
        prefetch(went, after.first)
        done[3] = o + 1
    for o in range(max(done[4], begin[1]), min(edge[1] + _NEAR, len(went))):
        for e in range(went[o].first, min(went[o].first + _WIDE, went[o].last)):
            prefetch(whom, went[e].other)
            prefetch(slot, went[e].first)
            prefetch(went, went[e].first)
        done[4] = o + 1
