"""Draw what normal groups are made of: their sizes, times and amounts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from graphml.elementary import exp
from ingest.world.calendar import DAY
from ingest.world.population import Ints, Population
from ingest.world.schedule import DOLLARS, MIDDLE, Pace
from ingest.world.usual import Usual

__all__ = ["Cast", "Columns", "Draw", "Floats", "both"]

_STAGE = 4  # days of the longest attempt of one stage where normal groups take as long as their builders say
_AS_LONG, _STRETCHED = 0.6, 0.25  # of groups that last longer than so many days, made as long as attempts are
_AS_UNEVEN = 0.6  # of groups, with amounts as uneven as those of attempts
_SMALL = 0.25  # of groups, of the least size
_LOOSE = 0.12  # spread of the logarithm of the share of one payment that is passed on, at most
_AGAIN = 6  # times that accounts are drawn again
_SUMS = 0.6  # share of groups or payments whose sums are those in which gangs deal

_PERSON = 0.7  # of members of a mixed group, as of accounts
_FIRMS, _PAID_FIRMS = 0.07, 0.45  # of groups only firms are in; in British retail banking, only firms are paid
_RICH = 5_000.0  # US dollars where normal life has level 1: in groups with larger sums are only firms

Floats = NDArray[np.float64]
Columns = tuple[
    Ints, Ints, NDArray[np.int64], Floats, NDArray[np.int64]
]  # payer, payee, busy minute, US dollars, group


@dataclass(frozen=True, slots=True)
class Draw:
    """Hold what a kind of group is drawn from: exactly `rows` payments are wanted."""

    pace: Pace
    rows: int
    rng: np.random.Generator
    sleepers: Ints  # accounts that nobody uses, which a group may wake
    usual: Usual

    @property
    def people(self) -> Population:
        """Return who lives in the world."""
        return self.usual.people

    @property
    def day(self) -> float:
        """Return the busy minutes of a day, where attempts of one stage take four; more where they take more."""
        return DAY * self.pace.stage_days / _STAGE

    def sized(self, rows: int, least: int = 2, most: int = 12) -> tuple[NDArray[np.int64], int]:
        """Return the group (rows,) of each of *rows*, in runs of *least* to *most*, and how many groups there are."""
        size = self.rng.integers(least, most + 1, rows // least + 1)
        size = np.where(self.rng.random(len(size)) < _SMALL, least, size)
        group = np.repeat(np.arange(len(size)), size)[:rows]
        return group, int(group.max(initial=-1)) + 1

    def later(self, k: int, least: float, most: float) -> NDArray[np.int64]:
        """Return *k* whole minutes of busy time between *least* and *most* times `day`."""
        return (self.rng.uniform(least, most, k) * self.day).astype(np.int64)

    def placed(
        self, busy: NDArray[np.int64], group: NDArray[np.int64], span: tuple[float, float] | None
    ) -> NDArray[np.int64]:
        """Return the minutes of the world (E,) of payments so many *busy* minutes (E,) after a moment of their *group*.

        Some groups, which last longer than six hours, are made to last as long as attempts like them do, which is *span*
        of the longest of one stage. A group begins at any time from which it ends in normal life, as an attempt
        does.
        """
        calendar, rng = self.pace.calendar, self.rng
        count, whole = int(group.max(initial=-1)) + 1, float(calendar.busy[calendar.minutes])
        first, last = np.full(count, np.iinfo(np.int64).max), np.zeros(count, np.int64)
        np.minimum.at(first, group, busy)
        np.maximum.at(last, group, busy)
        own = last - first + 1.0
        length = own
        if span is not None:
            same = (rng.random(count) < _AS_LONG) & (own > _STRETCHED * DAY)
            length = np.where(same, rng.uniform(*span, count) * (self.pace.stage_days * DAY), own)
        length = np.minimum(length, whole)
        clock = (rng.random(count) * (calendar.minutes - length)).astype(np.int64)
        start = np.minimum(calendar.busy[np.maximum(clock, 0)], whole - length)
        return calendar.at(start[group] + (busy - first[group]) * (length / own)[group])

    def uneven(self, group: NDArray[np.int64], least: float, most: float) -> Floats:
        """Return a factor (E,) for each payment: as uneven as first payments of attempts in some groups, else even."""
        count = int(group.max(initial=-1)) + 1
        same = (self.rng.random(count) < _AS_UNEVEN)[group]
        wide = self.rng.uniform(*DOLLARS, len(group)) / MIDDLE
        return np.where(same, wide, self.rng.uniform(least, most, len(group)))

    def kept(self, group: NDArray[np.int64], fee: float) -> Floats:
        """Return the share (E,) of what came that is passed on: less or more by about *fee* in a group, and by chance."""
        count = int(group.max(initial=-1)) + 1
        usual, loose = self.rng.uniform(-fee, 2 * fee, count), self.rng.uniform(0.0, _LOOSE, count)
        kept: Floats = exp(self.rng.normal(0.0, 1.0, len(group)) * loose[group] - usual[group])
        return kept

    def distinct(self, group: NDArray[np.int64], drawn: Callable[[NDArray[np.int64]], Ints], others: Ints) -> Ints:
        """Return what *drawn* gives for the places 0 to E - 1, seldom twice in a *group* or equal to *others* (E,).

        What is drawn twice is drawn again some times; where a currency has few accounts, some stay as they are.
        """
        found, n = drawn(np.arange(len(group))), len(self.people)
        for _ in range(_AGAIN):
            key = group * n + found
            first = np.unique(key, return_index=True)[1]
            again = found == others
            again[np.setdiff1d(np.arange(len(key)), first)] = True
            places = np.flatnonzero(again)
            if not len(places):
                break
            found[places] = drawn(places)
        return found

    def persons(self, group: NDArray[np.int64], near: Ints) -> Ints:
        """Return a person's account for each of *near* (E,), mostly in its currency, none twice in a *group*."""
        people = self.people
        return self.distinct(group, lambda at: people.persons.any(people.currency[near[at]], 1.0, self.rng), near)

    def spread(self, k: int, median: float, spread: float) -> Floats:
        """Return *k* US dollars, where normal life has level 1: about *median*, or sums that are usual in groups."""
        drawn: Floats = median * exp(self.rng.normal(0.0, spread, k))
        usual = self.usual.sums(self.rng.random(k)) / self.usual.preset.level
        return np.where(self.rng.random(k) < _SUMS, usual, drawn)


