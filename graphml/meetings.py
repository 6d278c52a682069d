"""Say which payments are the first of a pair of accounts."""

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["meetings"]


Longs = NDArray[np.int64]


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def meetings(
    target: NDArray[np.int32], time: Longs, lists: tuple[Longs, Longs], view: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return (E,) which rows of a view are at the first instant of their pair in it, and no self-loops.

    Payments of one pair at one instant are all first, so the order of rows within an instant does not count. *lists* are
    where each payer begins in the rows by payer, and these; *view* is its first row and one past its last.
    """
    start, rows = lists
    n = len(start) - 1
    new = np.zeros(len(time), np.bool_)
    payer, first = np.full(n, -1, np.int64), np.zeros(n, np.int64)
    for account in range(n):
        for i in range(start[account], start[account + 1]):
            row = rows[i]
            payee = target[row]
            if row < view[0] or row >= view[1] or payee == account:
                continue
            if payer[payee] != account:
                payer[payee], first[payee] = account, time[row]
            new[row] = time[row] == first[payee]
    return new
