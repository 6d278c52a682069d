"""Compile functions that many cores run at a time."""

from collections.abc import Callable
from typing import Any

import numba

__all__ = ["kernel"]


def kernel(work: Callable[..., Any]) -> Any:
    """Return *work* compiled without numba's runtime, so that it counts no references to arrays.

    Each count is an atomic step on a place that all cores share; where they walk accounts side by side, such steps took a
    third of the time. What is compiled so can make no array, nor copy one into another at once: who calls it brings the
    memory. What it calls must be compiled so too, or counts again.
    """
    return numba.njit(cache=True, nogil=True, _nrt=False)(work)
