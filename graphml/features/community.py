"""Tell in what community an account lives, and how much money stays inside."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from graphml.feature import Feature
from graphml.features._refresh import Known, Refresh
from graphml.features._side import both_ends
from graphml.graph import TransactionGraph

__all__ = ["FAMILY", "Community"]


@dataclass(frozen=True, slots=True)
class Community:
    """Find Leiden communities (Traag, Waltman and van Eck, 2019) of what was known on a refresh day.

    Accounts are joined by the number of payments between them, in both directions; a payment to oneself joins
    nothing. `community_inner_share` is the value of payments inside the community over the value of all payments that
    touch it, payments to oneself left out. NaN: the account was not seen before the refresh day; for the share also:
    no value touches the community.
    """

    refresh: Refresh = field(default_factory=Refresh)
    seed: int = 0

    @property
    def name(self) -> str:
        """Return `community`."""
        return "community"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return size and inner share."""
        return (
            Feature("community_size", "count", "day", "lives in a community of {value} accounts"),
            Feature(
                "community_inner_share", "share", "day",
                "lives in a community of whose money a share of {value} stays inside",
            ),
        )  # fmt: skip

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the same for payer and payee, and whether both live in one community."""
        same = Feature("same_community", "flag", "day", "payer and payee live in one community: {value}")
        return (*both_ends(self.of_accounts), same)

    def accounts(
        self, graph: TransactionGraph, account: NDArray[np.int32], at: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return (M, 2) as of the latest refresh day of each pair's day."""
        return self.refresh.values(graph, account, at, self._values)[:, :2]

    def transactions(self, graph: TransactionGraph) -> NDArray[np.float64]:
        """Return (E, 5); `same_community` is NaN where an end was not seen before the refresh day."""
        rows = graph.rows
        ends = np.concatenate([graph.source[rows], graph.target[rows]])
        found = self.refresh.values(graph, ends, np.tile(graph.time[rows], 2), self._values)
        payer, payee = found[: len(graph)], found[len(graph) :]
        same = np.where(np.isnan(payer[:, 2] + payee[:, 2]), np.nan, payer[:, 2] == payee[:, 2])
        return np.column_stack([payer[:, :2], payee[:, :2], same])

    def _values(self, known: Known) -> NDArray[np.float64]:
        # (K, 3) size, inner share, number of the community.
        k = len(known.account)
        member = _leiden(known, self.seed)
        size = np.bincount(member, minlength=k)
        apart = known.source != known.target
        payer, payee, value = member[known.source[apart]], member[known.target[apart]], known.value[apart]
        cross = payer != payee
        inner = np.bincount(payer[~cross], value[~cross], k)
        touch = inner + np.bincount(payer[cross], value[cross], k) + np.bincount(payee[cross], value[cross], k)
        share = np.divide(inner, touch, out=np.full(k, np.nan), where=touch > 0)
        return np.column_stack([size[member], share[member], member]).astype(np.float64)


def _leiden(known: Known, seed: int) -> NDArray[np.int64]:
    # (K,) community of each account, below K.
    import graspologic_native as native

    k = len(known.account)
    one = known.counts()
    both = (one + one.T).tocsr()
    both.sort_indices()
    member = np.arange(k, dtype=np.int64)
    if both.nnz:
        columns = both.indptr.astype(np.int64), both.indices.astype(np.int32), both.data.astype(np.float64)
        _, found = native.leiden_csr(*columns, k, seed=seed)
        who = np.fromiter(found.keys(), np.int64, len(found))
        member[who] = k + np.fromiter(found.values(), np.int64, len(found))  # who is left out stays alone
    return np.unique(member, return_inverse=True)[1].astype(np.int64)


FAMILY = Community()
