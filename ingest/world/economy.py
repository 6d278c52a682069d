"""Let normal life happen, day by day: shops, suppliers, friends and the rest, drawn in columns."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.world.calendar import DAY, Calendar
from ingest.world.draws import stream, unit
from ingest.world.payments import Payments
from ingest.world.population import Group, Ints, Population
from ingest.world.preset import Preset
from ingest.world.standing import Standing

__all__ = ["Economy", "spend"]

_NEW = 0.12  # payments to somebody new instead of a fixed partner
_LARGE = 0.04  # payments 30 times as large: the car, the loan, the order of the year


@dataclass(frozen=True, slots=True)
class _Habit:
    # One kind of payment: its share, who pays whom, median and spread of amounts, how it is paid and when.
    share: float
    payer: str
    payee: str
    partners: int
    skew: float  # of partners: 1 even, more favours a few
    median: float  # US dollars
    spread: float  # of the logarithm
    channel: str
    rhythm: str


_HABITS = (
    _Habit(0.36, "persons", "companies", 6, 3.0, 38.0, 1.1, "shop", "shop"),
    _Habit(0.17, "companies", "companies", 5, 3.0, 2600.0, 1.4, "firm", "office"),
    _Habit(0.10, "persons", "persons", 4, 1.5, 90.0, 1.1, "friend", "home"),
    _Habit(0.07, "persons", "persons", 2, 1.0, 220.0, 0.9, "friend", "home"),  # within the family
    _Habit(0.10, "persons", "companies", 4, 8.0, 60.0, 1.2, "shop", "home"),  # market places on the net
    _Habit(0.06, "companies", "persons", 8, 1.5, 700.0, 1.2, "firm", "office"),  # refunds, dividends, fees
    _Habit(0.04, "persons", "own", 1, 1.0, 500.0, 1.1, "friend", "home"),  # savings
    _Habit(0.02, "companies", "own", 1, 1.0, 9000.0, 1.2, "firm", "office"),
)
_RETAIL = (
    _Habit(0.06, "persons", "cash", 1, 1.0, 50.0, 0.7, "cash", "shop"),
    _Habit(0.02, "cash", "companies", 1, 1.0, 900.0, 0.8, "cash", "office"),
    _Habit(0.012, "companies", "cash", 1, 1.0, 700.0, 0.9, "cash", "office"),  # takings that are banked
    _Habit(0.03, "persons", "exchanges", 2, 1.0, 300.0, 1.3, "friend", "home"),
    _Habit(0.006, "companies", "exchanges", 2, 1.0, 1500.0, 1.3, "friend", "office"),
    _Habit(0.008, "exchanges", "persons", 2, 1.0, 170.0, 1.2, "friend", "home"),
)
_OTHER = {  # what else happens between two parties, by the one that decides
    "companies": _Habit(1.0, "", "", 1, 1.0, 1.0, 1.0, "firm", "office"),
    "cash": _Habit(1.0, "", "", 1, 1.0, 1.0, 1.0, "cash", "office"),
    "exchanges": _Habit(1.0, "", "", 1, 1.0, 1.0, 1.0, "friend", "home"),
}
_PARTIES = ("persons", "companies", "cash", "exchanges")
_HUB = _Habit(0.0, "hub", "anyone", 1, 1.0, 300.0, 1.3, "bill", "office")
_SUMS = {"friend": 0.12, "firm": 0.3, "bill": 0.25, "shop": 0.06, "cash": 0.0}  # share of amounts from 150 to 20,000
_ROUND = {"friend": 0.5, "cash": 1.0, "shop": 0.05, "firm": 0.1, "bill": 0.1}  # share of amounts that are round


@dataclass(frozen=True, slots=True, eq=False)
class Economy:
    """Hold what normal life needs, and how often each habit is followed on each day."""

    preset: Preset
    people: Population
    calendar: Calendar
    standing: Standing
    habits: tuple[_Habit, ...]
    counts: NDArray[np.int64]  # (habits, days)
    changes: int  # day on which the largest shop closes and a currency falls; the number of days: never

    @classmethod
    def of(cls, preset: Preset, people: Population, calendar: Calendar, rows: tuple[int, int], changes: int) -> Self:
        """Return the economy that makes exactly rows[0] normal payments in a world of rows[1]."""
        standing = Standing.of(preset, people, calendar, rows[0])
        habits = (_HUB, *_HABITS, *(_RETAIL if preset.retail else ()))
        left = rows[0] - int(standing.counts(calendar.days).sum())
        shares = np.array([h.share for h in habits])
        hub = min(preset.hub_share * rows[1] / max(left, 1), 0.5)
        shares = np.where(shares == 0, hub, shares / shares.sum() * (1 - hub))
        level = np.stack([calendar.level(h.rhythm) for h in habits])
        wanted = (shares[:, None] * level / level.sum(1, keepdims=True)).ravel()
        edges = np.round(np.cumsum(wanted) / wanted.sum() * left).astype(np.int64)
        counts = np.diff(edges, prepend=0).reshape(len(habits), -1)
        return cls(preset, people, calendar, standing, habits, counts, changes)

    def day(self, day: int) -> Payments:
        """Return all normal payments of *day*, unsorted."""
        if day >= self.calendar.days:
            return Payments.of([])
        parts = [self.standing.day(day)]
        for place, habit in enumerate(self.habits):
            parts.append(self._habit(place, habit, day))
        found = Payments.of(parts)
        return found if day < self.changes else self._changed(found)

    def disguised(self, payments: Payments, drawn: NDArray[np.float64], rng: np.random.Generator) -> Payments:
        """Return *payments* in the formats, and rounded as often, as normal life has between such payers and payees.

        *drawn* are numbers (E,) in [0, 1) that decide the format; equal numbers give equal formats where they can.
        """
        people, k = self.people, len(payments)
        ends = [_party(people, side) for side in (payments.payer, payments.payee)]
        channel = np.full(k, "firm", dtype="<U8")
        for payer in _PARTIES:
            for payee in _PARTIES:
                mine = np.flatnonzero((ends[0] == _PARTIES.index(payer)) & (ends[1] == _PARTIES.index(payee)))
                usual = [h for h in self.habits if (h.payer, h.payee) == (payer, payee)]
                usual = usual or [_OTHER[next((p for p in (payee, payer) if p in ("cash", "exchanges")), "companies")]]
                weights = np.array([h.share for h in usual])
                which = rng.choice(len(usual), len(mine), p=weights / weights.sum())
                channel[mine] = np.array([h.channel for h in usual])[which]
        if self.preset.retail:  # a push payment is a transfer, whoever is paid
            channel = np.where(channel == "cash", "cash", "friend")
        how = np.zeros(k, np.int8)
        for name, cumulative in self.preset.money.cumulative.items():
            mine = np.flatnonzero(channel == name)
            how[mine] = np.searchsorted(cumulative, drawn[mine], side="right")
        often = np.array([_ROUND.get(name, 0.0) for name in channel.tolist()])
        usd = _rounded(self.preset, people.currency[payments.payer], payments.usd, rng.random(k) < often)
        return Payments(payments.payer, payments.payee, payments.minute, usd, how)

    def _habit(self, place: int, habit: _Habit, day: int) -> Payments:
        people, k = self.people, int(self.counts[place, day])
        rng = stream(people.seed, 3, place, day)
        payer = _payers(people, habit, k, rng)
        payee = people.apart(payer, _payees(people, habit, place, payer, rng))
        usd = people.scale[payer] * (habit.median * self.preset.level) * np.exp(rng.normal(0.0, habit.spread, k))
        usd = np.where(rng.random(k) < _LARGE, usd * 30, usd)
        # The sums of contracts, cars, repairs and gifts lie where those of attempts lie.
        usd = np.where(rng.random(k) < _SUMS[habit.channel], rng.uniform(150.0, 20_000.0, k) * self.preset.dirty, usd)
        usd = _rounded(self.preset, people.currency[payer], usd, rng.random(k) < _ROUND[habit.channel])
        # A pair mostly keeps to one way of paying.
        drawn = np.where(rng.random(k) < 0.1, rng.random(k), unit(people.seed, 20, payer, payee))
        how = np.searchsorted(self.preset.money.cumulative[habit.channel], drawn, side="right").astype(np.int8)
        minute = self.calendar.hours(habit.rhythm, k, rng) + np.int32(day * DAY)
        return Payments(payer, payee, minute, usd, how)

    def _changed(self, found: Payments) -> Payments:
        rows = self.people.companies.rows
        payee = np.where(found.payee == rows[0], rows[min(1, len(rows) - 1)], found.payee)
        keeps = payee != found.payer
        usd = np.where(self.people.currency[found.payer] == 1, found.usd * 0.8, found.usd)
        return Payments(found.payer, np.where(keeps, payee, found.payee), found.minute, usd, found.format)


def spend(people: Population, payer: Ints, rng: np.random.Generator) -> tuple[Ints, NDArray[np.float64]]:
    """Return payee and US dollars (E,) of natural purchases and supplies of *payer* (E,)."""
    shop = rng.random(len(payer)) < 0.6
    payee = people.apart(payer, people.companies.any(people.currency[payer], 2.5, rng))
    usd = np.where(shop, 60.0, 4000.0) * np.exp(rng.normal(0.0, 1.3, len(payer)))
    return payee, usd


def _party(people: Population, account: Ints) -> Ints:
    # Places in _PARTIES.
    found = (people.kind[people.owner[account]] > 0).astype(np.int32)
    if people.institutions > 2:
        found = np.where(account == 2, 2, np.where((account > 2) & (account < 6), 3, found))
    return found.astype(np.int32)


def _payers(people: Population, habit: _Habit, k: int, rng: np.random.Generator) -> Ints:
    if habit.payer == "hub":
        return np.zeros(k, np.int32)
    if habit.payer == "cash":
        return np.full(k, 2, np.int32)
    if habit.payer == "exchanges":
        return rng.integers(3, 6, k).astype(np.int32)
    group: Group = getattr(people, habit.payer)
    return group.payers(k, rng)


def _payees(people: Population, habit: _Habit, place: int, payer: Ints, rng: np.random.Generator) -> Ints:
    k = len(payer)
    if habit.payee == "cash":
        return np.full(k, 2, np.int32)
    if habit.payee == "exchanges":
        return (3 + unit(people.seed, 33, payer, rng.integers(0, habit.partners, k)) * 3).astype(np.int32)
    if habit.payee == "anyone":
        person = rng.random(k) < 0.7
        one, other = (
            people.persons.any(people.currency[payer], 1.0, rng),
            people.companies.any(people.currency[payer], 1.5, rng),
        )
        return np.where(person, one, other)
    if habit.payee == "own":
        return _own(people, payer)
    group: Group = getattr(people, habit.payee)
    slot = np.minimum(rng.geometric(0.45, k) - 1, habit.partners - 1).astype(np.int32)
    if habit.payer == "exchanges":
        return group.any(people.currency[payer], habit.skew, rng)
    return np.where(
        rng.random(k) < _NEW,
        group.any(people.currency[payer], habit.skew, rng),
        people.partner(payer, group, 10 + place, slot, habit.skew),
    )


def _own(people: Population, payer: Ints) -> Ints:
    # Another account of the same owner, who are neighbours; owners of one account pay a company instead.
    last = len(people) - 1
    after, before = np.minimum(payer + 1, last), np.maximum(payer - 1, 0)
    mine = people.owner[payer]
    other = people.partner(payer, people.companies, 9, np.zeros(len(payer), np.int32), 6.0)
    up, down = ((people.owner[near] == mine) & (near != payer) & (people.weight[near] > 0) for near in (after, before))
    return np.where(up, after, np.where(down, before, other)).astype(np.int32)


def _rounded(
    preset: Preset, currency: Ints, usd: NDArray[np.float64], round_: NDArray[np.bool_]
) -> NDArray[np.float64]:
    rate = np.array(preset.money.rates)[currency]
    units = usd / rate
    step = np.maximum(10.0 ** (np.floor(np.log10(np.maximum(units, 1.0))) - 2) * 5, 1.0)
    rounded: NDArray[np.float64] = np.where(
        round_ & (units >= 5), np.maximum(np.floor(units / step), 1) * step * rate, usd
    )
    return rounded
