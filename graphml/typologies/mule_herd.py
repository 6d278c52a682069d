"""Find mule herds: accounts of different people with one device, phone or address deal with one account."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.lists import Lists
from graphml.people import Contact, People
from graphml.ring import Cut, Found, Reason, Ring
from graphml.typologies._crowds import uncrowded
from graphml.typologies._instance import instance, span_reason
from graphml.typologies._listed import listed
from graphml.typologies._windows import payments_between, sliding
from graphml.window import DAY

__all__ = ["TYPOLOGY", "MuleHerd"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    # Which accounts have which contacts: one entry for each of a contact's accounts, in their order.
    contact: Ints  # place in the list of contacts
    account: Ints
    party: Ints

    @classmethod
    def of(cls, contacts: Sequence[Contact]) -> Self:
        accounts, parties = Lists.of([c.accounts for c in contacts]), Lists.of([c.parties for c in contacts])
        return cls(np.repeat(np.arange(len(contacts)), np.diff(accounts.start)), accounts.values, parties.values)


@dataclass(frozen=True, slots=True)
class MuleHerd:
    """Several people who share a device, phone or address are all paid by one account, or all pay one.

    For a device, phone or address that the parties of the accounts G have in common, and an account x that is not in
    G: the payments from x to G, or those from G to x, at the first instant of each pair, with max t - min t <= window, whose accounts in G
    belong to at least `herd` different parties; no payment can be added. Payments with hubs are left out (see
    `hub_limit`), and contacts that more than `crowd` parties have, as offices and blocks of flats do. Shared
    identifiers are the commonest sign in the FCA's review of money mules (October 2023) and in the identifier rings
    that analysts ask for. Without `people` there is nothing to find: a transaction graph holds no contacts.
    """

    window: int = 4 * DAY  # microseconds
    herd: int = 3  # fewest different parties
    crowd: int = 20  # most parties of one contact
    hub_limit: int = 100  # first payments of an account in the window up to a payment; above, it is left out
    people: People | None = None  # who is behind the accounts; None: not known

    @property
    def name(self) -> str:
        """Return `mule-herd`."""
        return "mule-herd"

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal instances in the view, and the hubs whose payments were left out."""
        contacts = [] if self.people is None else [c for c in self.people.contacts if self._fits(c)]
        held = _Held.of(contacts)
        base = payments_between(graph, True)
        limits = (self.hub_limit, self.hub_limit)
        rows, cuts = uncrowded(graph, base, self.window, limits, self.name) if contacts else (base[:0], ())
        inside = np.zeros(graph.n, np.bool_)
        inside[held.account] = True
        found: list[tuple[Contact, list[int], tuple[NDArray[np.int32], ...]]] = []
        for inward in (True, False):
            ends = (graph.target, graph.source) if inward else (graph.source, graph.target)
            for place, herd in self._herds(graph, held, listed(graph, rows[inside[ends[0][rows]]], inward), ends):
                found.append((contacts[place], sorted(herd.tolist()), ends))
        found.reverse()  # of the same payments the herd of the last contact is told
        herds = Lists.of([rows for _, rows, _ in found])

        def told(i: int) -> Ring:
            contact, _, ends = found[i]
            return self._ring(graph, contact, herds[i], ends)

        return Found.lists(self.name, graph, herds, told, _near(graph, cuts, inside))

    def _fits(self, contact: Contact) -> bool:
        return self.herd <= len(set(contact.parties)) <= self.crowd

    def _herds(
        self, graph: TransactionGraph, held: _Held, rows: Ints, ends: tuple[NDArray[np.int32], ...]
    ) -> Iterator[tuple[int, Ints]]:  # fmt: skip
        # Contacts and rows of the herds; *rows* are by the first of *ends*. Each row stands once for each contact.
        mule, other = ends
        first, last = (np.searchsorted(mule[rows], held.account, side) for side in ("left", "right"))
        spans = Lists.slices(rows, np.stack([first, last], axis=1).astype(np.int64))
        holder = np.repeat(np.arange(len(held.account)), np.diff(spans.start))
        contact, own = held.contact[holder], spans.values
        apart = ~np.isin(contact * graph.n + other[own], held.contact * graph.n + held.account)
        order = np.flatnonzero(apart)
        order = order[np.lexsort((own[order], other[own[order]], contact[order]))]
        own, contact, party = own[order], contact[order], held.party[holder[order]]
        for lo, hi in sliding(contact * graph.n + other[own], graph.time[own], self.window, self.herd).tolist():
            if len(set(party[lo:hi].tolist())) >= self.herd:
                yield int(contact[lo]), own[lo:hi]

    def _ring(self, graph: TransactionGraph, contact: Contact, rows: Ints, ends: tuple[NDArray[np.int32], ...]) -> Ring:
        mule, other = ends
        mules, centre = set(mule[rows].tolist()), int(other[rows[0]])
        inward = mule is graph.target
        roles = dict.fromkeys(mules, "mule") | {centre: "distributor" if inward else "collector"}
        party = dict(zip(contact.accounts, contact.parties, strict=True))
        count = len({party[m] for m in mules})
        reasons = (
            Reason(f"{count} people with one {contact.kind} in common (at least {self.herd}) "
                   + ("were all paid by one account." if inward else "all paid one account."), count, self.herd),
            span_reason(graph, rows.tolist(), self.window),
        )  # fmt: skip
        return instance(graph, rows.tolist(), roles, (self.name, reasons))


def _near(graph: TransactionGraph, cuts: tuple[Cut, ...], inside: NDArray[np.bool_]) -> tuple[Cut, ...]:
    # A hub that never dealt with anyone of a contact could not have been in a herd.
    rows = graph.rows
    source, target = graph.source[rows], graph.target[rows]
    near = np.zeros(graph.n, np.bool_)
    near[source[inside[target]]] = True
    near[target[inside[source]]] = True
    near |= inside
    return tuple(cut for cut in cuts if near[cut.account])


TYPOLOGY = MuleHerd()
