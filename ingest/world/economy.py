"""Let normal life happen, day by day: shops, suppliers, friends and the rest, drawn in columns."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from graphml.elementary import exp, log10, power
from ingest.world.calendar import DAY, Calendar
from ingest.world.draws import stream, unit
from ingest.world.payments import Payments
from ingest.world.population import FAMILY, Group, Ints, Population, together
from ingest.world.preset import Preset
from ingest.world.standing import Standing

__all__ = ["Economy", "rounded"]

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
    _Habit(0.07, "persons", "family", 2, 1.0, 220.0, 0.9, "friend", "home"),
    _Habit(0.10, "persons", "companies", 4, 8.0, 60.0, 1.2, "shop", "home"),  # market places on the net
    _Habit(0.06, "companies", "persons", 8, 1.5, 700.0, 1.2, "firm", "office"),  # refunds, dividends, fees
    _Habit(0.04, "persons", "own", 1, 1.0, 500.0, 1.1, "friend", "home"),  # savings
    _Habit(0.02, "companies", "own", 1, 1.0, 9000.0, 1.2, "firm", "office"),
)
_RETAIL = (
    _Habit(0.06, "persons", "cash", 1, 1.0, 50.0, 0.7, "cash", "shop"),
    _Habit(0.02, "cash", "companies", 1, 1.0, 900.0, 1.6, "cash", "office"),  # paid in: takings
    _Habit(0.02, "cash", "persons", 1, 1.0, 200.0, 1.5, "cash", "office"),  # of small trades, gifts, what a car brought
    _Habit(0.012, "companies", "cash", 1, 1.0, 700.0, 0.9, "cash", "office"),  # drawn
    _Habit(0.03, "persons", "exchanges", 2, 1.0, 300.0, 1.3, "coins", "home"),
    _Habit(0.006, "companies", "exchanges", 2, 1.0, 1500.0, 1.3, "coins", "office"),
    _Habit(0.008, "exchanges", "persons", 2, 1.0, 170.0, 1.2, "friend", "home"),
)
_ABROAD = (  # outside British retail banking: put into savings or shares of one's own, at any hour of any day
    _Habit(0.008, "persons", "self", 1, 1.0, 700.0, 1.6, "interest", "home"),
    _Habit(0.004, "companies", "self", 1, 1.0, 2200.0, 1.6, "interest", "home"),
)
_HUB = _Habit(0.0, "hub", "anyone", 1, 1.0, 300.0, 1.3, "bill", "office")
_SUMS = {
    "friend": 0.12,
    "coins": 0.12,
    "firm": 0.3,
    "bill": 0.25,
    "shop": 0.06,
    "cash": 0.0,
    "interest": 0.12,
}  # share of amounts from 150 to 20,000
_ROUND = {
    "friend": 0.5,
    "coins": 0.5,
    "cash": 1.0,
    "shop": 0.05,
    "firm": 0.1,
    "bill": 0.1,
    "interest": 0.1,
}  # share of amounts that are round


@dataclass(frozen=True, slots=True, eq=False)
class Economy:
    """Hold what normal life needs, and how often each habit is followed on each day."""

    preset: Preset
    people: Population
    calendar: Calendar
    standing: Standing
    habits: tuple[_Habit, ...]
    counts: NDArray[np.int64]  # (habits, days)
    closes: int  # day on which the largest shop closes; the number of days: never

    @classmethod
    def of(
        cls, preset: Preset, people: Population, calendar: Calendar, standing: Standing, rows: tuple[int, int]
    ) -> Self:
        """Return the economy that makes exactly rows[0] normal payments in a world of rows[1]."""
        habits = (_HUB, *_HABITS, *(_RETAIL if preset.retail else _ABROAD))
        left = rows[0] - int(standing.counts(calendar.days).sum())
        shares = np.array([h.share for h in habits])
        hub = min(preset.hub_share * rows[1] / max(left, 1), 0.5)
        shares = np.where(shares == 0, hub, shares / shares.sum() * (1 - hub))
        level = np.stack([calendar.level(h.rhythm) for h in habits])
        wanted = (shares[:, None] * level / level.sum(1, keepdims=True)).ravel()
        edges = np.round(np.cumsum(wanted) / wanted.sum() * left).astype(np.int64)
        counts = np.diff(edges, prepend=0).reshape(len(habits), -1)
        return cls(preset, people, calendar, standing, habits, counts, calendar.days)

    def day(self, day: int) -> Payments:
        """Return all normal payments of *day*, unsorted."""
        if day >= self.calendar.days:
            return Payments.of([])
        parts = [self.standing.day(day)]
        for place, habit in enumerate(self.habits):
            parts.append(self._habit(place, habit, day))
        found = Payments.of(parts)
        return found if day < self.closes else self._closed(found)

    def payments_of_each(self) -> NDArray[np.float64]:
        """Return how many payments (N,) each account makes in normal life, on average over worlds."""
        people, days = self.people, self.calendar.days
        often = np.repeat(self.standing.due[:days].sum(0), np.diff(self.standing.first))
        found = np.bincount(self.standing.payments.payer, often, minlength=len(people)).astype(np.float64)
        for habit, count in zip(self.habits, self.counts.sum(1).tolist(), strict=True):
            if habit.payer in ("persons", "companies") and habit.payee != "self":
                rows = getattr(people, habit.payer).rows
                found[rows] += count * people.weight[rows] / max(people.weight[rows].sum(), 1.0)
        return found

    def sample(self, k: int) -> Payments:
        """Return about *k* normal payments, as they are all year; what is paid to oneself is left out."""
        rng = stream(self.people.seed, 14)
        often = np.concatenate([[int(self.standing.counts(self.calendar.days).sum())], self.counts.sum(1)])
        wanted = np.round(often / max(int(often.sum()), 1) * k).astype(np.int64)
        orders = self.standing.drawn(int(wanted[0]), self.calendar.days, rng)
        parts = [orders.take(np.flatnonzero(orders.payer != orders.payee))]
        others = [(i, h) for i, h in enumerate(self.habits) if h.payee != "self"]
        parts += [self._drawn(i, h, int(wanted[i + 1]), rng) for i, h in others]
        return Payments.of(parts)

    def sellers(self, payer: Ints, rng: np.random.Generator) -> Ints:
        """Return a company for each *payer* (k,), mostly one that it often pays."""
        people = self.people
        shops = [i for i, h in enumerate(self.habits) if h.payee == "companies" and h.payer in ("persons", "companies")]
        one, other = (_payees(people, self.habits[i], i, payer, rng) for i in shops[:2])
        return people.apart(payer, np.where(people.kind[people.owner[payer]] == 0, one, other))

    def _habit(self, place: int, habit: _Habit, day: int) -> Payments:
        rng = stream(self.people.seed, 3, place, day)
        found = self._drawn(place, habit, int(self.counts[place, day]), rng)
        return replace(found, minute=self.calendar.hours(habit.rhythm, len(found), rng) + np.int32(day * DAY))

    def _drawn(self, place: int, habit: _Habit, k: int, rng: np.random.Generator) -> Payments:
        people = self.people
        payer = _payers(people, habit, k, rng)
        payee = payer if habit.payee == "self" else people.apart(payer, _payees(people, habit, place, payer, rng))
        usd = people.scale[payer] * (habit.median * self.preset.level) * exp(rng.normal(0.0, habit.spread, k))
        usd = np.where(rng.random(k) < _LARGE, usd * 30, usd)
        # The sums of contracts, cars, repairs and gifts lie where those of attempts lie.
        usd = np.where(rng.random(k) < _SUMS[habit.channel], rng.uniform(150.0, 20_000.0, k) * self.preset.dirty, usd)
        usd = rounded(self.preset, people.currency[payer], usd, rng.random(k) < _ROUND[habit.channel])
        # A pair mostly keeps to one way of paying.
        drawn = np.where(rng.random(k) < 0.1, rng.random(k), unit(people.seed, 20, payer, payee))
        how = np.searchsorted(self.preset.money.cumulative[habit.channel], drawn, side="right").astype(np.int8)
        return Payments(payer, payee, np.zeros(k, np.int32), usd, how)

    def _closed(self, found: Payments) -> Payments:
        rows = self.people.companies.rows
        payee = np.where(found.payee == rows[0], rows[min(1, len(rows) - 1)], found.payee)
        return replace(found, payee=np.where(payee != found.payer, payee, found.payee))


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
    if habit.payee == "family":
        return _family(people, payer, rng)
    group: Group = getattr(people, habit.payee)
    slot = np.minimum(rng.geometric(0.45, k) - 1, habit.partners - 1).astype(np.int32)
    if habit.payer == "exchanges":
        return group.any(people.currency[payer], habit.skew, rng)
    if habit.payer == "cash":  # half by those who take much, half by anyone
        return np.where(rng.random(k) < 0.5, group.payers(k, rng), group.any(people.currency[payer], 1.0, rng))
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


def _family(people: Population, payer: Ints, rng: np.random.Generator) -> Ints:
    # One of those who live at the same address; who lives alone has parents somewhere else.
    mine = people.owner[payer]
    home = mine // FAMILY
    near = home * FAMILY + (mine + rng.integers(1, FAMILY, len(payer))) % FAMILY
    first = np.minimum(np.searchsorted(people.owner, near), len(people) - 1).astype(np.int32)
    lives = together(people.seed, home) & (people.owner[first] == near) & (people.kind[people.owner[first]] == 0)
    slot = (rng.random(len(payer)) < 0.4).astype(np.int32)
    parent = people.partner(payer, people.persons, 8, slot, 1.0)
    return np.where(lives & (people.weight[first] > 0), first, parent).astype(np.int32)


def rounded(preset: Preset, currency: Ints, usd: NDArray[np.float64], round_: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return *usd* (E,) with two or so significant digits in *currency* (E,) where *round_* (E,)."""
    rate = np.array(preset.money.rates)[currency]
    units = usd / rate
    step = np.maximum(power(10.0, np.floor(log10(np.maximum(units, 1.0))) - 2) * 5, 1.0)
    rounded: NDArray[np.float64] = np.where(
        round_ & (units >= 5), np.maximum(np.floor(units / step), 1) * step * rate, usd
    )
    return rounded
