"""Find structuring: several payments just below a limit into one account."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphml.errors import ParameterError
from graphml.graph import TransactionGraph
from graphml.lists import Lists
from graphml.ring import Cut, Found, Reason, Ring
from graphml.typologies._instance import instance, money, span_reason
from graphml.typologies._listed import listed
from graphml.typologies._windows import apart, crowded, sliding
from graphml.window import DAY

__all__ = ["TYPOLOGY", "Structuring"]


@dataclass(frozen=True, slots=True)
class Structuring:
    """One account gets several payments, each a little below an amount from which a bank has to report.

    For an account a and a limit L, a set of payments {e : target(e) = a, source(e) != a, near * L <= v(e) < L} whose
    currency has the limit L and whose format is one of `formats` where any are named, with max t - min t <= window
    and at least `deposits` of them; no payment can be added. Limits are compared in the reference currency of the
    ledger, in which its graph holds amounts. 10,000 is the limit of 31 CFR 1010.311 (cash, US dollars) and of article
    80 of Regulation (EU) 2024/1624 (euro); the window is that of AMLworld's one-stage attempts (Altman et al., 2023).
    """

    window: int = 4 * DAY  # microseconds
    limits: tuple[tuple[str, float], ...] = (("", 10_000.0),)  # paid currency, reference currency; "": all not named
    near: float = 0.8  # a payment counts from this share of the limit on
    deposits: int = 3  # fewest payments
    formats: tuple[str, ...] = ()  # payment formats that count, empty: all
    hub_limit: int = 200  # payments kept of one instance, the rest is in `cut`; windows above it are kept apart

    @property
    def name(self) -> str:
        """Return `structuring`."""
        return "structuring"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal instances in the view.

        Raises:
            ParameterError: a limit is not above 0.
        """
        found: list[tuple[list[int], float, tuple[Cut, ...]]] = []
        cuts: list[Cut] = []
        for limit in sorted({amount for _, amount in self.limits}):
            if not limit > 0:
                raise ParameterError(f"A limit of structuring is {limit}; expected an amount above 0, such as 10000.")
            rows = np.flatnonzero(self._below(graph, limit)) + graph.lo
            rows = listed(graph, rows, True)
            owner = graph.target[rows].astype(np.int64)
            slices = apart(sliding(owner, graph.time[rows], self.window, self.deposits), self.hub_limit)
            for lo, hi in slices.tolist():
                kept, cut = crowded(graph, int(owner[lo]), rows[lo:hi], self.hub_limit, f"incoming below {limit:,.0f}")
                cuts.extend(cut)
                found.append((kept.tolist(), limit, cut))
        found.reverse()  # of the same payments the instance of the highest limit is told
        sets = Lists.of([rows for rows, _, _ in found])
        return Found.lists(self.name, graph, sets, lambda i: self._ring(graph, sets[i], *found[i][1:]), cuts)

    def _below(self, graph: TransactionGraph, limit: float) -> NDArray[np.bool_]:
        rows = graph.rows
        named = {currency for currency, _ in self.limits}
        mine = {currency for currency, amount in self.limits if amount == limit}
        has = np.array([c in mine or (c not in named and "" in mine) for c in graph.currencies], np.bool_)
        value = graph.value[rows]
        below: NDArray[np.bool_] = has[graph.currency[rows]] & (value >= self.near * limit) & (value < limit)
        if self.formats:
            below &= np.array([f in self.formats for f in graph.formats], np.bool_)[graph.format[rows]]
        below &= graph.source[rows] != graph.target[rows]
        return below

    def _ring(self, graph: TransactionGraph, rows: NDArray[np.int64], limit: float, cut: tuple[Cut, ...]) -> Ring:
        payers = set(graph.source[rows].tolist())
        roles = dict.fromkeys(payers, "source") | {int(graph.target[rows[0]]): "collector"}
        least, largest = float(graph.value[rows].min()), float(graph.value[rows].max())
        reasons = (
            Reason(f"{len(rows)} payments from {len(payers)} payers came in, each below {money(limit)} (at least "
                   f"{self.deposits}).", len(rows), self.deposits),
            Reason(f"The smallest was {money(least)} and the largest {money(largest)}, at least {self.near:.0%} of the "
                   "limit.", least, self.near * limit),
            span_reason(graph, rows.tolist(), self.window),
        )  # fmt: skip
        return instance(graph, rows.tolist(), roles, (self.name, reasons), cut)


TYPOLOGY = Structuring()
