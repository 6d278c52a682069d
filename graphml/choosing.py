"""Choose which candidates are told as rings: the best, each standing for those that are much the same."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.lists import Lists

__all__ = ["Chosen", "choose"]


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Hold what became of C candidates."""

    rings: NDArray[np.int64]  # (R,) candidates that are told, best first
    told: NDArray[np.int64]  # (C,) place in `rings` of the one at which it is told, -1 where it is told nowhere


def choose(accounts: Lists, score: NDArray[np.float64], most: int) -> Chosen:
    """Return which candidates with *accounts* are told, at *most* so many: those with the highest *score* (C,).

    Candidates are taken from the best on, of equals the first. One that shares more than half of the smaller one's
    accounts with one taken before is told at the best of those. Of those taken no two share so much. This is
    non-maximum suppression as in object detection (Felzenszwalb et al., 2010) with the overlap coefficient.
    """
    order = np.lexsort((np.arange(len(score)), -score))
    n = int(accounts.values.max(initial=-1)) + 1
    return Chosen(*_choose(order, (accounts.start, accounts.values), n, most))


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _choose(order, accounts, n, most) -> tuple[NDArray[np.int64], NDArray[np.int64]]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # From each account leads a chain through the places of those taken that have it: head, then after.
    start, account = accounts
    taken, told = np.full(most, -1), np.full(len(order), -1)
    head, after, place = np.full(n, -1), np.zeros(len(account), np.int64), np.zeros(len(account), np.int64)
    common, count, used = np.zeros(most, np.int64), 0, 0
    for one in order:
        own = account[start[one] : start[one + 1]]
        near = -1
        for back in (False, True):  # count what is common, then clear
            for end in own:
                link = head[end]
                while link >= 0:
                    other = place[link]
                    common[other] = 0 if back else common[other] + 1
                    size = start[taken[other] + 1] - start[taken[other]]
                    if 2 * common[other] > min(len(own), size) and (near < 0 or other < near):
                        near = other
                    link = after[link]
        if near < 0 and count < most:
            taken[count] = one
            for end in own:
                place[used], after[used], head[end] = count, head[end], used
                used += 1
            near = count
            count += 1
        told[one] = near
    return taken[:count], told
