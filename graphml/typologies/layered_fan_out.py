"""Find layered fan-out: one account pays accounts that each pay several others."""

from dataclasses import dataclass

from graphml.graph import TransactionGraph
from graphml.ring import Found
from graphml.typologies._layers import Layered, layered
from graphml.window import DAY

__all__ = ["TYPOLOGY", "LayeredFanOut"]


@dataclass(frozen=True, slots=True)
class LayeredFanOut:
    """One account pays accounts that each pay several others.

    For an account s, a set of payments {e : source(e) = s, target(e) = m} whose times all lie in one window, where m pays on
    after: P(e) = {f : source(f) = m, target(f) != s, t(e) < t(f) <= t(e) + gap} has at least `leaves` payees, at most
    `hub_limit` payments, and keep * v(e) <= v(P(e)) <= most * v(e); at least `middles` different m; no payment e can be
    added. The instance is all e with their P(e).
    No self-loops, and each payment at the first instant of its pair. SAML-D's layered fan-out (Oztas et al., 2023);
    ratios: .83 to 1.19 for 80 % of AMLworld's intermediates, which hold money for 47 to 72 h at the median
    (Altman et al., 2023).
    """

    window: int = 4 * DAY  # microseconds, of the payments with the one account
    gap: int = 3 * DAY  # microseconds between the layers at one account
    middles: int = 2  # fewest accounts between
    leaves: int = 2  # fewest counterparties of each of them
    keep: float = 0.8  # least ratio of the later to the earlier layer at one account, reference currency
    most: float = 1.25  # largest ratio
    hub_limit: int = 50  # an account with more first payments in the gap is none between

    @property
    def name(self) -> str:
        """Return `layered-fan-out`."""
        return "layered-fan-out"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal instances in the view, and the accounts that were too busy to be between."""
        wanted = Layered(
            self.name, False, self.window, self.gap, self.middles, self.leaves, self.keep, self.most, self.hub_limit
        )
        return layered(graph, wanted)


TYPOLOGY = LayeredFanOut()
