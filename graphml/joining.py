"""Join instances of typologies into pieces: what one ring is made of."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from graphml.ledger import Ledger
from graphml.ring import Ring

__all__ = ["Joining", "Piece", "joined"]


@dataclass(frozen=True, slots=True)
class Joining:
    """Say when instances become one ring."""

    most_accounts: int = 40  # a join that makes more accounts is not made, and `lineage` says so
    shared: float = 0.5  # share of the smaller one's accounts that joins two that overlap in time
    hub: int = 50  # an account or owner of more instances ties none of them together; common payments still do
    leaf: float = 0.01  # an account with one payment below this share of the ring's median is left out


@dataclass(slots=True)
class Piece:
    """Collect instances that are one ring."""

    accounts: set[int]
    instances: list[Ring]
    start: int  # microseconds UTC
    end: int  # microseconds UTC
    numbers: set[int]  # of its instances, in canonical order
    refused: set[int] = field(default_factory=set)  # numbers of instances in pieces for which there was no room
    apart: int = 0  # pieces that only the limit keeps from being joined with this one
    hubs: set[int | str] = field(default_factory=set)  # accounts and owners in too many instances to tie it to others

    def overlaps(self, other: "Piece") -> bool:
        """Return whether both have a moment in common."""
        return self.start <= other.end and other.start <= self.end

    def add(self, other: "Piece") -> None:
        """Put *other* into this piece."""
        self.accounts |= other.accounts
        self.instances.extend(other.instances)
        self.start, self.end = min(self.start, other.start), max(self.end, other.end)
        self.numbers |= other.numbers
        self.refused |= other.refused
        self.hubs |= other.hubs


def joined(ledger: Ledger, instances: Iterable[Ring], joining: Joining) -> list[Piece]:
    """Return the pieces of *instances*; neither their order nor how accounts and rows are numbered counts.

    An instance goes to the piece with which it shares most payments, else at least `shared` of the smaller one's
    accounts while they overlap in time; then pieces with accounts of one owner that overlap in time are put together.
    Accounts and owners of more than `hub` instances do not count as shared: they say little, and cost most.
    """
    every = _canonical(ledger, instances)
    often = Counter(account for ring in every for account in ring.accounts)
    pieces = _owned(ledger, _alike(every, often, joining), joining)
    where = {number: place for place, piece in enumerate(pieces) for number in piece.numbers}
    for piece in pieces:
        piece.apart = len({where[number] for number in piece.refused})
        piece.hubs.update(account for account in piece.accounts if often[account] > joining.hub)
    return pieces


def _canonical(ledger: Ledger, instances: Iterable[Ring]) -> list[Ring]:
    # By start, then by what the payments are: names and amounts, not the numbers of rows and accounts.
    every = list(instances)
    rows = sorted({row for ring in every for row in ring.rows})
    names, table = ledger.accounts["name"], ledger.transactions[rows]
    keys = table.select("time", "amount", pl.col("currency").cast(pl.String), "id").with_columns(
        names.gather(table["source"]).alias("payer"), names.gather(table["target"]).alias("payee")
    )
    order = keys.select(pl.arg_sort_by("time", "payer", "payee", "amount", "currency", "id")).to_series()
    rank = {rows[place]: i for i, place in enumerate(order)}
    return sorted(every, key=lambda ring: (ring.start, sorted(rank[row] for row in ring.rows), ring.typology))


def _alike(instances: Sequence[Ring], often: Counter[int], joining: Joining) -> list[Piece]:
    pieces: list[Piece] = []
    by_row: dict[int, int] = {}
    by_account: dict[int, set[int]] = defaultdict(set)
    for number, ring in enumerate(instances):
        one = Piece(set(ring.accounts), [ring], ring.start, ring.end, {number})
        by_rows = Counter(by_row[row] for row in ring.rows if row in by_row)
        few = [account for account in ring.accounts if often[account] <= joining.hub]
        common = Counter(place for account in few for place in by_account[account])
        near = {
            place
            for place, n in common.items()
            if n >= joining.shared * min(len(one.accounts), len(pieces[place].accounts)) and one.overlaps(pieces[place])
        }
        order = sorted(set(by_rows) | near, key=lambda place: (-by_rows[place], -common[place], place))
        place = _put(pieces, one, order, joining.most_accounts)
        for row in ring.rows:
            by_row.setdefault(row, place)
        for account in few:
            by_account[account].add(place)
    return pieces


def _owned(ledger: Ledger, pieces: list[Piece], joining: Joining) -> list[Piece]:
    parties: dict[int, set[str]] = defaultdict(set)
    for party, account in ledger.ownership.select("party", "account").iter_rows():
        parties[account].add(party)
    if not parties:
        return pieces
    whole: list[Piece] = []
    of_party: dict[str, set[int]] = defaultdict(set)
    every = [{party for account in piece.accounts for party in parties.get(account, ())} for piece in pieces]
    often = Counter(party for owners in every for party in owners)
    for piece, known in zip(pieces, every, strict=True):
        owners = {party for party in known if often[party] <= joining.hub}
        piece.hubs.update(known - owners)
        near = sorted({place for party in owners for place in of_party[party] if whole[place].overlaps(piece)})
        place = _put(whole, piece, near, joining.most_accounts)
        for party in owners:
            of_party[party].add(place)
    return whole


def _put(pieces: list[Piece], one: Piece, order: Sequence[int], most: int) -> int:
    # Into the first piece of *order* that has room, else at the end; both sides remember where there was none.
    room = [place for place in order if _together(one.accounts, pieces[place].accounts) <= most]
    for place in order:
        if place not in room:
            one.refused.add(min(pieces[place].numbers))
            pieces[place].refused.add(min(one.numbers))
    if room:
        pieces[room[0]].add(one)
        return room[0]
    pieces.append(one)
    return len(pieces) - 1


def _together(one: set[int], two: set[int]) -> int:
    return len(one) + len(two) - len(one & two)
