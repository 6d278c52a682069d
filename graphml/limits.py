"""Know where limits stopped typologies, and which of them lie at a ring."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Self

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ring import Cut, Found

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """Hold the cuts of typologies by account."""

    graph: TransactionGraph
    cuts: dict[str, dict[int, list[Cut]]]  # by typology, by account
    at: NDArray[np.bool_]  # (N,) whether an account has one

    @classmethod
    def of(cls, graph: TransactionGraph, found: Iterable[Found]) -> Self:
        """Return the limits that *found* tells."""
        cuts: dict[str, dict[int, list[Cut]]] = {}
        at = np.zeros(graph.n, np.bool_)
        for one in found:
            by: dict[int, list[Cut]] = defaultdict(list)
            for cut in one.cuts:
                by[cut.account].append(cut)
            cuts[one.typology] = dict(by)
            at[list(by)] = True
        return cls(graph, cuts, at)

    def near(self, accounts: Collection[int], span: tuple[int, int], typologies: Iterable[str]) -> list[Cut]:
        """Return the cuts of *typologies* at *accounts*, and at those that they paid in *span*, both ends included."""
        g = self.graph
        lo = max(g.lo, int(np.searchsorted(g.time, span[0], "left")))
        hi = min(g.hi, int(np.searchsorted(g.time, span[1], "right")))
        members = np.array(sorted(accounts), np.int64)
        reached = set(_reached(members, (lo, hi), (g.out_start, g.out_rows, g.target), self.at).tolist())
        chosen = [self.cuts.get(name, {}) for name in typologies]
        return [cut for by_account in chosen for account in reached & by_account.keys() for cut in by_account[account]]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _reached(accounts, bounds, side, at) -> NDArray[np.int64]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    start, rows, target = side
    found = [np.int64(0) for _ in range(0)]
    for account in accounts:
        if at[account]:
            found.append(account)
        own = rows[start[account] : start[account + 1]]
        for row in own[np.searchsorted(own, bounds[0]) :]:
            if row >= bounds[1]:
                break
            if at[target[row]]:
                found.append(np.int64(target[row]))
    return np.array(found, np.int64)
