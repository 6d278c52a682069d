"""Compare what a peer computes with ours, feature by feature."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["agreement", "different"]

_RELATIVE = 1e-5  # ours are exact sums rounded to float32; peers add floats
_OF_SQUARES = 1e-6  # of the mean: a deviation below it is what a peer's sum of squares has lost


def different(
    kind: str, mine: NDArray[Any], theirs: NDArray[Any], mean: NDArray[Any] | None = None
) -> NDArray[np.bool_]:
    """Return where values differ: counts and extremes exactly, sums and means to 1e-5, deviations to 1e-6 of *mean*.

    No value is equal to no value.
    """
    one, other = mine.astype(np.float64), theirs.astype(np.float64)
    both = np.isnan(one) & np.isnan(other)
    if kind in ("sum", "mean", "deviation"):
        room = _RELATIVE * np.abs(other) + (_OF_SQUARES * np.abs(mean) if mean is not None else 0.0) + 1e-9
        apart = ~(np.abs(one - other) <= room)
    else:
        apart = one.astype(np.float32) != other.astype(np.float32)
    return np.asarray(apart & ~both)


def agreement(unequal: dict[str, int], rows: int) -> dict[str, Any]:
    """Return how many values were compared and which features differ, with the number of rows."""
    wrong = {name: count for name, count in unequal.items() if count}
    return {"rows": rows, "features": len(unequal), "equal": not wrong, "different": wrong}
