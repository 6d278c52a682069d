"""Let normal groups make the shapes of laundering: shared bills gather, savings circles and trips gather and scatter."""

import numpy as np

from ingest.world.clock import Clock
from ingest.world.population import Ints, Population

__all__ = ["bills", "circles", "trips"]

_DAY = 1440


def bills(people: Population, clock: Clock, rows: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Return payer, payee, minute (rows,) of friends who pay back one who paid the bill, within a day (fan-in)."""
    group, size = _groups(rows, rng)
    host = rng.choice(people.persons.rows, len(size))
    when = clock.draw(len(size), rng)[group] + rng.integers(0, _DAY, rows)
    guest = people.persons.near(people.currency[host[group]], 1.0, rng)
    return guest, host[group], _inside(when, clock)


def circles(people: Population, clock: Clock, rows: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Return payer, payee, minute (rows,) of savings circles: all pay the keeper, who pays all later (gather-scatter)."""
    half = (rows + 1) // 2
    group, size = _groups(half, rng)
    keeper = rng.choice(people.persons.rows, len(size))[group]
    member = people.persons.near(people.currency[keeper], 1.0, rng)
    when = (clock.draw(len(size), rng) * 0.6).astype(np.int64)[group] + rng.integers(0, _DAY, half)
    later = when + rng.integers(_DAY, 3 * _DAY, half)
    ends = np.concatenate([member, keeper])[:rows], np.concatenate([keeper, member])[:rows]
    return *ends, _inside(np.concatenate([when, later])[:rows], clock)


def trips(people: Population, clock: Clock, rows: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Return payer, payee, minute (rows,) of firms that advance a trip all staff pay at one place (scatter-gather)."""
    half = (rows + 1) // 2
    group, size = _groups(half, rng)
    firm = rng.choice(people.companies.rows, len(size))[group]
    place = rng.choice(people.companies.rows, len(size))[group]
    staff = people.persons.near(people.currency[firm], 1.0, rng)
    when = (clock.draw(len(size), rng) * 0.6).astype(np.int64)[group] + rng.integers(0, 60, half)
    later = when + rng.integers(_DAY // 2, 3 * _DAY, half)
    ends = np.concatenate([firm, staff])[:rows], np.concatenate([staff, place])[:rows]
    return *ends, _inside(np.concatenate([when, later])[:rows], clock)


def _groups(rows: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    # Returns the group of each row, and the size of each group: 3 to 12, the last one as large as what is left.
    size = rng.integers(3, 13, rows // 3 + 1)
    group = np.repeat(np.arange(len(size)), size)[:rows]
    return group, size


def _inside(minute: Ints, clock: Clock) -> Ints:
    return np.minimum(minute, len(clock.busy) - 2)
