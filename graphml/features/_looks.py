"""Look at amounts one by one."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphml.elementary import log10, power
from graphml.stream import Floats

__all__ = ["first_digit", "in_parts"]

_PART = 50_000  # entries that stay near a core with all that is made of them


def in_parts(look: Callable[..., NDArray[Any]], *columns: Floats) -> NDArray[Any]:
    """Return what *look* gives for columns of equal length, one part of them after the other."""
    edges = [*range(0, len(columns[0]), _PART), len(columns[0])] if len(columns[0]) else [0, 0]
    return np.concatenate([look(*(column[a:b] for column in columns)) for a, b in pairwise(edges)])


def first_digit(amount: Floats) -> NDArray[np.int8]:
    """Return (P,) the first digit of each amount, 1 to 9; 0 for an amount of nothing."""
    found = np.zeros(len(amount), np.int8)
    some = amount > 0
    decade = np.floor(log10(amount[some]))
    digit = np.floor(amount[some] / power(10.0, decade))
    found[some] = np.clip(digit, 1, 9)  # 999.999... and 1000 may round to the next power
    return found
