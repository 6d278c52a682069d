"""Hold a finding: its transactions, its accounts with roles, its reasons."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from graphml.graph import TransactionGraph
from graphml.lists import Lists

__all__ = ["ROLES", "Cut", "Found", "Reason", "Ring", "widest"]

ROLES = ("source", "collector", "mule", "distributor", "cash-out", "controller", "victim")


@dataclass(frozen=True, slots=True)
class Reason:
    """Say why, in a sentence for an analyst, with the value and the threshold it passed."""

    sentence: str
    value: float | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """Say what a limit dropped: where, how much, and by which order the rest was chosen.

    degree = kept + dropped, in payments of what the limit was put on: one fan, all that a hub pays, or all with
    which searches from an account could go on. Where a search ended early, what lies behind a dropped payment is not counted.
    """

    account: int
    degree: int
    kept: int
    dropped: int
    dropped_value: float  # sum over the dropped payments, reference currency
    order: str


@dataclass(frozen=True, slots=True)
class Ring:
    """Hold one finding; rows and accounts are those of the ledger."""

    typology: str
    rows: tuple[int, ...]  # ascending
    roles: tuple[tuple[int, str], ...]  # (account, role), by account
    reasons: tuple[Reason, ...]
    start: int  # microseconds UTC of the first row
    end: int  # microseconds UTC of the last row
    value: float  # sum over rows, reference currency
    parts: tuple[str, ...] = ()  # its own typology, and those with which it shares most of its and their payments
    cut: tuple[Cut, ...] = ()
    score: float = 0.0  # higher is more suspicious
    id: str = ""
    lineage: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)  # what its sentences say of its border and against it

    @property
    def accounts(self) -> tuple[int, ...]:
        """Return the accounts, ascending."""
        return tuple(account for account, _ in self.roles)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Hold what a typology found, and every place where one of its limits stopped it, near a ring or not.

    Of many instances few are told, so a ring can be made where it is asked for (`lists`), or at once (`of`).
    """

    typology: str
    rows: Lists  # of each maximal instance, ascending; instances by start, then rows
    accounts: Lists  # of each instance, ascending
    told: Callable[[int], Ring]  # the ring of an instance; its score is 0
    cuts: tuple[Cut, ...] = ()  # by account, then order; of an account and order the one that dropped most

    @classmethod
    def of(cls, typology: str, rings: Iterable[Ring], cuts: Iterable[Cut] = ()) -> Self:
        """Return what was found, each set of rows once, the rings' own cuts among *cuts*."""
        once = sorted({ring.rows: ring for ring in rings}.values(), key=lambda ring: (ring.start, ring.rows))
        rows, accounts = Lists.of([ring.rows for ring in once]), Lists.of([ring.accounts for ring in once])
        return cls(
            typology, rows, accounts, once.__getitem__, widest([*cuts, *(cut for ring in once for cut in ring.cut)])
        )

    @classmethod
    def lists(
        cls, typology: str, graph: TransactionGraph, rows: Lists, told: Callable[[int], Ring], cuts: Iterable[Cut] = ()
    ) -> Self:  # fmt: skip
        """Return the instances with *rows*, each set once, whose accounts are the ends of these.

        *told* makes the ring of a place in *rows*; *cuts* has also the rings' own.
        """
        order = rows.order()  # row numbers ascend in time, so this is by start
        order = order[~rows.take(order).repeated()]
        own = rows.take(order)
        return cls(typology, own, own.ends(graph.source, graph.target), lambda i: told(int(order[i])), widest(cuts))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def rings(self) -> tuple[Ring, ...]:
        """Return the rings of all instances."""
        return tuple(self.told(i) for i in range(len(self)))


def widest(cuts: Iterable[Cut]) -> tuple[Cut, ...]:
    """Return of each account and order the cut that dropped most, by account, then order."""
    by_drop = sorted(cuts, key=lambda cut: (cut.dropped, cut.dropped_value, cut.degree))
    kept = {(cut.account, cut.order): cut for cut in by_drop}
    return tuple(kept[key] for key in sorted(kept))
