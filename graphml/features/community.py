"""Tell in what community an account lives, what it is made of, and how much money stays inside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphml.cores import side_by_side
from graphml.feature import Feature, both_ends
from graphml.features._known import Known
from graphml.features._leiden import leiden
from graphml.features._members import bank_order, describe
from graphml.features._refresh import Days, OfDays, Table
from graphml.stream import Stream

__all__ = ["FAMILY", "Community"]


@dataclass(frozen=True, slots=True)
class Community(OfDays):
    """Find Leiden communities (Traag, Waltman and van Eck, 2019) of what was known on a refresh day, in two ways.

    Accounts are joined by the number of payments between them, in both directions, or, for the `money_community`, by
    their amount; payments to oneself count nowhere. The search for communities of high modularity begins each refresh
    day from those of the refresh day before, with new accounts alone, so communities keep their shape from day to day;
    it has no chance in it and takes accounts in the order of their names, so a
    ledger with other names can have other communities. `experiments/features/refresh.py` measures
    it beside graspologic-native.

    Of a community: `banks` are those of its accounts, `sources` accounts that have only paid and `sinks` accounts that
    have only received; `turnover` is the value of all payments that touch it, each once, and `inner_share` the part of
    it paid from member to member. Of the account itself: `bridge_share` is the part of the value it paid and received
    that crosses the border of its community, `bridge_payments` the part of its payments; `rank` is 1 more than the
    number of members that have moved (paid and received) more money. NaN: the account was not seen before the refresh
    day; for shares also: there is no value or payment to take the share of.
    """

    @property
    def name(self) -> str:
        """Return `community`."""
        return "community"

    @property
    def cost(self) -> str:
        """Return what the work grows with, and what limits it."""
        return "pairs of accounts on each refresh day, twice; the lists of members once more; no limit"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return size, make-up, turnover, and the place of the account in it."""
        money, live = "reference currency", "lives in a community"
        told = (
            ("community_size", "count", f"{live} of {{value}} accounts"),
            ("community_banks", "count", f"{live} of accounts at {{value}} banks"),
            ("community_inner_share", "share", f"{live} of whose money a share of {{value}} stays inside"),
            ("community_sources", "count", f"{live} with {{value}} accounts that have only ever paid"),
            ("community_sinks", "count", f"{live} with {{value}} accounts that have only ever received"),
            ("community_turnover", money, f"{live} that has moved {{value}} in reference currency"),
            ("community_bridge_share", "share", "has moved a share of {value} of its money across its community's border"),
            ("community_bridge_payments", "share", "has a share of {value} of payments that cross its community's border"),
            ("community_rank", "rank", "is number {value} of its community by money moved"),
            ("money_community_size", "count", f"{live}, joined by amounts, of {{value}} accounts"),
            (
                "money_community_inner_share", "share",
                f"{live}, joined by amounts, of whose money a share of {{value}} stays inside",
            ),
        )  # fmt: skip
        return tuple(Feature(name, unit, "day", said) for name, unit, said in told)

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the same for payer and payee, and whether both live in one community."""
        same = Feature("same_community", "flag", "day", "payer and payee live in one community: {value}")
        money = Feature(
            "same_money_community", "flag", "day", "payer and payee live in one community joined by amounts: {value}"
        )
        return (*both_ends(self.of_accounts), same, money)

    def days(self, stream: Stream) -> Days:
        """Return what computes one day after the other."""
        return _Days(stream.graph.bank)


class _Days:
    """Go from one refresh day to the next, and keep the communities found."""

    def __init__(self, bank: NDArray[np.int32]) -> None:
        self.bank, self.by_bank = bank, bank_order(bank)
        self.former = [np.full(len(bank), -1, np.int32), np.full(len(bank), -1, np.int32)]  # by payments, by amount

    def __call__(self, known: Known) -> Table:
        """Return the table of a day."""
        order = np.argsort(-known.money.sum(axis=1)).astype(np.int32)  # equals in any order: they get one rank
        told = side_by_side(lambda way: self._one(known, way, order), (0, 1))
        groups = np.column_stack([self.former[way][known.account] for way in (0, 1)])
        return Table(np.hstack([told[0], told[1][:, [0, 2]]]), groups)

    def carried(self) -> dict[str, NDArray[Any]]:
        """Return the communities, counted from 1."""
        return {"former": np.stack(self.former, axis=1) + 1}

    def resume(self, carried: Mapping[str, NDArray[Any]]) -> None:
        """Go on from those communities."""
        self.former = [np.ascontiguousarray(way) for way in (carried["former"] - 1).T]

    def _one(self, known: Known, way: int, order: NDArray[np.int32]) -> NDArray[np.float32]:
        # (K, 9) of the communities formed in one way.
        weight = (known.value if way else known.paid + known.got).astype(np.float32)
        member = leiden(known.start, known.other, weight, self._begin(known.account, way))
        self.former[way][known.account] = member
        values = np.empty((len(member), 9), np.float32)
        describe(
            (*known.lists, known.value),
            (known.money, known.count, order),
            (self.bank, self.by_bank, known.number),
            member,
            values,
        )
        return values

    def _begin(self, account: NDArray[np.int32], way: int) -> NDArray[np.int32]:
        # (K,) the communities of the day before; who is new is alone. Numbers stay below K.
        member = self.former[way][account]
        new = np.flatnonzero(member < 0)
        member[new] = member.max(initial=-1) + 1 + np.arange(len(new), dtype=np.int32)
        return member


FAMILY = Community()
