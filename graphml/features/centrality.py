"""Tell how central an account is: PageRank and core number."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from graphml.feature import Feature
from graphml.features._refresh import Known, Refresh
from graphml.features._side import both_ends
from graphml.graph import TransactionGraph

__all__ = ["FAMILY", "Centrality"]


@dataclass(frozen=True, slots=True)
class Centrality:
    """Measure centrality in what was known on a refresh day.

    `pagerank` (Brin and Page, 1998) follows payments from payer to payee, in proportion to their number, and is taken
    times the number of known accounts, so 1 is the average account. `core_number` is the largest k such that the
    account keeps k counterparties when all with fewer are taken away (Seidman, 1983; Batagelj and Zaversnik, 2003).
    Payments to oneself do not count. NaN: the account was not seen before the refresh day.
    """

    refresh: Refresh = field(default_factory=Refresh)
    damping: float = 0.85  # chance to follow a payment rather than jump
    iterations: int = 200  # at most
    tolerance: float = 1e-12  # mean distance of two iterations

    @property
    def name(self) -> str:
        """Return `centrality`."""
        return "centrality"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return PageRank and core number."""
        return (
            Feature(
                "pagerank", "multiple of the average", "day", "has a PageRank of {value} (1 is the average account)"
            ),
            Feature(
                "core_number", "rank", "day", "stands in a core where each account has at least {value} counterparties"
            ),
        )

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the same for the payer and for the payee."""
        return both_ends(self.of_accounts)

    def accounts(
        self, graph: TransactionGraph, account: NDArray[np.int32], at: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return (M, 2) as of the latest refresh day of each pair's day."""
        return self.refresh.values(graph, account, at, self._values)

    def transactions(self, graph: TransactionGraph) -> NDArray[np.float64]:
        """Return (E, 4) of payer and payee."""
        rows = graph.rows
        ends = np.concatenate([graph.source[rows], graph.target[rows]])
        found = self.refresh.values(graph, ends, np.tile(graph.time[rows], 2), self._values)
        return np.hstack([found[: len(graph)], found[len(graph) :]])

    def _values(self, known: Known) -> NDArray[np.float64]:
        from sknetwork.topology import get_core_decomposition

        counts = known.counts()
        both = ((counts + counts.T) > 0).tocsr()
        both.sort_indices()
        core = get_core_decomposition(both) if both.nnz else np.zeros(len(known.account))
        return np.column_stack([self._pagerank(counts), core]).astype(np.float64)

    def _pagerank(self, counts: csr_matrix) -> NDArray[np.float64]:
        # (K,) rank times K. Who pays nobody jumps anywhere; scikit-network 0.33 gives such accounts a restart of their
        # own instead, which is not PageRank, so the iteration is written out.
        k = counts.shape[0]
        paid = np.asarray(counts.sum(axis=1), np.float64).ravel()
        share = np.divide(self.damping, paid, out=np.zeros(k), where=paid > 0)
        back = counts.T.tocsr()
        rank = np.ones(k)
        for _ in range(self.iterations):
            moved = back @ (share * rank)
            moved += (k - moved.sum()) / max(k, 1)
            near = np.abs(moved - rank).sum() <= self.tolerance * k
            rank = moved
            if near:
                break
        return rank


FAMILY = Centrality()
