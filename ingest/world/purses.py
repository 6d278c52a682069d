"""Say what accounts have when a world begins, and how often each pays in normal life."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.world.economy import Economy

__all__ = ["Purses"]

_DILUTED = 0.35  # of what is paid comes in again by and by; the rest before it would change anything
_SAMPLE = 20_000  # payments, whose mean amounts are taken
_OFTEN = 12.0  # payments of an account that its usual balance is enough for

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Purses:
    """Hold what is in the purse of each account, and how often it is opened."""

    opening: Floats  # (N,) US dollars before the first payment: what it pays in some weeks
    rate: Floats  # (N,) payments in normal life for each busy minute
    turnover: Floats  # (N,) share of a purse that is paid, and comes in again, in each busy minute

    @classmethod
    def of(cls, economy: Economy, rows: int, normal: float) -> Self:
        """Return the purses in an *economy* that has all *rows* of a world, of which a share is *normal*."""
        preset, people, orders = economy.preset, economy.people, economy.standing.payments
        usual = 600.0 * preset.level * people.scale * np.maximum(people.weight, 1.0)
        due = np.bincount(orders.payer, orders.usd, minlength=len(people))
        # Where more is paid, more lies on the account: persons should seldom spend what they do not have.
        busy = max(1.0, rows / len(people) / _OFTEN)
        opening = busy * (usual * np.where(people.kind[people.owner] > 0, 40.0, 2.5) + due)
        rate = economy.payments_of_each() / economy.calendar.minutes * normal
        paid = economy.sample(_SAMPLE)
        firm = people.kind[people.owner] > 0
        mean = np.zeros(len(people))
        for mine in (firm, ~firm):
            of = mine[paid.payer] & (paid.payer >= people.institutions)
            mean[mine] = (paid.usd[of] / people.scale[paid.payer[of]]).mean() if of.any() else 0.0
        return cls(np.round(opening, 2), rate, _DILUTED * rate * mean * people.scale / np.maximum(opening, 1.0))
