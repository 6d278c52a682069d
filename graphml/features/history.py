"""Compare an amount with the account's own earlier amounts."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.feature import Feature
from graphml.features._side import Accounts, Columns, Floats, Ints, Side, ordered, sides
from graphml.graph import TransactionGraph

__all__ = ["FAMILY", "History"]

_SIDES = (("in", "received"), ("out", "paid"))
_WIDTH = 5  # mean, deviation, largest, round share, count


@dataclass(frozen=True, slots=True)
class History:
    """Keep mean, deviation, largest amount and share of round amounts of all strictly earlier payments.

    Mean and deviation (of the population) follow Welford (1962) in row order. A payer is compared with what it paid,
    a payee with what it got. NaN: no earlier payment, and for `z` fewer than two or all of them equal.
    """

    round_to: float = 100.0  # reference currency; a whole multiple of it, above zero, is a round amount
    cent: float = 0.005  # reference currency; how far from the multiple still counts

    @property
    def name(self) -> str:
        """Return `history`."""
        return "history"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return mean, deviation, largest and share of round amounts, in and out."""
        money = "reference currency"
        return tuple(
            feature
            for side, verb in _SIDES
            for feature in (
                Feature(f"{side}_mean", money, "all", f"{verb} {{value}} in reference currency on average"),
                Feature(f"{side}_deviation", money, "all", f"{verb} amounts with a standard deviation of {{value}}"),
                Feature(f"{side}_largest", money, "all", f"{verb} at most {{value}} in reference currency at once"),
                Feature(f"{side}_round_share", "share", "all", f"{verb} round amounts in a share of {{value}}"),
            )
        )

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the amount and how it compares with the payer's and the payee's."""
        found = [
            Feature("amount", "reference currency", "now", "the amount is {value} in reference currency"),
            Feature("round_amount", "flag", "now", "the amount is round: {value}"),
        ]
        for end, verb in (("payer", "paid"), ("payee", "received")):
            found += [
                Feature(
                    f"{end}_log_ratio", "log ratio", "all",
                    f"the natural logarithm of the amount over what the {end} {verb} on average is {{value}}",
                ),
                Feature(
                    f"{end}_z", "standard deviations", "all",
                    f"the amount is {{value}} standard deviations above what the {end} {verb} on average",
                ),
                Feature(f"{end}_round_share", "share", "all", f"the {end} {verb} round amounts in a share of {{value}}"),
            ]  # fmt: skip
        return tuple(found)

    def accounts(
        self, graph: TransactionGraph, account: NDArray[np.int32], at: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return (M, 8) as of each pair's instant."""
        return np.hstack([self._past(side, account, at)[:, : _WIDTH - 1] for side in sides(graph)])

    def transactions(self, graph: TransactionGraph) -> NDArray[np.float64]:
        """Return (E, 8): the row's own amount beside what was known strictly before its instant."""
        rows, (inward, outward) = graph.rows, sides(graph)
        value, time = graph.value[rows], graph.time[rows]
        parts = [value, self._round(value).astype(np.float64)]
        for side, end in ((outward, graph.source[rows]), (inward, graph.target[rows])):
            mean, deviation, _largest, share, count = self._past(side, end, time).T
            ratio, z = np.full(len(value), np.nan), np.full(len(value), np.nan)
            known = (mean > 0) & (value > 0)
            ratio[known] = np.log(value[known] / mean[known])
            spread = (count > 1) & (deviation > 0)
            z[spread] = (value[spread] - mean[spread]) / deviation[spread]
            parts += [ratio, z, share]
        return np.column_stack(parts)

    def _past(self, side: Side, account: NDArray[np.int32], at: NDArray[np.int64]) -> NDArray[np.float64]:
        regular = self._round(side.value)
        return ordered(lambda a, t: _welford(side.columns, regular, a, t), account, at)

    def _round(self, value: NDArray[np.float64]) -> NDArray[np.bool_]:
        multiple = np.rint(value / self.round_to) * self.round_to
        return np.asarray((multiple > 0) & (np.abs(value - multiple) <= self.cent), np.bool_)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _welford(side: Columns, regular: NDArray[np.bool_], account: Accounts, at: Ints) -> Floats:
    start, _other, time, value = side
    result = np.full((len(account), 5), np.nan)
    count, rounds, mean, square, largest, hi = 0, 0, 0.0, 0.0, 0.0, np.int64(0)
    for q in range(len(account)):
        own = account[q]
        if q == 0 or account[q - 1] != own:
            count, rounds, mean, square, largest, hi = 0, 0, 0.0, 0.0, -np.inf, start[own]
        while hi < start[own + 1] and time[hi] < at[q]:
            count += 1
            step = value[hi] - mean
            mean += step / count
            square += step * (value[hi] - mean)
            largest = max(largest, value[hi])
            rounds += regular[hi]
            hi += 1
        result[q, 4] = count
        if count:
            result[q, 0] = mean
            result[q, 1] = np.sqrt(max(square, 0.0) / count)
            result[q, 2] = largest
            result[q, 3] = rounds / count
    return result


FAMILY = History()
