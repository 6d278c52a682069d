"""Say what amounts look like: round, just under a reporting limit, far from Benford's law, unlike those before."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphml.cores import over_accounts
from graphml.elementary import log10
from graphml.exact import fixed, fixed_product, plus, spread
from graphml.feature import Feature
from graphml.features._ever import add
from graphml.features._looks import first_digit, in_parts
from graphml.graph import TransactionGraph
from graphml.kernel import kernel
from graphml.past import Memory
from graphml.prefetch import ahead
from graphml.stream import Asked, Floats, Ints, Out, Side, Stream
from graphml.window import DAY

__all__ = ["FAMILY", "Amounts"]

_SIDES = (("in", "received"), ("out", "paid"))
_OWN = 5  # columns of one side


@dataclass(frozen=True, slots=True)
class Amounts:
    """Look at the amounts of strictly earlier payments, and at a payment's own beside them.

    An amount is round where it is a whole multiple of `round_to` in the currency paid, and under the limit where its
    value lies in [(1 - `near`) x `limit`, `limit`) in the reference currency: cash of 10,000 is reported in the United
    States (31 CFR 1010.311) and in the European Union. `benford` is the mean absolute deviation of the nine shares of
    first digits from Benford's law (Nigrini, 2012), NaN below `enough` payments. `log_ratio` and `z` compare an amount
    with what its payer paid, its payee got, in all earlier payments; NaN: there was none, for `z` fewer than two or all
    of them equal.
    """

    round_to: float = 100.0  # of the currency paid; a whole multiple of it, above zero, is a round amount
    cent: float = 0.005  # of the currency paid; how far from the multiple still counts
    limit: float = 10_000.0  # reference currency, above which cash is reported
    near: float = 0.1  # share of the limit
    enough: int = 10  # payments
    window: int = 8 * DAY  # microseconds

    @property
    def name(self) -> str:
        """Return `amounts`."""
        return "amounts"

    @property
    def cost(self) -> str:
        """Return what the work grows with."""
        return "a few steps for each payment; no limit"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return shares of round amounts and of those under the limit, and Benford's distance, in and out."""
        return tuple(
            feature
            for side, verb in _SIDES
            for feature in (
                Feature(f"{side}_round_share_8d", "share", "8d", f"{verb} round amounts in a share of {{value}} of payments in the last 8 days"),
                Feature(f"{side}_round_share", "share", "all", f"{verb} round amounts in a share of {{value}} of payments"),
                Feature(
                    f"{side}_under_limit_share_8d", "share", "8d",
                    f"{verb} amounts just under the reporting limit in a share of {{value}} of payments in the last 8 days",
                ),
                Feature(
                    f"{side}_under_limit_share", "share", "all",
                    f"{verb} amounts just under the reporting limit in a share of {{value}} of payments",
                ),
                Feature(
                    f"{side}_benford", "share", "all",
                    f"{verb} amounts whose first digits are off Benford's law by {{value}} on average",
                ),
            )
        )  # fmt: skip

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the amount and how it compares with the payer's and the payee's."""
        found = [
            Feature("amount", "reference currency", "now", "the amount is {value} in reference currency"),
            Feature("round_amount", "flag", "now", "the amount is round: {value}"),
            Feature("under_limit", "flag", "now", "the amount is just under the reporting limit: {value}"),
        ]
        for end, (side, verb) in (("payer", _SIDES[1]), ("payee", _SIDES[0])):
            found += [
                Feature(
                    f"{end}_log_ratio", "log ratio", "all",
                    f"the natural logarithm of the amount over what the {end} {verb} on average is {{value}}",
                ),
                Feature(
                    f"{end}_z", "standard deviations", "all",
                    f"the amount is {{value}} standard deviations above what the {end} {verb} on average",
                ),
                *(
                    Feature(f"{end}_{f.name}", f.unit, f.window, f"the {end} {f.sentence}")
                    for f in self.of_accounts
                    if f.name.startswith(side)
                ),
            ]  # fmt: skip
        return tuple(found)

    def accounts(
        self, stream: Stream, account: NDArray[np.int32], at: NDArray[np.int64], out: NDArray[np.float32]
    ) -> None:
        """Fill (M, 10) as of each pair's instant."""
        asked = Asked.of(stream.graph.n, account, at)
        self._fill(stream, stream.inward, asked, out[:, :_OWN])
        self._fill(stream, stream.outward, asked, out[:, _OWN:])

    def transactions(self, stream: Stream, out: NDArray[np.float32]) -> None:
        """Fill (E, 17): the row's own amount beside what was known strictly before its instant."""
        graph = stream.graph
        value = graph.value[stream.told]
        out[:, 0] = np.minimum(value, np.finfo(np.float32).max)
        marks = self._marks(graph.amount[stream.told], value)
        out[:, 1], out[:, 2] = marks[:, 0], marks[:, 1]
        own = 2 + _OWN
        for first, side, asked in ((3, stream.outward, stream.payers), (3 + own, stream.inward, stream.payees)):
            self._fill(stream, side, asked, out[:, first + 2 : first + own])
            _compare_all(stream, side, asked, value, out[:, first : first + 2])

    def remember(self, stream: Stream, until: int) -> Memory:
        """Return what the amounts of the rows before row *until* looked like."""
        dense: dict[str, NDArray[Any]] = {}
        for side in (stream.inward, stream.outward):
            gone = side.rows < until
            own, amount = side.own[gone], stream.graph.amount[side.rows[gone]]
            seen, count, total = (found.copy() for found in _before(stream, side))
            np.add.at(seen, (own, first_digit(amount)), 1)
            for k, mark in enumerate(self._marks(amount, side.value[gone]).T):
                np.add.at(seen[:, 10 + k], own[mark], 1)
            add(own, side.value[gone], (count, total, np.zeros((stream.graph.n, 2))))
            way = _way(stream, side)
            dense |= {f"{way}_seen": seen, f"{way}_count": count, f"{way}_total": total}
        return Memory(dense)

    def _fill(self, stream: Stream, side: Side, asked: Asked, out: Out) -> None:
        marks, digit = stream.once(f"{self}", lambda: self._looks(stream.graph))
        own = side.start, side.time, marks[side.rows], digit[side.rows], _before(stream, side)[0]
        limits = self.window, self.enough

        def work(first: int, last: int) -> None:
            memory = np.zeros(10, np.int64), log10(1 + 1 / np.arange(1.0, 10.0))  # seen, and Benford's law
            _shares(own, asked.columns, limits, (first, last), memory, out)

        over_accounts(work, side.start + asked.start)

    def _looks(self, graph: TransactionGraph) -> tuple[NDArray[np.bool_], NDArray[np.int8]]:
        # (E, 2) round, under the limit; (E,) first digit.
        return in_parts(self._marks, graph.amount, graph.value), in_parts(first_digit, graph.amount)

    def _marks(self, amount: Floats, value: Floats) -> NDArray[np.bool_]:
        # (P, 2) round, under the limit.
        multiple = np.rint(amount / self.round_to) * self.round_to
        regular = (multiple > 0) & (np.abs(amount - multiple) <= self.cent)
        return np.column_stack([regular, (value >= (1 - self.near) * self.limit) & (value < self.limit)])


