"""Find deposit-and-send: money is paid in as deposits and soon sent on whole."""

from dataclasses import dataclass
from math import fsum

import numpy as np

from graphml.graph import TransactionGraph
from graphml.ring import Found, Reason, Ring
from graphml.typologies._instance import instance, money, span_reason
from graphml.typologies._through import Passing, Through, passed, through
from graphml.typologies._windows import payments_between
from graphml.window import DAY

__all__ = ["TYPOLOGY", "DepositSend"]


@dataclass(frozen=True, slots=True)
class DepositSend:
    """Cash or other deposits come into an account, and most of it is soon sent to one or two others.

    For an account a and a window that starts at one of its payments: Out = {e : source(e) = a, v(e) >= part * all that
    was deposited, e after the first deposit}, In = {e : target(e) = a, e before the last of Out, the format of e has
    one of the words `deposits`}, no self-loops; at least `payments` in In, 1 to `payees` payees,
    keep * v(In) <= v(Out) <= most * v(In). No instance holds another. SAML-D's deposit-send (Oztas et al., 2023); two
    days after the rapid movement of funds that FFIEC's BSA/AML manual, appendix F, lists; the ratios are those measured
    on AMLworld's intermediates (Altman et al., 2023).
    """

    window: int = 2 * DAY  # microseconds
    deposits: tuple[str, ...] = ("cash", "deposit")  # words in the name of a format, lower case
    payments: int = 2  # fewest deposits
    payees: int = 1  # most different payees
    keep: float = 0.8  # least ratio of what is sent to what was deposited, reference currency
    most: float = 1.25  # largest ratio
    part: float = 0.25  # a payment below this share of the deposits is no part of what is sent
    hub_limit: int = 200  # a window with more payments is not looked at

    @property
    def name(self) -> str:
        """Return `deposit-send`."""
        return "deposit-send"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal instances in the view, and the accounts that were too busy to be looked at."""
        base = payments_between(graph, False)
        deposit = np.array([any(word in f.lower() for word in self.deposits) for f in graph.formats], np.bool_)
        wanted = Through(
            self.name, self.window, (1, graph.n), (1, self.payees), self.keep, self.most, self.part, self.hub_limit
        )
        ins = base[deposit[graph.format[base]]]
        outs = base[np.isin(graph.source[base], graph.target[ins])]
        found, cuts = through(graph, ins, outs, wanted)
        enough = [one for one in found if len(one.ins) >= self.payments]
        return passed(self.name, graph, enough, lambda one: self._ring(graph, one), cuts)

    def _ring(self, graph: TransactionGraph, one: Passing) -> Ring:
        payers, payees = set(graph.source[one.ins].tolist()), set(graph.target[one.outs].tolist())
        roles = dict.fromkeys(payers, "source") | dict.fromkeys(payees, "cash-out")
        roles |= dict.fromkeys(payers & payees, "mule") | {one.account: "collector"}
        came, went = fsum(graph.value[one.ins].tolist()), fsum(graph.value[one.outs].tolist())
        formats = sorted({graph.formats[code] for code in graph.format[one.ins].tolist()})
        rows = [*one.ins.tolist(), *one.outs.tolist()]
        reasons = (
            Reason(f"{len(one.ins)} deposits ({', '.join(formats)}) of {money(came)} came in (at least {self.payments}).",
                   len(one.ins), self.payments),
            Reason(f"{money(went)} ({went / came if came else 0.0:.0%}) was sent on to {len(payees)} payee{'s' if len(payees) > 1 else ''} (at most "
                   f"{self.payees}; at least {self.keep:.0%}).", went / came if came else 0.0, self.keep),
            span_reason(graph, rows, self.window),
        )  # fmt: skip
        return instance(graph, rows, roles, (self.name, reasons))


TYPOLOGY = DepositSend()
