"""Tell how large and how closed an account's community is."""

from dataclasses import dataclass

import graspologic_native as native
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix

from graphml.feature import Feature
from graphml.features._snapshots import snapshots
from graphml.graph import TransactionGraph

__all__ = ["FAMILY", "Community"]


@dataclass(frozen=True, slots=True)
class Community:
    """Find communities by Leiden (Traag, Waltman and van Eck, 2019) in the graph before a day, weighted by count.

    They are found anew on the calendar of `_snapshots`; an account that was not seen by then has NaN.
    """

    seed: int = 0
    name: str = "community"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return the columns of `accounts`."""
        return (
            Feature("community_size", "accounts", "day", "belongs to a community of {value} accounts"),
            Feature("community_inner_share", "share", "day", "its community keeps a share of {value} of its payments inside"),
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
        source, target = np.searchsorted(seen, view.source[view.rows]), np.searchsorted(seen, view.target[view.rows])
        member = self._members(source, target, len(seen))
        inside = member[source] == member[target]
        touching = np.bincount(member[source], minlength=len(seen)) + np.bincount(
            member[target][~inside], minlength=len(seen)
        )
        kept = np.bincount(member[source][inside], minlength=len(seen))
        share = np.divide(kept, touching, out=np.zeros(len(seen)), where=touching > 0)
        return np.stack([np.bincount(member, minlength=len(seen))[member], share[member]], axis=1).astype(np.float64)

    def _members(self, source: NDArray[np.int64], target: NDArray[np.int64], n: int) -> NDArray[np.int64]:
        one = coo_matrix((np.ones(len(source)), (source, target)), shape=(n, n))
        both = (one + one.T).tocsr()
        both.setdiag(0)
        both.eliminate_zeros()
        both.sort_indices()
        alone = np.arange(n, dtype=np.int64)
        if not both.nnz:
            return alone
        args = both.indptr.astype(np.int64), both.indices.astype(np.int32), both.data.astype(np.float64), n
        _, found = native.leiden_csr(*args, seed=self.seed)
        member = n + alone  # accounts that Leiden leaves out stay alone
        member[np.fromiter(found.keys(), np.int64, len(found))] = np.fromiter(found.values(), np.int64, len(found))
        return np.unique(member, return_inverse=True)[1].astype(np.int64)


FAMILY = Community()
