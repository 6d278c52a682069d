"""Find bipartite laundering: several payers each pay the same several payees."""

from dataclasses import dataclass

from graphml.graph import TransactionGraph
from graphml.lists import Lists
from graphml.ring import Found, Reason, Ring
from graphml.typologies._bicliques import Biclique, bicliques
from graphml.typologies._instance import instance, span_reason
from graphml.window import DAY

__all__ = ["TYPOLOGY", "Bipartite"]


@dataclass(frozen=True, slots=True)
class Bipartite:
    """Several payers each pay every one of several payees within a short time.

    For two payees x, y and a window [t, t + window] that starts with the earlier of two payments by which one payer
    pays both: P = {a : a pays x and y in it}, Q = {b : every a of P pays b in it}; the payments from P to Q in the
    window, with |P| >= `payers`, |Q| >= `payees` and |P| * |Q| >= `pairs`, no self-loops, each at the first instant of its
    pair. No instance holds another. AMLworld's bipartite and its dense form in SAML-D (Altman et al., 2023; Oztas et
    al., 2023). AMLworld's own attempts are disjoint transfers, of which a transaction graph shows nothing. 10 first
    payments in four days are more than a private account makes; with 20 normal life gives three times as many instances.
    """

    window: int = 4 * DAY  # microseconds
    payers: int = 2  # fewest
    payees: int = 2  # fewest
    pairs: int = 4  # fewest pairs of a payer and a payee
    hub_limit: int = 10  # first payments of an account in the window up to a payment; above, that payment is left out

    @property
    def name(self) -> str:
        """Return `bipartite`."""
        return "bipartite"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal instances in the view, and the hubs whose payments were left out."""
        wanted = Biclique(self.name, self.window, self.payers, self.payees, self.pairs, self.hub_limit)
        found, cuts = bicliques(graph, wanted)
        sets = Lists.of(found)
        return Found.lists(self.name, graph, sets, lambda i: self._ring(graph, sets[i].tolist()), cuts)

    def _ring(self, graph: TransactionGraph, rows: list[int]) -> Ring:
        payers, payees = set(graph.source[rows].tolist()), set(graph.target[rows].tolist())
        roles = dict.fromkeys(payers, "source") | dict.fromkeys(payees, "cash-out")
        reasons = (
            Reason(f"{len(payers)} payers (at least {self.payers}) each paid the same {len(payees)} payees (at least "
                   f"{self.payees}).", len(payers) * len(payees), self.pairs),
            span_reason(graph, rows, self.window),
        )  # fmt: skip
        return instance(graph, rows, roles, (self.name, reasons))


TYPOLOGY = Bipartite()
