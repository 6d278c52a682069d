"""Tell how near an account is to accounts that were known to launder, and how much of its money is theirs."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.cores import over_accounts
from graphml.exact import fixed, less, plus
from graphml.feature import Feature, both_ends
from graphml.kernel import kernel
from graphml.knowledge import NEVER, Knowledge
from graphml.prefetch import ahead
from graphml.stream import Asked, Columns, Ints, Out, Stream
from graphml.window import DAY

__all__ = ["FAMILY", "Taint"]

_FAR = 3  # payments


@dataclass(frozen=True, slots=True)
class Taint:
    """Measure from the accounts that were known as bad before the day of the instant began.

    What is known, and from when, `graphml.knowledge` says: a label of the same day is never used, a label without a day
    of its own counts as known 30 days after its payment. `taint_distance` is the least number of payments, in whatever
    direction and order, made before the day began, between the account and one known as bad: 0 is itself, more than 3
    and unconnected is NaN. `..._taint_share` is the share of value received from (paid to) accounts known as bad, of
    all payments before the instant; NaN where there are none. `tainted_parties` counts the bad ones among its
    counterparties. Payments to oneself do not count.
    """

    knowledge: Knowledge | None = None  # None: nothing is known

    @property
    def name(self) -> str:
        """Return `taint`."""
        return "taint"

    @property
    def cost(self) -> str:
        """Return what the work grows with."""
        return "a few steps for each payment, and one walk over all payments on each day before which something was known; no limit"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return the distance, and shares in and out."""
        bad = "accounts known to launder"
        return (
            Feature("taint_distance", "payments", "day", f"is {{value}} payments away from {bad}"),
            Feature("in_taint_share", "share", "all", f"received a share of {{value}} of its money from {bad}"),
            Feature("out_taint_share", "share", "all", f"paid a share of {{value}} of its money to {bad}"),
            Feature("tainted_parties", "count", "all", f"paid or was paid by {{value}} {bad}"),
        )

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the same for the payer and for the payee."""
        return both_ends(self.of_accounts)

    def accounts(
        self, stream: Stream, account: NDArray[np.int32], at: NDArray[np.int64], out: NDArray[np.float32]
    ) -> None:
        """Fill (M, 4) as of each pair's instant."""
        self._fill(stream, Asked.of(stream.graph.n, account, at), out)
        self._distances(stream, (account, at), out[:, 0])

    def transactions(self, stream: Stream, out: NDArray[np.float32]) -> None:
        """Fill (E, 8) as of each row's instant."""
        graph = stream.graph
        for first, asked, end in ((0, stream.payers, graph.source), (4, stream.payees, graph.target)):
            self._fill(stream, asked, out[:, first : first + 4])
            self._distances(stream, (end[stream.told], graph.time[stream.told]), out[:, first])

    def _since(self, stream: Stream) -> Ints:
        return np.full(stream.graph.n, NEVER, np.int64) if self.knowledge is None else self.knowledge.since

    def _fill(self, stream: Stream, asked: Asked, out: Out) -> None:
        since, sides = self._since(stream), (stream.ever(False), stream.ever(True))
        start = sides[0][0] + sides[1][0]

        def work(first: int, last: int) -> None:
            later = np.empty(int(np.diff(start[first : last + 1]).max(initial=0)), np.int64)
            met = np.full(len(since), -1, np.int64)  # the latest account that counted this one
            _shares(sides, since, asked.columns, (first, last), (later, met), out)

        over_accounts(work, stream.inward.start + stream.outward.start + asked.start)

    def _distances(self, stream: Stream, asked: tuple[NDArray[np.int32], Ints], out: Out) -> None:
        # Only on days before which something was known: elsewhere everything is far from the bad.
        since, sides = self._since(stream), (stream.ever(False), stream.ever(True))
        account, at = asked
        out[:] = np.nan
        day = at // DAY * DAY
        for today in np.unique(day[day >= since.min(initial=NEVER)]).tolist():
            far = _spread(sides, since, today)
            mine = np.flatnonzero(day == today)
            found = far[account[mine]]
            out[mine] = np.where(found <= _FAR, found, np.nan)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _spread(sides: tuple[Columns, Columns], since: Ints, day: int) -> NDArray[np.int8]:
    # (N,) payments from the nearest account known before the day, breadth first over payments before it.
    n = len(since)
    far = np.full(n, _FAR + 1, np.int8)
    queue = np.empty(n, np.int64)
    end = 0
    for own in range(n):
        if since[own] <= day:
            far[own] = 0
            queue[end] = own
            end += 1
    done = 0
    while done < end:
        own = queue[done]
        done += 1
        if far[own] == _FAR:
            break
        for side in sides:
            for i in range(side[0][own], side[0][own + 1]):
                if side[2][i] >= day:
                    break
                other = side[1][i]
                if far[other] > _FAR:
                    far[other] = far[own] + 1
                    queue[end] = other
                    end += 1
    return far


