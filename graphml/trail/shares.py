"""Follow money as a share of each payer's balance, or poison all that a touched account pays."""

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.trail._instants import Floats, Rows, Traced, concerned

__all__ = ["follow_shares"]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def follow_shares(
    columns: Rows, marked: NDArray[np.bool_], kind: NDArray[np.int8], before: Floats, poison: bool
) -> Traced:
    """Return traced amount and hop of each row, what accounts hold (N,) and what stopped at them (N,).

    Args:
        columns: rows in order of time, and payer, payee, value, time of all rows.
        marked: (E,) which rows are seeds.
        kind: (N,) 0 where money goes on, else it stops.
        before: (E,) balance of the payee just before the row is credited.
        poison: whether every payment after the touch is traced whole.
    """
    rows, payee, value, n = columns[0], columns[2], columns[3], len(kind)
    carried, level = np.zeros(len(rows)), np.zeros(len(rows), np.int64)
    hop, stopped = np.zeros(n, np.int64), np.zeros(n)
    balance, taint = np.zeros(n), np.zeros(n)  # of accounts with a hop
    i = 0
    while i < len(rows):
        j, any_concerned = concerned(columns, marked, hop, i)
        if any_concerned:
            for k in range(i, j):
                carried[k], level[k] = _debit(columns, rows[k], marked, (hop, balance, taint), poison)
            for k in range(i, j):
                row = rows[k]
                b = payee[row]
                if carried[k] > 0.0 and kind[b] != 0:
                    stopped[b] += carried[k]
                    continue
                if carried[k] > 0.0:
                    if hop[b] == 0:
                        balance[b] = before[row]
                    if hop[b] == 0 or level[k] < hop[b]:
                        hop[b] = level[k]
                    taint[b] += carried[k]
                if hop[b] > 0:
                    balance[b] += value[row]
        i = j
    if poison:
        taint[:] = np.where(hop > 0, balance, 0.0)
    return carried, level, taint, stopped


@numba.njit(cache=True)
def _debit(columns, row, marked, purses, poison):  # type: ignore[no-untyped-def]
    # Take from the payer's purse; return what of *row* is traced, and its hop.
    _rows, payer, _payee, value, _time = columns
    hop, balance, taint = purses
    a, amount = payer[row], value[row]
    if marked[row]:
        return amount, 1
    if hop[a] == 0:
        return 0.0, 0
    moved = amount
    if not poison:
        moved = taint[a] if amount >= balance[a] else taint[a] * (amount / balance[a])
        taint[a] -= moved
    balance[a] = max(0.0, balance[a] - amount)
    return moved, hop[a] + 1
