"""Find round trips: money leaves one owner, passes companies that do nothing else, and comes back."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graphml.by_account import by_account
from graphml.graph import TransactionGraph
from graphml.lists import Lists
from graphml.people import People
from graphml.ring import Cut, Found, Reason, Ring
from graphml.typologies._instance import instance, money, span_reason
from graphml.typologies._walk import Walk, cycles
from graphml.window import DAY

__all__ = ["TYPOLOGY", "RoundTrip"]


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """Money leaves an owner, goes through accounts of others that do little else meanwhile, and comes back to the owner.

    With o(a) the owner of an account a (the account itself where owners are not known): payments e1 .. ek,
    shortest <= k <= longest, o(target(e_i)) = o(source(e_i+1)), o(target(e_k)) = o(source(e_1)), all o(source(e_i)) different,
    t_i < t_i+1 <= t_i + gap, t_k - t_1 <= window, keep * v(e_i) <= v(e_i+1) <= most * v(e_i), and for every i < k
    v(e_i) >= main * all that o(target(e_i)) received from others from t_1 to t_k. The money may come back to
    another account of the first owner, and a shell may use several accounts. No round trip holds another. FATF's
    and Egmont's "Concealment of Beneficial Ownership" (2018) on round-tripping through shell companies; `main` is ours.
    """

    window: int = 30 * DAY  # microseconds
    gap: int = 5 * DAY  # microseconds
    shortest: int = 3  # payments
    longest: int = 6  # payments
    keep: float = 0.5  # ratio of a payment to the one before, reference currency
    most: float = 1.25  # ratio
    main: float = 0.5  # share of what a company between received during the trip that is the trip's
    hub_limit: int = 20  # an owner with more payments to go on with is not passed
    steps: int = 2_000  # most steps from one first payment
    people: People | None = None  # who owns accounts; None: every account is its own owner

    @property
    def name(self) -> str:
        """Return `round-trip`."""
        return "round-trip"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the round trips in the view, hubs that were not passed, and owners whose search ran out of steps."""
        walk = Walk(
            self.name, self.window, self.gap, self.keep, self.most, self.shortest, self.longest, self.hub_limit,
            self.steps,
        )  # fmt: skip
        owned, accounts = _by_owner(graph, self.people)
        found, cuts = cycles(owned, walk)
        trips = (rows for rows in found if self._shells(owned, rows))
        return Found.of(
            self.name,
            (self._ring(graph, rows.tolist()) for rows in trips),
            (told for cut in cuts for told in _told(cut, accounts[cut.account])),
        )

    def _shells(self, owned: TransactionGraph, path: NDArray[np.int64]) -> bool:
        begin, end = owned.time[path[0]], owned.time[path[-1]]
        for row in path[:-1].tolist():
            got = owned.paid_to(int(owned.target[row]))
            got = got[(owned.time[got] >= begin) & (owned.time[got] <= end)]
            got = got[owned.source[got] != owned.target[got]]
            if owned.value[row] < self.main * owned.value[got].sum():
                return False
        return True

    def _ring(self, graph: TransactionGraph, path: list[int]) -> Ring:
        roles = dict.fromkeys([*graph.source[path].tolist(), *graph.target[path].tolist()], "mule")
        roles[int(graph.target[path[-1]])] = "collector"
        roles[int(graph.source[path[0]])] = "source"
        out, back = float(graph.value[path[0]]), float(graph.value[path[-1]])
        known = self.people is not None and bool(self.people.known[int(graph.source[path[0]])])
        reasons = (
            Reason(f"Money came back to its first {'owner' if known else 'account'} after {len(path)} payments through "
                   f"{len(path) - 1} others (at least {self.shortest} payments).", len(path), self.shortest),
            Reason(f"{money(out)} left and {money(back)} came back ({back / out if out else 0.0:.0%}).",
                   back / out if out else 0.0),
            Reason(f"Meanwhile those between received little else: {self.main:.0%} or more of it was this money.",
                   None, self.main),
            span_reason(graph, path, self.window),
        )  # fmt: skip
        return instance(graph, path, roles, (self.name, reasons))


def _told(cut: Cut, accounts: NDArray[np.int64]) -> list[Cut]:
    # The cut of an owner at each of its accounts.
    order = cut.order
    if len(accounts) > 1:
        order = f"{order}; counted over the {len(accounts)} accounts of this one's owner"
    return [Cut(account, cut.degree, cut.kept, cut.dropped, cut.dropped_value, order) for account in accounts.tolist()]


def _by_owner(graph: TransactionGraph, people: People | None) -> tuple[TransactionGraph, Lists]:
    # The graph of owners, and the accounts of each that pay or are paid; payments between those are self-loops there.
    active = np.flatnonzero(graph.active)
    if people is None:
        return graph, Lists(np.searchsorted(active, np.arange(graph.n + 1)), active)
    owners, number = np.unique(people.owner, return_inverse=True)
    source, target = number[graph.source].astype(np.int32), number[graph.target].astype(np.int32)
    (out_start, out_rows), (in_start, in_rows) = by_account(source, len(owners)), by_account(target, len(owners))
    owned = replace(
        graph, n=len(owners), source=source, target=target,
        out_start=out_start, out_rows=out_rows, in_start=in_start, in_rows=in_rows,
    )  # fmt: skip
    start, places = by_account(number[active].astype(np.int32), len(owners))
    return owned, Lists(start, active[places])


TYPOLOGY = RoundTrip()
