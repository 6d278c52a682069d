"""Hold all that criminals do in a world, in one table by time."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.world.attempts import Attempt, plan
from ingest.world.calendar import DAY
from ingest.world.draws import stream
from ingest.world.payments import Payments
from ingest.world.population import Population
from ingest.world.preset import Preset
from ingest.world.proceeds import integrate, place
from ingest.world.schedule import Pace
from ingest.world.switches import Switches
from ingest.world.underworld import Underworld

__all__ = ["Crime"]

INTEGRATION, PLACEMENT = -1, -2  # what a payment is when it is in no attempt


@dataclass(frozen=True, slots=True, eq=False)
class Crime:
    """Hold the payments of attempts, of placement and of integration; rows are in order of attempt, then of time."""

    payments: Payments
    part: NDArray[np.int64]  # (E,) number of the attempt, or INTEGRATION, or PLACEMENT
    origin: NDArray[np.int64]  # (E,) attempt that a placement serves, else -1
    attempts: tuple[Attempt, ...]  # in order of their first payment
    crimes: tuple[str, ...]  # where the money of each attempt comes from
    hidden: NDArray[np.bool_]  # (attempts,) not labelled, as nobody found it
    underworld: Underworld

    @classmethod
    def of(cls, preset: Preset, people: Population, pace: Pace, switches: Switches, rows: int) -> Self:
        """Return the crime in a world of *rows* payments.

        Raises:
            ParameterError: there is no room for one attempt.
        """
        total = round(rows * preset.illicit_share)
        budget = round(total * preset.pattern_share)
        found, underworld = plan(preset, people, pace, switches, budget, stream(people.seed, 5))
        attempts = sorted(found, key=lambda a: (int(a.payments.minute[0]), a.typology))
        placed = place(attempts, people, preset.retail, stream(people.seed, 6))
        within = sum(len(a.payments) for a in attempts)
        end = pace.calendar.minutes  # what comes in the tail is not spent any more
        spent = integrate(attempts, people, max(0, total - within), end, stream(people.seed, 7))
        payments = Payments.of([*(a.payments for a in attempts), placed.payments, spent])
        part = np.concatenate(
            [
                np.repeat(np.arange(len(attempts)), [len(a.payments) for a in attempts]),
                np.full(len(placed.payments), PLACEMENT), np.full(len(spent), INTEGRATION),
            ]
        )  # fmt: skip
        origin = np.full(len(payments), -1)
        origin[part == PLACEMENT] = placed.attempt
        rng = stream(people.seed, 8)
        hidden = rng.random(len(attempts)) < switches.label_noise
        return cls(payments, part, origin, tuple(attempts), placed.crime, hidden, underworld)

    @property
    def dirty(self) -> NDArray[np.bool_]:
        """Return (E,) which payments launder by themselves."""
        dirty: NDArray[np.bool_] = self.part != PLACEMENT
        return dirty

    @property
    def launderers(self) -> NDArray[np.int32]:
        """Return the accounts in attempts."""
        return np.unique([a for attempt in self.attempts for a in attempt.accounts]).astype(np.int32)

    def of_day(self, day: int) -> NDArray[np.int64]:
        """Return the rows of *day*, ascending."""
        return np.flatnonzero((self.payments.minute >= day * DAY) & (self.payments.minute < (day + 1) * DAY))

    def disguised(self, payments: Payments) -> Self:
        """Return the crime with *payments* (E,) in place of its own: the same, in other formats and rounded."""
        return replace(self, payments=payments)
