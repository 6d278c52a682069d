"""Tell how much of what an account got left again, how fast, and what stayed."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.feature import Feature
from graphml.features._exact import plus
from graphml.features._side import Accounts, Columns, Floats, Ints, Side, both_ends, ordered, sides
from graphml.graph import TransactionGraph
from graphml.window import DAY, HOUR

__all__ = ["FAMILY", "Flow"]


@dataclass(frozen=True, slots=True)
class Flow:
    """Match what an account paid with what it had got, first in first out.

    Payments in are parcels. Each payment out takes from the oldest parcels that are strictly older than it and at most
    `hold` old, and no part of a parcel twice. Payments to oneself move nothing and do not count. For an instant t:
    `pass_share_8d` is the taken share of the value of parcels of [t - 8 d, t), NaN where nothing came in;
    `pass_hours_8d` is the mean age at which it was taken, weighted by value, NaN where nothing was taken;
    `retention` is (received - paid) / the larger of the two over all time, NaN where nothing moved.
    AMLworld's intermediaries hold money for 8 to 72 hours (Altman et al., 2023). Sums are differences of running sums
    in row order in double-double.
    """

    window: int = 8 * DAY  # microseconds, of the parcels
    hold: int = 4 * DAY  # microseconds, longest time from in to out

    @property
    def name(self) -> str:
        """Return `flow`."""
        return "flow"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return passed share, hours and retention."""
        return (
            Feature(
                "pass_share_8d", "share", "8d",
                "passed on a share of {value} of what came in during the last 8 days, each time within 4 days",
            ),
            Feature("pass_hours_8d", "hours", "8d", "held what it passed on for {value} hours on average"),
            Feature(
                "retention", "ratio", "all",
                "keeps {value} of what moves through it (1: keeps all, 0: pays as much as it gets, -1: only pays)",
            ),
        )  # fmt: skip

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the same for the payer and for the payee."""
        return both_ends(self.of_accounts)

    def accounts(
        self, graph: TransactionGraph, account: NDArray[np.int32], at: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return (M, 3) as of each pair's instant."""
        return self._of(sides(graph, loops=False), account, at)

    def transactions(self, graph: TransactionGraph) -> NDArray[np.float64]:
        """Return (E, 6) of payer and payee as of each row's instant."""
        rows, both = graph.rows, sides(graph, loops=False)
        ends = (graph.source[rows], graph.target[rows])
        return np.hstack([self._of(both, end, graph.time[rows]) for end in ends])

    def _of(self, both: tuple[Side, Side], account: NDArray[np.int32], at: NDArray[np.int64]) -> NDArray[np.float64]:
        limits = np.array([self.window, self.hold], np.int64)
        return ordered(lambda a, t: _pass(both[0].columns, both[1].columns, (a, t), limits), account, at)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _pass(inward: Columns, outward: Columns, asked: tuple[Accounts, Ints], limits: Ints) -> Floats:
    in_start, _, in_time, in_value = inward
    out_start, _, out_time, out_value = outward
    account, at = asked
    result = np.full((len(account), 3), np.nan)
    # Running sums before each parcel: value, taken value, taken value times hours, each with its rest.
    run = np.zeros((len(in_time) + 1, 6))
    head = lo = hi = end = out = np.int64(0)
    for q in range(len(account)):
        own = account[q]
        if q == 0 or account[q - 1] != own:
            head = lo = hi = in_start[own]
            end, out = in_start[own + 1], out_start[own]
            taken, hours, paid, rest = 0.0, 0.0, 0.0, 0.0
            run[head] = 0.0
        while out < out_start[own + 1] and out_time[out] < at[q]:
            payment = (out_time[out], out_value[out], limits[1])
            head, taken, hours = _take((in_time, in_value, end), payment, (head, taken, hours), run)
            paid, rest = plus(paid, rest, out_value[out])
            out += 1
        while hi < end and in_time[hi] < at[q]:
            run[hi + 1, 0], run[hi + 1, 1] = plus(run[hi, 0], run[hi, 1], in_value[hi])
            hi += 1
        while lo < hi and in_time[lo] < at[q] - limits[0]:
            lo += 1
        came = (run[hi, 0] - run[lo, 0]) + (run[hi, 1] - run[lo, 1])
        least = min(lo, head)
        left = (run[head, 2] - run[least, 2]) + (run[head, 3] - run[least, 3])
        aged = (run[head, 4] - run[least, 4]) + (run[head, 5] - run[least, 5])
        if lo <= head:
            left += taken
            aged += hours
        if came > 0:
            result[q, 0] = left / came
        if left > 0:
            result[q, 1] = aged / left
        largest = max(run[hi, 0], paid)
        if largest > 0:
            result[q, 2] = ((run[hi, 0] - paid) + (run[hi, 1] - rest)) / largest
    return result


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _take(
    parcels: tuple[Ints, Floats, int], payment: tuple[int, float, int], state: tuple[int, float, float], run: Floats
) -> tuple[int, float, float]:
    # Parcels before `head` are settled, those after it are whole; of `head` itself `taken` is gone.
    time, value, end = parcels
    now, wanted, hold = payment
    head, taken, hours = state
    while head < end and time[head] < now:
        fresh = time[head] >= now - hold
        free = value[head] - taken
        age = (now - time[head]) / HOUR
        if fresh and wanted < free:
            taken += wanted
            hours += wanted * age
            break
        if fresh:
            taken = value[head]
            hours += free * age
            wanted -= free
        run[head + 1, 2], run[head + 1, 3] = plus(run[head, 2], run[head, 3], taken)
        run[head + 1, 4], run[head + 1, 5] = plus(run[head, 4], run[head, 5], hours)
        head += 1
        taken, hours = 0.0, 0.0
    return head, taken, hours


FAMILY = Flow()
