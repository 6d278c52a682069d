"""Say who met whom when: port ranks by first contact, new counterparties, hours since the last payment."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphml.cores import over_accounts
from graphml.feature import Feature, both_ends
from graphml.features._meetings import meeting_room, meetings
from graphml.kernel import kernel
from graphml.past import Memory
from graphml.prefetch import SOON, ahead, prefetch
from graphml.stream import Asked, Columns, Ints, Out, Stream, by_end
from graphml.window import DAY, HOUR

__all__ = ["FAMILY", "Contact"]

_WINDOWS = (("1d", DAY, "in the last day"), ("8d", 8 * DAY, "in the last 8 days"))


@dataclass(frozen=True, slots=True)
class Contact:
    """Rank counterparties by first contact and measure gaps; what never happened is NaN.

    `payee_port` is 1 + the number of payees that the payer paid for the first time strictly before it paid this one
    for the first time; payees of one first instant share a rank. `payer_port` mirrors it. The rank never changes
    later, so it is known in time: port numbering of Egressy et al. (2024, section 4.2), as of the instant.
    A payment to oneself has ports like any other, but oneself is no new counterparty. `new_..._share` is the share of
    the window's payments whose counterparty was new with them (in the rank of their instant); NaN without payments.
    `pair_count` counts earlier payments from this payer to this payee, `gap_back_h` the hours since the payee last paid
    the payer; of a payment to oneself both look at payments to oneself.
    """

    @property
    def name(self) -> str:
        """Return `contact`."""
        return "contact"

    @property
    def cost(self) -> str:
        """Return what the work grows with."""
        return "a few steps for each payment; no limit"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return new counterparties, the gap and the age."""
        found = []
        for window, _, when in _WINDOWS:
            for side, said, verb in (("in", "was paid by", "received"), ("out", "paid", "made")):
                found += [
                    Feature(f"new_{side}_parties_{window}", "count", window, f"{said} {{value}} accounts for the first time {when}"),
                    Feature(
                        f"new_{side}_share_{window}", "share", window,
                        f"{verb} a share of {{value}} of its payments {when} "
                        f"{'from' if side == 'in' else 'to'} accounts that were new to it",
                    ),
                ]  # fmt: skip
        found += [
            Feature("gap_h", "hours", "all", "last paid or was paid {value} hours before"),
            Feature("age_days", "days", "all", "was first seen {value} days before"),
        ]
        return tuple(found)

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return ports, whether the pair is new, gaps, and what both ends had met."""
        ranks = "among the {a}'s {b}s by first contact"
        own = (
            Feature("payee_port", "rank", "all", f"the payee is number {{value}} {ranks.format(a='payer', b='payee')}"),
            Feature("payer_port", "rank", "all", f"the payer is number {{value}} {ranks.format(a='payee', b='payer')}"),
            Feature("new_pair", "flag", "all", "the payer had never paid this payee before: {value}"),
            Feature("gap_pair_h", "hours", "all", "the payer last paid this payee {value} hours before"),
            Feature("pair_count", "count", "all", "the payer had paid this payee {value} times before"),
            Feature("gap_back_h", "hours", "all", "the payee last paid this payer {value} hours before"),
        )
        return (*own, *both_ends(self.of_accounts))

    def accounts(
        self, stream: Stream, account: NDArray[np.int32], at: NDArray[np.int64], out: NDArray[np.float32]
    ) -> None:
        """Fill (M, 10) as of each pair's instant; NaN hours and days where the account was never seen."""
        self._fill(stream, Asked.of(stream.graph.n, account, at), by_end(out, 1))

    def transactions(self, stream: Stream, out: NDArray[np.float32]) -> None:
        """Fill (E, 26) as of each row's instant; NaN hours where there was no earlier payment."""
        width, pairs = len(self.of_accounts), stream.past.pairs
        known, before = pairs.known(), (pairs.count, pairs.last, pairs.port)
        ways = [(stream.outward, (0, 3, 4, 5), True), (stream.inward, (1, -1, -1, -1), False)]
        for side, columns, outward in ways:
            own = known[:, 0 if outward else 1], stream.met(outward), stream.met_back(outward)
            sides = stream.sides[::-1] if outward else stream.sides
            places = side.rows - stream.new, np.array(columns)
            over_accounts(partial(_meet, sides, (*own, *before), places, int(not outward), out), side.start)
        out[:, 2] = np.isnan(out[:, 3])
        for end, asked in enumerate((stream.payers, stream.payees)):  # a walk for each: both in turn are 16 bytes a row
            self._fill(stream, asked, by_end(out[:, -2 * width :], 2)[:, end : end + 1])

    def remember(self, stream: Stream, until: int) -> Memory:
        """Return the first and the last instant of each account in the rows before row *until*."""
        seen = _ends(stream).copy()
        for side in (stream.inward, stream.outward):
            gone = side.rows < until
            np.minimum.at(seen[:, 0], side.own[gone], side.time[gone])
            np.maximum.at(seen[:, 1], side.own[gone], side.time[gone])
        return Memory({"ends": seen, "seen": seen[:, 1] >= seen[:, 0]})

    def _fill(self, stream: Stream, asked: Asked, out: NDArray[np.float32]) -> None:
        widths = np.array([width for _, width, _ in _WINDOWS], np.int64)
        known, ends = [stream.met(outward) >= 0 for outward in (False, True)], _ends(stream)

        def work(first: int, last: int) -> None:
            for s, side in enumerate(stream.sides):
                memory = _room(side[0], len(widths), (first, last))
                _new(side, known[s], (asked.columns, widths), (first, last), memory, out[:, :, 2 * s : -2])
            _seen(stream.sides, ends, asked.columns, (first, last), out[:, :, -2:])

        over_accounts(work, stream.inward.start + stream.outward.start + asked.start)