@dataclass(frozen=True, slots=True)
class Cast:
    """Say who takes part in groups: firms only, persons who pay firms, or anyone, as in attempts."""

    draw: Draw
    group: NDArray[np.int64]  # (E,) ascending
    firms: NDArray[np.bool_]  # (groups,) only firms are in it
    paid: NDArray[np.bool_]  # (groups,) only firms are paid

    @classmethod
    def of(cls, draw: Draw, group: NDArray[np.int64], usd: Floats | None = None) -> Self:
        """Return who takes part in each *group* (E,), given the sums *usd* (groups,) in which it deals."""
        count = int(group.max(initial=-1)) + 1
        firms = draw.rng.random(count) < _FIRMS
        if usd is not None:
            firms |= usd[:count] > _RICH
        paid = draw.rng.random(count) < (_PAID_FIRMS if draw.usual.preset.retail else 0.0)
        return cls(draw, group, firms, paid | firms)

    def lead(self, paid: bool = True) -> Ints:
        """Return an account for each group, by activity; it is *paid*, or pays only."""
        count, people = len(self.firms), self.draw.people
        one, other = people.persons.payers(count, self.draw.rng), people.companies.payers(count, self.draw.rng)
        return np.where(self._person(np.arange(count), paid), one, other)

    def near(self, accounts: Ints, skew: float = 1.0, paid: bool = True) -> Ints:
        """Return another account for each of *accounts* (E,), mostly in its currency; *skew* favours some firms."""
        people, rng, person = self.draw.people, self.draw.rng, self._person(self.group, paid)

        def drawn(at: NDArray[np.int64]) -> Ints:
            money = people.currency[accounts[at]]
            one, other = people.persons.any(money, 1.0, rng), people.companies.any(money, skew, rng)
            return np.where(person[at], one, other)

        return self.draw.distinct(self.group, drawn, accounts)

    def _person(self, group: NDArray[np.int64], paid: bool) -> NDArray[np.bool_]:
        person: NDArray[np.bool_] = (self.draw.rng.random(len(group)) < _PERSON) & ~(self.paid if paid else self.firms)[
            group
        ]
        return person


def both(rows: int, one: Columns, other: Columns) -> Columns:
    """Return *rows* payments of *one* and *other*, alternating, so that an odd count cuts the last payment only."""

    def mixed(place: int) -> Any:
        return np.stack([one[place], other[place]], 1).ravel()[:rows]

    return mixed(0), mixed(1), mixed(2), mixed(3), mixed(4)
