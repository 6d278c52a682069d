"""Let normal groups make the shapes of laundering: each is recorded, so that it can be told from laundering."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.world import normal_groups as groups
from ingest.world import normal_tiers as tiers
from ingest.world.calendar import DAY, Calendar
from ingest.world.draws import stream
from ingest.world.economy import rounded
from ingest.world.normal_draw import Columns, Draw, Floats
from ingest.world.normal_owners import of_one_owner
from ingest.world.payments import Payments
from ingest.world.population import Ints
from ingest.world.usual import Usual

__all__ = ["Lookalikes"]

_FIXED = "shop-takings"  # whose amounts stay below a limit in the world's first currency
_ASLEEP = "inheritance"  # whose hub is an account that nobody used
_FLAT = "shared-flat"  # whose members share what a herd shares
_WOKEN = 0.4  # of accounts that nobody uses, woken by a group at most
_OTHER_WAY = 0.15  # of payments of a group, made in another format than its own
_EQUAL = ("group-bill", "savings-circle")  # whose members all pay the same

Kind = tuple[Callable[[Draw], Columns], str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Lookalikes:
    """Hold normal groups; a group is its number."""

    payments: Payments  # in order of minute
    group: NDArray[np.int32]  # (E,)
    kinds: tuple[str, ...]
    kind: NDArray[np.int8]  # (groups,) place in `kinds`
    flats: tuple[Ints, NDArray[np.int64]]  # (members,) accounts of those who share a flat, and number of the flat

    @classmethod
    def of(cls, usual: Usual, calendar: Calendar, rows: int, launderers: Ints) -> Self:
        """Return exactly *rows* payments of normal groups, every kind about equally many.

        Accounts that nobody uses, not even *launderers*, are few, so that fewer are woken.
        """
        people = usual.people
        asleep = np.flatnonzero((people.weight == 0) & (np.arange(len(people)) >= people.institutions))
        sleepers = stream(people.seed, 15).permutation(np.setdiff1d(asleep, launderers)).astype(np.int32)
        many = _shared(rows, int(_WOKEN * len(sleepers)))
        parts, numbers, kinds, known = [], [], [], 0
        flats = (np.zeros(0, np.int32), np.zeros(0, np.int64))
        for place, (name, kind) in enumerate(_KINDS.items()):
            draw = Draw(calendar, many[name], stream(people.seed, 4, place), sleepers, usual)
            found, group = _kind(draw, name, kind)
            if name == _FLAT:
                flats = found.payer[1::2], group[1::2]
            parts.append(found)
            numbers.append(group + known)
            count = int(group.max(initial=-1)) + 1
            kinds.append(np.full(count, place, np.int8))
            known += count
        whole = Payments.of(parts)
        order = np.argsort(whole.minute, kind="stable")
        number = np.concatenate(numbers)[order].astype(np.int32)
        return cls(whole.take(order), number, tuple(_KINDS), np.concatenate(kinds), flats)


def _shared(rows: int, woken: int) -> dict[str, int]:
    # How many payments each kind has; a group that wakes an account has four at least.
    few = min(rows // len(_KINDS), 4 * woken)
    others = [name for name in _KINDS if name != _ASLEEP]
    edges = np.round(np.arange(len(others) + 1) / len(others) * (rows - few)).astype(np.int64)
    return {_ASLEEP: few, **dict(zip(others, np.diff(edges).tolist(), strict=True))}


def _kind(draw: Draw, name: str, kind: Kind) -> tuple[Payments, NDArray[np.int64]]:
    build, channel, rhythm = kind
    preset = draw.usual.preset
    payer, payee, busy, usd, group = build(draw)
    _, group = np.unique(group, return_inverse=True)
    payer, payee = of_one_owner(draw.people, (payer, payee), group, draw.rng)
    minute = draw.placed(busy, group)
    k, rng = len(payer), draw.rng
    # Like a gang, a group mostly keeps to one way of paying.
    own = rng.random(int(group.max(initial=-1)) + 1)[group]
    drawn = np.where(rng.random(k) < _OTHER_WAY, rng.random(k), own)
    how = np.searchsorted(preset.money.cumulative[channel], drawn, side="right").astype(np.int8)
    usd = usd * (preset.money.rates[0] if name == _FIXED else preset.level)
    if preset.retail:  # there it depends on who pays whom
        how = draw.usual.way(Payments(payer, payee, minute.astype(np.int32), usd, how), drawn).astype(np.int8)
    usd = _rounded(draw, (payer, payee, usd, group), how, name in _EQUAL)
    if rhythm:
        minute = minute // DAY * DAY + draw.calendar.hours(rhythm, k, rng)
    pays = Payments(payer, draw.people.apart(payer, payee), minute.astype(np.int32), usd, how)
    # A person is not paid by card.
    return replace(pays, format=draw.usual.possible(pays, how, drawn).astype(np.int8)), group


def _rounded(
    draw: Draw, pays: tuple[Ints, Ints, Floats, NDArray[np.int64]], how: NDArray[np.int8], equal: bool
) -> Floats:
    # As often round as normal payments in that format. What all pay alike is round for all: in the money of its hub.
    (payer, payee, usd, group), usual = pays, draw.usual
    money, even = draw.people.currency[payer], draw.rng.random(len(usd))
    if equal:
        first = np.searchsorted(group, group)
        money, even, how = draw.people.currency[payee[first]], even[first], how[first]
    return rounded(usual.preset, money, usd, even < usual.even[how])


_KINDS: dict[str, Kind] = {  # builder, channel, hours ("": as drawn)
    "group-bill": (groups.bills, "friend", "home"),
    "savings-circle": (groups.circles, "friend", ""),
    "business-trip": (groups.trips, "shop", ""),
    "market-place": (groups.markets, "shop", ""),
    "supply-chain": (groups.supplies, "firm", ""),
    "treasury-round-trip": (groups.treasury, "firm", ""),
    "syndicate": (tiers.syndicates, "firm", "office"),
    "distribution": (tiers.distribution, "firm", ""),
    "branches": (tiers.branches, "bill", ""),
    "agencies": (tiers.agencies, "pay", ""),
    "shop-takings": (groups.takings, "bill", "shop"),
    "agent": (groups.agents, "bill", ""),
    "collection": (tiers.collections, "bill", ""),
    "inheritance": (tiers.inheritances, "bill", ""),
    "home-loan": (tiers.loans, "bill", ""),
    "shared-out": (groups.shares, "friend", "home"),
    "shared-flat": (groups.flats, "friend", ""),
}
