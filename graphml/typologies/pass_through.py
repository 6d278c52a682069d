"""Find pass-through: money goes in and soon out again, account after account."""

from dataclasses import dataclass

from graphml.graph import TransactionGraph
from graphml.ring import Found, Reason, Ring
from graphml.typologies._instance import duration, instance, longest_hold, money, passed_on, span_reason
from graphml.typologies._walk import Walk, trails
from graphml.window import DAY, HOUR

__all__ = ["TYPOLOGY", "PassThrough"]


@dataclass(frozen=True, slots=True)
class PassThrough:
    """Money goes through a chain of accounts that each pass on most of it within a gap.

    Payments e1 .. ek, shortest <= k <= longest, target(e_i) = source(e_i+1), no account twice,
    t_i < t_i+1 <= t_i + gap, t_k - t_1 <= window, keep * v(e_i) <= v(e_i+1) <= most * v(e_i); no payment can be put
    before or after it. FlowScope's pass-through accounts (Li et al., 2020) with MonLAD's gaps (Sun et al., 2022).
    """

    window: int = 4 * DAY  # microseconds
    gap: int = 2 * DAY  # microseconds
    keep: float = 0.8  # ratio of a payment to the one before, reference currency
    most: float = 1.25  # ratio
    shortest: int = 3  # payments
    longest: int = 8  # payments
    hub_limit: int = 20  # a chain stops at an account with more payments to go on with
    steps: int = 5_000  # most steps from one first payment

    @property
    def name(self) -> str:
        """Return `pass-through`."""
        return "pass-through"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal chains in the view, hubs at which chains stopped, and accounts out of steps."""
        walk = Walk(
            self.name, self.window, self.gap, self.keep, self.most, self.shortest, self.longest, self.hub_limit,
            self.steps,
        )  # fmt: skip
        paths, cuts = trails(graph, walk)
        return Found.lists(self.name, graph, paths, lambda i: self._ring(graph, paths[i].tolist()), cuts)

    def _ring(self, graph: TransactionGraph, path: list[int]) -> Ring:
        into, out = float(graph.value[path[0]]), float(graph.value[path[-1]])
        share, held = out / into if into else 0.0, longest_hold(graph, path)
        reasons = (
            Reason(f"{len(path)} payments in a chain (at least {self.shortest}).", len(path), self.shortest),
            Reason(f"{money(into)} went in and {money(out)} came out ({share:.0%}; each account passed on at least "
                   f"{self.keep:.0%}).", share, self.keep),
            Reason(f"No account held the money longer than {duration(held)} (at most {duration(self.gap)}).",
                   held / HOUR, self.gap / HOUR),
            span_reason(graph, path, self.window),
        )  # fmt: skip
        return instance(graph, path, passed_on(graph, path), (self.name, reasons))


TYPOLOGY = PassThrough()
