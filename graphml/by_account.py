"""Bring rows into the order of their accounts."""

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.prefetch import SOONER, ahead, prefetch

__all__ = ["by_account"]


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def by_account(account: NDArray[np.int32], n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (N+1,) where each account begins, and (E,) the rows by account, then row.

    Accounts are counted, so it takes two walks over the rows and not a sort.
    """
    start = np.zeros(n + 1, np.int64)
    for row in range(len(account)):
        ahead(start, account, row)
        start[account[row] + 1] += 1
    for own in range(n):
        start[own + 1] += start[own]
    place, rows = start[:-1].copy(), np.empty(len(account), np.int64)
    for row in range(len(account)):
        ahead(place, account, row)
        if row + SOONER < len(account):
            prefetch(rows, place[account[row + SOONER]])
        own = account[row]
        rows[place[own]] = row
        place[own] += 1
    return start, rows