def _room(start: Ints, windows: int, block: tuple[int, int]) -> Any:
    n, most = len(start), int(np.diff(start[block[0] : block[1] + 1]).max(initial=0))
    met = np.full((n, 2), -1, np.int64)  # the latest account that met this one, and when it first did
    of_entry = np.zeros(most, np.bool_), np.zeros(most, np.bool_)
    return met, of_entry, tuple(np.zeros(windows, np.int64) for _ in range(3))


@kernel
def _new(
    side: Columns,
    known: NDArray[np.bool_],
    asked: tuple[tuple[Ints, Ints, Ints], Ints],
    block: tuple[int, int],
    memory: Any,
    out: NDArray[np.float32],
) -> None:
    # For window k, columns 4 k and 4 k + 1: counterparties that were new, and the share of payments of new ones.
    turns = out.shape[1]
    (side_start, other, time, _), ((start, at, row), widths) = side, asked
    met, (first, fresh), (lo, parties, payments) = memory
    for own in range(block[0], block[1]):
        if start[own] == start[own + 1]:
            continue
        begin = hi = side_start[own]
        lo[:] = begin
        parties[:] = 0
        payments[:] = 0
        for q in range(start[own], start[own + 1]):
            if q + SOON < len(row):
                prefetch(out, row[q + SOON] // turns)
            while hi < side_start[own + 1] and time[hi] < at[q]:
                ahead(met, other, hi)
                party, i = other[hi], hi - begin
                first[i] = met[party, 0] != own and party != own and not known[hi]
                if met[party, 0] != own:
                    met[party, 0], met[party, 1] = own, time[hi]
                fresh[i] = party != own and met[party, 1] == time[hi] and not known[hi]
                parties += first[i]
                payments += fresh[i]
                hi += 1
            for k in range(len(widths)):
                while lo[k] < hi and time[lo[k]] < at[q] - widths[k]:
                    parties[k] -= first[lo[k] - begin]
                    payments[k] -= fresh[lo[k] - begin]
                    lo[k] += 1
                out[row[q] // turns, row[q] % turns, 4 * k] = parties[k]
                out[row[q] // turns, row[q] % turns, 4 * k + 1] = payments[k] / (hi - lo[k]) if hi > lo[k] else np.nan


@kernel
def _seen(
    sides: tuple[Columns, Columns],
    ends: Ints,
    asked: tuple[Ints, Ints, Ints],
    block: tuple[int, int],
    out: NDArray[np.float32],
) -> None:
    # Hours since the last payment on either side, days since the first.
    turns = out.shape[1]
    start, at, row = asked
    for own in range(block[0], block[1]):
        i, j = sides[0][0][own], sides[1][0][own]
        first, last = ends[own]
        for q in range(start[own], start[own + 1]):
            if q + SOON < len(row):
                prefetch(out, row[q + SOON] // turns)
            while i < sides[0][0][own + 1] and sides[0][2][i] < at[q]:
                first, last = min(first, sides[0][2][i]), max(last, sides[0][2][i])
                i += 1
            while j < sides[1][0][own + 1] and sides[1][2][j] < at[q]:
                first, last = min(first, sides[1][2][j]), max(last, sides[1][2][j])
                j += 1
            some = last >= first
            out[row[q] // turns, row[q] % turns, 0] = (at[q] - last) / HOUR if some else np.nan
            out[row[q] // turns, row[q] % turns, 1] = (at[q] - first) / DAY if some else np.nan


def _ends(stream: Stream) -> Ints:
    # (N, 2) first and last instant of rows that are gone; the last is before the first where there were none.
    seen, ends = (
        stream.past.dense("contact", "seen", (), np.bool_),
        stream.past.dense("contact", "ends", (2,), np.int64),
    )
    never = np.array([np.iinfo(np.int64).max, np.iinfo(np.int64).min])
    return np.where(seen[:, None], ends, never)


def _meet(sides: Any, before: Any, places: Any, way: int, out: Out, first: int, last: int) -> None:
    meetings(sides, before, places, way, (first, last), meeting_room(len(sides[0][0])), out)


FAMILY = Contact()
