"""Time one question, and say how long many took."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

__all__ = ["quantiles", "timed"]

T = TypeVar("T")


def timed(ask: Callable[[], T]) -> tuple[T, float]:
    """Return the answer and the milliseconds that it took."""
    start = time.perf_counter()
    answer = ask()
    return answer, 1000 * (time.perf_counter() - start)


def quantiles(values: Sequence[float]) -> dict[str, float]:
    """Return the median, the 99th percentile and the largest."""
    p50, p99 = np.quantile(values, [0.5, 0.99])
    return {"p50": round(float(p50), 2), "p99": round(float(p99), 2), "max": round(max(values), 2)}
