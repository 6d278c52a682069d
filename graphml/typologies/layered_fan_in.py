"""Find layered fan-in: accounts that each gathered from several pay one account."""

from dataclasses import dataclass

from graphml.graph import TransactionGraph
from graphml.ring import Found
from graphml.typologies._layers import Layered, layered
from graphml.window import DAY

__all__ = ["TYPOLOGY", "LayeredFanIn"]


@dataclass(frozen=True, slots=True)
class LayeredFanIn:
    """Accounts that each gathered from several pay one account.

    For an account d, a set of payments {f : target(f) = d, source(f) = m} whose times all lie in one window, where m gathered
    before: G(f) = {e : target(e) = m, source(e) != d, t(f) - gap <= t(e) < t(f)} has at least `leaves` payers, at most
    `hub_limit` payments, and keep * v(G(f)) <= v(f) <= most * v(G(f)); at least `middles` different m; no payment f can
    be added. The instance is all f with their G(f).
    No self-loops, and each payment at the first instant of its pair. SAML-D's layered fan-in (Oztas et al., 2023);
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
        """Return `layered-fan-in`."""
        return "layered-fan-in"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal instances in the view, and the accounts that were too busy to be between."""
        wanted = Layered(
            self.name, True, self.window, self.gap, self.middles, self.leaves, self.keep, self.most, self.hub_limit
        )
        return layered(graph, wanted)


TYPOLOGY = LayeredFanIn()
