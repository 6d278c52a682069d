"""Say when an account moves money, how regularly, and whether a payment comes at an hour or day that is not its own."""

import math
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.cores import over_accounts
from graphml.exact import fixed, fixed_product, plus, spread
from graphml.feature import Feature, both_ends
from graphml.kernel import kernel
from graphml.past import Memory
from graphml.prefetch import ahead
from graphml.stream import Asked, Columns, Floats, Ints, Out, Stream
from graphml.window import DAY, HOUR

__all__ = ["FAMILY", "Rhythm"]

_SECOND = 1_000_000  # microseconds
_THURSDAY = 3  # 1 January 1970, counted from Monday


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Look at the instants at which an account paid or was paid; payments to oneself do not count. Hours are UTC.

    `burstiness` is (s - m) / (s + m) of the gaps between movements, with their mean m and deviation s (Goh and
    Barabasi, 2008): -1 like a clock, 0 at random, near 1 in bursts; NaN below three movements and where all are at one
    instant; of gaps of about a hundredth of a second and less it tells nothing, for squares are kept to 2^-24. `quiet_h` is the longest
    gap that ended in the last 8 days, so a dormant account that woke shows it. `busiest_hour_share` and
    `weekend_share` are shares of all movements. The surprise of a payment's hour is -log2((n + 1) / (all + 24)), with n
    of all earlier movements in that hour of the day; of its weekday the same with 7. An account without a past has the
    surprise of even chances.
    """

    window: int = 8 * DAY  # microseconds

    @property
    def name(self) -> str:
        """Return `rhythm`."""
        return "rhythm"

    @property
    def cost(self) -> str:
        """Return what the work grows with."""
        return "a few steps for each payment; no limit"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return burstiness, the longest quiet, and shares of hours and days."""
        return (
            Feature(
                "burstiness", "ratio", "all",
                "moves money with a burstiness of {value} (-1: like a clock, 0: at random, 1: in bursts)",
            ),
            Feature("quiet_h", "hours", "8d", "moved money in the last 8 days after {value} hours without any"),
            Feature("busiest_hour_share", "share", "all", "moves a share of {value} of its payments in one hour of the day"),
            Feature("weekend_share", "share", "all", "moves a share of {value} of its payments at weekends"),
        )  # fmt: skip

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the same for payer and payee, and how surprising hour and weekday are for each."""
        surprises = tuple(
            Feature(
                f"{end}_{what}_surprise",
                "bits",
                "all",
                f"comes at {said} that is unusual for the {end} by {{value}} bits",
            )
            for end in ("payer", "payee")
            for what, said in (("hour", "an hour"), ("weekday", "a weekday"))
        )
        return (*both_ends(self.of_accounts), *surprises)

    def accounts(
        self, stream: Stream, account: NDArray[np.int32], at: NDArray[np.int64], out: NDArray[np.float32]
    ) -> None:
        """Fill (M, 4) as of each pair's instant."""
        self._fill(stream, Asked.of(stream.graph.n, account, at), out, np.empty((len(out), 2), np.float32))

    def transactions(self, stream: Stream, out: NDArray[np.float32]) -> None:
        """Fill (E, 12) as of each row's instant."""
        self._fill(stream, stream.payers, out[:, :4], out[:, 8:10])
        self._fill(stream, stream.payees, out[:, 4:8], out[:, 10:12])

    def remember(self, stream: Stream, until: int) -> Memory:
        """Return hours, weekdays and gaps of the movements in the rows before row *until*, an instant's first."""
        graph = stream.graph
        seen, ends, gaps = (found.copy() for found in _before(stream))
        edge = int(graph.time[until]) if until < graph.hi else np.iinfo(np.int64).max
        _sum_up(_moved(stream), edge, (seen, ends, gaps))
        return Memory({"seen": seen, "ends": ends, "gaps": gaps})

    def _fill(self, stream: Stream, asked: Asked, out: Out, surprise: Out) -> None:
        moved, before = _moved(stream), _before(stream)

        def work(first: int, last: int) -> None:
            most = int(np.diff(moved[0][first : last + 1]).max(initial=0))
            memory = np.zeros(31, np.int64), np.zeros(most), np.zeros(most, np.int64)
            _walk(moved, before, (asked.columns, self.window), (first, last), memory, (out, surprise))

        over_accounts(work, stream.inward.start + stream.outward.start + asked.start)


def _moved(stream: Stream) -> tuple[Ints, Ints]:
    moved: tuple[Ints, Ints] = stream.once("rhythm", lambda: _movements(stream.sides))
    return moved


