"""Tell how central an account is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix

from graphml.feature import Feature
from graphml.features._snapshots import snapshots
from graphml.graph import TransactionGraph

__all__ = ["FAMILY", "Centrality"]


@dataclass(frozen=True, slots=True)
class Centrality:
    """Compute PageRank (Page et al., 1999) and core numbers (Seidman, 1983) of the graph before a day.

    PageRank is multiplied by the number of accounts seen, so 1 is the average. Both are taken anew on the calendar of
    `_snapshots`; an account that was not seen by then has NaN.
    """

    damping: float = 0.85
    name: str = "centrality"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return the columns of `accounts`."""
        return (
            Feature("pagerank", "times the average", "day", "money gathers here {value} times as much as on average (PageRank)"),
            Feature("core_number", "degree", "day", "sits in a core in which each account deals with at least {value} others"),
        )  # fmt: skip

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the columns of `transactions`: those of the payer, then those of the payee."""
        return tuple(
            Feature(f"{who}_{f.name}", f.unit, f.window, f"the {who} {f.sentence}")
            for who in ("payer", "payee")
            for f in self.of_accounts
        )

    def accounts(
        self, graph: TransactionGraph, account: NDArray[np.int32], at: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return (M, 2) as of the latest refresh day."""
        return snapshots(graph, account, at, self._compute)

    def transactions(self, graph: TransactionGraph) -> NDArray[np.float64]:
        """Return (E, 4) as of the latest refresh day before each row's day."""
        rows = graph.rows
        ends = np.concatenate([graph.source[rows], graph.target[rows]])
        both = snapshots(graph, ends, np.tile(graph.time[rows], 2), self._compute)
        return np.hstack([both[: len(graph)], both[len(graph) :]])

    def _compute(self, view: TransactionGraph, seen: NDArray[np.int64]) -> NDArray[np.float64]:
        if not len(seen):
            return np.empty((0, 2))
        from sknetwork.ranking import PageRank
        from sknetwork.topology import get_core_decomposition

        source, target = np.searchsorted(seen, view.source[view.rows]), np.searchsorted(seen, view.target[view.rows])
        weight = coo_matrix((np.ones(len(source)), (source, target)), shape=(len(seen), len(seen))).tocsr()
        rank = PageRank(damping_factor=self.damping, n_iter=50, tol=0.0).fit_predict(weight) * len(seen)
        near = weight + weight.T
        near.setdiag(0)
        near.eliminate_zeros()
        near.data[:] = 1
        core = get_core_decomposition(near) if near.nnz else np.zeros(len(seen))
        return np.stack([rank, core], axis=1).astype(np.float64)


FAMILY = Centrality()
