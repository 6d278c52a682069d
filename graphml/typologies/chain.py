"""Find chains: money moves on through accounts that do nothing else meanwhile."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.cores import over_accounts
from graphml.graph import TransactionGraph
from graphml.kernel import kernel
from graphml.lists import Lists
from graphml.prefetch import ahead
from graphml.ring import Found, Reason, Ring
from graphml.typologies._instance import duration, instance, longest_hold, money, passed_on, span_reason
from graphml.window import DAY, HOUR

__all__ = ["TYPOLOGY", "Chain"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Chain:
    """Money moves on through a line of accounts, each of which does nothing else while it holds it.

    Payments e1 .. ek, k >= shortest, target(e_i) = source(e_i+1), no account twice, t_k - t_1 <= window, and for every
    i < k with a = target(e_i): t_i < t_i+1 <= t_i + gap, keep * v(e_i) <= v(e_i+1) <= most * v(e_i), e_i+1 is the only
    payment out of a in (t_i, t_i + gap], and e_i the only one into a in [t_i+1 - gap, t_i+1); no payment can be put
    before or after it. So every payment goes on in one way at most, and there is no limit to name. AMLworld's "random", a
    walk over controlled accounts that does not return (Altman et al., 2023); that they are quiet meanwhile is ours, and
    makes room for any fee, where `pass-through` asks for steady amounts of accounts however busy.
    """

    window: int = 6 * DAY  # microseconds
    gap: int = DAY  # microseconds
    keep: float = 0.5  # ratio of a payment to the one before, reference currency
    most: float = 2.0  # ratio
    shortest: int = 3  # payments, 2 or more

    @property
    def name(self) -> str:
        """Return `chain`."""
        return "chain"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal chains in the view; no limit stops the search."""
        sides = (graph.source, graph.in_start, graph.in_rows), (graph.target, graph.out_start, graph.out_rows)
        paid = graph.time, graph.value
        view, bounds, onward = (
            (graph.lo, graph.hi),
            (self.gap, self.keep, self.most),
            np.full(len(graph.time), -1, np.int64),
        )
        over_accounts(
            lambda first, last: _onward(sides, paid, view, bounds, (first, last), onward),
            graph.in_start + graph.out_start,
        )
        rows, spans = _chains(graph.target, graph.source, graph.time, onward, (self.window, self.shortest, graph.n))
        paths = Lists.slices(rows, spans)
        return Found.lists(self.name, graph, paths, lambda i: self._ring(graph, paths[i].tolist()))

    def _ring(self, graph: TransactionGraph, path: list[int]) -> Ring:
        into, out = float(graph.value[path[0]]), float(graph.value[path[-1]])
        share, held = out / into if into else 0.0, longest_hold(graph, path)
        reasons = (
            Reason(f"{len(path)} payments in a chain (at least {self.shortest}).", len(path), self.shortest),
            Reason(f"Each account between paid nothing else within {duration(self.gap)} after it received, and received "
                   f"nothing else within that time before it paid on; none held the money longer than {duration(held)}.", held / HOUR, self.gap / HOUR),
            Reason(f"{money(into)} went in and {money(out)} came out ({share:.0%}).", share),
            span_reason(graph, path, self.window),
        )  # fmt: skip
        return instance(graph, path, passed_on(graph, path), (self.name, reasons))


@kernel
def _onward(sides, paid, view, bounds, block, onward):  # type: ignore[no-untyped-def]
    # Put into *onward* (E,), -1 before, the payment by which each goes on.
    (source, in_start, in_rows), (target, out_start, out_rows) = sides
    (time, value), (lo, hi), (gap, keep, most) = paid, view, bounds
    for account in range(block[0], block[1]):
        begin, end = in_start[account], in_start[account + 1]
        j, last = out_start[account], out_start[account + 1]
        for k in range(j, last):
            ahead(time, out_rows, k)
        for i in range(begin, end):
            ahead(time, in_rows, i)
        while begin < end and in_rows[begin] < lo:
            begin += 1
        while begin < end and in_rows[end - 1] >= hi:
            end -= 1
        while j < last and out_rows[j] < lo:
            j += 1
        while j < last and out_rows[last - 1] >= hi:
            last -= 1
        for i in range(begin, end):
            came, since = in_rows[i], time[in_rows[i]]
            while j < last and time[out_rows[j]] <= since:
                j += 1
            if j == last:
                break
            went, until = out_rows[j], time[out_rows[j]]
            alone = (
                until <= since + gap
                and (j + 1 == last or time[out_rows[j + 1]] > since + gap)
                and (i + 1 == end or time[in_rows[i + 1]] >= until)
                and (i == begin or time[in_rows[i - 1]] < until - gap)
            )
            if not alone or source[came] == account or target[went] == account:
                continue
            if keep * value[came] <= value[went] <= most * value[came]:
                onward[came] = went


@numba.njit(cache=True, nogil=True)
def _chains(target, source, time, onward, wanted):  # type: ignore[no-untyped-def]
    # The payments of every line in order, and the half-open spans (chains, 2) of it that are chains: the longest
    # stretches in which no account stands twice and that fit into the window.
    window, shortest, accounts = wanted
    followed = np.zeros(len(onward), np.bool_)
    for row in onward:
        if row >= 0:
            followed[row] = True
    rows, spans = [np.int64(0) for _ in range(0)], [np.int64(0) for _ in range(0)]
    seen = np.full(accounts, -2, np.int64)  # place in `rows` of the payment by which an account was last reached
    for head in range(len(onward)):
        if followed[head] or onward[head] < 0:
            continue
        first, row = len(rows), np.int64(head)
        seen[source[head]] = first - 1
        while row >= 0:
            place, begin = len(rows), first
            while time[row] - time[rows[begin] if begin < place else row] > window:
                begin += 1
            begin = max(begin, seen[target[row]] + 2)  # the payment after that by which it was reached is its own
            if begin > first and place - first >= shortest:
                spans.extend((np.int64(first), np.int64(place)))
            first = begin
            rows.append(row)
            seen[target[row]] = place
            row = onward[row]
        if len(rows) - first >= shortest:
            spans.extend((np.int64(first), np.int64(len(rows))))
        rows.append(np.int64(-1))  # between two lines, so that the payer of the next has a place of its own
    return np.array(rows, np.int64), np.array(spans, np.int64).reshape(-1, 2)


TYPOLOGY = Chain()
