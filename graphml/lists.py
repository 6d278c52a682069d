"""Hold many lists of numbers in two columns."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Self

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.cores import side_by_side

__all__ = ["Lists"]

Ints = NDArray[np.int64]
_PART = 250_000  # values that one core takes together


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Hold lists of numbers, one after the other."""

    start: NDArray[np.int64]  # (lists + 1,)
    values: NDArray[np.int64]  # list i is values[start[i]:start[i + 1]]

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> Self:
        """Return *lists* in columns."""
        start = np.zeros(len(lists) + 1, np.int64)
        np.cumsum([len(one) for one in lists], out=start[1:])
        return cls(start, np.fromiter(chain.from_iterable(lists), np.int64, int(start[-1])))

    @classmethod
    def slices(cls, values: Ints, spans: Ints) -> Self:
        """Return the half-open *spans* (lists, 2) of *values*."""
        return cls(*_copied(values, spans[:, 0], spans[:, 1]))

    @classmethod
    def joined(cls, parts: Iterable[Self]) -> Self:
        """Return the lists of all *parts*, one after the other."""
        every = list(parts)
        sizes = [np.diff(one.start) for one in every]
        start = np.concatenate([np.zeros(1, np.int64), *sizes]).cumsum()
        return cls(start, np.concatenate([np.zeros(0, np.int64), *(one.values for one in every)]))

    def __len__(self) -> int:
        return len(self.start) - 1

    def __iter__(self) -> Iterator[Ints]:
        """Yield the lists."""
        return (self[i] for i in range(len(self)))

    def __getitem__(self, i: int) -> Ints:
        """Return list *i*."""
        return self.values[self.start[i] : self.start[i + 1]]

    def take(self, order: Ints) -> Self:
        """Return the lists of the places *order*."""
        return type(self)(*_copied(self.values, self.start[order], self.start[order + 1]))

    def order(self) -> Ints:
        """Return the places of the lists, none of them empty, in the order in which Python sorts lists."""
        first = self.values[self.start[:-1]]
        order = np.argsort(first, kind="stable")
        edges = np.flatnonzero(np.r_[True, np.diff(first[order]) != 0, True])
        for lo, hi in np.stack([edges[:-1], edges[1:]], 1)[np.diff(edges) > 1].tolist():
            order[lo:hi] = sorted(order[lo:hi].tolist(), key=lambda i: self[i].tolist())
        return np.asarray(order, np.int64)

    def repeated(self) -> NDArray[np.bool_]:
        """Return (lists,) which are equal to the one before."""
        same: NDArray[np.bool_] = _repeated(self.start, self.values)
        return same

    def ascending(self) -> Self:
        """Return each list sorted."""
        return type(self)(self.start, _ascending(self.start, self.values))

    def ends(self, source: NDArray[np.int32], target: NDArray[np.int32]) -> Self:
        """Return for each list of rows the accounts that are *source* or *target* (rows,) of one, ascending."""
        return self._part_by_part(lambda start, rows: _sets(2 * start, _ends(rows, source, target)))

    def sets(self) -> Self:
        """Return each list ascending, each number once."""
        return self._part_by_part(_sets)

    def _part_by_part(self, work: Callable[[Ints, Ints], tuple[Ints, Ints]]) -> Self:
        # What *work* makes of start and values of a part of the lists, so that it needs room for a part only.
        edges = np.searchsorted(self.start, np.arange(_PART, len(self.values), _PART))
        edges = np.unique(np.concatenate([[0], edges, [len(self)]]))
        starts = [self.start[lo : hi + 1] for lo, hi in pairwise(edges.tolist())]
        found = side_by_side(lambda own: work(own - own[0], self.values[own[0] : own[-1]]), starts)
        return self.joined(type(self)(*one) for one in found)

    def holders(self, size: int) -> Self:
        """Return for each number below *size* the lists that hold it, ascending."""
        owner = np.repeat(np.arange(len(self)), np.diff(self.start))
        start = np.zeros(size + 1, np.int64)
        np.cumsum(np.bincount(self.values, minlength=size), out=start[1:])
        return type(self)(start, owner[np.argsort(self.values, kind="stable")])

    def only(self, kept: NDArray[np.bool_]) -> Self:
        """Return the lists with the values that are *kept* (values,)."""
        return type(self)(*_only(self.start, self.values, kept))

    def sums(self, of: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each list the sum of the values *of* its numbers."""
        total: NDArray[np.int64] = _sums(self.start, self.values, of)
        return total


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _copied(values: Ints, begin: Ints, end: Ints) -> tuple[Ints, Ints]:
    start = np.zeros(len(begin) + 1, np.int64)
    for i in range(len(begin)):
        start[i + 1] = start[i] + end[i] - begin[i]
    out = np.empty(start[-1], np.int64)
    for i in range(len(begin)):
        out[start[i] : start[i + 1]] = values[begin[i] : end[i]]
    return start, out


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _only(start: Ints, values: Ints, kept: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    to, out, used = np.zeros(len(start), np.int64), np.empty(len(values), np.int64), 0
    for i in range(len(start) - 1):
        for k in range(start[i], start[i + 1]):
            out[used] = values[k]
            used += kept[k]
        to[i + 1] = used
    return to, out[:used].copy()


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _sums(start: Ints, values: Ints, of: Ints) -> Ints:
    out = np.zeros(len(start) - 1, np.int64)
    for i in range(len(out)):
        for k in range(start[i], start[i + 1]):
            out[i] += of[values[k]]
    return out


def _ends(rows: Ints, source: NDArray[np.int32], target: NDArray[np.int32]) -> Ints:
    both = np.empty((len(rows), 2), np.int64)
    both[:, 0], both[:, 1] = source[rows], target[rows]
    return both.ravel()


def _sets(start: Ints, values: Ints) -> tuple[Ints, Ints]:
    found: tuple[Ints, Ints] = _once(start, _ascending(start, values))
    return found


def _ascending(start: Ints, values: Ints) -> Ints:
    # Each list sorted: all at once, as numbers that begin with the list's, for NumPy sorts numbers many at a time.
    least, most = int(values.min(initial=0)), int(values.max(initial=0))
    span = most - least + 1
    if span * len(start) > np.iinfo(np.int64).max:
        raise OverflowError(
            f"{len(start) - 1} lists of numbers from {least} to {most} cannot be sorted together; sort fewer at a time."
        )
    shift = np.repeat(np.arange(len(start) - 1) * span - least, np.diff(start))
    keys = values + shift
    keys.sort()
    keys -= shift
    return keys


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _once(start: Ints, values: Ints) -> tuple[Ints, Ints]:
    to, out, used = np.zeros(len(start), np.int64), np.empty(len(values), np.int64), 0
    for i in range(len(start) - 1):
        for k in range(start[i], start[i + 1]):
            out[used] = values[k]
            used += k + 1 == start[i + 1] or values[k + 1] != values[k]
        to[i + 1] = used
    return to, out[:used].copy()


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _repeated(start: Ints, values: Ints) -> NDArray[np.bool_]:
    same = np.zeros(len(start) - 1, np.bool_)
    for i in range(1, len(start) - 1):
        size = start[i + 1] - start[i]
        same[i] = size == start[i] - start[i - 1]
        k = 0
        while same[i] and k < size:
            same[i] = values[start[i] + k] == values[start[i - 1] + k]
            k += 1
    return same
