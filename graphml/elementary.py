"""Take exponentials, logarithms and powers of arrays with the same bits whatever instructions there are.

NumPy's own differ in the last bit with the instructions that a processor has, and a last bit decides which cent an
amount is rounded to, or which of two scores is larger. These call the C library for each number, whose bits are the same
on all processors with AVX2 and FMA.
"""

import math

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["exp", "expm1", "log", "log1p", "log10", "logistic", "power"]

_ONE, _TWO = ["f8(f8)"], ["f8(f8, f8)"]


@numba.vectorize(_ONE, cache=True)  # type: ignore[untyped-decorator]
def exp(x: float) -> float:
    """Return e to the power of *x*."""
    return math.exp(x)


@numba.vectorize(_ONE, cache=True)  # type: ignore[untyped-decorator]
def expm1(x: float) -> float:
    """Return e to the power of *x*, less 1."""
    return math.expm1(x)


@numba.vectorize(_ONE, cache=True)  # type: ignore[untyped-decorator]
def log(x: float) -> float:
    """Return the natural logarithm of *x*: -inf of 0, NaN below."""
    return math.log(x)


@numba.vectorize(_ONE, cache=True)  # type: ignore[untyped-decorator]
def log10(x: float) -> float:
    """Return the decimal logarithm of *x*: -inf of 0, NaN below."""
    return math.log10(x)


@numba.vectorize(_ONE, cache=True)  # type: ignore[untyped-decorator]
def log1p(x: float) -> float:
    """Return the natural logarithm of 1 + *x*: -inf of -1, NaN below."""
    return math.log1p(x)


@numba.vectorize(_TWO, cache=True)  # type: ignore[untyped-decorator]
def power(x: float, y: float) -> float:
    """Return *x* to the power of *y*."""
    return math.pow(x, y)


def logistic(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of each log odds, which count as at most 500 either way."""
    return np.asarray(1.0 / (1.0 + exp(-np.clip(odds, -500.0, 500.0))), np.float64)
