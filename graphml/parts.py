"""Fill columns of transactions part by part, with no more of them in memory than there is room for."""

import heapq
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import accumulate, pairwise
from threading import Condition
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
    """Return what *use* gives for each of *parts* and its columns (rows, F), which it may not keep.

    Parts are filled side by side as far as their columns take no more than *room* bytes; one that takes more is alone.
    The next part is written over the columns of one that is done: memory that is new costs more than what is written.
    """
    todo = dict(enumerate(parts))
    size = [rows * len(part.features) for part in todo.values()]
    runs = list(_together(size, room // np.dtype(np.float32).itemsize))
    memory = np.empty(max((sum(_widest(size, run)) for run in runs), default=0), np.float32)

    def fill(shelf: _Shelf, place: int) -> R:
        part = todo.pop(place)
        with shelf.lent(size[place]) as columns:
            values = columns.reshape(rows, len(part.features))
            part.fill(values)
            return use(part, values)

    return [found for run in runs for found in side_by_side(partial(fill, _Shelf(memory, _widest(size, run))), run)]


class _Shelf:
    # Pieces of memory as long as the longest parts that can be filled at a time. Where a short part has a long piece, the
    # long one waits for it.
    def __init__(self, memory: NDArray[np.float32], sizes: Iterable[int]) -> None:
        self.free = [memory[first:last] for first, last in pairwise([0, *accumulate(sizes)])]
        self.change = Condition()

    @contextmanager
    def lent(self, size: int) -> Iterator[NDArray[np.float32]]:
        with self.change:
            self.change.wait_for(lambda: any(len(piece) >= size for piece in self.free))
            piece = min((piece for piece in self.free if len(piece) >= size), key=len)
            self.free = [other for other in self.free if other is not piece]
        try:
            yield piece[:size]
        finally:
            with self.change:
                self.free.append(piece)
                self.change.notify_all()


def _together(size: Sequence[int], room: int) -> Iterator[range]:
    # Runs of places of which no more than there are cores are in memory at a time, whichever these are.
    first = 0
    for place in range(1, len(size) + 1):
        if place == len(size) or sum(_widest(size, range(first, place + 1))) > room:
            yield range(first, place)
            first = place


def _widest(size: Sequence[int], run: range) -> list[int]:
    return heapq.nlargest(os.cpu_count() or 1, size[run.start : run.stop])
