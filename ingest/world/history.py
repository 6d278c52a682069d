"""Let those who pay each other have paid each other before, so that a first contact tells nothing."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.world.calendar import Calendar
from ingest.world.crime import Crime
from ingest.world.draws import stream
from ingest.world.lookalikes import Lookalikes
from ingest.world.payments import Payments
from ingest.world.usual import Usual

__all__ = ["KNOWN", "History"]

KNOWN = 0.4  # of pairs in attempts and in normal groups, where there was time


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Hold earlier payments of normal life between those who meet in an attempt or in a normal group."""

    payments: Payments  # in order of minute

    @classmethod
    def of(cls, usual: Usual, calendar: Calendar, crime: Crime, alike: Lookalikes) -> Self:
        """Return a payment before some of *crime* and of *alike*; who slept until then has none."""
        people, rng = usual.people, stream(usual.people.seed, 16)
        inside = crime.payments.take(np.flatnonzero(crime.part >= 0))
        later = Payments.of([inside, alike.payments])
        later = later.take(np.flatnonzero(rng.random(len(later)) < KNOWN))
        awake = (people.weight[later.payer] > 0) & (people.weight[later.payee] > 0) & (later.payer != later.payee)
        later = later.take(np.flatnonzero(awake & (later.minute > 0) & (later.minute <= calendar.minutes)))
        k = len(later)
        when = calendar.at(rng.random(k) * calendar.busy[later.minute])
        when = np.minimum(when, later.minute - 1)
        found = Payments(later.payer, later.payee, when.astype(np.int32), usual.draw(k, rng), later.format)
        found = usual.disguised(found, rng.random(k), rng)
        return cls(found.take(np.argsort(found.minute, kind="stable")))

    def day(self, first: int, last: int) -> Payments:
        """Return the payments from the minute *first* up to *last*."""
        rows: NDArray[np.int64] = np.searchsorted(self.payments.minute, np.array([first, last]))
        return self.payments.take(slice(int(rows[0]), int(rows[1])))
