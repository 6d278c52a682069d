"""Step through payments instant by instant, past those that traced money does not concern."""

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Ints", "Rows", "Traced", "concerned"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = tuple[Ints, NDArray[np.int32], NDArray[np.int32], Floats, Ints]  # in order of time; payer, payee, value, time
Traced = tuple[Floats, NDArray[np.int64], Floats, Floats]  # amount and hop of rows, held and stopped at accounts


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def concerned(columns: Rows, marked: NDArray[np.bool_], hop: Ints, i: int) -> tuple[int, bool]:
    """Return where the instant of position *i* ends, and whether a seed or an account with a hop takes part in it."""
    rows, payer, payee, _value, time = columns
    j, any_concerned = i, False
    now = time[rows[i]]
    while j < len(rows) and time[rows[j]] == now:
        row = rows[j]
        any_concerned = any_concerned or marked[row] or hop[payer[row]] > 0 or hop[payee[row]] > 0
        j += 1
    return j, any_concerned
