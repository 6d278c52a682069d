"""Count chains of payments that rise in time, and money that comes back to where it began."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.feature import Feature
from graphml.features._sides import Queries, Side, window_sum
from graphml.graph import TransactionGraph
from graphml.window import DAY

__all__ = ["FAMILY", "Path"]


@dataclass(frozen=True, slots=True)
class Path:
    """Count chains of 2 and 3 payments that end at an account, and closed chains of 2 to 4 payments.

    In a chain each payment is made by the payee of the former one, strictly later and within `gap_days`. Chains of 2
    and 3 may pass an account twice and are counted without a limit. For closed ones the search looks at the latest
    `limit` payments into an account, and at all others of the instant at which the limit is reached.
    """

    days: int = 8  # window of the last payment
    gap_days: int = 4  # longest time between two payments of a chain
    limit: int = 16  # payments into one account that the search for closed chains follows
    name: str = "path"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return the columns of `accounts`."""
        w, d = f"{self.days}d", self.days
        return (
            Feature(f"paths_2_{w}", "count", w, f"{{value}} chains of 2 payments ended here in the last {d} days"),
            Feature(f"paths_3_{w}", "count", w, f"{{value}} chains of 3 payments ended here in the last {d} days"),
            Feature(f"return_count_{w}", "count", w, f"money came back over 2 to 4 payments {{value}} times in the last {d} days"),
            Feature(f"return_cut_{w}", "count", w, f"the search for returns stopped at {{value}} busy accounts in the last {d} days"),
        )  # fmt: skip

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the columns of `transactions`."""
        return (
            Feature("arriving_2", "count", "own", "{value} payments reached the payer shortly before"),
            Feature("arriving_3", "count", "own", "{value} chains of 2 payments reached the payer shortly before"),
            Feature("closes_return", "count", "own", "the payment closes {value} chains that began at its payee"),
            Feature("closes_return_cut", "count", "own", "the search for returns stopped at {value} busy accounts"),
        )

    def accounts(
        self, graph: TransactionGraph, account: NDArray[np.int32], at: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return (M, 4) from chains whose last payment is strictly earlier than the instant."""
        into = Side.of(graph, paying=False)
        of_row = self._of_rows(graph, into)[into.row - graph.lo]
        queries = Queries.of(graph.n, account, at)
        low, high = queries.edges(into, self.days * DAY), queries.edges(into)
        columns = [window_sum(queries, into, np.ascontiguousarray(c), low, high) for c in of_row.T]
        return queries.given_back(np.stack(columns, axis=1))

    def transactions(self, graph: TransactionGraph) -> NDArray[np.float64]:
        """Return (E, 4): chains of strictly earlier payments that this one prolongs or closes."""
        return self._of_rows(graph, Side.of(graph, paying=False))

    def _of_rows(self, graph: TransactionGraph, into: Side) -> NDArray[np.float64]:
        rows, gap = graph.rows, self.gap_days * DAY
        source, target, time = graph.source[rows], graph.target[rows], graph.time[rows]
        queries = Queries.of(graph.n, source, time)
        low = queries.given_back(queries.edges(into, gap))
        high = queries.given_back(queries.edges(into))
        result = np.zeros((len(graph), 4))
        result[:, 0] = high - low
        _sum_of_chains(low, high, into.row - graph.lo, into.start, source, result)
        _returns(low, high, into.time, into.row - graph.lo, source, target, self.limit, result)
        return result


@numba.njit(cache=True)
def _sum_of_chains(low, high, row, start, source, result):  # type: ignore[no-untyped-def]
    # Each payee keeps a running sum of chains over its rows in order; rows come in order of time, so it is ready.
    total = np.zeros(len(row) + 1)
    filled = start[:-1].copy()
    place = np.empty(len(row), np.int64)
    for p in range(len(row)):
        place[row[p]] = p
    owner = np.empty(len(row), np.int64)
    for a in range(len(start) - 1):
        for p in range(start[a], start[a + 1]):
            owner[p] = a
    last = np.zeros(len(start) - 1)
    for r in range(len(row)):
        a = source[r]
        upper = last[a] if high[r] == filled[a] else total[high[r]]
        lower = last[a] if low[r] == filled[a] else total[low[r]]
        result[r, 1] = upper - lower if high[r] > low[r] else 0.0
        p = place[r]
        b = owner[p]
        total[p] = last[b]
        last[b] += result[r, 0]
        filled[b] = p + 1


@numba.njit(cache=True)
def _first_followed(low, high, time, limit):  # type: ignore[no-untyped-def]
    first = max(low, high - limit)
    while first > low and time[first - 1] == time[first]:
        first -= 1
    return first


@numba.njit(cache=True)
def _returns(low, high, time, row, source, target, limit, result):  # type: ignore[no-untyped-def]
    for r in range(len(source)):
        home = target[r]
        if source[r] == home:
            continue
        found, cut = 0, 0
        first = _first_followed(low[r], high[r], time, limit)
        cut += first > low[r]
        for p in range(first, high[r]):
            r1 = row[p]
            a1 = source[r1]
            if a1 == home:
                found += 1
                continue
            if a1 == source[r]:
                continue
            first1 = _first_followed(low[r1], high[r1], time, limit)
            cut += first1 > low[r1]
            for p1 in range(first1, high[r1]):
                r2 = row[p1]
                a2 = source[r2]
                if a2 == home:
                    found += 1
                    continue
                if a2 == source[r] or a2 == a1:
                    continue
                first2 = _first_followed(low[r2], high[r2], time, limit)
                cut += first2 > low[r2]
                for p2 in range(first2, high[r2]):
                    found += source[row[p2]] == home
        result[r, 2] = found
        result[r, 3] = cut


FAMILY = Path()
