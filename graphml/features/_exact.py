"""Add floats with their rounding error, so that the difference of two running sums is exact to the last digits."""

import numba

__all__ = ["plus"]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def plus(total: float, rest: float, value: float) -> tuple[float, float]:
    """Return (total, rest) + value as a double-double: the sum, and what rounding lost (Knuth's two-sum, 1969).

    With it a sum over a window can be the difference of two running sums without cancellation, whatever else is asked.
    """
    high = total + value
    part = high - total
    lost = (total - (high - part)) + (value - part) + rest
    full = high + lost
    return full, lost - (full - high)
