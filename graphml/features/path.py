"""Count ways that money took in rising time: to an account, from it, and back to it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphml.feature import Feature
from graphml.features._paths import ending, leaving, steps
from graphml.features._side import Side, sides
from graphml.graph import TransactionGraph
from graphml.window import DAY

__all__ = ["FAMILY", "Path"]


@dataclass(frozen=True, slots=True)
class Path:
    """Count walks e1 .. ek of payments with payee(e_i) = payer(e_i+1) and t_i < t_i+1 <= t_i + `gap`.

    Payments to oneself are left out; an account may occur twice. For an instant t, `in_paths` end at the account with
    a last payment in [t - window, t); `out_paths` leave it with a first payment in [t - window, t) and end before t;
    `return_count` counts closed walks of 2 to 4 payments from the account back to it that do not touch it between,
    with a last payment in [t - window, t).

    No more than `hub_limit` payments are followed at one account: for returns the latest before the next one, for
    `out_paths_3` the earliest after the former one, ties by row. `in_paths`, `out_paths_2`, and the first step from
    the origin of a return have no limit. `path_cut` says whether the limit bit; for returns it is looked at only where
    the origin had paid at all within three gaps before.
    """

    window: int = 8 * DAY  # microseconds
    gap: int = 4 * DAY  # microseconds, longest time between two payments of a walk
    hub_limit: int = 64  # payments

    @property
    def name(self) -> str:
        """Return `path`."""
        return "path"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return ways in and out, returns, and whether the limit bit."""
        when = "in the last 8 days"
        ways = tuple(
            Feature(
                f"{side}_paths_{k}_8d", "count", "8d", f"{verb} {{value}} ways of {k} payments in rising time {when}"
            )
            for side, verb in (("in", "was reached by"), ("out", "started"))
            for k in (2, 3)
        )
        return (
            *ways,
            Feature(
                "return_count_8d", "count", "8d", f"had money come back over 2 to 4 payments {{value}} times {when}"
            ),
            Feature(
                "path_cut", "flag", "8d", f"was on ways through hubs that were counted in part only {when}: {{value}}"
            ),
        )

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the ways that reached the payer, the returns of both ends, and those that this payment closes."""
        known = {f.name: f for f in self.of_accounts}
        ends = (("payer", "in_paths_2_8d"), ("payer", "in_paths_3_8d"), ("payer", "return_count_8d"), ("payee", "return_count_8d"))  # fmt: skip
        return (
            *(Feature(f"{end}_{name}", "count", "8d", f"the {end} {known[name].sentence}") for end, name in ends),
            Feature(
                "closes_return", "count", "12d",
                "brings money back to the payee, which had paid it out 1 to 3 payments before, on {value} ways",
            ),
            Feature("closes_cut", "flag", "12d", "the ways back lead through hubs and were counted in part only: {value}"),
        )  # fmt: skip

    def accounts(
        self, graph: TransactionGraph, account: NDArray[np.int32], at: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return (M, 6) as of each pair's instant."""
        inward, outward = sides(graph, loops=False)
        ended = self._window(inward, self._ending(inward, outward), account, at)
        left = leaving(outward.columns, account, at, (self.window, self.gap, self.hub_limit))
        cut = (ended[:, 3] > 0) | (left[:, 2] > 0)
        return np.column_stack([ended[:, :2], left[:, :2], ended[:, 2], cut]).astype(np.float64)

    def transactions(self, graph: TransactionGraph) -> NDArray[np.float64]:
        """Return (E, 6) from payments strictly earlier than each row's instant."""
        rows, (inward, outward) = graph.rows, sides(graph, loops=False)
        of_row = self._ending(inward, outward)
        time = graph.time[rows]
        payer = self._window(inward, of_row, graph.source[rows], time)
        payee = self._window(inward, of_row, graph.target[rows], time)
        own = np.zeros((len(graph), 2), np.int64)
        own[inward.rows - graph.lo] = of_row[:, 2:]
        return np.column_stack([payer[:, :3], payee[:, 2], own]).astype(np.float64)

    def _ending(self, inward: Side, outward: Side) -> NDArray[np.int64]:
        # (P, 4) for each payment in: walks of 2 and 3 that end with it, returns that it closes, whether cut.
        order = _by_pair(outward)
        pairs = (outward.start, outward.other[order], outward.time[order], outward.value[order])
        back = steps(inward.columns, self.gap)
        found = ending(inward.columns, pairs, outward.columns, back, (self.gap, self.hub_limit))
        return np.asarray(found, np.int64)

    def _window(
        self, inward: Side, of_row: NDArray[np.int64], account: NDArray[np.int32], at: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        # (M, 4) sums over the payments in of the window; whole numbers, so running sums lose nothing.
        total = np.zeros((len(of_row) + 1, of_row.shape[1]), np.int64)
        np.cumsum(of_row, axis=0, out=total[1:])
        lo, hi = inward.before(account, at - self.window), inward.before(account, at)
        return np.asarray(total[hi] - total[lo], np.int64)


def _by_pair(outward: Side) -> NDArray[np.int64]:
    account = np.repeat(np.arange(len(outward.start) - 1), np.diff(outward.start))
    return np.lexsort((outward.rows, outward.other, account))


FAMILY = Path()
