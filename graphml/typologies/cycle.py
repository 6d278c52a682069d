"""Find cycles: money comes back to where it started."""

from dataclasses import dataclass

from graphml.graph import TransactionGraph
from graphml.ring import Found, Reason, Ring
from graphml.typologies._instance import instance, money, span_reason
from graphml.typologies._walk import Walk, cycles
from graphml.window import DAY

__all__ = ["TYPOLOGY", "Cycle"]


@dataclass(frozen=True, slots=True)
class Cycle:
    """Money goes from account to account and comes back to the first, without an account twice.

    Payments e1 .. ek, shortest <= k <= longest, target(e_i) = source(e_i+1), target(e_k) = source(e_1), all sources
    different, t_1 < .. < t_k, t_k - t_1 <= window, keep * v(e_i) <= v(e_i+1) <= most * v(e_i). No cycle holds
    another. Ratios: out/in on AMLworld is .91 to 1.09 for 80 % of steps (Altman et al., 2023).
    """

    window: int = 4 * DAY  # microseconds
    shortest: int = 3  # payments
    longest: int = 10  # payments
    keep: float = 0.5  # ratio of a payment to the one before, reference currency
    most: float = 2.0  # ratio
    hub_limit: int = 100  # an account with more payments to go on with is not passed
    steps: int = 20_000  # most steps from one first payment

    @property
    def name(self) -> str:
        """Return `cycle`."""
        return "cycle"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the cycles in the view, hubs that were not passed, and accounts whose search ran out of steps."""
        walk = Walk(
            self.name, self.window, self.window, self.keep, self.most, self.shortest, self.longest, self.hub_limit,
            self.steps,
        )  # fmt: skip
        found, cuts = cycles(graph, walk)
        return Found.of(self.name, (self._ring(graph, rows.tolist()) for rows in found), cuts)

    def _ring(self, graph: TransactionGraph, path: list[int]) -> Ring:
        roles = dict.fromkeys(graph.target[path].tolist(), "mule")
        roles[int(graph.source[path[0]])] = "source"
        out, back = float(graph.value[path[0]]), float(graph.value[path[-1]])
        share = back / out if out else 0.0
        reasons = (
            Reason(f"Money came back to its first account after {len(path)} payments in rising time "
                   f"(at least {self.shortest}).", len(path), self.shortest),
            Reason(f"{money(out)} left and {money(back)} came back ({share:.0%}).", share),
            span_reason(graph, path, self.window),
        )  # fmt: skip
        return instance(graph, path, roles, (self.name, reasons))


TYPOLOGY = Cycle()
