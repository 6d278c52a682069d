"""Fill columns of transactions part by part, with no more of them in memory than there is room for."""

import heapq
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Condition
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from graphml.cores import side_by_side
from graphml.feature import Part

__all__ = ["ROOM", "over_parts"]

ROOM = 13 << 29  # bytes of columns
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

    return [
        found for run in runs for found in side_by_side(partial(fill, _Shelf(memory[: sum(_widest(size, run))])), run)
    ]


class _Shelf:
    # Pieces of memory are taken from its two ends: of two that fit together neither waits, whatever went before.
    def __init__(self, memory: NDArray[np.float32]) -> None:
        self.memory, self.change = memory, Condition()
        self.taken: list[tuple[int, int]] = []

    @contextmanager
    def lent(self, size: int) -> Iterator[NDArray[np.float32]]:
        with self.change:
            while (first := self._place(size)) is None:
                self.change.wait()
            piece = first, first + size
            self.taken.append(piece)
        try:
            yield self.memory[slice(*piece)]
        finally:
            with self.change:
                self.taken.remove(piece)
                self.change.notify_all()

    def _place(self, size: int) -> int | None:
        edges = [0, *(edge for piece in sorted(self.taken) for edge in piece), len(self.memory)]
        gaps = [(first, last) for first, last in zip(edges[::2], edges[1::2], strict=True) if last - first >= size]
        if not gaps:
            return None
        return 0 if gaps[0][0] == 0 else gaps[-1][1] - size


def _together(size: Sequence[int], room: int) -> Iterator[range]:
    # Runs of places of which no more than there are cores are in memory at a time, whichever these are.
    first = 0
    for place in range(1, len(size) + 1):
        if place == len(size) or sum(_widest(size, range(first, place + 1))) > room:
            yield range(first, place)
            first = place


def _widest(size: Sequence[int], run: range) -> list[int]:
    return heapq.nlargest(os.cpu_count() or 1, size[run.start : run.stop])
