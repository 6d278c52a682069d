"""Let criminals launder: attempts in the eight patterns, then spending of what came out of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphml.errors import ParameterError
from ingest.world.clock import Clock
from ingest.world.economy import spend
from ingest.world.money import BITCOIN, FORMATS
from ingest.world.payments import Payments
from ingest.world.population import Ints, Population
from ingest.world.presets import Preset
from ingest.world.schedule import amounts, minutes
from ingest.world.shapes import SHAPES, Shape, Spec

__all__ = ["Attempt", "Crime", "disguise", "launder"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """Hold one attempt; its rows are `first` to `first + len(shape.edges)` of the crime's payments."""

    typology: str
    shape: Shape
    accounts: Ints  # (k,) rows of the population, in the shape's numbering
    first: int


@dataclass(frozen=True, slots=True)
class Crime:
    """Hold all laundering: payments of attempts, attempt after attempt, then lone payments."""

    payments: Payments
    attempts: tuple[Attempt, ...]
    lone: int  # payments in no attempt, at the end of `payments`


def launder(preset: Preset, people: Population, clock: Clock, transactions: int, rng: np.random.Generator) -> Crime:
    """Return the laundering in a world of *transactions* rows; payment formats are left at 0, see `disguise`.

    Raises:
        ParameterError: the world is too small for one attempt.
    """
    total = round(transactions * preset.illicit_share)
    budget = round(total * preset.pattern_share)
    if budget < preset.smallest:
        least = int(np.ceil((preset.smallest + 0.5) / preset.pattern_share / preset.illicit_share))
        raise ParameterError(
            f"{transactions} transactions are too few for one laundering attempt in '{preset.name}', where 1 in "
            f"{1 / preset.illicit_share:.0f} launders. Ask for at least {least}."
        )
    pool = _Pool(people, rng)
    parts: list[Payments] = []
    attempts: list[Attempt] = []
    used = 0
    for name, size in _plan(preset, budget, rng):
        shape = _fit(SHAPES[name], size, preset, (budget - used, pool.most), rng)
        if shape is None:
            continue
        accounts = pool.take(len(shape.roles))
        parts.append(_payments(name, shape, accounts, preset, clock, rng))
        attempts.append(Attempt(name, shape, accounts, used))
        used += len(shape.edges)
    parts.append(_lone(people, clock, Payments.of(parts), total - used, rng))
    return Crime(Payments.of(parts), tuple(attempts), total - used)


class _Pool:
    """Deal accounts of criminals, owner by owner, so that accounts of one owner often meet in one attempt."""

    def __init__(self, people: Population, rng: np.random.Generator) -> None:
        order = rng.permutation(len(people.kind))[people.owner]  # a random place for each owner
        rows = np.lexsort((np.arange(len(order)), order))
        self._rows = rows[rows > 1]  # neither the hub nor the pension fund launders
        self._next = 0
        self.most = len(self._rows)  # accounts that one attempt may have

    def take(self, k: int) -> Ints:
        """Return *k* different accounts; the pool begins again when it is empty."""
        place = (self._next + np.arange(k)) % len(self._rows)
        self._next += k
        return self._rows[place]


def _plan(preset: Preset, budget: int, rng: np.random.Generator) -> list[tuple[str, int]]:
    # All eight patterns in each round, in random order, so that they are equally many; more rounds than can be paid.
    names = list(SHAPES)
    plan: list[tuple[str, int]] = []
    for _ in range(budget // (2 * len(names)) + 1):
        order = rng.permutation(len(names))
        sizes = rng.integers(preset.smallest, preset.largest + 1, len(names))
        plan += [(names[place], int(size)) for place, size in zip(order, sizes, strict=True)]
    return plan


def _fit(spec: Spec, size: int, preset: Preset, room: tuple[int, int], rng: np.random.Generator) -> Shape | None:
    # Made smaller until it fits into the payments and the accounts that there is room for; None: nothing fits.
    size = min(size, spec.most)
    while size >= preset.smallest:
        shape = spec.build(size, preset, rng)
        if len(shape.edges) <= room[0] and len(shape.roles) <= room[1]:
            return shape
        size -= 1
    return None


def _payments(
    name: str, shape: Shape, accounts: Ints, preset: Preset, clock: Clock, rng: np.random.Generator
) -> Payments:
    edges = np.array(shape.edges, np.int64)
    when = minutes(name, shape, preset, clock, rng)
    usd = amounts(shape, SHAPES[name].spread, rng)
    return Payments(accounts[edges[:, 0]], accounts[edges[:, 1]], when, usd, np.zeros(len(edges), np.int64))


def _lone(people: Population, clock: Clock, done: Payments, rows: int, rng: np.random.Generator) -> Payments:
    # Integration: an account that got dirty money spends some of it later, as anyone spends.
    got = rng.integers(0, len(done), rows)
    payer = done.payee[got]
    payee, usd = spend(people, payer, rng)
    left = clock.busy[-1] - 1 - clock.busy[done.minute[got] + 1]
    when = clock.at(clock.busy[done.minute[got] + 1] + np.maximum(left, 0.0) * rng.random(rows))
    return Payments(payer, payee, when, np.minimum(usd, done.usd[got]), np.zeros(rows, np.int64))


def disguise(crime: Payments, normal: Payments, currency: Ints, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return payment formats (E,) for *crime*, each copied from a normal payment, so that none gives it away."""
    between = np.flatnonzero(normal.payer != normal.payee)
    chosen = normal.format[rng.choice(between, len(crime))]
    return np.where(currency[crime.payer] == BITCOIN, FORMATS.index("Bitcoin"), chosen)
