"""Give the world its rhythm: hours and weekdays, shared by normal payments and laundering."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Clock"]

_HOURS = np.array([2, 1, 1, 1, 1, 2, 3, 5, 8, 10, 11, 11, 12, 11, 10, 10, 10, 11, 11, 10, 8, 6, 4, 3], np.float64)
_WEEKDAYS = np.array([1.0, 1.0, 1.0, 1.05, 1.15, 0.8, 0.6])  # Monday first


@dataclass(frozen=True, slots=True)
class Clock:
    """Map minutes of the world to busy time and back; busy time runs fast at noon and slowly at night."""

    first: date
    busy: NDArray[np.float64]  # (minutes + 1,) busy minutes elapsed, 0 at the start, `minutes` at the end
    workdays: NDArray[np.int64]  # days of the world that are Monday to Friday, ascending

    @classmethod
    def of(cls, start: str, days: int) -> Self:
        """Return the clock of *days* days from *start* (ISO date)."""
        first = date.fromisoformat(start)
        week = np.array([(first + timedelta(d)).weekday() for d in range(days)])
        rate = np.repeat((_WEEKDAYS[week][:, None] * _HOURS[None, :]).ravel(), 60)
        busy = np.concatenate([[0.0], np.cumsum(rate)])
        return cls(first, busy * (len(rate) / busy[-1]), np.flatnonzero(week < 5))

    def at(self, busy: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the minutes at which so many *busy* minutes have elapsed; inside the world always."""
        found = np.searchsorted(self.busy, busy, side="right") - 1
        return np.clip(found, 0, len(self.busy) - 2).astype(np.int64)

    def draw(self, k: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return *k* minutes that follow the rhythm, unsorted."""
        return self.at(rng.random(k) * self.busy[-1])

    def text(self) -> list[str]:
        """Return each minute of the world as `YYYY/MM/DD HH:MM`."""
        days = [(self.first + timedelta(d)).strftime("%Y/%m/%d") for d in range((len(self.busy) - 1) // 1440)]
        return [f"{d} {m // 60:02}:{m % 60:02}" for d in days for m in range(1440)]
