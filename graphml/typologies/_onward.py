"""Say with which payments money that came can go on, and which accounts are hubs for that."""

from dataclasses import dataclass
from math import fsum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from graphml.cores import over_accounts
from graphml.graph import TransactionGraph
from graphml.kernel import kernel
from graphml.prefetch import ahead
from graphml.ring import Cut
from graphml.typologies._listed import edges

__all__ = ["Onward"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Onward:
    """Hold for each row r what its payee pays in (time[r], time[r] + reach]: `out_rows[spans[r, 0]:spans[r, 1]]`.

    Whether a search stops at a hub depends on the account and the arrival only, so it is the same for every search
    that comes by that row, and `cuts` has every stop there can be.
    """

    spans: Ints  # (E, 2) half-open, positions in out_rows; 0 and 0 outside the view
    hub_limit: int  # an account with more payments to go on with is not passed

    @classmethod
    def of(cls, graph: TransactionGraph, reach: int, hub_limit: int) -> Self:
        """Return the onward payments of the rows of the view; *reach* is in microseconds."""
        out, inward = (graph.out_start, graph.out_rows), (graph.in_start, graph.in_rows)
        spans = np.zeros((len(graph.time), 2), np.int64)
        view = graph.lo, graph.hi
        over_accounts(
            lambda first, last: _onward(graph.time, out, inward, view, reach, (first, last), spans),
            graph.out_start + graph.in_start,
        )
        return cls(spans, hub_limit)

    def cuts(self, graph: TransactionGraph, name: str) -> tuple[Cut, ...]:
        """Return each account at which searches of the typology *name* stop, by account.

        Degree is what it pays in the view; dropped are the payments with which a search did not go on after at least
        one arrival, each counted once; kept are the others.
        """
        spans = self.spans[graph.rows]
        hub = (spans[:, 1] - spans[:, 0] > self.hub_limit) & (graph.source[graph.rows] != graph.target[graph.rows])
        inside = np.zeros(len(graph.out_rows) + 1, np.int64)
        np.add.at(inside, spans[hub, 0], 1)
        np.add.at(inside, spans[hub, 1], -1)
        lost = graph.out_rows[np.flatnonzero(np.cumsum(inside[:-1]) > 0)]  # by account, as out_rows is
        owner = graph.source[lost]
        first = edges(owner)[:-1]
        order = f"as {name} searches stop where more than {self.hub_limit:,} payments could follow"
        cuts = []
        for account, part in zip(owner[first].tolist(), np.split(lost, first)[1:], strict=True):
            degree, value = len(graph.paid_by(account)), fsum(graph.value[part].tolist())
            cuts.append(Cut(account, degree, degree - len(part), len(part), value, order))
        return tuple(cuts)


@kernel
def _onward(time, out, inward, view, reach, block, spans):  # type: ignore[no-untyped-def]
    out_start, out_rows = out
    in_start, in_rows = inward
    lo, hi = view
    for account in range(block[0], block[1]):
        a = b = out_start[account]
        end = out_start[account + 1]
        for i in range(a, end):
            ahead(time, out_rows, i)
        for i in range(in_start[account], in_start[account + 1]):
            ahead(time, in_rows, i)
            ahead(spans, in_rows, i)
            row = in_rows[i]
            if row < lo or row >= hi:
                continue
            while a < end and time[out_rows[a]] <= time[row]:
                a += 1
            b = max(a, b)
            while b < end and out_rows[b] < hi and time[out_rows[b]] - time[row] <= reach:
                b += 1
            spans[row, 0], spans[row, 1] = a, b
