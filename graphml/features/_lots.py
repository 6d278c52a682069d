"""Join what an account got, or paid, at one instant into one lot, so that the order of rows inside an instant is lost."""

from dataclasses import dataclass
from typing import Self

import numba
import numpy as np

from graphml.exact import fixed, plus
from graphml.stream import Accounts, Columns, Floats, Ints, Side

__all__ = ["Lots", "Older"]

Older = tuple[Accounts, Ints, Floats]  # account, time and value of lots, by account, then instant


@dataclass(frozen=True, slots=True, eq=False)
class Lots:
    """Hold the lots of one side by account, then instant; payments to oneself are in none."""

    start: Ints  # (N+1,) lots start[a]:start[a+1] are those of account a
    time: Ints  # (L,) microseconds UTC
    value: Floats  # (L,) reference currency
    of_entry: Accounts  # (P,) lot of each entry of the side, -1 for a payment to oneself
    old: Ints  # (N,) how many of them are older than the side

    @classmethod
    def of(cls, side: Side, older: Older | None = None) -> Self:
        """Return the lots of *side*, those that are *older* first."""
        if older is None:
            older = np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0)
        old = np.bincount(older[0], minlength=len(side.start) - 1).astype(np.int64)
        start, time, value, of_entry = _lots(side.columns, old, older[1:])
        return cls(start, time, value, of_entry, old)

    def before(self, edge: int) -> Ints:
        """Return (N,) one past the last lot of each account that is earlier than *edge* (microseconds UTC)."""
        found: Ints = _before(self.start, self.time, edge)
        return found

    @property
    def columns(self) -> tuple[Ints, Ints, Floats]:
        """Return (start, time, value)."""
        return self.start, self.time, self.value


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _lots(side: Columns, old: Ints, older: tuple[Ints, Floats]) -> tuple[Ints, Ints, Floats, Accounts]:
    start, other, time, value = side
    lots = np.zeros(len(start), np.int64)
    of_entry = np.full(len(other), -1, np.int32)
    when, worth = np.empty(len(other) + len(older[0]), np.int64), np.empty(len(other) + len(older[0]))
    found, given = 0, 0
    for own in range(len(start) - 1):
        for _ in range(old[own]):
            when[found], worth[found] = older[0][given], older[1][given]
            found += 1
            given += 1
        first = found
        total, rest = 0.0, 0.0
        for i in range(start[own], start[own + 1]):
            if other[i] == own:
                continue
            if found == first or when[found - 1] != time[i]:
                when[found] = time[i]
                found += 1
                total, rest = 0.0, 0.0
            total, rest = plus(total, rest, fixed(value[i]))
            worth[found - 1] = total
            of_entry[i] = found - 1
        lots[own + 1] = found
    return lots, when[:found], worth[:found], of_entry


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _before(start: Ints, time: Ints, edge: int) -> Ints:
    found = start[1:].copy()
    for own in range(len(found)):
        while found[own] > start[own] and time[found[own] - 1] >= edge:
            found[own] -= 1
    return found
