"""Add amounts without any rounding, so that a sum depends on what is added and on nothing else.

An amount counts as the nearest multiple of 2^-30 (a billionth of a unit), a product of two numbers of 2^-24. Such numbers add without
loss in two floats (a double-double, Dekker 1971) up to 2^74 and 2^80, so the order of adding, the rows before a window and
where a computation was continued cannot show in a result, not even in its last bit.
"""

import numpy as np

from graphml.kernel import kernel

__all__ = ["fixed", "fixed_product", "less", "plus", "spread"]

_GRAIN = 2.0**30
_GRAIN_OF_PRODUCTS = 2.0**24
_NOISE = 1e-14  # of the squared mean: sum and squares are rounded once each, so what is below it can be equal amounts


@kernel
def fixed(value: float) -> float:
    """Return the nearest multiple of 2^-30."""
    return float(np.rint(value * _GRAIN) / _GRAIN)


@kernel
def fixed_product(value: float, other: float) -> float:
    """Return value x other as the nearest multiple of 2^-24."""
    return float(np.rint(value * other * _GRAIN_OF_PRODUCTS) / _GRAIN_OF_PRODUCTS)


@kernel
def plus(total: float, rest: float, value: float) -> tuple[float, float]:
    """Return (total, rest) + value as a double-double: the sum, and what rounding lost (Knuth's two-sum, 1969)."""
    high = total + value
    part = high - total
    lost = (total - (high - part)) + (value - part) + rest
    full = high + lost
    return full, lost - (full - high)


@kernel
def less(total: float, rest: float, other: float, other_rest: float) -> float:
    """Return (total, rest) - (other, other_rest), rounded once."""
    high = total - other
    part = high - total
    lost = (total - (high - part)) - (other + part)
    return high + (lost + (rest - other_rest))


@kernel
def spread(count: int, total: float, squares: float) -> float:
    """Return the standard deviation of the population from its number, sum and sum of squares; 0 for equal amounts.

    It is 0 as well below a ten-millionth of the mean, or below 2^-12, which rounding alone can give.
    """
    mean = total / count
    variance = squares / count - mean * mean
    return float(np.sqrt(variance)) if variance > _NOISE * mean * mean + 1 / _GRAIN_OF_PRODUCTS else 0.0
