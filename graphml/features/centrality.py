"""Tell how central an account is, and how closely its counterparties hang together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphml.feature import Feature, both_ends
from graphml.features._known import Known
from graphml.features._refresh import Days, OfDays, Table
from graphml.features._standing import clustering, core_number, pagerank, reciprocity
from graphml.stream import Stream

__all__ = ["FAMILY", "Centrality"]


@dataclass(frozen=True, slots=True)
class Centrality(OfDays):
    """Measure centrality in what was known on a refresh day.

    `pagerank` (Brin and Page, 1998) follows payments from payer to payee, in proportion to their number, and is taken
    times the number of known accounts, so 1 is the average account. Each refresh day, but those before which nothing was
    added, it goes on from that of the refresh day before, new accounts from 1, by `steps` steps of the power iteration; what a day changes is then known
    to a factor damping^steps (9 % of the change by default). `core_number` is the largest k such that the account
    keeps k counterparties when all with fewer are taken away (Seidman, 1983; Batagelj and Zaversnik, 2003).
    `clustering` is the share of the pairs of counterparties that have paid one another, in either direction (Watts
    and Strogatz, 1998), counted exactly at hubs too; NaN for fewer than two counterparties. `reciprocity` is the share
    of the accounts it has paid that have also paid it; NaN where it has paid nobody. Payments to oneself do not count.
    NaN: the account was not seen before the refresh day.
    """

    damping: float = 0.85  # chance to follow a payment rather than jump
    steps: int = 15  # of the power iteration, each refresh day

    @property
    def name(self) -> str:
        """Return `centrality`."""
        return "centrality"

    @property
    def cost(self) -> str:
        """Return what the work grows with, and what limits it."""
        return "pairs of accounts on each refresh day, 15 times for PageRank; triangles from their smallest corner; no limit"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return PageRank, core number, clustering and reciprocity."""
        told = (
            ("pagerank", "multiple of the average", "has a PageRank of {value} (1 is the average account)"),
            ("core_number", "rank", "stands in a core where each account has at least {value} counterparties"),
            ("clustering", "share", "has counterparties of whose pairs a share of {value} have paid one another"),
            ("reciprocity", "share", "has been paid back by a share of {value} of the accounts it has paid"),
        )
        return tuple(Feature(name, unit, "day", said) for name, unit, said in told)

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the same for the payer and for the payee."""
        return both_ends(self.of_accounts)

    def days(self, stream: Stream) -> Days:
        """Return what computes one day after the other."""
        return _Days(self, stream.graph.n)


class _Days:
    """Go from one refresh day to the next, and keep the ranks."""

    def __init__(self, family: Centrality, n: int) -> None:
        self.family = family
        self.rank = np.ones(n)

    def __call__(self, known: Known) -> Table:
        """Return the table of a day."""
        lists, before = known.lists, self.rank[known.account]
        start, other, paid, got = lists
        values = np.empty((len(before), 4), np.float32)
        rank: NDArray[np.float64] = pagerank(lists, before, self.family.damping, self.family.steps)
        values[:, 1] = core_number(start, other)
        values[:, 2] = clustering(start, other)
        values[:, 3] = reciprocity(start, paid, got)
        self.rank[known.account] = values[:, 0] = rank
        return Table(values, np.empty((len(rank), 0), np.int32))

    def carried(self) -> dict[str, NDArray[Any]]:
        """Return the ranks."""
        return {"rank": self.rank.copy()}

    def resume(self, carried: Mapping[str, NDArray[Any]]) -> None:
        """Go on from those ranks; who is new has that of the average."""
        self.rank = np.where(carried["rank"] > 0, carried["rank"], 1.0)


FAMILY = Centrality()
