"""Tell how much of what comes in goes out again, and how fast."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.feature import Feature
from graphml.features._sides import Queries, Side, window_sum
from graphml.graph import TransactionGraph
from graphml.window import DAY, HOUR

__all__ = ["FAMILY", "Flow"]


@dataclass(frozen=True, slots=True)
class Flow:
    """Match each outflow to earlier inflows once, first in first out, and read pass-through from the matches.

    Inflow that stays longer than `hold_days` is kept for good. Payments made at one instant share their match in
    proportion to their amounts, so their order does not matter; what arrives at that instant is not yet there.
    """

    days: int = 8  # window that is looked at
    hold_days: int = 4  # longest time between in and out
    name: str = "flow"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return the columns of `accounts`."""
        window, days, hold = f"{self.days}d", self.days, self.hold_days
        return (
            Feature(f"pass_share_{window}", "share", window, f"passed on a share of {{value}} of what came in during the last {days} days, each time within {hold} days"),
            Feature(f"pass_hours_{window}", "hours", window, f"held passed-on money for {{value}} hours on average in the last {days} days"),
            Feature("kept_share_all", "share", "all", "kept a share of {value} of all that came in"),
        )  # fmt: skip

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the columns of `transactions`."""
        ends = [
            Feature(f"{who}_{f.name}", f.unit, f.window, f"the {who} {f.sentence}")
            for who in ("payer", "payee")
            for f in self.of_accounts
        ]
        own = f"{self.hold_days}d"
        return (
            *ends,
            Feature("passed_on_share", "share", own, "a share of {value} of this amount had come in shortly before"),
            Feature("passed_on_hours", "hours", own, "the money of this payment had come in {value} hours before"),
        )

    def accounts(
        self, graph: TransactionGraph, account: NDArray[np.int32], at: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return (M, 3); hours are NaN where nothing was passed on."""
        into, out = Side.of(graph, paying=False), Side.of(graph, paying=True)
        return self._of(into, out, self._matches(into, out), Queries.of(graph.n, account, at))

    def transactions(self, graph: TransactionGraph) -> NDArray[np.float64]:
        """Return (E, 8): payer, payee, then the row's own match with strictly earlier inflow."""
        into, out = Side.of(graph, paying=False), Side.of(graph, paying=True)
        matches, rows = self._matches(into, out), graph.rows
        blocks = [
            self._of(into, out, matches, Queries.of(graph.n, end, graph.time[rows]))
            for end in (graph.source[rows], graph.target[rows])
        ]
        own = np.empty((len(graph), 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            own[out.row - graph.lo, 0] = np.where(out.value > 0, matches[:, 0] / out.value, 0.0)
            own[out.row - graph.lo, 1] = np.where(matches[:, 0] > 0, matches[:, 1] / matches[:, 0], np.nan)
        return np.hstack([*blocks, own])

    def _matches(self, into: Side, out: Side) -> NDArray[np.float64]:
        args = into.start, into.time, into.value, out.start, out.time, out.value
        found: NDArray[np.float64] = _match(*args, self.hold_days * DAY, float(HOUR))
        return found

    def _of(self, into: Side, out: Side, matches: NDArray[np.float64], queries: Queries) -> NDArray[np.float64]:
        back = self.days * DAY
        low, high = queries.edges(out, back), queries.edges(out)
        passed = window_sum(queries, out, matches[:, 0], low, high)
        hours = window_sum(queries, out, matches[:, 1], low, high)
        paid = window_sum(queries, out, out.value, np.repeat(out.start[:-1], np.diff(queries.start)), high)
        low, high = queries.edges(into, back), queries.edges(into)
        came = window_sum(queries, into, into.value, low, high)
        ever = window_sum(queries, into, into.value, np.repeat(into.start[:-1], np.diff(queries.start)), high)
        result = np.zeros((len(queries.at), 3))
        np.divide(passed, came, out=result[:, 0], where=came > 0)
        result[:, 0] = np.clip(result[:, 0], 0.0, 1.0)
        result[:, 1] = np.nan
        np.divide(hours, passed, out=result[:, 1], where=passed > 0)
        np.divide(ever - paid, ever, out=result[:, 2], where=ever > 0)
        result[:, 2] = np.clip(result[:, 2], 0.0, 1.0)
        return queries.given_back(result)


@numba.njit(cache=True)
def _match(in_start, in_time, in_value, out_start, out_time, out_value, hold, hour):  # type: ignore[no-untyped-def]
    """Return (E, 2) for each outflow: the value that earlier inflow covers, and that value times its hours."""
    result = np.zeros((len(out_time), 2))
    left = in_value.copy()
    for a in range(len(in_start) - 1):
        oldest = in_start[a]
        p = out_start[a]
        while p < out_start[a + 1]:
            now = out_time[p]
            end, wanted = p, 0.0
            while end < out_start[a + 1] and out_time[end] == now:
                wanted += out_value[end]
                end += 1
            covered, weighted = 0.0, 0.0
            while oldest < in_start[a + 1] and in_time[oldest] < now and covered < wanted:
                if in_time[oldest] < now - hold or left[oldest] <= 0.0:
                    oldest += 1
                    continue
                take = min(left[oldest], wanted - covered)
                left[oldest] -= take
                covered += take
                weighted += take * (now - in_time[oldest]) / hour
                if left[oldest] > 0.0:
                    break
                oldest += 1
            for q in range(p, end):
                share = out_value[q] / wanted if wanted > 0 else 0.0
                result[q, 0] = covered * share
                result[q, 1] = weighted * share
            p = end
    return result


FAMILY = Flow()
