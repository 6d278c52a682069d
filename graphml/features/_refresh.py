"""Refresh whole-graph values on days that depend on the past only."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

from graphml.graph import TransactionGraph
from graphml.window import DAY

__all__ = ["Known", "Refresh"]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Hold the accounts that have made or got a payment, and the payments among them, numbered 0..K-1.

    The numbers follow the order of accounts. Accounts that are not seen yet are left out, so that nothing computed
    here changes when a later row brings a new account.
    """

    account: NDArray[np.int32]  # (K,) ascending
    source: NDArray[np.int64]  # (P,) payer, a number below K
    target: NDArray[np.int64]  # (P,) payee
    value: NDArray[np.float64]  # (P,) reference currency

    @classmethod
    def of(cls, graph: TransactionGraph) -> Self:
        """Return what the view knows."""
        rows = graph.rows
        seen = np.zeros(graph.n, np.bool_)
        seen[graph.source[rows]] = True
        seen[graph.target[rows]] = True
        number = np.cumsum(seen) - 1
        account = np.flatnonzero(seen).astype(np.int32)
        return cls(account, number[graph.source[rows]], number[graph.target[rows]], graph.value[rows])

    def counts(self) -> csr_matrix:
        """Return (K, K): how many payments go from one account to another, none to oneself."""
        k, apart = len(self.account), self.source != self.target
        ends = self.source[apart], self.target[apart]
        found = coo_matrix((np.ones(len(ends[0])), ends), shape=(k, k)).tocsr()
        found.sort_indices()
        return found


@dataclass(frozen=True, slots=True)
class Refresh:
    """Say on which days values are computed again: daily at first, then each time the history has grown by a share.

    Each instant gets the values of the latest refresh day that is not after the start of its own day; they come from
    rows strictly before the refresh day. So a value is at most 12 % of the history older than its day.
    """

    daily: int = 8  # days since the first row, each a refresh day
    growth: float = 1.12  # later: days since the first row, as a multiple of the refresh day before

    def days(self, first: int, last: int) -> NDArray[np.int64]:
        """Return the refresh days up to *last*, ascending; depends on the day of *first* only. All microseconds UTC."""
        midnight, day, found = first // DAY * DAY, 1, []
        while midnight + day * DAY <= last:
            found.append(midnight + day * DAY)
            day = max(day + 1, int(day * self.growth)) if day >= self.daily else day + 1
        return np.array(found, np.int64)

    def values(
        self,
        graph: TransactionGraph,
        account: NDArray[np.int32],
        at: NDArray[np.int64],
        compute: Callable[[Known], NDArray[np.float64]],  # gives (K, F)
    ) -> NDArray[np.float64]:
        """Return (M, F); NaN where the account was not seen before the refresh day."""
        width = compute(Known.of(graph.before(-(1 << 62)))).shape[1]
        result = np.full((len(account), width), np.nan)
        if not len(graph) or not len(at):
            return result
        days = self.days(int(graph.time[graph.lo]), int(at.max()))
        latest = np.searchsorted(days, at, "right") - 1  # days are midnights
        for number in np.unique(latest[latest >= 0]):
            known = Known.of(graph.before(int(days[number])))
            table = np.full((graph.n, width), np.nan)
            table[known.account] = compute(known)
            mine = latest == number
            result[mine] = table[account[mine]]
        return result
