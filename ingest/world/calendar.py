"""Give the world its rhythm: hours, weekdays, holidays, days of the month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["DAY", "Calendar"]

DAY = 1440  # minutes
_HOURS = {  # of a day, midnight first: when payments of a kind are made
    "shop": (1, 0, 0, 0, 0, 1, 3, 6, 9, 11, 12, 13, 14, 13, 12, 12, 13, 15, 15, 12, 9, 6, 4, 2),
    "office": (1, 1, 1, 1, 1, 1, 3, 7, 13, 16, 16, 14, 11, 14, 15, 14, 11, 6, 3, 2, 2, 1, 1, 1),
    "home": (3, 1, 1, 1, 1, 2, 4, 6, 8, 8, 8, 8, 9, 8, 8, 8, 9, 11, 13, 14, 14, 12, 8, 5),
    "night": (12, 8, 5, 4, 4, 4, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
}
_WEEK = {  # Monday first
    "shop": (0.9, 0.9, 0.95, 1.0, 1.2, 1.3, 0.75),
    "office": (1.15, 1.1, 1.1, 1.1, 1.1, 0.25, 0.15),
    "home": (1.0, 0.95, 0.95, 1.0, 1.2, 1.0, 0.9),
    "night": (1.0,) * 7,
}
_HOLIDAY = {"shop": 0.7, "office": 0.15, "home": 0.9, "night": 1.0}
_BUSY = (2, 1, 1, 1, 1, 2, 3, 5, 8, 10, 11, 11, 12, 11, 10, 10, 10, 11, 11, 10, 8, 6, 4, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Map days of the world to their kind, and minutes to busy time, which runs fast at noon and slowly at night."""

    first: date
    days: int  # of normal life
    weekday: NDArray[np.int64]  # (all days,) 0 is Monday; all days are those of normal life and of the tail
    monthday: NDArray[np.int64]  # (all days,) 1 is the first of a month
    holiday: NDArray[np.bool_]  # (all days,)
    busy: NDArray[np.float64]  # (minutes + 1,) busy minutes elapsed, 0 at the start, `minutes` at the end

    @classmethod
    def of(cls, start: str, days: int, tail: int = 0, holidays: Iterable[str] = ()) -> Self:
        """Return the calendar of *days* days from *start* (ISO date), and of *tail* days after them."""
        first, off = date.fromisoformat(start), set(holidays)
        dates = [first + timedelta(d) for d in range(days + tail)]
        week = np.array([d.weekday() for d in dates])
        rest = np.array([d.isoformat() in off for d in dates])
        level = np.array([1.0, 1.0, 1.0, 1.05, 1.15, 0.8, 0.6])[week] * np.where(rest, 0.6, 1.0)
        rate = np.repeat((level[:, None] * np.array(_BUSY, np.float64)).ravel(), 60)
        busy = np.concatenate([[0.0], np.cumsum(rate)])
        return cls(first, days, week, np.array([d.day for d in dates]), rest, busy * (len(rate) / busy[-1]))

    @property
    def minutes(self) -> int:
        """Return the length of normal life in minutes."""
        return self.days * DAY

    @property
    def end(self) -> int:
        """Return the length of the world with its tail in minutes."""
        return len(self.busy) - 1

    @property
    def working(self) -> NDArray[np.bool_]:
        """Return (all days,) whether offices work."""
        return (self.weekday < 5) & ~self.holiday

    def level(self, kind: str) -> NDArray[np.float64]:
        """Return (days,) how much is done on each day of normal life; after pay day more is spent."""
        week = np.array(_WEEK[kind])[self.weekday] * np.where(self.holiday, _HOLIDAY[kind], 1.0)
        month = np.where((self.monthday <= 5) | (self.monthday >= 27), 1.1, 1.0) if kind in ("shop", "home") else 1.0
        level: NDArray[np.float64] = (week * month)[: self.days]
        return level

    def hours(self, kind: str, k: int, rng: np.random.Generator) -> NDArray[np.int32]:
        """Return *k* minutes of a day, as payments of *kind* are made."""
        reach = np.concatenate([[0.0], np.cumsum(_HOURS[kind])]) / sum(_HOURS[kind])
        at = np.interp(rng.random(k), reach, np.arange(25) * 60.0)
        return np.asarray(np.minimum(at, DAY - 1), np.int32)

    def at(self, busy: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the minutes at which so many *busy* minutes have elapsed; inside the world always."""
        found = np.searchsorted(self.busy, busy, side="right") - 1
        return np.clip(found, 0, self.end - 1).astype(np.int64)

    def draw(self, k: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return *k* minutes of normal life that follow its rhythm, unsorted."""
        return self.at(rng.random(k) * self.busy[self.minutes])

    def moment(self, minute: int) -> str:
        """Return one *minute* of the world as `YYYY/MM/DD HH:MM`."""
        date = (self.first + timedelta(minute // DAY)).strftime("%Y/%m/%d")
        return f"{date} {minute % DAY // 60:02}:{minute % 60:02}"

    def text(self, day: int) -> list[str]:
        """Return each minute of *day* as `YYYY/MM/DD HH:MM`."""
        date = (self.first + timedelta(day)).strftime("%Y/%m/%d")
        return [f"{date} {m // 60:02}:{m % 60:02}" for m in range(DAY)]
