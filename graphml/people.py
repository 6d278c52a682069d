"""Say who is behind accounts: banks, owners, and what owners have in common."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ledger import Ledger

__all__ = ["Contact", "People", "controllers"]

_CONTROL = 0.5  # share of a company above which its owner is taken to control it


def _nothing() -> NDArray[np.int32]:
    return np.zeros(0, np.int32)


def _nobody() -> NDArray[np.bool_]:
    return np.zeros(0, np.bool_)


@dataclass(frozen=True, slots=True)
class Contact:
    """Hold one device, phone or address, and the accounts of the parties that have it."""

    kind: str
    accounts: tuple[int, ...]  # ascending
    parties: tuple[int, ...]  # of each account, a number


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Hold what a ledger knows of the people behind its accounts; a transaction graph holds none of it."""

    bank: NDArray[np.int32]  # (N,) number of the bank
    owner: NDArray[np.int32]  # (N,) number of the party that owns or controls it; an account nobody owns has its own
    known: NDArray[np.bool_]  # (N,) whether an owner is known
    contacts: tuple[Contact, ...]  # that parties of at least two accounts have in common
    # Of the party that holds the account, not of who controls that party; empty: nothing of it is known.
    kind: NDArray[np.int32] = field(default_factory=_nothing)  # (N,) number, 0 unknown
    born: NDArray[np.int32] = field(default_factory=_nothing)  # (N,) year, 0 unknown
    occupation: NDArray[np.int32] = field(default_factory=_nothing)  # (N,) number, 0 unknown
    party: NDArray[np.int32] = field(
        default_factory=_nothing
    )  # (N,) that holds the account, numbered as `owner`; -1 unknown
    # As the source says; empty: none is known.
    merchant: NDArray[np.bool_] = field(default_factory=_nobody)  # (N,)
    outside: NDArray[np.bool_] = field(default_factory=_nobody)  # (N,) external or cash
    victims: frozenset[int] = frozenset()  # accounts whose holders are known to be victims of fraud

    @classmethod
    def of(cls, ledger: Ledger) -> Self:
        """Return the people of *ledger*: a company belongs to who holds more than half of it, an account to its owner."""
        n = ledger.accounts.height
        bank = ledger.accounts["bank"].rank("dense").to_numpy().astype(np.int32)
        parties = {name: i for i, name in enumerate(ledger.parties["party"].to_list())}
        held_by = ledger.holdings["owner"], ledger.holdings["company"]
        for name in pl.concat([ledger.ownership["party"], *held_by]).unique(maintain_order=True).to_list():
            parties.setdefault(name, len(parties))
        above = _holders(ledger, parties)
        party = np.full(n, -1, np.int64)
        number = pl.DataFrame(
            {"party": list(parties), "number": range(len(parties))}, schema_overrides={"party": pl.String}
        )
        first = ledger.ownership.group_by("account").agg(pl.col("party").min()).join(number, on="party")
        party[first["account"].to_numpy()] = first["number"].to_numpy()
        known = party >= 0
        owner = np.where(known, above[np.where(known, party, 0)] if len(above) else 0, len(parties) + np.arange(n))
        kind, born, occupation = _holder(ledger, party)
        stated = ledger.accounts["kind"].fill_null("")
        return cls(
            bank, owner.astype(np.int32), known, _contacts(ledger), kind, born, occupation, party.astype(np.int32),
            (stated == "merchant").to_numpy(), stated.is_in(("external", "cash")).to_numpy(),
        )  # fmt: skip

    def with_victims(self, ledger: Ledger, names: Sequence[str]) -> Self:
        """Return the same, those of the accounts *names* that *ledger* knows being victims'."""
        there = ledger.accounts["name"].is_in(list(names)).arg_true()
        return replace(self, victims=frozenset(there.to_list()))

    def behind(self, most: int) -> NDArray[np.int64]:
        """Return (N,) one number, N or above, for all accounts of a known owner of at most *most*, else the account."""
        count = np.bincount(self.owner[self.known], minlength=int(self.owner.max(initial=0)) + 1)
        few = self.known & (count <= most)[self.owner]
        return np.where(few, len(self.owner) + self.owner.astype(np.int64), np.arange(len(self.owner)))

    def under_control(self, accounts: Sequence[int]) -> dict[int, list[int]]:
        """Return by owner those of *accounts*, where several parties hold them that the one owner is or controls."""
        under: dict[int, list[int]] = {}
        for account in accounts if len(self.party) else ():
            if self.known[account]:
                under.setdefault(int(self.owner[account]), []).append(account)
        return {owner: held for owner, held in under.items() if len({int(self.party[a]) for a in held}) > 1}

    def one_owner(self, graph: TransactionGraph) -> NDArray[np.bool_]:
        """Return (E,) whether one known owner stands on both sides of a payment."""
        same: NDArray[np.bool_] = self.owner[graph.source] == self.owner[graph.target]
        return same & self.known[graph.source]


