"""Find cycles: money comes back to where it started."""

from collections.abc import Iterator
from dataclasses import dataclass

from graphml.graph import TransactionGraph
from graphml.ring import Cut, Reason, Ring
from graphml.typologies._instance import instance, money, ordered, span_reason
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
    longest: int = 8  # payments
    keep: float = 0.5  # ratio of a payment to the one before, reference currency
    most: float = 2.0  # ratio
    hub_limit: int = 100  # an account with more payments to go on with is not passed
    steps: int = 20_000  # most steps from one first payment

    @property
    def name(self) -> str:
        """Return `cycle`."""
        return "cycle"

    def find(self, graph: TransactionGraph) -> Iterator[Ring]:
        """Yield the cycles in the view by (start, rows)."""
        walk = Walk(
            self.window, self.window, self.keep, self.most, self.shortest, self.longest, self.hub_limit, self.steps
        )
        found, spent = cycles(graph, walk)
        rings = []
        for rows in found:
            path = rows.tolist()
            roles = dict.fromkeys(graph.target[rows].tolist(), "mule")
            origin = int(graph.source[rows[0]])
            roles[origin] = "source"
            out, back = float(graph.value[rows[0]]), float(graph.value[rows[-1]])
            share = back / out if out else 0.0
            reasons = (
                Reason(f"Money came back to its first account after {len(path)} payments in rising time "
                       f"(at least {self.shortest}).", len(path), self.shortest),
                Reason(f"{money(out)} left and {money(back)} came back ({share:.0%}).", share),
                span_reason(graph, path, self.window),
            )  # fmt: skip
            cut = (Cut(origin, self.steps, self.steps, 0, 0.0, "search steps ran out, earliest first"),)
            rings.append(instance(graph, path, roles, (self.name, reasons), cut if spent[rows[0]] else ()))
        yield from ordered(rings)


TYPOLOGY = Cycle()
