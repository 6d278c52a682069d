"""Sum up who paid whom before each refresh day, going on from the day before."""

from dataclasses import dataclass
from threading import Lock

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.cores import over_accounts
from graphml.exact import fixed, plus
from graphml.prefetch import SOON, SOONER, ahead, prefetch
from graphml.stream import Stream

__all__ = ["Known", "KnownDays", "Meetings"]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Hold the accounts seen before a day, numbered 0..K-1, and each two of them that have paid one another.

    The numbers follow the order of accounts. Accounts that are not seen yet are left out, so that nothing computed
    here changes when a later row brings a new account. Payments to oneself make an account seen and count for nothing
    else. Each two accounts stand twice, once in the list of either, in ascending order of the other.
    """

    day: int  # microseconds UTC: what is strictly earlier is known
    account: NDArray[np.int32]  # (K,) ascending
    number: NDArray[np.int32]  # (N,) number of each account, -1: not seen yet
    start: NDArray[np.int64]  # (K+1,) entries start[k]:start[k+1] are the counterparties of k
    other: NDArray[np.int32]  # (P,) number of the counterparty
    paid: NDArray[np.int32]  # (P,) payments to the counterparty
    got: NDArray[np.int32]  # (P,) payments from it
    value: NDArray[np.float64]  # (P,) reference currency, of both
    money: NDArray[np.float64]  # (K, 2) reference currency received, paid
    count: NDArray[np.int64]  # (K, 2) payments received, paid

    @property
    def lists(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """Return (start, other, paid, got)."""
        return self.start, self.other, self.paid, self.got


class Meetings:
    """Sum up who paid whom: what is summed up is kept, so a day costs its own rows and a look at all pairs.

    Steps number what is added: first each pair of the past as one, then each row of the view.
    """

    def __init__(self, stream: Stream) -> None:
        """Lay out the past and the rows of a stream; nothing is added yet."""
        graph, past = stream.graph, stream.past.pairs
        n, self.gone = graph.n, len(past)
        inward, outward = (_steps(stream, way) for way in (False, True))
        self.start, self.first, self.other, self.steps = _lay_out(inward, outward, 0, self.gone + len(graph))
        self.worth = past.value, past.count, graph.value[graph.rows]  # (gone, 2), (gone,), (rows,)
        self.end = 0
        pairs = len(self.other)
        self.state = np.zeros(pairs, np.int32), np.zeros(pairs, np.int32), np.zeros((pairs, 2))  # paid, got, value
        self.own = np.zeros((n, 4)), np.zeros((n, 2), np.int64), np.zeros(n, np.int64)  # money, count, counterparties
        self.first_step = np.full(n, np.iinfo(np.int64).max)  # in which an account pays or is paid
        for start, _, steps in (inward, outward):
            some = start[:-1] < start[1:]
            self.first_step[some] = np.minimum(self.first_step[some], steps[start[:-1][some]])

    def add(self, rows: int) -> None:
        """Add the past and the rows of the view up to *rows*, counted from its first."""
        end = self.gone + rows
        pairs, span = (self.start, self.first, self.steps), (self.end, end)
        over_accounts(lambda lo, hi: _add(pairs, self.worth, span, (lo, hi), self.state, self.own), self.start)
        self.end = end

    def known(self, day: int) -> Known:
        """Return what the rows added so far tell."""
        money, count, degree = self.own
        account = np.flatnonzero(self.first_step < self.end).astype(np.int32)
        number = np.full(len(degree), -1, np.int32)
        number[account] = np.arange(len(account), dtype=np.int32)
        where = np.zeros(len(degree) + 1, np.int64)
        np.cumsum(degree, out=where[1:])
        size = int(where[-1])
        lists = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size)
        pairs = self.start, self.other, *self.state
        over_accounts(lambda lo, hi: _copy(pairs, number, where, (lo, hi), lists), self.start)
        start = np.append(where[account], size)
        return Known(day, account, number, start, *lists, money[account, ::2], count[account])


class KnownDays:
    """Hold what is known on each refresh day, so that families of one calendar sum up once."""

    def __init__(self, stream: Stream, readers: int = 0) -> None:
        """Begin before the first row; a day that so many *readers* have asked for is let go. 0: all days stay."""
        self.stream, self.readers = stream, readers
        self.found: dict[int, Known] = {}
        self.asked: dict[int, int] = {}  # day -> how often
        self.meetings: Meetings | None = None
        self.turn = Lock()

    def before(self, day: int, rows: int) -> Known:
        """Return what the past and the first *rows* of the view tell; days come ascending, or have been asked before.

        Raises:
            RuntimeError: the day has been let go.
        """
        with self.turn:
            self.asked[day] = self.asked.get(day, 0) + 1
            if self.asked[day] == 1:
                if self.meetings is None:
                    self.meetings = Meetings(self.stream)
                self.meetings.add(rows)
                self.found[day] = self.meetings.known(day)
            if day not in self.found:
                raise RuntimeError(f"A day was asked for {self.asked[day]} times, by {self.readers} families.")
            return self.found.pop(day) if self.asked[day] == self.readers else self.found[day]


def _steps(stream: Stream, outward: bool) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    # Of one side: start, counterparty, step.
    side, past, lo = stream.outward if outward else stream.inward, stream.past.pairs, stream.graph.lo
    if not len(past):
        return side.start, side.other, side.rows - lo
    own, other = (past.payer, past.payee) if outward else (past.payee, past.payer)
    order = np.argsort(np.concatenate([own, side.own]), kind="stable")
    start = side.start.copy()
    start[1:] += np.cumsum(np.bincount(own, minlength=stream.graph.n))
    steps = np.concatenate([np.arange(len(past)), len(past) + side.rows - lo])
    return start, np.concatenate([other, side.other])[order], steps[order]


@numba.njit(cache=True, nogil=True)
def _lay_out(inward, outward, base, total):  # type: ignore[no-untyped-def]
    # By account, then counterparty: the payments between the two among the first *total* rows. Going through accounts
    # in ascending order and writing each into the lists of its counterparties leaves every list in order.
    n = len(inward[0]) - 1
    where = np.zeros(n + 1, np.int64)
    for side in (inward, outward):
        for b in range(n):
            for e in range(side[0][b], side[0][b + 1]):
                ahead(where, side[1], e)
                if side[2][e] - base >= total:
                    break
                where[side[1][e] + 1] += side[1][e] != b
    for a in range(n):
        where[a + 1] += where[a]
    size = where[n]
    place = where[:n].copy()
    with_whom, rows = np.empty(size, np.int32), np.empty(size, np.int32)
    for b in range(n):
        for way in range(2):  # what b received its counterparties paid
            side = inward if way == 0 else outward
            for e in range(side[0][b], side[0][b + 1]):
                ahead(place, side[1], e)
                if e + SOONER < len(side[1]):
                    to = place[side[1][e + SOONER]]
                    prefetch(with_whom, to)
                    prefetch(rows, to)
                row, a = side[2][e] - base, side[1][e]
                if row >= total:
                    break
                if a != b:
                    with_whom[place[a]] = b
                    rows[place[a]] = 2 * row + way
                    place[a] += 1
    start = np.zeros(n + 1, np.int64)
    pairs = 0
    for a in range(n):
        for i in range(where[a], where[a + 1]):
            pairs += i == where[a] or with_whom[i] != with_whom[i - 1]
        start[a + 1] = pairs
    first, other = np.empty(pairs + 1, np.int32), np.empty(pairs, np.int32)
    pairs = 0
    for a in range(n):
        for i in range(where[a], where[a + 1]):
            if i == where[a] or with_whom[i] != with_whom[i - 1]:
                first[pairs], other[pairs] = i, with_whom[i]
                pairs += 1
    first[pairs] = size
    return start, first, other, rows


@numba.njit(cache=True, nogil=True)
def _add(pairs, worth, span, block, state, own):  # type: ignore[no-untyped-def]
    # Add the steps of a span to what is known of each two accounts, and of each account.
    start, first, rows = pairs
    gone, times, fresh = worth
    paid, got, value = state
    money, count, degree = own
    end = first[start[block[1]]]
    for a in range(block[0], block[1]):
        near = 0
        for p in range(start[a], start[a + 1]):
            for i in range(first[p], first[p + 1]):
                row = rows[i] >> 1
                if i + SOON < end and span[0] <= rows[i + SOON] >> 1 < span[1]:
                    soon = rows[i + SOON] >> 1
                    if soon < len(gone):
                        prefetch(gone, soon)
                    else:
                        prefetch(fresh, soon - len(gone))
                if row < span[0] or row >= span[1]:
                    continue
                way = 0 if rows[i] & 1 else 2
                old = row < len(gone)
                often = times[row] if old else 1
                for part in range(2 if old else 1):  # the sum of a pair has two parts
                    v = fixed(gone[row, part] if old else fresh[row - len(gone)])
                    value[p, 0], value[p, 1] = plus(value[p, 0], value[p, 1], v)
                    money[a, way], money[a, way + 1] = plus(money[a, way], money[a, way + 1], v)
                count[a, way // 2] += often
                if way == 0:
                    got[p] += often
                else:
                    paid[p] += often
            near += paid[p] + got[p] > 0
        degree[a] = near


@numba.njit(cache=True, nogil=True)
def _copy(pairs, number, where, block, lists):  # type: ignore[no-untyped-def]
    start, other, paid, got, value = pairs
    new_other, new_paid, new_got, new_value = lists
    for a in range(block[0], block[1]):
        top = where[a]
        for p in range(start[a], start[a + 1]):
            ahead(number, other, p)
            if paid[p] + got[p] > 0:
                new_other[top], new_paid[top], new_got[top] = number[other[p]], paid[p], got[p]
                new_value[top] = value[p, 0]
                top += 1
