"""Refresh whole-graph values on days that depend on the past only."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.cores import over_accounts
from graphml.features._known import Known, KnownDays
from graphml.past import Memory
from graphml.prefetch import ahead
from graphml.stream import Stream
from graphml.window import DAY

__all__ = ["Course", "Days", "OfDays", "Refresh", "Table"]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Hold the values of a refresh day: of the K known accounts, later of all N."""

    values: NDArray[np.float32]  # (K, F)
    groups: NDArray[np.int32]  # (K, G) the group that an account is in, for each of G ways to form groups

    def spread(self, known: Known) -> "Table":
        """Return the table of all N accounts: NaN and -1 where an account is not known."""
        n = len(known.number)
        values = np.full((n, self.values.shape[1]), np.nan, np.float32)
        groups = np.full((n, self.groups.shape[1]), -1, np.int32)
        values[known.account], groups[known.account] = self.values, self.groups
        return Table(values, groups)


class Days(Protocol):
    """Compute the values of one refresh day after the other."""

    def __call__(self, known: Known) -> Table:
        """Return the table of a day."""
        ...

    def carried(self) -> dict[str, NDArray[Any]]:
        """Return (N, ...) by name what the next day needs of the days so far; zeros: nothing."""
        ...

    def resume(self, carried: Mapping[str, NDArray[Any]]) -> None:
        """Take what `carried` gave."""
        ...


@dataclass(frozen=True, slots=True)
class Refresh:
    """Say on which days values are computed again: daily at first, then each time the history has grown by a share.

    By default that is on days 1 to 6, 8, 10, 13, 17, 22, 29, 38, ... after the first row's, and at least every 60 days.
    Each instant gets the values of the latest refresh day that is not after the start of its own day; they come from
    rows strictly before the refresh day. So a value is at most about a quarter of the history, and less than 60 days,
    older than its day. The days follow from the day of the first row alone, and a day on which nothing is added is left
    out, so what is carried from one refresh day to the next is a function of the past as well.

    What waiting costs against a refresh each day, `experiments/features/refresh.py` measures.
    """

    daily: int = 6  # days since the first row, each a refresh day
    growth: float = 1.34  # later: days since the first row, as a multiple of the refresh day before
    longest: int = 60  # days from one refresh day to the next

    def days(self, first: int) -> Iterator[int]:
        """Yield the refresh days without end, microseconds UTC; they depend on the day of *first* only."""
        midnight, day = first // DAY * DAY, 1
        while True:
            yield midnight + day * DAY
            day = max(day + 1, min(int(day * self.growth), day + self.longest)) if day >= self.daily else day + 1

    def accounts(
        self,
        course: "Course",
        asked: tuple[NDArray[np.int32], NDArray[np.int64]],  # (M,) account and instant
        out: NDArray[np.float32],
    ) -> None:
        """Fill *out* (M, F); NaN where the account was not seen before the refresh day."""
        account, at = asked
        out[:] = np.nan
        if not len(at):
            return
        for table, since, until in course.tables(int(at.max())):
            mine = np.flatnonzero((at >= since) & (at < until))
            out[mine] = table.values[account[mine]]

    def transactions(self, course: "Course", out: NDArray[np.float32]) -> None:
        """Fill *out* (E, 2F + G): values of the payer, of the payee, and whether they are in one group, for each way.

        NaN where an end was not seen before the refresh day.
        """
        graph, told, done = course.stream.graph, course.stream.told, 0
        time, source, target = graph.time[told], graph.source[told], graph.target[told]
        for table, since, until in course.tables(int(time[-1]) if len(time) else 0):
            lo, hi = np.searchsorted(time, [since, until]).tolist()
            if hi > lo:
                out[done:lo] = np.nan
                _write_all((source, target), table, (lo, hi), out)
                done = hi
        out[done:] = np.nan


