"""Find dormant accounts that wake: long silence, then money comes in and leaves."""

from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ring import Found, Reason, Ring
from graphml.typologies._instance import duration, instance, money, span_reason
from graphml.typologies._listed import both_ways
from graphml.typologies._through import Passing, Through, through
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
        return Found.of(self.name, (self._ring(graph, one) for one in found), cuts)

    def _silent(self, graph: TransactionGraph, base: NDArray[np.int64]) -> NDArray[np.int64]:
        # The rows before which the payee had no payment for `quiet`.
        if not len(base):
            return base
        owner, rows, inward = both_ways(graph, base, base)
        time = graph.time[rows]
        fresh = np.r_[True, (owner[1:] != owner[:-1]) | (time[1:] != time[:-1])]  # first of its instant
        moment = np.flatnonzero(fresh)
        came = np.r_[True, owner[moment][1:] != owner[moment][:-1]]
        before = np.where(came, int(graph.time[graph.lo]), np.r_[0, time[moment][:-1]])
        quiet = (time[moment] - before >= self.quiet)[np.cumsum(fresh) - 1]
        silent: NDArray[np.int64] = rows[quiet & inward]
        return silent

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


TYPOLOGY = DormantWoken()