def _before(stream: Stream) -> tuple[Ints, Ints, Floats]:
    # (N, 31) movements by hour and weekday; (N, 2) first and last instant; (N, 2) squared seconds of gaps.
    past = stream.past
    seen, ends = past.dense("rhythm", "seen", (31,), np.int32), past.dense("rhythm", "ends", (2,), np.int64)
    return seen, ends, past.dense("rhythm", "gaps", (2,))


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _movements(sides: tuple[Columns, Columns]) -> tuple[Ints, Ints]:
    # Both sides of each account in order of time: (N+1,) start, (M,) instant.
    (in_start, in_other, in_time, _), (out_start, out_other, out_time, _) = sides
    start, time = np.zeros(len(in_start), np.int64), np.empty(len(in_time) + len(out_time), np.int64)
    found = 0
    for own in range(len(in_start) - 1):
        i, j = in_start[own], out_start[own]
        while i < in_start[own + 1] or j < out_start[own + 1]:
            if j == out_start[own + 1] or (i < in_start[own + 1] and in_time[i] <= out_time[j]):
                now, other = in_time[i], in_other[i]
                i += 1
            else:
                now, other = out_time[j], out_other[j]
                j += 1
            if other != own:
                time[found] = now
                found += 1
        start[own + 1] = found
    return start, time[:found].copy()


@kernel
def _hour(time: int) -> int:
    return int(time % DAY // HOUR)


@kernel
def _weekday(time: int) -> int:
    return int(24 + (time // DAY + _THURSDAY) % 7)


@kernel
def _square(gap: float) -> float:
    return float(fixed_product(fixed(gap), fixed(gap)))


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _sum_up(moved: tuple[Ints, Ints], edge: int, totals: tuple[Ints, Ints, Floats]) -> None:
    (start, time), (seen, ends, gaps) = moved, totals
    for own in range(len(start) - 1):
        some = seen[own, :24].sum() > 0
        for i in range(start[own], start[own + 1]):
            if time[i] >= edge:
                break
            seen[own, _hour(time[i])] += 1
            seen[own, _weekday(time[i])] += 1
            if some:
                gap = (time[i] - ends[own, 1]) / _SECOND
                gaps[own, 0], gaps[own, 1] = plus(gaps[own, 0], gaps[own, 1], _square(gap))
            else:
                ends[own, 0], some = time[i], True
            ends[own, 1] = time[i]


@kernel
def _walk(
    moved: tuple[Ints, Ints],
    before: tuple[Ints, Ints, Floats],
    asked: tuple[tuple[Ints, Ints, Ints], int],
    block: tuple[int, int],
    memory: tuple[Ints, Floats, Ints],
    out: tuple[Out, Out],
) -> None:
    (own_start, time), (seen_before, ends, gaps_before), ((start, at, row), window) = moved, before, asked
    state, surprise = out
    seen, gaps, ended = memory  # gaps fall from bottom to top
    for own in range(block[0], block[1]):
        i, foot, top = own_start[own], 0, 0
        count, (first, last), (squares, rest) = 0, ends[own], gaps_before[own]
        for h in range(31):
            seen[h] = seen_before[own, h]
            count += seen[h] if h < 24 else 0
        for q in range(start[own], start[own + 1]):
            ahead(state, row, q)
            ahead(surprise, row, q)
            until = at[q]
            while i < own_start[own + 1] and time[i] < until:
                now = time[i]
                seen[_hour(now)] += 1
                seen[_weekday(now)] += 1
                gap = (now - last) / _SECOND
                if count:
                    squares, rest = plus(squares, rest, _square(gap))
                    while top > foot and gaps[top - 1] <= gap:
                        top -= 1
                    gaps[top], ended[top] = gap, now
                    top += 1
                else:
                    first = now
                last = now
                count += 1
                i += 1
            while foot < top and ended[foot] < until - window:
                foot += 1
            r = row[q]
            state[r, 0] = state[r, 1] = state[r, 2] = state[r, 3] = np.nan
            if count > 2:
                total = (last - first) / _SECOND
                mean, deviation = total / (count - 1), spread(count - 1, total, squares)
                state[r, 0] = (deviation - mean) / (deviation + mean) if deviation + mean > 0 else np.nan
            if foot < top:
                state[r, 1] = gaps[foot] * _SECOND / HOUR
            if count:
                most = seen[0]
                for h in range(1, 24):
                    most = max(most, seen[h])
                state[r, 2] = most / count
                state[r, 3] = (seen[29] + seen[30]) / count
            surprise[r, 0] = -math.log2((seen[_hour(until)] + 1) / (count + 24))
            surprise[r, 1] = -math.log2((seen[_weekday(until)] + 1) / (count + 7))


FAMILY = Rhythm()
