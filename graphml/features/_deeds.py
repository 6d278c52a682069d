"""Keep what payments have closed, which never changes again, until the window has left it behind."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from graphml.cores import at_once
from graphml.kernel import kernel
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
        sides = (stream.inward, self.inward), (stream.outward, self.outward)
        got, made = at_once(*(partial(self._left, *side, until, since) for side in sides))
        kept, counted, hands = at_once(
            lambda: _gathered(got[1], self.money, money),
            lambda: _gathered(got[1], self.counts, counts),
            lambda: _gathered(made[1], self.scattered[:, None], scattered[:, None]),
        )
        lists = {"closed": (got[0], kept, counted), "scattered": (made[0], hands[:, 0])}
        return Memory({}, lists, {"since": since})

    def _left(self, side: Side, start: Ints, until: int, since: int) -> tuple[Accounts, Ints]:
        # Of each payment that is to be kept its account, and the place of its deeds: of those known p, of others -1 - p.
        columns, edges = (side.start, side.other, side.time, side.rows), (self.first, self.since, until, since)
        count, known = _walk(columns, edges, np.empty(0, np.int32), np.empty(0, np.int64))
        if known != start[-1]:
            raise RuntimeError(f"{known} payments are known, and not as many deeds. Report this as a fault of `path`.")
        account, place = np.empty(count, np.int32), np.empty(count, np.int64)
        _walk(columns, edges, account, place)
        return account, place


def _gathered(place: Ints, known: NDArray[Any], fresh: NDArray[Any]) -> NDArray[Any]:
    found = np.empty((len(place), fresh.shape[1]), fresh.dtype)
    _gather(place, known, fresh, found)
    return found


@kernel
def _walk(columns, edges, account, place):  # type: ignore[no-untyped-def]
    # How many there are, and how many known ones were met; they are written where there is room.
    (start, other, time, rows), (first, known_since, until, since) = columns, edges
    count = known = 0
    for own in range(len(start) - 1):
        for i in range(start[own], start[own + 1]):
            if other[i] == own or time[i] < known_since:
                continue
            if rows[i] >= until and time[i] >= since:
                if count < len(account):
                    account[count], place[count] = own, known if rows[i] < first else first - rows[i] - 1
                count += 1
            known += rows[i] < first
    return count, known


@kernel
def _gather(place, known, fresh, found):  # type: ignore[no-untyped-def]
    for i in range(len(place)):
        p = place[i]
        for column in range(found.shape[1]):
            found[i, column] = known[p, column] if p >= 0 else fresh[-1 - p, column]
    return 0


def _start(account: Accounts, n: int) -> Ints:
    start = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(account, minlength=n), out=start[1:])
    return start