@dataclass(frozen=True, slots=True)
class OfDays(ABC):
    """Fill the columns of a family whose values are those of the latest refresh day; a subclass says how a day is told."""

    refresh: Refresh = field(default_factory=Refresh)

    @property
    @abstractmethod
    def name(self) -> str:
        """Return the name of the family."""

    @abstractmethod
    def days(self, stream: Stream) -> Days:
        """Return what computes one day of *stream* after the other, beginning before the first."""

    @property
    def shares(self) -> object:
        """Return the calendar: families of one calendar sum up once who paid whom."""
        return self.refresh

    def accounts(
        self, stream: Stream, account: NDArray[np.int32], at: NDArray[np.int64], out: NDArray[np.float32]
    ) -> None:
        """Fill (M, F) as of the latest refresh day of each pair's day; NaN where the account was not seen before it."""
        self.refresh.accounts(self._course(stream), (account, at), out)

    def transactions(self, stream: Stream, out: NDArray[np.float32]) -> None:
        """Fill (E, 2F + G): payer, payee, and whether both are in one group, for each way to form groups."""
        self.refresh.transactions(self._course(stream), out)

    def remember(self, stream: Stream, until: int) -> Memory:  # noqa: ARG002 - what is kept is as of the last row
        """Return the values of the latest refresh day, and what the next one needs."""
        return self._course(stream).remember()

    def _course(self, stream: Stream) -> "Course":
        return stream.once(self.name, lambda: Course(self.refresh, stream, self.name, self.days(stream)))


class Course:
    """Go through the refresh days of a stream, each once, as far as is asked."""

    def __init__(self, refresh: Refresh, stream: Stream, name: str, days: Days) -> None:
        """Begin where the past of *stream* ended for the family *name*, else at the first day."""
        self.stream, self.compute = stream.view(), days  # a view, for the stream holds this course
        self.first, self.last = stream.first, int(stream.graph.time[stream.graph.hi - 1]) if len(stream.graph) else 0
        self.days = refresh.days(self.first or 0)
        self.next = next(self.days)
        self.found: list[tuple[Table, int]] = []  # and the day from which it is the latest
        self.counted = 0  # rows ever, before the latest day
        self.known = stream.once(f"known {refresh}", lambda: KnownDays(stream.view(), stream.readers))
        self.turn = Lock()
        self.memory = stream.past.memory.get(name, Memory())
        if "day" in self.memory.numbers:
            self._resume(self.memory)

    def tables(self, last: int) -> list[tuple[Table, int, int]]:
        """Return the table of each refresh day up to *last*, and the instants [since, until) that it is for."""
        with self.turn:
            while self.first is not None and self.next <= last:
                self._step()
            edges = [*(since for _, since in self.found[1:]), self.next]
            return [(*found, until) for found, until in zip(self.found, edges[: len(self.found)], strict=True)]

    def remember(self) -> Memory:
        """Return the latest table of a day that is not after the last row, and what the next day needs."""
        self.tables(self.last)
        return self.memory

    def _step(self) -> None:
        day, self.next, stream = self.next, next(self.days), self.stream
        rows = int(np.searchsorted(stream.graph.time[stream.graph.rows], day))
        counted = int(stream.past.pairs.count.sum()) + rows
        if counted == self.counted:  # nothing has come since the day before: its table stays
            return
        self.counted = counted
        known = self.known.before(day, rows)
        table = self.compute(known).spread(known)
        self.found.append((table, day))
        if day <= self.last:
            seen = known.number >= 0
            dense = {"seen": seen, "values": table.values, "groups": table.groups + 1, **self.compute.carried()}
            self.memory = Memory(dense, {}, {"day": day, "counted": counted})

    def _resume(self, memory: Memory) -> None:
        day, self.counted = memory.numbers["day"], memory.numbers["counted"]
        while self.next <= day:
            self.next = next(self.days)
        seen = memory.dense["seen"]
        values = np.where(seen[:, None], memory.dense["values"], np.float32(np.nan)).astype(np.float32)
        self.found.append((Table(values, memory.dense["groups"] - 1), day))
        self.compute.resume(memory.dense)


def _write_all(
    ends: tuple[NDArray[np.int32], NDArray[np.int32]], table: Table, span: tuple[int, int], out: NDArray[np.float32]
) -> None:
    edges = np.linspace(*span, 65).astype(np.int64)
    over_accounts(
        lambda a, b: _write(ends, table.values, table.groups, (edges[a], edges[b]), out), np.asarray(edges - span[0])
    )


@numba.njit(cache=True, nogil=True)
def _write(ends, values, groups, span, out):  # type: ignore[no-untyped-def]
    source, target = ends
    f, g = values.shape[1], groups.shape[1]
    for row in range(span[0], span[1]):
        ahead(values, source, row)
        ahead(values, target, row)
        a, b = source[row], target[row]
        for c in range(f):
            out[row, c] = values[a, c]
            out[row, f + c] = values[b, c]
        for c in range(g):
            if groups[a, c] < 0 or groups[b, c] < 0:
                out[row, 2 * f + c] = np.nan
            else:
                out[row, 2 * f + c] = groups[a, c] == groups[b, c]
