"""Draw what normal groups are made of: their sizes, times and amounts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.world.calendar import DAY, Calendar
from ingest.world.population import Ints, Population
from ingest.world.usual import Usual

__all__ = ["Columns", "Draw", "Floats", "both"]

_SUMS = 0.6  # share of groups or payments whose sums are those in which gangs deal

Floats = NDArray[np.float64]
Columns = tuple[Ints, Ints, NDArray[np.int64], Floats, NDArray[np.int64]]  # payer, payee, minute, US dollars, group


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

    def starts(self, k: int, room: int) -> NDArray[np.int64]:
        """Return *k* minutes at which something of *room* days can begin."""
        last = max(1, self.calendar.minutes - room * DAY)
        return self.calendar.draw(k, self.rng) % last

    def later(self, k: int, least: float, most: float) -> NDArray[np.int64]:
        """Return *k* whole minutes between *least* and *most* days."""
        return (self.rng.uniform(least, most, k) * DAY).astype(np.int64)

    def spread(self, k: int, median: float, spread: float) -> Floats:
        """Return *k* US dollars, where normal life has level 1: about *median*, or sums that are usual in groups."""
        drawn: Floats = median * np.exp(self.rng.normal(0.0, spread, k))
        usual = self.usual.sums(self.rng.random(k)) / self.usual.preset.level
        return np.where(self.rng.random(k) < _SUMS, usual, drawn)


def both(rows: int, one: Columns, other: Columns) -> Columns:
    """Return *rows* payments of *one* and *other*, alternating, so that an odd count cuts the last payment only."""

    def mixed(place: int) -> Any:
        return np.stack([one[place], other[place]], 1).ravel()[:rows]

    return mixed(0), mixed(1), mixed(2), mixed(3), mixed(4)
