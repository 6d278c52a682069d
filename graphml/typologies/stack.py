"""Find stacks: two bipartite layers in time order, one after the other."""

from collections import defaultdict
from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.lists import Lists
from graphml.ring import Found, Reason, Ring
from graphml.typologies._bicliques import Biclique, bicliques
from graphml.typologies._instance import instance, money, span_reason
from graphml.typologies._maximal import maximal
from graphml.window import DAY

__all__ = ["TYPOLOGY", "Stack"]

Layer = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """Several payers each pay the same several accounts, which then each pay the same several payees.

    For bicliques X and Y of payments, each as in `bipartite` with 2 payers, 2 payees and `layer` as its window, let
    M be the accounts that X pays, that Y is paid by, and that get their last payment of X before their first of Y;
    at least `middles` of them, no account of M both pays in X or is paid in Y. The instance is the payments of X to M and of Y by
    M, if max t - min t <= window. No instance holds another. AMLworld's stack (Altman et al., 2023, section 3): all
    that it calls connected; its disjoint chains are those of `pass-through`.
    """

    window: int = 8 * DAY  # microseconds, both layers
    layer: int = 4 * DAY  # microseconds, one layer
    middles: int = 2  # fewest accounts that are in both layers
    hub_limit: int = 20  # first payments of an account in a layer's window up to a payment; above, it is left out

    @property
    def name(self) -> str:
        """Return `stack`."""
        return "stack"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal instances in the view, and the hubs whose payments were left out."""
        layers, cuts = bicliques(graph, Biclique(self.name, self.layer, 2, 2, 4, self.hub_limit))
        by_payer: dict[int, set[int]] = defaultdict(set)
        for place, rows in enumerate(layers):
            for account in set(graph.source[list(rows)].tolist()):
                by_payer[account].add(place)
        found = set()
        for first in layers:
            paid = set(graph.target[list(first)].tolist())
            for place in sorted({p for account in paid for p in by_payer.get(account, ())}):
                found.add(self._both(graph, first, layers[place]))
        found.discard(())
        stacks = Lists.of(maximal(found))
        return Found.lists(self.name, graph, stacks, lambda i: self._ring(graph, stacks[i]), cuts)

    def _both(self, graph: TransactionGraph, first: Layer, second: Layer) -> Layer:
        got: dict[int, int] = {}
        for row in first:
            got[int(graph.target[row])] = row  # the last one, as rows ascend
        pays: dict[int, int] = {}
        for row in reversed(second):
            pays[int(graph.source[row])] = row  # the first one
        ends = set(graph.source[list(first)].tolist()) | set(graph.target[list(second)].tolist())
        between = {m for m in got.keys() & pays.keys() - ends if graph.time[got[m]] < graph.time[pays[m]]}
        if len(between) < self.middles:
            return ()
        rows = [r for r in first if int(graph.target[r]) in between]
        rows += [r for r in second if int(graph.source[r]) in between]
        rows.sort()
        return tuple(rows) if graph.time[rows[-1]] - graph.time[rows[0]] <= self.window else ()

    def _ring(self, graph: TransactionGraph, every: NDArray[np.int64]) -> Ring:
        between = set(graph.source[every].tolist()) & set(graph.target[every].tolist())
        early = every[np.isin(graph.target[every], list(between))]
        late = every[np.isin(graph.source[every], list(between))]
        payers, payees = set(graph.source[early].tolist()), set(graph.target[late].tolist())
        roles = dict.fromkeys(payees, "cash-out") | dict.fromkeys(payers, "source") | dict.fromkeys(between, "mule")
        came, went = fsum(graph.value[early].tolist()), fsum(graph.value[late].tolist())
        reasons = (
            Reason(f"{len(payers)} payers each paid the same {len(between)} accounts (at least {self.middles}), which "
                   f"then each paid the same {len(payees)} payees.", len(between), self.middles),
            Reason(f"{money(came)} came in by the first layer and {money(went)} left by the second.",
                   went / came if came else 0.0),
            span_reason(graph, every.tolist(), self.window),
        )  # fmt: skip
        return instance(graph, every.tolist(), roles, (self.name, reasons))


TYPOLOGY = Stack()
