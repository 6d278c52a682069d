"""Count payments, amounts and counterparties of the last hours and days."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphml.cores import over_accounts, side_by_side
from graphml.feature import Feature, Part, both_ends
from graphml.features._ever import Ever
from graphml.features._window import room, statistics
from graphml.past import Memory
from graphml.stream import Asked, Stream, by_end
from graphml.window import DAY, HOUR

__all__ = ["FAMILY", "Activity"]

_MONEY = "reference currency"
_WINDOWS = (
    ("1h", HOUR, "in the last hour"),
    ("1d", DAY, "in the last day"),
    ("4d", 4 * DAY, "in the last 4 days"),
    ("8d", 8 * DAY, "in the last 8 days"),
    ("30d", 30 * DAY, "in the last 30 days"),
    ("all", 1 << 62, "since the records begin"),
)


@dataclass(frozen=True, slots=True)
class Activity:
    """Describe what an account got and paid in [t - w, t), and from and to how many others.

    A payment to oneself counts in and out, but oneself is no counterparty. Windows reach from the hour to the 8 days
    in which most laundering schemes of AMLworld are complete (Altman et al., 2023) and the month of a salary. The
    deviation is that of the population, and 0 below a ten-millionth of the mean. Mean, deviation, largest and smallest are NaN where nothing was paid.
    """

    @property
    def name(self) -> str:
        """Return `activity`."""
        return "activity"

    @property
    def cost(self) -> str:
        """Return what the work grows with."""
        return "a few steps for each payment, side and window; no limit"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return the statistics in and out for each window."""
        found = []
        for side, verb, did, way in (("in", "received", "received", "from"), ("out", "paid", "made", "to")):
            for window, _, when in _WINDOWS:
                for name, unit, said in (
                    ("count", "count", f"{did} {{value}} payments"),
                    ("sum", _MONEY, f"{verb} {{value}} in reference currency"),
                    ("mean", _MONEY, f"{verb} {{value}} in reference currency on average"),
                    ("deviation", _MONEY, f"{verb} amounts with a standard deviation of {{value}}"),
                    ("largest", _MONEY, f"{verb} at most {{value}} in reference currency at once"),
                    ("smallest", _MONEY, f"{verb} at least {{value}} in reference currency each time"),
                    ("parties", "count", f"{verb} money {way} {{value}} different accounts"),
                    ("banks", "count", f"{verb} money {way} accounts at {{value}} different banks"),
                    ("currencies", "count", f"{verb} money in {{value}} different currencies"),
                ):
                    found.append(Feature(f"{side}_{name}_{window}", unit, window, f"{said} {when}"))
        return tuple(found)

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the same for the payer and for the payee."""
        return both_ends(self.of_accounts)

    def accounts(
        self, stream: Stream, account: NDArray[np.int32], at: NDArray[np.int64], out: NDArray[np.float32]
    ) -> None:
        """Fill (M, F) as of each pair's instant."""
        asked = Asked.of(stream.graph.n, account, at)
        self._fill(stream, asked, by_end(out, 1))

    def transactions(self, stream: Stream, out: NDArray[np.float32]) -> None:
        """Fill (E, F) with payer and payee as of each row's instant."""
        self._fill(stream, stream.ends, by_end(out, 2))

    def parts(self, stream: Stream) -> Iterator[Part]:
        """Yield what the payer got and paid, and what the payee got and paid: narrow, for a walk more."""
        told, width = self.of_transactions, len(self.of_accounts) // 2
        ways = product((stream.payers, stream.payees), (False, True))
        for k, (asked, outward) in enumerate(ways):
            fill = partial(_narrow, stream, asked, outward)
            yield Part(k * width, told[k * width : (k + 1) * width], fill)

    def remember(self, stream: Stream, until: int) -> Memory:
        """Return totals, extremes, banks and currencies of the rows before row *until*."""
        into, out = (Ever.of(stream, outward).with_rows(stream, outward, until) for outward in (False, True))
        return Memory({**into.dense, **out.dense}, {**into.lists, **out.lists})

    def _fill(self, stream: Stream, asked: Asked, out: NDArray[np.float32]) -> None:
        half = len(self.of_accounts) // 2
        ways = (False, out[:, :, :half]), (True, out[:, :, half:])
        side_by_side(lambda way: _fill(stream, asked, *way), ways)


def _narrow(stream: Stream, asked: Asked, outward: bool, out: NDArray[np.float32]) -> None:
    _fill(stream, asked, outward, by_end(out, 1))


def _fill(stream: Stream, asked: Asked, outward: bool, out: NDArray[np.float32]) -> None:
    widths = np.array([width for _, width, _ in _WINDOWS], np.int64)
    side, ever = stream.outward if outward else stream.inward, Ever.of(stream, outward)
    kinds = stream.graph.bank, stream.graph.currency[side.rows]
    totals = ever.count, ever.total, ever.extremes, ever.distinct, ever.known
    over_accounts(partial(_work, side.columns, kinds, totals, (asked.columns, widths), out), side.start + asked.start)


def _work(side: Any, kinds: Any, ever: Any, asked: Any, out: NDArray[np.float32], first: int, last: int) -> None:
    block = first, last
    statistics(side, kinds, ever, asked, block, room(side[0], len(asked[1]), block), out)


FAMILY = Activity()
