"""Draw what normal groups are made of: their sizes, times and amounts."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ingest.world.calendar import DAY, Calendar
from ingest.world.population import Ints, Population
from ingest.world.usual import Usual

__all__ = ["Cast", "Columns", "Draw", "Floats", "both"]

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

    calendar: Calendar
    rows: int
    rng: np.random.Generator
    sleepers: Ints  # accounts that nobody uses, which a group may wake
    usual: Usual

    @property
    def people(self) -> Population:
        """Return who lives in the world."""
        return self.usual.people

    def sized(self, rows: int, least: int = 3, most: int = 12) -> tuple[NDArray[np.int64], int]:
        """Return the group (rows,) of each of *rows*, in runs of *least* to *most*, and how many groups there are."""
        size = self.rng.integers(least, most + 1, rows // least + 1)
        group = np.repeat(np.arange(len(size)), size)[:rows]
        return group, int(group.max(initial=-1)) + 1

    def later(self, k: int, least: float, most: float) -> NDArray[np.int64]:
        """Return *k* whole minutes of busy time between *least* and *most* days."""
        return (self.rng.uniform(least, most, k) * DAY).astype(np.int64)

    def placed(self, busy: NDArray[np.int64], group: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the minutes of the world (E,) of payments so many *busy* minutes (E,) after a moment of their *group*.

        A group begins at any time from which it ends in normal life, as an attempt does.
        """
        count, whole = int(group.max(initial=-1)) + 1, float(self.calendar.busy[self.calendar.minutes])
        first, last = np.full(count, np.iinfo(np.int64).max), np.zeros(count, np.int64)
        np.minimum.at(first, group, busy)
        np.maximum.at(last, group, busy)
        length = np.minimum(last - first + 1.0, whole)
        clock = (self.rng.random(count) * (self.calendar.minutes - length)).astype(np.int64)
        start = np.minimum(self.calendar.busy[np.maximum(clock, 0)], whole - length)
        short = length / (last - first + 1.0)  # of a group that is longer than the world
        return self.calendar.at(start[group] + (busy - first[group]) * short[group])

    def spread(self, k: int, median: float, spread: float) -> Floats:
        """Return *k* US dollars, where normal life has level 1: about *median*, or sums that are usual in groups."""
        drawn: Floats = median * np.exp(self.rng.normal(0.0, spread, k))
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
        people, rng = self.draw.people, self.draw.rng
        money = people.currency[accounts]
        one, other = people.persons.any(money, 1.0, rng), people.companies.any(money, skew, rng)
        return np.where(self._person(self.group, paid), one, other)

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
