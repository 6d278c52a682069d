"""Say who met whom when: port ranks by first contact, new counterparties, hours since the last payment."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.feature import Feature
from graphml.features._side import Accounts, Columns, Floats, Ints, Side, ordered, sides
from graphml.graph import TransactionGraph
from graphml.window import DAY, HOUR

__all__ = ["FAMILY", "Contact"]


@dataclass(frozen=True, slots=True)
class Contact:
    """Rank counterparties by first contact and measure gaps; what never happened is NaN.

    `payee_port` is 1 + the number of payees that the payer paid for the first time strictly before it paid this one
    for the first time; payees of one first instant share a rank. `payer_port` mirrors it. The rank never changes
    later, so it is known in time: port numbering of Egressy et al. (2024, section 4.2), as of the instant.
    A payment to oneself has ports like any other, but oneself is no new counterparty.
    """

    window: int = 8 * DAY  # microseconds, of the new counterparties

    @property
    def name(self) -> str:
        """Return `contact`."""
        return "contact"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return new counterparties, the gap and the age."""
        return (
            Feature(
                "new_in_parties_8d", "count", "8d", "was paid by {value} accounts for the first time in the last 8 days"
            ),
            Feature("new_out_parties_8d", "count", "8d", "paid {value} accounts for the first time in the last 8 days"),
            Feature("gap_h", "hours", "all", "last paid or was paid {value} hours before"),
            Feature("age_days", "days", "all", "was first seen {value} days before"),
        )

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return ports, whether the pair is new, and gaps."""
        return (
            Feature(
                "payee_port", "rank", "all", "the payee is number {value} among the payer's payees by first contact"
            ),
            Feature(
                "payer_port", "rank", "all", "the payer is number {value} among the payee's payers by first contact"
            ),
            Feature("new_pair", "flag", "all", "the payer had never paid this payee before: {value}"),
            Feature("gap_pair_h", "hours", "all", "the payer last paid this payee {value} hours before"),
            Feature("gap_payer_h", "hours", "all", "the payer last paid or was paid {value} hours before"),
            Feature("gap_payee_h", "hours", "all", "the payee last paid or was paid {value} hours before"),
        )

    def accounts(
        self, graph: TransactionGraph, account: NDArray[np.int32], at: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return (M, 4) as of each pair's instant; NaN hours and days where the account was never seen."""
        both = sides(graph)
        return ordered(lambda a, t: _contacts(both, a, t, self.window), account, at)

    def transactions(self, graph: TransactionGraph) -> NDArray[np.float64]:
        """Return (E, 6) as of each row's instant; NaN hours where there was no earlier payment."""
        rows, (inward, outward) = graph.rows, sides(graph)
        time = graph.time[rows]
        result = np.empty((len(graph), 6))
        of_payee = _ports(outward.columns)
        result[outward.rows - graph.lo, 0] = of_payee[:, 0]
        result[inward.rows - graph.lo, 1] = _ports(inward.columns)[:, 0]
        last = of_payee[:, 1]
        result[outward.rows - graph.lo, 2] = np.isnan(last)
        result[outward.rows - graph.lo, 3] = last
        for column, end in ((4, graph.source[rows]), (5, graph.target[rows])):
            found = ordered(lambda a, t: _seen((inward, outward), a, t), end, time)
            result[:, column] = found[:, 0]
        return result


def _contacts(
    both: tuple[Side, Side], account: NDArray[np.int32], at: NDArray[np.int64], window: int
) -> NDArray[np.float64]:
    new = [_new_parties(side.columns, account, at, window) for side in both]
    return np.column_stack([*new, _seen(both, account, at)])


def _seen(both: tuple[Side, Side], account: NDArray[np.int32], at: NDArray[np.int64]) -> NDArray[np.float64]:
    # (M, 2) hours since the last payment on either side, days since the first.
    ends = [_first_last(side.columns, account, at) for side in both]
    first = np.fmin(ends[0][:, 0], ends[1][:, 0])
    last = np.fmax(ends[0][:, 1], ends[1][:, 1])
    return np.column_stack([(at - last) / HOUR, (at - first) / DAY])


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _first_last(side: Columns, account: Accounts, at: Ints) -> Floats:
    start, _other, time, _value = side
    result = np.full((len(account), 2), np.nan)
    hi = np.int64(0)
    for q in range(len(account)):
        own = account[q]
        if q == 0 or account[q - 1] != own:
            hi = start[own]
        while hi < start[own + 1] and time[hi] < at[q]:
            hi += 1
        if hi > start[own]:
            result[q, 0] = time[start[own]]
            result[q, 1] = time[hi - 1]
    return result


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _new_parties(side: Columns, account: Accounts, at: Ints, window: int) -> Floats:
    start, other, time, _value = side
    result = np.zeros(len(account))
    met = np.full(len(start), -1, np.int64)  # the last account that met this one
    q = 0
    while q < len(account):
        own = account[q]
        lo = hi = start[own]
        end = start[own + 1]
        first = np.zeros(end - lo, np.bool_)
        fresh = 0
        while q < len(account) and account[q] == own:
            while hi < end and time[hi] < at[q]:
                if met[other[hi]] != own:
                    met[other[hi]] = own
                    first[hi - start[own]] = other[hi] != own
                fresh += first[hi - start[own]]
                hi += 1
            while lo < hi and time[lo] < at[q] - window:
                fresh -= first[lo - start[own]]
                lo += 1
            result[q] = fresh
            q += 1
    return result


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _ports(side: Columns) -> Floats:
    # (P, 2) rank of the counterparty by first contact, hours since the last payment of the pair. Payments of one
    # instant are all read before any is written.
    start, other, time, _value = side
    result = np.full((len(other), 2), np.nan)
    met = np.full(len(start), -1, np.int64)
    rank = np.zeros(len(start), np.int64)
    last = np.zeros(len(start), np.int64)
    for own in range(len(start) - 1):
        lo, end, known = start[own], start[own + 1], 0
        while lo < end:
            hi = lo
            while hi < end and time[hi] == time[lo]:
                known_before = met[other[hi]] == own
                result[hi, 0] = rank[other[hi]] if known_before else 1 + known
                if known_before:
                    result[hi, 1] = (time[hi] - last[other[hi]]) / HOUR
                hi += 1
            now = known
            for i in range(lo, hi):
                if met[other[i]] != own:
                    met[other[i]] = own
                    rank[other[i]] = 1 + now
                    known += 1
                last[other[i]] = time[i]
            lo = hi
    return result


FAMILY = Contact()
