"""Let normal groups make the shapes of laundering: each is recorded, so that it can be told from laundering."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.world import normal_groups as groups
from ingest.world import normal_tiers as tiers
from ingest.world.calendar import DAY
from ingest.world.draws import stream
from ingest.world.economy import rounded
from ingest.world.normal_draw import Columns, Draw, Floats
from ingest.world.normal_owners import of_one_owner
from ingest.world.payments import Payments
from ingest.world.population import Ints
from ingest.world.schedule import Pace
from ingest.world.usual import OTHER_WAY, Usual

__all__ = ["Lookalikes"]

_FIXED = "shop-takings"  # whose amounts stay below a limit in the world's first currency
_ASLEEP = "inheritance"  # whose hub is an account that nobody used
_FLAT = "shared-flat"  # whose members share what a herd shares
_OTHER_WAY_OF_GROUPS = 0.15  # of payments of a group, for an attempt's way leads to other formats where sums are other
_WOKEN = 0.4  # of accounts that nobody uses, woken by a group at most
_BEFORE = DAY // 2  # minutes by which a part of a payment is made earlier, at most
_EQUAL = ("group-bill", "savings-circle")  # whose members all pay the same

Span = tuple[float, float]
Pays = tuple[Ints, Ints, NDArray[np.int32], Floats]  # payer, payee, minute, US dollars
Kind = tuple[Callable[[Draw], Columns], str, Span | None]


@dataclass(frozen=True, slots=True, eq=False)
class Lookalikes:
    """Hold normal groups; a group is its number."""

    payments: Payments  # in order of minute
    group: NDArray[np.int32]  # (E,)
    kinds: tuple[str, ...]
    kind: NDArray[np.int8]  # (groups,) place in `kinds`
    flats: tuple[Ints, NDArray[np.int64]]  # (members,) accounts of those who share a flat, and number of the flat

    @classmethod
    def of(cls, usual: Usual, pace: Pace, rows: int, launderers: Ints, split: float = 0.0) -> Self:
        """Return exactly *rows* payments of normal groups, every kind about equally many.

        Accounts that nobody uses, not even *launderers*, are few, so that fewer are woken. A share *split* of payments
        is made in two parts.
        """
        people = usual.people
        asleep = np.flatnonzero((people.weight == 0) & (np.arange(len(people)) >= people.institutions))
        sleepers = stream(people.seed, 15).permutation(np.setdiff1d(asleep, launderers)).astype(np.int32)
        many = _shared(rows, int(_WOKEN * len(sleepers)))
        parts, numbers, kinds, known = [], [], [], 0
        flats = (np.zeros(0, np.int32), np.zeros(0, np.int64))
        for place, (name, kind) in enumerate(_KINDS.items()):
            unsplit = math.ceil(many[name] / (1.0 + split))
            draw = Draw(pace, unsplit, stream(people.seed, 4, place), sleepers, usual)
            found, group = _kind(draw, name, kind, many[name] - unsplit)
            if name == _FLAT:
                flats = found.payer[:unsplit][1::2], group[:unsplit][1::2]
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
    # How many payments each kind has; a group that wakes an account has more than four on average.
    few = min(rows // len(_KINDS), 4 * woken)
    others = [name for name in _KINDS if name != _ASLEEP]
    edges = np.round(np.arange(len(others) + 1) / len(others) * (rows - few)).astype(np.int64)
    return {_ASLEEP: few, **dict(zip(others, np.diff(edges).tolist(), strict=True))}


def _kind(draw: Draw, name: str, kind: Kind, parts: int) -> tuple[Payments, NDArray[np.int64]]:
    # What is drawn, and *parts* more payments, for some are made in two.
    build, channel, span = kind
    preset = draw.usual.preset
    payer, payee, busy, usd, group = build(draw)
    _, group = np.unique(group, return_inverse=True)
    payer, payee = of_one_owner(draw.people, (payer, payee), group, draw.rng)
    minute = draw.placed(busy, group, span).astype(np.int32)
    if parts:
        (payer, payee, minute, usd), group = _split((payer, payee, minute, usd), group, parts, draw.rng)
    k, rng = len(payer), draw.rng
    # Like a gang, a group mostly keeps to one way of paying.
    own = rng.random(int(group.max(initial=-1)) + 1)[group]
    drawn = np.where(rng.random(k) < (OTHER_WAY if preset.retail else _OTHER_WAY_OF_GROUPS), rng.random(k), own)
    how = np.searchsorted(preset.money.cumulative[channel], drawn, side="right").astype(np.int8)
    usd = usd * (preset.money.rates[0] if name == _FIXED else preset.level)
    if preset.retail:  # there it depends on who pays whom
        how = draw.usual.way(Payments(payer, payee, minute, usd, how), drawn).astype(np.int8)
    usd = _rounded(draw, (payer, payee, usd, group), how, name in _EQUAL)
    pays = Payments(payer, draw.people.apart(payer, payee), minute, usd, how)
    # A person is not paid by card.
    return replace(pays, format=draw.usual.possible(pays, how, drawn).astype(np.int8)), group


def _rounded(
    draw: Draw, pays: tuple[Ints, Ints, Floats, NDArray[np.int64]], how: NDArray[np.int8], equal: bool
) -> Floats:
    # As often round as normal payments in that format. What all pay alike is round for all: in the money of its hub.
    (payer, payee, usd, group), usual = pays, draw.usual
    money, even = draw.people.currency[payer], draw.rng.random(len(usd))
    if equal:
        _, first, own = np.unique(group, return_index=True, return_inverse=True)
        first = first[own]
        money, even, how = draw.people.currency[payee[first]], even[first], how[first]
    return rounded(usual.preset, money, usd, even < usual.even[how])


def _split(
    pays: Pays, group: NDArray[np.int64], parts: int, rng: np.random.Generator
) -> tuple[Pays, NDArray[np.int64]]:  # fmt: skip
    # With *parts* more payments: a part of some is paid before, after what their payer got in the group.
    payer, payee, minute, usd = pays
    rows = rng.permutation(len(payer))[:parts]
    share = np.ones(len(payer))
    share[rows] = rng.uniform(0.25, 0.75, len(rows))
    came = pl.DataFrame({"group": group, "account": payee, "minute": minute, "got": minute})
    asked = pl.DataFrame({"group": group[rows], "account": payer[rows], "minute": minute[rows]})
    since = (
        asked.with_row_index()
        .sort("minute")
        .join_asof(
            came.sort("minute"),
            on="minute",
            by=["group", "account"],
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .sort("index")["got"]
        .fill_null(-_BEFORE)
        .to_numpy()
    )
    now = minute[rows]
    earliest = np.maximum(np.maximum(since + 1, now - _BEFORE), 0)
    when = (earliest + rng.random(len(rows)) * np.maximum(now - earliest, 0)).astype(np.int32)
    both = (payer, payer[rows]), (payee, payee[rows]), (minute, when), (usd * share, usd[rows] * (1 - share[rows]))
    one, other, moment, amount = (np.concatenate(column) for column in both)
    return (one, other, moment, amount), np.concatenate([group, group[rows]])


_KINDS: dict[str, Kind] = {  # builder, channel, how long attempts like it are (None: never so)
    "group-bill": (groups.bills, "friend", (0.75, 1.0)),
    "joint-purchase": (groups.purchases, "friend", (0.75, 1.0)),
    "savings-circle": (groups.circles, "friend", (1.2, 2.0)),
    "business-trip": (groups.trips, "shop", (0.7, 1.0)),
    "market-place": (groups.markets, "shop", (1.2, 2.0)),
    "supply-chain": (groups.supplies, "firm", (0.8, 1.0)),
    "treasury-round-trip": (groups.treasury, "firm", (0.6, 1.0)),
    "syndicate": (tiers.syndicates, "firm", (0.22, 0.49)),
    "distribution": (tiers.distribution, "firm", (0.6, 1.15)),
    "branches": (tiers.branches, "bill", (0.8, 1.0)),
    "agencies": (tiers.agencies, "pay", (0.8, 1.0)),
    "shop-takings": (groups.takings, "bill", (0.3, 0.9)),
    "agent": (groups.agents, "bill", None),
    "collection": (tiers.collections, "bill", (0.6, 1.0)),
    "inheritance": (tiers.inheritances, "bill", (0.2, 0.5)),
    "home-loan": (tiers.loans, "bill", (0.3, 0.7)),
    "shared-out": (groups.shares, "friend", (0.8, 1.0)),
    "shared-flat": (groups.flats, "friend", (0.3, 0.7)),
}
