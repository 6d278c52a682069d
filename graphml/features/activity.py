"""Count payments, sums and counterparties of the last days."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.feature import Feature
from graphml.features._exact import plus
from graphml.features._side import Accounts, Columns, Floats, Ints, Side, both_ends, ordered, sides
from graphml.graph import TransactionGraph
from graphml.window import DAY

__all__ = ["FAMILY", "Activity"]

_WINDOWS = (("1d", 1), ("4d", 4), ("8d", 8), ("all", 0))  # days before the instant; 0: since the first row
_ALWAYS = 1 << 62  # microseconds, longer than any ledger


@dataclass(frozen=True, slots=True)
class Activity:
    """Count what an account got and paid in [t - w, t), and from and to how many different other accounts.

    A payment to oneself counts in and out, but oneself is no counterparty. Windows reach from one day to the 8 days
    in which most laundering schemes of AMLworld are complete (Altman et al., 2023). Sums are differences of running
    sums in row order, kept in double-double (Dekker, 1971), so that they do not depend on what else is asked.
    """

    @property
    def name(self) -> str:
        """Return `activity`."""
        return "activity"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return counts, sums and counterparties in and out for each window."""
        found = []
        for window, days in _WINDOWS:
            when = f"in the last {days} day{'s' if days > 1 else ''}" if days else "since the records begin"
            for side, did, way in (("in", "received", "from"), ("out", "made", "to")):
                verb = "received" if side == "in" else "paid"
                found += [
                    Feature(f"{side}_count_{window}", "count", window, f"{did} {{value}} payments {when}"),
                    Feature(
                        f"{side}_sum_{window}", "reference currency", window,
                        f"{verb} {{value}} in reference currency {when}",
                    ),
                    Feature(
                        f"{side}_parties_{window}", "count", window,
                        f"{verb} money {way} {{value}} different accounts {when}" if side == "in"
                        else f"paid {{value}} different accounts {when}",
                    ),
                ]  # fmt: skip
        return tuple(found)

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the same for the payer and for the payee."""
        return both_ends(self.of_accounts)

    def accounts(
        self, graph: TransactionGraph, account: NDArray[np.int32], at: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return (M, F) as of each pair's instant."""
        both = sides(graph)
        return ordered(lambda a, t: _activity(both, a, t), account, at)

    def transactions(self, graph: TransactionGraph) -> NDArray[np.float64]:
        """Return (E, F) of payer and payee as of each row's instant."""
        rows = graph.rows
        ends = (graph.source[rows], graph.target[rows])
        return np.hstack([self.accounts(graph, end, graph.time[rows]) for end in ends])


def _activity(both: tuple[Side, Side], account: NDArray[np.int32], at: NDArray[np.int64]) -> NDArray[np.float64]:
    parts = []
    for _, days in _WINDOWS:
        width = days * DAY if days else _ALWAYS
        parts += [_slide(side.columns, account, at, width) for side in both]
    return np.hstack(parts)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _slide(side: Columns, account: Accounts, at: Ints, width: int) -> Floats:
    # Queries come by account, then instant, so both ends of the window only move forward.
    start, other, time, value = side
    result = np.zeros((len(account), 3))
    met = np.zeros(len(start), np.int64)
    q = 0
    while q < len(account):
        own = account[q]
        lo = hi = start[own]
        end = start[own + 1]
        new, new_rest, old, old_rest = 0.0, 0.0, 0.0, 0.0
        parties = 0
        while q < len(account) and account[q] == own:
            while hi < end and time[hi] < at[q]:
                new, new_rest = plus(new, new_rest, value[hi])
                if other[hi] != own:
                    parties += met[other[hi]] == 0
                    met[other[hi]] += 1
                hi += 1
            while lo < hi and time[lo] < at[q] - width:
                old, old_rest = plus(old, old_rest, value[lo])
                if other[lo] != own:
                    met[other[lo]] -= 1
                    parties -= met[other[lo]] == 0
                lo += 1
            result[q, 0] = hi - lo
            result[q, 1] = (new - old) + (new_rest - old_rest)
            result[q, 2] = parties
            q += 1
        for i in range(lo, hi):
            met[other[i]] = 0
    return result


FAMILY = Activity()
