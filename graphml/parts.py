"""Fill columns of transactions part by part, with no more of them in memory than there is room for."""

import heapq
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from graphml.cores import side_by_side
from graphml.feature import Part

__all__ = ["ROOM", "over_parts"]

ROOM = 6 << 30  # bytes of columns
R = TypeVar("R")


def over_parts(
    use: Callable[[Part, NDArray[np.float32]], R], parts: Iterable[Part], rows: int, room: int = ROOM
) -> list[R]:
    """Return what *use* gives for each of *parts* and its columns (rows, F); both are let go then.

    Parts are filled side by side as far as their columns take no more than *room* bytes; one that takes more is alone.
    """
    todo = dict(enumerate(parts))
    size = [4 * rows * len(part.features) for part in todo.values()]

    def fill(place: int) -> R:
        part = todo.pop(place)
        values = np.empty((rows, len(part.features)), np.float32)
        part.fill(values)
        return use(part, values)

    return [found for some in _together(size, room) for found in side_by_side(fill, some)]


def _together(size: Sequence[int], room: int) -> Iterator[range]:
    # Runs of places of which no more than there are cores are in memory at a time, whichever these are.
    first = 0
    for place in range(1, len(size) + 1):
        if place == len(size) or sum(heapq.nlargest(os.cpu_count() or 1, size[first : place + 1])) > room:
            yield range(first, place)
            first = place
