"""Find dormant accounts that wake: long silence, then money comes in and leaves."""

from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray

from graphml.cores import over_accounts
from graphml.graph import TransactionGraph
from graphml.kernel import kernel
from graphml.prefetch import ahead
from graphml.ring import Found, Reason, Ring
from graphml.typologies._instance import duration, instance, money, span_reason
from graphml.typologies._listed import marked
from graphml.typologies._through import Passing, Through, passed, through
from graphml.typologies._windows import payments_between
from graphml.window import DAY

__all__ = ["TYPOLOGY", "DormantWoken"]


@dataclass(frozen=True, slots=True)
class DormantWoken:
    """An account that was silent for long receives money and soon pays most of it out.

    For an account a and a payment e0 to it before which a had no payment from or to another for at least `quiet` (and
    the view is known for as long), in the window from t(e0) on: In and Out as in `funnel`, at least one payer, at least `payees`
    payees, keep * v(In) <= v(Out) <= most * v(In). No instance holds another. The red flag of sudden activity of a
    dormant account in FFIEC's BSA/AML manual, appendix F. Banks call accounts dormant after months; ledgers of ten days
    cannot show that, so `quiet` is the shortest silence at which the count of instances stays reviewable there, and a
    longer ledger should set months.
    """

    quiet: int = 5 * DAY  # microseconds without a payment from or to another
    window: int = 2 * DAY  # microseconds
    payees: int = 2  # fewest different payees
    keep: float = 0.8  # least ratio of what goes out to what comes in, reference currency
    most: float = 1.25  # largest ratio
    part: float = 0.05  # a smaller share of what comes in is no part of what is passed on
    hub_limit: int = 200  # a window with more payments is not looked at

    @property
    def name(self) -> str:
        """Return `dormant-woken`."""
        return "dormant-woken"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal instances in the view, and the accounts that were too busy to be looked at."""
        base = payments_between(graph, False)
        silent = self._silent(graph, base)
        woken = np.zeros(graph.n, np.bool_)
        woken[graph.target[silent]] = True
        ins, outs = base[woken[graph.target[base]]], base[woken[graph.source[base]]]
        wanted = Through(
            self.name, self.window, (1, graph.n), (self.payees, graph.n), self.keep, self.most, self.part,
            self.hub_limit,
        )  # fmt: skip
        found, cuts = through(graph, ins, outs, wanted, silent)
        return passed(self.name, graph, found, lambda one: self._ring(graph, one), cuts)

    def _silent(self, graph: TransactionGraph, base: NDArray[np.int64]) -> NDArray[np.int64]:
        # The rows of *base* before which the payee had no payment for `quiet`.
        silent = np.zeros(len(graph.time), np.bool_)
        lists = (graph.in_start, graph.in_rows, graph.out_start, graph.out_rows)
        counted, since = marked(graph, base), int(graph.time[graph.lo]) if len(graph) else 0
        over_accounts(
            lambda first, last: _silent(lists, graph.time, counted, (since, self.quiet), (first, last), silent),
            graph.in_start + graph.out_start,
        )
        return np.flatnonzero(silent)

    def _ring(self, graph: TransactionGraph, one: Passing) -> Ring:
        payers, payees = set(graph.source[one.ins].tolist()), set(graph.target[one.outs].tolist())
        roles = dict.fromkeys(payers, "source") | dict.fromkeys(payees, "cash-out")
        roles |= dict.fromkeys(payers & payees, "mule") | {one.account: "mule"}
        came, went = fsum(graph.value[one.ins].tolist()), fsum(graph.value[one.outs].tolist())
        rows = [*one.ins.tolist(), *one.outs.tolist()]
        woke = int(graph.time[one.ins[0]])
        own = np.concatenate([graph.paid_to(one.account), graph.paid_by(one.account)])
        own = own[graph.source[own] != graph.target[own]]
        earlier = graph.time[own[graph.time[own] < woke]]
        silence = woke - int(earlier.max() if len(earlier) else graph.time[graph.lo])
        reasons = (
            Reason(f"The account had no payment from or to another for {duration(silence)} (at least {duration(self.quiet)}).",
                   silence / DAY * 24, self.quiet / DAY * 24),
            Reason(f"Then {money(came)} came in and {money(went)} ({went / came if came else 0.0:.0%}) went to "
                   f"{len(payees)} payees (at least {self.payees}).", len(payees), self.payees),
            span_reason(graph, rows, self.window),
        )  # fmt: skip
        return instance(graph, rows, roles, (self.name, reasons))


@kernel
def _silent(lists, time, counted, limits, block, silent):  # type: ignore[no-untyped-def]
    # Payments of one instant do not end the silence before one another.
    in_start, in_rows, out_start, out_rows = lists
    since, quiet = limits
    for account in range(block[0], block[1]):
        for e in range(in_start[account], in_start[account + 1]):
            ahead(counted, in_rows, e)
            ahead(time, in_rows, e)
        for e in range(out_start[account], out_start[account + 1]):
            ahead(counted, out_rows, e)
            ahead(time, out_rows, e)
        j, before = out_start[account], since  # the latest payment at an earlier instant, or the first of all
        now = since
        for i in range(in_start[account], in_start[account + 1]):
            row = in_rows[i]
            if not counted[row]:
                continue
            at = time[row]
            if at > now:
                before = now
            while j < out_start[account + 1] and (not counted[out_rows[j]] or time[out_rows[j]] < at):
                if counted[out_rows[j]]:
                    before = max(before, time[out_rows[j]])
                j += 1
            now = at
            silent[row] = at - before >= quiet


TYPOLOGY = DormantWoken()