@kernel
def _shares(
    sides: tuple[Columns, Columns],
    since: Ints,
    asked: tuple[Ints, Ints, Ints],
    block: tuple[int, int],
    memory: tuple[Ints, Ints],
    out: Out,
) -> None:
    # A payment turns bad when its counterparty becomes known; those that will turn later wait in `later`.
    start, at, row = asked
    later, met = memory
    for own in range(block[0], block[1]):
        for s in range(2):
            side_start, other, time, value = sides[s]
            hi, waiting, today = side_start[own], 0, np.int64(0)
            total, rest, bad, bad_rest = 0.0, 0.0, 0.0, 0.0
            for q in range(start[own], start[own + 1]):
                ahead(out, row, q)
                day = at[q] // DAY * DAY
                while hi < side_start[own + 1] and time[hi] < at[q]:
                    ahead(since, other, hi)
                    if other[hi] != own:
                        total, rest = plus(total, rest, fixed(value[hi]))
                        if since[other[hi]] <= day:
                            bad, bad_rest = plus(bad, bad_rest, fixed(value[hi]))
                        elif since[other[hi]] < NEVER:
                            later[waiting] = hi
                            waiting += 1
                    hi += 1
                for k in range(waiting if day > today else 0, 0, -1):
                    i = later[k - 1]
                    if since[other[i]] <= day:
                        bad, bad_rest = plus(bad, bad_rest, fixed(value[i]))
                        waiting -= 1
                        later[k - 1] = later[waiting]
                today = day
                out[row[q], 1 + s] = less(bad, bad_rest, 0.0, 0.0) / total if total > 0 else np.nan
        _parties(sides, since, asked, own, met, later, out)


@kernel
def _parties(
    sides: tuple[Columns, Columns],
    since: Ints,
    asked: tuple[Ints, Ints, Ints],
    own: int,
    met: Ints,
    later: Ints,
    out: Out,
) -> None:
    start, at, row = asked
    ends = sides[0][0][own], sides[1][0][own]
    i, j, waiting, parties, today = ends[0], ends[1], 0, 0, np.int64(0)
    for q in range(start[own], start[own + 1]):
        before = waiting
        while i < sides[0][0][own + 1] and sides[0][2][i] < at[q]:
            ahead(met, sides[0][1], i)
            waiting = _wait(sides[0][1][i], own, since, met, later, waiting)
            i += 1
        while j < sides[1][0][own + 1] and sides[1][2][j] < at[q]:
            ahead(met, sides[1][1], j)
            waiting = _wait(sides[1][1][j], own, since, met, later, waiting)
            j += 1
        day = at[q] // DAY * DAY
        for k in range(waiting if day > today or waiting > before else 0, 0, -1):
            if since[later[k - 1]] <= day:
                parties += 1
                waiting -= 1
                later[k - 1] = later[waiting]
        today = day
        out[row[q], 3] = parties


@kernel
def _wait(party: int, own: int, since: Ints, met: Ints, later: Ints, waiting: int) -> int:
    if party == own or met[party] == own or since[party] == NEVER:
        return waiting
    met[party] = own
    later[waiting] = party
    return waiting + 1


FAMILY = Taint()
