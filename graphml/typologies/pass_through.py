"""Find pass-through: money goes in and soon out again, account after account."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from graphml.graph import TransactionGraph
from graphml.ring import Cut, Reason, Ring
from graphml.typologies._instance import duration, instance, money, ordered, span_reason
from graphml.typologies._walk import Walk, next_rows, trails
from graphml.window import DAY

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

    def find(self, graph: TransactionGraph) -> Iterator[Ring]:
        """Yield the maximal chains in the view by (start, rows)."""
        walk = Walk(
            self.window, self.gap, self.keep, self.most, self.shortest, self.longest, self.hub_limit, self.steps
        )
        found, spent = trails(graph, walk)
        yield from ordered(self._ring(graph, rows.tolist(), bool(spent[rows[0]])) for rows in found)

    def _ring(self, graph: TransactionGraph, path: list[int], spent: bool) -> Ring:
        first, last = path[0], path[-1]
        roles = dict.fromkeys(graph.target[path].tolist(), "mule")
        roles[int(graph.source[first])], roles[int(graph.target[last])] = "source", "cash-out"
        into, out = float(graph.value[first]), float(graph.value[last])
        share = out / into if into else 0.0
        held = max(int(graph.time[b] - graph.time[a]) for a, b in itertools.pairwise(path))
        reasons = (
            Reason(f"{len(path)} payments in a chain (at least {self.shortest}).", len(path), self.shortest),
            Reason(f"{money(into)} went in and {money(out)} came out ({share:.0%}; each account passed on at least "
                   f"{self.keep:.0%}).", share, self.keep),
            Reason(f"No account held the money longer than {duration(held)} (at most {duration(self.gap)}).",
                   held / DAY * 24, self.gap / DAY * 24),
            span_reason(graph, path, self.window),
        )  # fmt: skip
        more = next_rows(graph, last, int(graph.time[last]) + min(self.gap, self.window))
        cut: list[Cut] = []
        if len(more) > self.hub_limit:
            lost = float(graph.value[more].sum())
            cut.append(Cut(int(graph.target[last]), len(more), 0, len(more), lost, "chains stop at hubs"))
        if spent:
            cut.append(
                Cut(int(graph.source[first]), self.steps, self.steps, 0, 0.0, "search steps ran out, earliest first")
            )
        return instance(graph, path, roles, (self.name, reasons), tuple(cut))


TYPOLOGY = PassThrough()
