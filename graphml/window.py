"""Say when: instants in microseconds UTC and half-open windows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from graphml.errors import ParameterError

__all__ = ["DAY", "HOUR", "LONGEST", "SECOND", "Window", "instant", "to_datetime"]

SECOND = 1_000_000  # microseconds
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
LONGEST = 365_250 * DAY  # 1,000 years; longer than any ledger, and short enough to be added to any instant
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str) -> int:
    """Return the microseconds since 1970 UTC that an ISO 8601 date or time names; no zone means UTC.

    Raises:
        ParameterError: the text is no ISO 8601 date.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as fault:
        raise ParameterError(f"'{text}' is not a date. Write it as 2022-09-01 or 2022-09-01T14:30:00.") from fault
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - _EPOCH) // timedelta(microseconds=1)


def to_datetime(microseconds: int) -> datetime:
    """Return the UTC datetime of *microseconds* since 1970."""
    return _EPOCH + timedelta(microseconds=int(microseconds))


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Hold the half-open interval [start, end) in microseconds since 1970 UTC."""

    start: int
    end: int

    @classmethod
    def of(cls, start: int, end: int) -> Self:
        """Return the window.

        Raises:
            ParameterError: the end lies before the start.
        """
        if end < start:
            raise ParameterError(
                f"A window cannot end ({to_datetime(end):%Y-%m-%d %H:%M}) before it starts "
                f"({to_datetime(start):%Y-%m-%d %H:%M}). Swap the two."
            )
        return cls(start, end)

    def __contains__(self, moment: int) -> bool:
        return self.start <= moment < self.end
