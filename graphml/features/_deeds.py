"""Keep what payments have closed, which never changes again, until the window has left it behind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from graphml.cores import side_by_side
from graphml.past import Accounts, Memory
from graphml.stream import Ints, Side, Stream

__all__ = ["COUNTS", "MONEY", "Deeds", "Known"]

MONEY = (2, 4, 3, 5, 6, 8)  # deeds kept in 64 bits, first what ways of 2 payments keep
COUNTS = (12, 13, 0, 1, 7, 9, 10)  # deeds kept in 32 bits, first the trail
_EVER = int(np.iinfo(np.int64).min)

Deeds = tuple[Ints, NDArray[np.int32], NDArray[np.int32]]  # (E, 6) money, (E, 7) counts, (E,) gather-scatters


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Hold the deeds of the latest payments of each account before row `first`, none of them to oneself."""

    first: int  # row from which nothing is known
    since: int  # microseconds UTC, from which all before `first` are known
    inward: Ints  # (N+1,) deeds inward[a]:inward[a+1] are of payments that account a got
    money: Ints  # (M, 6)
    counts: NDArray[np.int32]  # (M, 7)
    outward: Ints  # (N+1,) the same of payments that account a made
    scattered: NDArray[np.int32]  # (K,)

    @classmethod
    def of(cls, stream: Stream) -> Self:
        """Return what the past of *stream* holds."""
        graph, memory = stream.graph, stream.past.memory.get("path")
        if memory is None:
            nobody = np.zeros(graph.n + 1, np.int64)
            none = np.zeros((0, len(COUNTS)), np.int32)
            return cls(graph.lo, _EVER, nobody, np.zeros((0, len(MONEY)), np.int64), none, nobody, none[:, 0].copy())
        payee, money, counts = memory.lists["closed"]
        payer, scattered = memory.lists["scattered"]
        starts = (_start(payee, graph.n), money, counts, _start(payer, graph.n), scattered)
        return cls(stream.new, memory.numbers["since"], *starts)

    @property
    def columns(self) -> tuple[Ints, Ints, NDArray[np.int32], Ints, NDArray[np.int32]]:
        """Return (inward, money, counts, outward, scattered)."""
        return self.inward, self.money, self.counts, self.outward, self.scattered

    @staticmethod
    def room(rows: int) -> Deeds:
        """Return memory for the deeds of as many *rows*."""
        money, counts = np.zeros((rows, len(MONEY)), np.int64), np.zeros((rows, len(COUNTS)), np.int32)
        return money, counts, np.zeros(rows, np.int32)

    def with_rows(self, stream: Stream, fresh: Deeds, until: int, window: int) -> Memory:
        """Return the deeds from row *until* on, and from a *window* before the end; *fresh* are those from `first` on."""
        since = stream.graph.span.end - window
        money, counts, scattered = fresh

        def left(side: Side, deeds: list[tuple[NDArray[Any], NDArray[Any]]]) -> tuple[NDArray[Any], ...]:
            own, rows, known, kept = self._places(side, until, since)
            return own[kept], *(_both(before, told, rows, known)[kept] for before, told in deeds)

        jobs: tuple[Callable[[], tuple[NDArray[Any], ...]], ...] = (
            lambda: left(stream.inward, [(self.money, money), (self.counts, counts)]),
            lambda: left(stream.outward, [(self.scattered, scattered)]),
        )
        closed, scatters = side_by_side(lambda job: job(), jobs)
        return Memory({}, {"closed": closed, "scattered": scatters}, {"since": since})

    def _places(
        self, side: Side, until: int, since: int
    ) -> tuple[Accounts, Ints, NDArray[np.bool_], NDArray[np.bool_]]:
        # Of each payment from `since` on: account, row from `first`, whether it is known, whether it is to be kept.
        own = side.own
        some = np.flatnonzero((own != side.other) & (side.time >= self.since))
        rows = side.rows[some]
        return own[some], rows - self.first, rows < self.first, (rows >= until) & (side.time[some] >= since)


def _start(account: Accounts, n: int) -> Ints:
    start = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(account, minlength=n), out=start[1:])
    return start


def _both(before: NDArray[Any], fresh: NDArray[Any], rows: Ints, known: NDArray[np.bool_]) -> NDArray[Any]:
    found = np.empty((len(rows), *fresh.shape[1:]), fresh.dtype)
    found[known], found[~known] = before, fresh[rows[~known]]
    return found
