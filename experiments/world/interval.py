"""Say how sure a mean over worlds is."""

from collections.abc import Sequence

import numpy as np
from scipy import stats

__all__ = ["change", "interval"]


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean of *values*, one of each world, and its 95 % interval after Student; two values at least."""
    mean, n = float(np.mean(values)), len(values)
    half = float(stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
    return mean, mean - half, mean + half


def change(values: Sequence[float], usual: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean of the differences of *values* and *usual*, pairs of equal seeds, and its 95 % interval."""
    return interval([one - other for one, other in zip(values, usual, strict=True)])