def controllers(ledger: Ledger) -> dict[str, str]:
    """Return of each company that somebody holds more than half of who is at the top of these holdings.

    A circle of holdings has nobody at the top: of its companies the first by name stands for all.
    """
    held = ledger.holdings.filter((pl.col("share") > _CONTROL) & (pl.col("owner") != pl.col("company"))).sort(
        "company", "share", "owner", descending=[True, False, True]
    )
    over = dict(held.select("company", "owner").iter_rows())  # of several stated shares the largest, of equals by name
    top = {}
    for company in over:
        seen, here = {company}, company
        while here in over and over[here] not in seen:
            here = over[here]
            seen.add(here)
        top[company] = min(_circle(over, here)) if here in over else here
    return top


def _circle(over: dict[str, str], one: str) -> set[str]:
    circle: set[str] = set()
    while one not in circle:
        circle.add(one)
        one = over[one]
    return circle


def _holders(ledger: Ledger, parties: dict[str, int]) -> NDArray[np.int64]:
    # (parties,) who is at the top of each.
    top = np.arange(len(parties), dtype=np.int64)
    for company, owner in controllers(ledger).items():
        top[parties[company]] = parties[owner]
    return top


def _holder(ledger: Ledger, party: NDArray[np.int64]) -> tuple[NDArray[np.int32], ...]:
    # (N,) kind, year of birth and occupation of the party of each account; who owns without being described is unknown.
    table = ledger.parties.select(
        pl.col("kind").rank("dense").fill_null(0).cast(pl.Int32),
        pl.col("born").dt.year().fill_null(0).cast(pl.Int32),
        pl.col("occupation").rank("dense").fill_null(0).cast(pl.Int32),
    )
    described = (party >= 0) & (party < table.height)
    found = []
    for name in ("kind", "born", "occupation"):
        column = np.append(table[name].to_numpy(), 0).astype(np.int32)
        found.append(column[np.where(described, party, table.height)])
    return tuple(found)


def _contacts(ledger: Ledger) -> tuple[Contact, ...]:
    if ledger.contacts.is_empty() or ledger.ownership.is_empty():
        return ()
    several = ledger.contacts.unique().filter(pl.len().over("kind", "value") > 1)  # most are of one party
    both = several.join(ledger.ownership.select("party", "account").unique(), on="party")
    both = both.with_columns(pl.col("party").rank("dense").cast(pl.Int64).alias("number"))
    shared = (
        both.sort("account", "number")
        .unique(["kind", "value", "account"], keep="first", maintain_order=True)
        .group_by("kind", "value", maintain_order=True)
        .agg("account", "number")
        .filter(pl.col("number").list.n_unique() > 1)
        .sort("kind", "value")
    )
    return tuple(
        Contact(kind, tuple(accounts), tuple(numbers))
        for kind, accounts, numbers in shared.select("kind", "account", "number").iter_rows()
    )
