"""Let normal groups make the shapes of laundering: each is recorded, so that it can be told from laundering."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ingest.world.calendar import DAY, Calendar
from ingest.world.draws import stream
from ingest.world.payments import Payments
from ingest.world.population import Ints, Population
from ingest.world.preset import Preset

__all__ = ["Lookalikes"]

_SUMS = 0.5  # share of groups whose amounts lie where those of attempts lie
_FIXED = ("shop-takings",)  # whose amounts stay below a limit in the world's first currency

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Lookalikes:
    """Hold normal groups; a group is its number."""

    payments: Payments  # in order of minute
    group: NDArray[np.int32]  # (E,)
    kinds: tuple[str, ...]
    kind: NDArray[np.int8]  # (groups,) place in `kinds`

    @classmethod
    def of(cls, preset: Preset, people: Population, calendar: Calendar, rows: int) -> Self:
        """Return exactly *rows* payments of normal groups, every kind about equally many."""
        edges = np.round(np.arange(len(_KINDS) + 1) / len(_KINDS) * rows).astype(np.int64)
        parts, groups, kinds, known = [], [], [], 0
        for place, (name, (build, channel, rhythm)) in enumerate(_KINDS.items()):
            draw = _Draw(
                people,
                calendar,
                int(edges[place + 1] - edges[place]),
                stream(people.seed, 4, place),
                preset.dirty / preset.level,
            )
            payer, payee, minute, usd, group = build(draw)
            weights = preset.money.cumulative[channel]
            how = np.searchsorted(weights, draw.rng.random(len(payer)), side="right").astype(np.int8)
            usd = usd * (preset.money.rates[0] if name in _FIXED else preset.level)
            minute = np.clip(minute, 0, calendar.minutes - 1).astype(np.int64)
            if rhythm:
                minute = minute // DAY * DAY + calendar.hours(rhythm, len(minute), draw.rng)
            parts.append(Payments(payer, people.apart(payer, payee), minute.astype(np.int32), usd, how))
            _, group = np.unique(group, return_inverse=True)
            groups.append(group + known)
            count = int(group.max(initial=-1)) + 1
            kinds.append(np.full(count, place, np.int8))
            known += count
        whole = Payments.of(parts)
        order = np.argsort(whole.minute, kind="stable")
        return cls(
            whole.take(order), np.concatenate(groups)[order].astype(np.int32), tuple(_KINDS), np.concatenate(kinds)
        )


@dataclass(frozen=True, slots=True)
class _Draw:
    # What a kind is drawn from: exactly `rows` payments are wanted.
    people: Population
    calendar: Calendar
    rows: int
    rng: np.random.Generator
    sums: float  # what the sums of attempts are multiplied by here

    def sized(self, rows: int, least: int = 3, most: int = 12) -> tuple[NDArray[np.int64], int]:
        """Return the group (rows,) of each of *rows*, in runs of *least* to *most*, and how many groups there are."""
        size = self.rng.integers(least, most + 1, rows // least + 1)
        group = np.repeat(np.arange(len(size)), size)[:rows]
        return group, int(group.max(initial=-1)) + 1

    def starts(self, k: int, room: int) -> NDArray[np.int64]:
        """Return *k* minutes at which something of *room* days can begin."""
        last = max(1, self.calendar.minutes - room * DAY)
        return self.calendar.draw(k, self.rng) % last

    def later(self, k: int, least: float, most: float) -> NDArray[np.int64]:
        """Return *k* whole minutes between *least* and *most* days."""
        return (self.rng.uniform(least, most, k) * DAY).astype(np.int64)

    def spread(self, k: int, median: float, spread: float) -> Floats:
        """Return *k* US dollars."""
        drawn: Floats = median * np.exp(self.rng.normal(0.0, spread, k))
        return np.where(self.rng.random(k) < _SUMS, self.rng.uniform(150.0, 20_000.0, k) * self.sums, drawn)


Columns = tuple[Ints, Ints, NDArray[np.int64], Floats, NDArray[np.int64]]


def _bills(draw: _Draw) -> Columns:
    # Friends pay back the one who paid: fan-in, equal amounts.
    group, count = draw.sized(draw.rows)
    host = draw.people.persons.payers(count, draw.rng)[group]
    guest = draw.people.persons.any(draw.people.currency[host], 1.0, draw.rng)
    when = draw.starts(count, 2)[group] + draw.later(draw.rows, 0, 1.5)
    return guest, host, when, np.round(draw.spread(count, 28.0, 0.6)[group], 2), group


def _circles(draw: _Draw) -> Columns:
    # A savings circle: all pay the keeper the same, who pays it out: gather-scatter.
    half = (draw.rows + 1) // 2
    group, count = draw.sized(half)
    keeper = draw.people.persons.payers(count, draw.rng)[group]
    member = draw.people.persons.any(draw.people.currency[keeper], 1.0, draw.rng)
    when = draw.starts(count, 6)[group] + draw.later(half, 0, 2)
    back = when + draw.later(half, 1, 4)
    usd = np.round(draw.spread(count, 200.0, 0.4), -1)[group] + 10.0
    return _both(draw.rows, (member, keeper, when, usd, group), (keeper, member, back, usd, group))


def _trips(draw: _Draw) -> Columns:
    # A firm advances a trip, and all staff pay at one place: scatter-gather.
    half = (draw.rows + 1) // 2
    group, count = draw.sized(half)
    firm = draw.people.companies.payers(count, draw.rng)[group]
    place = draw.people.companies.any(draw.people.currency[firm], 2.0, draw.rng)
    place = place[np.searchsorted(group, group)]
    staff = draw.people.persons.any(draw.people.currency[firm], 1.0, draw.rng)
    when = draw.starts(count, 5)[group] + draw.later(half, 0, 0.1)
    later = when + draw.later(half, 0.5, 4)
    usd = draw.spread(count, 450.0, 0.5)[group]
    spent = usd * draw.rng.uniform(0.7, 1.1, half)
    return _both(draw.rows, (firm, staff, when, usd, group), (staff, place, later, spent, group))


def _markets(draw: _Draw) -> Columns:
    # A market place takes from buyers and pays sellers less its fee: gather-scatter, unequal amounts.
    half = (draw.rows + 1) // 2
    group, count = draw.sized(half, 4, 16)
    market = draw.people.companies.payers(count, draw.rng)[group]
    buyer = draw.people.persons.any(draw.people.currency[market], 1.0, draw.rng)
    seller = draw.people.companies.any(draw.people.currency[market], 1.0, draw.rng)
    when = draw.starts(count, 6)[group] + draw.later(half, 0, 3)
    later = when + draw.later(half, 0.3, 3)
    usd = draw.spread(half, 120.0, 1.1)
    return _both(draw.rows, (buyer, market, when, usd, group), (market, seller, later, usd * 0.9, group))


def _supplies(draw: _Draw) -> Columns:
    # A shop orders, its wholesaler orders, the maker orders: a chain with a margin kept at each hop.
    group, count = draw.sized(draw.rows, 3, 6)
    shop = draw.people.companies.payers(count, draw.rng)[group]
    firm = draw.people.companies.any(draw.people.currency[shop], 1.3, draw.rng)
    first = np.searchsorted(group, group)
    hop = np.arange(draw.rows) - first
    payer = np.where(hop == 0, shop, np.concatenate([shop[:1], firm[:-1]]))
    rest = draw.later(draw.rows, 0.1, 1.15)
    when = draw.starts(count, 6)[group] + np.cumsum(rest) - np.cumsum(rest)[first]
    usd = draw.spread(count, 8000.0, 1.0)[group] * 0.93**hop * draw.rng.uniform(0.95, 1.05, draw.rows)
    return payer, firm, when, usd, group


def _treasury(draw: _Draw) -> Columns:
    # A concern moves its cash through its firms and back: a cycle with steady amounts.
    group, count = draw.sized(draw.rows, 3, 6)
    lead = draw.people.companies.payers(count, draw.rng)[group]
    firm = draw.people.companies.any(draw.people.currency[lead], 1.0, draw.rng)
    first = np.searchsorted(group, group)
    hop = np.arange(draw.rows) - first
    last = np.append(group[1:] != group[:-1], True)
    payer = np.where(hop == 0, lead, np.concatenate([lead[:1], firm[:-1]]))
    payee = np.where(last, lead, firm)
    rest = draw.later(draw.rows, 0.05, 1.15)
    when = draw.starts(count, 6)[group] + np.cumsum(rest) - np.cumsum(rest)[first]
    usd = draw.spread(count, 30000.0, 0.9)[group] * draw.rng.uniform(0.97, 1.03, draw.rows)
    return payer, payee, when, usd, group


def _syndicates(draw: _Draw) -> Columns:
    # Firms that all deal with the same firms in a few days: bipartite.
    left, right = 3, 3
    group = np.arange(draw.rows) // (left * right)
    count = int(group.max(initial=-1)) + 1
    place = np.arange(draw.rows) % (left * right)
    where = draw.people.currency[draw.people.companies.payers(count, draw.rng)]
    one = draw.people.companies.any(np.repeat(where, left), 1.0, draw.rng)[group * left + place % left]
    two = draw.people.companies.any(np.repeat(where, right), 1.0, draw.rng)[group * right + place // left]
    when = draw.starts(count, 4)[group] + draw.later(draw.rows, 0, 3)
    return one, two, when, draw.spread(draw.rows, 2500.0, 0.9), group


def _takings(draw: _Draw) -> Columns:
    # A trader's customers pay in amounts that are often just below a round limit: structuring's look.
    group, count = draw.sized(draw.rows, 3, 8)
    shop = draw.people.companies.payers(count, draw.rng)[group]
    buyer = draw.people.persons.any(draw.people.currency[shop], 1.0, draw.rng)
    when = draw.starts(count, 4)[group] + draw.later(draw.rows, 0, 3)
    return buyer, shop, when, draw.rng.uniform(8200.0, 9995.0, draw.rows).round(2), group


def _agents(draw: _Draw) -> Columns:
    # An agent receives for others and passes it on within hours: pass-through.
    half = (draw.rows + 1) // 2
    group, count = draw.sized(half, 1, 4)
    agent = draw.people.companies.payers(count, draw.rng)[group]
    client = draw.people.persons.any(draw.people.currency[agent], 1.0, draw.rng)
    principal = draw.people.companies.any(draw.people.currency[agent], 1.2, draw.rng)
    when = draw.starts(count, 4)[group] + draw.later(half, 0, 2)
    later = when + draw.later(half, 0.02, 1.0)
    usd = draw.spread(half, 2200.0, 0.8)
    return _both(draw.rows, (client, agent, when, usd, group), (agent, principal, later, usd * 0.97, group))


def _both(rows: int, one: Columns, other: Columns) -> Columns:
    # Alternating, so that an odd count cuts the last payment only.
    def mixed(place: int) -> Any:
        return np.stack([one[place], other[place]], 1).ravel()[:rows]

    return mixed(0), mixed(1), mixed(2), mixed(3), mixed(4)


_KINDS: dict[str, tuple[Callable[[_Draw], Columns], str, str]] = {  # builder, channel, hours ("": as drawn)
    "group-bill": (_bills, "friend", "home"),
    "savings-circle": (_circles, "friend", ""),
    "business-trip": (_trips, "shop", ""),
    "market-place": (_markets, "shop", ""),
    "supply-chain": (_supplies, "firm", ""),
    "treasury-round-trip": (_treasury, "firm", ""),
    "syndicate": (_syndicates, "firm", "office"),
    "shop-takings": (_takings, "bill", "shop"),
    "agent": (_agents, "bill", ""),
}