def _way(stream: Stream, side: Side) -> str:
    return "out" if side is stream.outward else "in"


def _before(stream: Stream, side: Side) -> tuple[Ints, Ints, Floats]:
    # (N, 12) first digits 0 to 9, round, under the limit; (N,) payments; (N, 4) value and squares: of rows that are gone.
    way, past = _way(stream, side), stream.past
    seen = past.dense("amounts", f"{way}_seen", (12,), np.int32)
    count, total = past.dense("amounts", f"{way}_count", (), np.int64), past.dense("amounts", f"{way}_total", (4,))
    return seen, count, total


@kernel
def _shares(
    side: tuple[Ints, Ints, NDArray[np.bool_], NDArray[np.int8], Ints],
    asked: tuple[Ints, Ints, Ints],
    limits: tuple[int, int],
    block: tuple[int, int],
    memory: tuple[Ints, Floats],
    out: Out,
) -> None:
    side_start, time, marks, digit, seen = side
    start, at, row = asked
    digits, law = memory
    for own in range(block[0], block[1]):
        lo = hi = side_start[own]
        before, round_before, under_before = 0, seen[own, 10], seen[own, 11]
        for d in range(10):
            digits[d] = seen[own, d]
            before += digits[d]
        all_round = all_under = old_round = old_under = 0
        for q in range(start[own], start[own + 1]):
            ahead(out, row, q)
            while hi < side_start[own + 1] and time[hi] < at[q]:
                all_round += marks[hi, 0]
                all_under += marks[hi, 1]
                digits[digit[hi]] += 1
                hi += 1
            while lo < hi and time[lo] < at[q] - limits[0]:
                old_round += marks[lo, 0]
                old_under += marks[lo, 1]
                lo += 1
            r = row[q]
            for c in range(5):
                out[r, c] = np.nan
            if hi > lo:
                out[r, 0] = (all_round - old_round) / (hi - lo)
                out[r, 2] = (all_under - old_under) / (hi - lo)
            count = hi - side_start[own] + before
            if count:
                out[r, 1] = (round_before + all_round) / count
                out[r, 3] = (under_before + all_under) / count
            some = count - digits[0]
            if some >= limits[1]:
                off = 0.0
                for d in range(9):
                    off += abs(digits[d + 1] / some - law[d])
                out[r, 4] = off / 9


def _compare_all(stream: Stream, side: Side, asked: Asked, amount: Floats, out: Out) -> None:
    own = side.start, side.time, side.value, *_before(stream, side)[1:]
    over_accounts(
        lambda first, last: _compare(own, asked.columns, amount, (first, last), out),
        side.start + asked.start,
    )


@kernel
def _compare(
    side: tuple[Ints, Ints, Floats, Ints, Floats],
    asked: tuple[Ints, Ints, Ints],
    amount: Floats,
    block: tuple[int, int],
    out: Out,
) -> None:
    # Log ratio and z of each asked row's own amount.
    side_start, time, value, before, sums = side
    start, at, row = asked
    for own in range(block[0], block[1]):
        hi = side_start[own]
        total, rest, squares, squares_rest = sums[own]
        for q in range(start[own], start[own + 1]):
            ahead(out, row, q)
            ahead(amount, row, q)
            while hi < side_start[own + 1] and time[hi] < at[q]:
                v = fixed(value[hi])
                total, rest = plus(total, rest, v)
                squares, squares_rest = plus(squares, squares_rest, fixed_product(v, v))
                hi += 1
            r = row[q]
            count, now = hi - side_start[own] + before[own], amount[r]
            out[r, 0] = out[r, 1] = np.nan
            if total > 0 and now > 0:
                out[r, 0] = math.log(now / (total / count))
            deviation = spread(count, total, squares) if count > 1 else 0.0
            if deviation > 0:
                out[r, 1] = (now - total / count) / deviation


FAMILY = Amounts()
