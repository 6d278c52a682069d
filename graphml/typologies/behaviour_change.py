"""Find behaviour change: an account suddenly pays new payees far more than it used to pay."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.lists import Lists
from graphml.ring import Cut, Found, Reason, Ring
from graphml.typologies._instance import instance, money, span_reason
from graphml.typologies._listed import listed
from graphml.typologies._maximal import maximal
from graphml.typologies._windows import crowded, payments_between
from graphml.window import DAY

__all__ = ["TYPOLOGY", "BehaviourChange"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BehaviourChange:
    """An account pays several new payees within a window, more and faster than in its own history.

    For an account a and a payment e0 of it at time t: H = {e : source(e) = a, t(e) < t}, B = {e : source(e) = a,
    t <= t(e) <= t + window, e at the first instant of its pair}, no self-loops; |H| >= `history` and H began at least
    `known` before t; B has at least `payees` payees; v(B) / window >= amount * v(H) / (t - min t(H)); and
    |B| / window >= rate * |H| / (t - min t(H)). No instance holds another. SAML-D's behavioural change (Oztas et al.,
    2023); own history as the measure as analysts ask for it; `amount` and `rate` are ours: the count of instances stays
    reviewable with them on generated worlds.
    """

    window: int = 2 * DAY  # microseconds
    known: int = 2 * DAY  # microseconds that the history must span
    history: int = 3  # fewest earlier payments
    payees: int = 3  # fewest new payees
    amount: float = 10.0  # least ratio of the amount a day to that of the history, reference currency
    rate: float = 2.0  # least ratio of the payments a day to those of the history
    hub_limit: int = 200  # payments kept of one instance, the rest is in `cut`; windows above it are kept apart

    @property
    def name(self) -> str:
        """Return `behaviour-change`."""
        return "behaviour-change"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal instances in the view."""
        rows = listed(graph, payments_between(graph, False), False)
        new = graph.new[rows]
        limits = np.array([self.window, self.known, self.history, self.payees, self.hub_limit], np.int64)
        lists = (graph.source, graph.target, graph.time, graph.value)
        spans = _bursts(lists, rows, new, (limits, self.amount, self.rate), graph.n)
        sets = {
            tuple(rows[lo:hi][new[lo:hi]].tolist()): (int(start), int(lo)) for start, lo, hi in reversed(spans.tolist())
        }
        found: list[tuple[list[int], Ints, tuple[Cut, ...]]] = []
        cuts: list[Cut] = []
        for one in maximal(sets):
            start, lo = sets[one]
            kept, cut = crowded(
                graph, int(graph.source[one[0]]), np.array(one, np.int64), self.hub_limit, "outgoing new"
            )
            cuts.extend(cut)
            if len(np.unique(graph.target[kept])) >= self.payees:
                found.append((kept.tolist(), rows[start:lo], cut))
        bursts = Lists.of([burst for burst, _, _ in found])
        return Found.lists(self.name, graph, bursts, lambda i: self._ring(graph, bursts[i], *found[i][1:]), cuts)

    def _ring(self, graph: TransactionGraph, burst: Ints, before: Ints, cut: tuple[Cut, ...]) -> Ring:
        payees = set(graph.target[burst].tolist())
        roles = dict.fromkeys(payees, "cash-out") | {int(graph.source[burst[0]]): "distributor"}
        span = int(graph.time[burst[0]] - graph.time[before[0]]) / DAY
        usual = float(graph.value[before].sum()) / span
        now = float(graph.value[burst].sum()) / (self.window / DAY)
        times = now / usual if usual else 0.0
        reasons = (
            Reason(f"{len(payees)} new payees were paid {money(now)} a day, after {money(usual)} a day in {len(before)} "
                   f"payments of {span:.1f} days before" + (f": {times:,.0f} times as much" if usual else "")
                   + f" (at least {self.amount:g} times).", times, self.amount),
            Reason(f"{len(burst) / (self.window / DAY):.1f} payments a day, {len(before) / span:.1f} before "
                   f"(at least {self.rate:g} times).",
                   len(burst) / (self.window / DAY) / (len(before) / span), self.rate),
            span_reason(graph, burst.tolist(), self.window),
        )  # fmt: skip
        return instance(graph, burst.tolist(), roles, (self.name, reasons), cut)


@numba.njit(cache=True, nogil=True)
def _bursts(lists, rows, new, limits, n):  # type: ignore[no-untyped-def]
    # (K, 3): begin of the account, begin and end of a window, places in rows.
    source, target, time, value = lists
    (window, known, history, payees, hub), amount, rate = limits
    found = [(np.int64(0), np.int64(0), np.int64(0)) for _ in range(0)]
    seen = np.full(n, -1, np.int64)
    begin, end, moved, wide = 0, 0, 0.0, 0
    for i in range(len(rows)):
        row = rows[i]
        if i == 0 or source[row] != source[rows[i - 1]]:
            begin, moved = i, 0.0
        elif time[row] == time[rows[i - 1]]:
            moved += value[row]
            continue  # payments of one instant start together
        spent = moved
        moved += value[row]
        since = time[row] - time[rows[begin]]
        end = max(end, i)
        while end < len(rows) and source[rows[end]] == source[row] and time[rows[end]] - time[row] <= window:
            end += 1
        if i - begin < history or since < known or end - i < payees:
            continue
        if end - i > hub:  # of crowded windows only those that do not overlap, as `apart` keeps them
            if i < wide:
                continue
            wide = end
        who, count, went = 0, 0, 0.0
        for k in range(i, end):
            if new[k]:
                count += 1
                went += value[rows[k]]
                if seen[target[rows[k]]] != i:
                    seen[target[rows[k]]] = i
                    who += 1
        if who >= payees and went * since >= amount * spent * window and count * since >= rate * (i - begin) * window:
            found.append((np.int64(begin), np.int64(i), np.int64(end)))
    spans = np.empty((len(found), 3), np.int64)
    for i in range(len(found)):
        spans[i, 0], spans[i, 1], spans[i, 2] = found[i]
    return spans


TYPOLOGY = BehaviourChange()
