"""Find fan-in: many accounts pay one account within a short time."""

from dataclasses import dataclass

from graphml.graph import TransactionGraph
from graphml.ring import Found
from graphml.typologies._fan import Fan, fans
from graphml.window import DAY

__all__ = ["TYPOLOGY", "FanIn"]


@dataclass(frozen=True, slots=True)
class FanIn:
    """Many accounts pay one account within a short time.

    For an account a, a set of payments {e : target(e) = a, source(e) != a}, each at the first instant of its (payer,
    payee) where `new`, with max t - min t <= window and at least `counterparties` different payers; no payment can be added.
    Windows as measured on AMLworld (Altman et al., 2023): 96 h holds 86 % of attempts.
    """

    window: int = 4 * DAY  # microseconds
    counterparties: int = 5  # fewest different payers
    new: bool = True  # only first payments between a pair count: fans of mules are mostly new pairs
    hub_limit: int = 200  # payments kept of one fan, the rest is in `cut`; windows above it are kept apart

    @property
    def name(self) -> str:
        """Return `fan-in`."""
        return "fan-in"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal fans in the view."""
        fan = Fan(self.name, True, self.window, self.counterparties, self.new, self.hub_limit)
        return fans(graph, fan)


TYPOLOGY = FanIn()
