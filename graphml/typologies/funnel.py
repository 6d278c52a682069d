"""Find funnel accounts: money from many places comes in and soon goes to one or two."""

from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.people import People
from graphml.ring import Found, Reason, Ring
from graphml.typologies._instance import instance, money, span_reason
from graphml.typologies._through import Passing, Through, passed, through
from graphml.typologies._windows import payments_between
from graphml.window import DAY

__all__ = ["TYPOLOGY", "Funnel"]


@dataclass(frozen=True, slots=True)
class Funnel:
    """Many accounts, of different banks where these are known, pay one account, which soon passes it on to few.

    For an account a and a window that starts at one of its payments: Out = {e : source(e) = a, v(e) >= part * all that
    comes in, e after the first in}, In = {e : target(e) = a, e before the last of Out}, no self-loops and each at
    the first instant of its pair; at least `payers` payers and 1 to `payees` payees;
    keep * v(In) <= v(Out) <= most * v(In); payers at `banks` or more banks where `people` are known. No instance holds
    another. Funnel accounts as described in FinCEN's advisory FIN-2014-A005; ratios as measured on AMLworld's
    scatter-gather, .83 to 1.19 for 80 % of accounts (Altman et al., 2023).
    """

    window: int = 4 * DAY  # microseconds
    payers: int = 5  # fewest different payers
    payees: int = 2  # most different payees
    keep: float = 0.8  # least ratio of what goes out to what comes in, reference currency
    most: float = 1.25  # largest ratio
    part: float = 0.1  # a smaller share of what comes in is no part of what is passed on
    banks: int = 2  # fewest banks of the payers, where `people` are known
    hub_limit: int = 200  # a window with more payments is not looked at
    people: People | None = None  # who owns accounts and at which bank they are; None: not known

    @property
    def name(self) -> str:
        """Return `funnel`."""
        return "funnel"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal instances in the view, and the accounts that were too busy to be looked at."""
        base = payments_between(graph, True)
        wanted = Through(
            self.name, self.window, (self.payers, graph.n), (1, self.payees), self.keep, self.most, self.part,
            self.hub_limit,
        )  # fmt: skip
        found, cuts = through(graph, base, base, wanted)
        if self.people is not None:
            found = [one for one in found if self._places(self.people, graph.source[one.ins]) >= self.banks]
        return passed(self.name, graph, found, lambda one: self._ring(graph, one), cuts)

    def _ring(self, graph: TransactionGraph, one: Passing) -> Ring:
        payers, payees = set(graph.source[one.ins].tolist()), set(graph.target[one.outs].tolist())
        places = () if self.people is None else (self._places(self.people, graph.source[one.ins]),)
        roles = dict.fromkeys(payers, "source") | dict.fromkeys(payees, "cash-out")
        roles |= dict.fromkeys(payers & payees, "mule") | {one.account: "collector"}
        came, went = fsum(graph.value[one.ins].tolist()), fsum(graph.value[one.outs].tolist())
        rows = [*one.ins.tolist(), *one.outs.tolist()]
        reasons = (
            Reason(f"{len(payers)} payers paid {money(came)} into one account (at least {self.payers}).",
                   len(payers), self.payers),
            *(Reason(f"They are at {n} banks (at least {self.banks}).", n, self.banks) for n in places),
            Reason(f"It passed on {money(went)} ({went / came if came else 0.0:.0%}) to {len(payees)} payee{'s' if len(payees) > 1 else ''} "
                   f"(at most {self.payees}).", len(payees), self.payees),
            span_reason(graph, rows, self.window),
        )  # fmt: skip
        return instance(graph, rows, roles, (self.name, reasons))

    @staticmethod
    def _places(people: People, accounts: NDArray[np.int32]) -> int:
        return len(set(people.bank[accounts].tolist()))


TYPOLOGY = Funnel()
