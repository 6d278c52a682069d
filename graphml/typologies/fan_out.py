"""Find fan-out: one account pays many accounts within a short time."""

from dataclasses import dataclass

from graphml.graph import TransactionGraph
from graphml.ring import Found
from graphml.typologies._fan import Fan, fans
from graphml.window import DAY

__all__ = ["TYPOLOGY", "FanOut"]


@dataclass(frozen=True, slots=True)
class FanOut:
    """One account pays many accounts within a short time.

    For an account a, a set of payments {e : source(e) = a, target(e) != a}, each at the first instant of its (payer,
    payee) where `new`, with max t - min t <= window and at least `counterparties` different payees; no payment can be added.
    Windows as measured on AMLworld (Altman et al., 2023): 96 h holds 86 % of attempts.
    """

    window: int = 4 * DAY  # microseconds
    counterparties: int = 5  # fewest different payees
    new: bool = True  # only first payments between a pair count: fans of mules are mostly new pairs
    hub_limit: int = 200  # payments kept of one fan, the rest is in `cut`; windows above it are kept apart

    @property
    def name(self) -> str:
        """Return `fan-out`."""
        return "fan-out"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal fans in the view."""
        fan = Fan(self.name, False, self.window, self.counterparties, self.new, self.hub_limit)
        return fans(graph, fan)


TYPOLOGY = FanOut()
