"""Hold all that criminals do in a world, in one table by time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.world.attempts import Attempt, Scene, plan
from ingest.world.calendar import DAY
from ingest.world.draws import stream, unit
from ingest.world.payments import Payments
from ingest.world.proceeds import Placement, integrate, place
from ingest.world.purses import Purses
from ingest.world.taint import LAUNDERS, PROCEEDS, expected
from ingest.world.underworld import Underworld

__all__ = ["Crime"]

INTEGRATION, PLACEMENT = -1, -2  # what a payment is when it is in no attempt
_ALONE = 0.04  # of those, by one account at most
_BEYOND = 1.15  # payments with mixed money for each of a launderer: who is paid pays on
_MIXED = 0.6  # of laundering outside attempts, paid from purses in which dirty money is mixed with clean; at most


@dataclass(frozen=True, slots=True, eq=False)
class Crime:
    """Hold the payments of attempts, of placement and of integration; rows are in order of attempt, then of time."""

    payments: Payments
    part: NDArray[np.int64]  # (E,) number of the attempt, or INTEGRATION, or PLACEMENT
    origin: NDArray[np.int64]  # (E,) attempt that a payment is of, serves, or spends from
    attempts: tuple[Attempt, ...]  # in order of their first payment
    crimes: tuple[str, ...]  # where the money of each attempt comes from
    hidden: NDArray[np.bool_]  # (attempts,) not labelled, as nobody found it
    apart: NDArray[np.int32]  # accounts that keep dirty money apart from what they live on, ascending
    underworld: Underworld

    @classmethod
    def of(cls, scene: Scene, rows: int, purses: Purses) -> Self:
        """Return the crime in a world of *rows* payments, where accounts have *purses*.

        What is spent from purses in which money is mixed launders too, so that less integration is planned.

        Raises:
            ParameterError: there is no room for one attempt, or for as many as were asked for.
        """
        preset, people, pace = scene.preset, scene.people, scene.pace
        total = round(rows * preset.illicit_share)
        budget = round(total * preset.pattern_share)
        found, underworld = plan(scene, budget if not preset.attempts else rows // 4, stream(people.seed, 5))
        attempts = sorted(found, key=lambda a: (int(a.payments.minute[0]), a.typology))
        placed = place(attempts, people, pace.calendar, preset.retail, stream(people.seed, 6))
        many = [len(a.payments) for a in attempts]
        more = round(sum(many) / preset.pattern_share) - sum(many) if preset.attempts else max(0, total - sum(many))
        more = min(more, rows // 4)
        apart, mixed = _apart(attempts, placed, scene, purses, _MIXED * more)
        crypto = preset.money.crypto if scene.switches.one_format else ""
        without = preset.money.currencies.index(crypto) if crypto else -1
        wanted = max(0, more - mixed), without
        spent = integrate(attempts, scene.usual, scene.economy, wanted, stream(people.seed, 7))
        parts = [np.full(len(placed.payments), PLACEMENT), np.full(len(spent.payments), INTEGRATION)]
        number = np.repeat(np.arange(len(attempts)), many)
        payments = Payments.of([*(a.payments for a in attempts), placed.payments, spent.payments])
        hidden = stream(people.seed, 8).random(len(attempts)) < scene.switches.label_noise
        return cls(
            payments, np.concatenate([number, *parts]), np.concatenate([number, placed.attempt, spent.attempt]),
            tuple(attempts), placed.crime, hidden, apart, underworld,
        )  # fmt: skip

    @property
    def dirty(self) -> NDArray[np.bool_]:
        """Return (E,) which payments launder by themselves."""
        dirty: NDArray[np.bool_] = self.part != PLACEMENT
        return dirty

    @property
    def unseen(self) -> NDArray[np.bool_]:
        """Return (E,) which payments nobody found: those of hidden attempts, and what is spent of their money."""
        unseen: NDArray[np.bool_] = self.hidden[self.origin] & self.dirty
        return unseen

    @property
    def kind(self) -> NDArray[np.int8]:
        """Return (E,) what payments are by themselves, as taint is followed."""
        return np.where(self.dirty, LAUNDERS, PROCEEDS).astype(np.int8)

    @property
    def launderers(self) -> NDArray[np.int32]:
        """Return the accounts in attempts."""
        return _launderers(self.attempts)

    @property
    def ways(self) -> NDArray[np.float64]:
        """Return (attempts,) what decides the format that most payments of an attempt have."""
        return np.array([attempt.way for attempt in self.attempts])

    def of_day(self, day: int) -> NDArray[np.int64]:
        """Return the rows of *day*, ascending."""
        return np.flatnonzero((self.payments.minute >= day * DAY) & (self.payments.minute < (day + 1) * DAY))

    def disguised(self, payments: Payments) -> Self:
        """Return the crime with *payments* (E,) in place of its own: the same, in other formats and rounded."""
        return replace(self, payments=payments)


def _launderers(attempts: Sequence[Attempt]) -> NDArray[np.int32]:
    return np.unique([a for attempt in attempts for a in attempt.accounts]).astype(np.int32)


def _apart(
    attempts: Sequence[Attempt], placed: Placement, scene: Scene, purses: Purses, most: float
) -> tuple[NDArray[np.int32], int]:
    """Return the launderers who keep dirty money apart, and how many payments the others will make with mixed money.

    As many mix, in random order, as make *most* such payments; nobody does of whom alone too much would depend.
    """
    inside = Payments.of([a.payments for a in attempts])
    whole = Payments.of([inside, placed.payments])
    kind = np.repeat(np.array([LAUNDERS, PROCEEDS], np.int8), [len(inside), len(placed.payments)])
    order = np.argsort(whole.minute, kind="stable")
    calendar, people = scene.pace.calendar, scene.people
    minutes = np.minimum(whole.minute[order], calendar.minutes).astype(np.int32)
    many = expected(
        replace(whole.take(order), minute=minutes), kind[order], calendar.busy[: calendar.minutes + 1],
        (purses.opening, purses.rate, purses.turnover),
    )  # fmt: skip
    launderers = _launderers(attempts)
    shuffled = launderers[np.argsort(unit(people.seed, 42, launderers), kind="stable")]
    few = many[shuffled] <= max(_ALONE * most, 2.0)
    reach = np.cumsum(np.where(few, many[shuffled], 0.0))
    mix = few & (reach <= most)
    return np.sort(shuffled[~mix]), round(_BEYOND * float(many[shuffled[mix]].sum()))
