"""State the worlds that can be generated: every number that makes one differ from another is a field."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from graphml.errors import ParameterError, UnknownName
from ingest.world.money import UK, WORLD, Money

__all__ = ["PRESETS", "Preset", "describe", "presets"]

_US_HOLIDAYS = ("2022-09-05", "2022-10-10")
_UK_HOLIDAYS = ("2024-01-01", "2024-03-29", "2024-04-01", "2024-05-06", "2024-05-27")
_LONGEST = 3660  # days
_FEWEST = 20  # accounts
_EARLIEST = date(1970, 1, 1)  # instants are counted from it
_LAST = date(2100, 1, 1)  # readers take later years for errors


@dataclass(frozen=True, slots=True)
class Preset:
    """Hold what a world is made of; defaults follow Altman et al. (2023), HI-Small."""

    name: str
    title: str  # first part of the file names
    illicit_share: float  # laundering rows of all rows
    pattern_share: float  # rows inside attempts, of the laundering rows; the rest is integration
    days: int = 10  # length of the world
    stage_days: int = 4  # longest one-stage attempt; gather-scatter has two stages
    rows_per_account: float = 9.86  # mean over the world
    start: str = "2022-09-01"  # first day
    holidays: tuple[str, ...] = _US_HOLIDAYS
    money: Money = WORLD
    retail: bool = False  # British retail banking: crypto exchanges, cash machines, victims of fraud, young mules
    more: float = 0.2  # share of attempts in typologies beyond the eight of AMLworld
    level: float = 8.0  # how large normal payments are; 1 is British retail banking
    dirty: float = 1.0  # how large first payments of attempts are; 1 is as measured in HI-Small
    huge: float = 0.03  # share of them that are 10 to 2,000 times as large, as measured there
    petty: float = 0.15  # share of normal payments that are too small for a gang to deal in
    look_alikes: float = 0.06  # share of rows in normal groups that have the shapes of laundering
    smallest: int = 2  # least size of an attempt: targets, sources, hops or chains
    largest: int = 17  # greatest size
    hub_share: float = 0.03  # rows paid by the one super-hub, of all rows
    cross_share: float = 0.015  # rows that change currency, laundering or not
    accounts: int = 0  # how many; 0: as many as rows and `rows_per_account` make
    attempts: int = 0  # how many; 0: as many as `illicit_share` makes

    @classmethod
    def of(cls, name: str) -> Self:
        """Return the preset of *name*, however it is capitalised.

        Raises:
            UnknownName: there is no such preset.
        """
        for preset in PRESETS:
            if preset.name == name.lower():
                return cls(**{field: getattr(preset, field) for field in cls.__slots__})
        raise UnknownName.of("preset", name, presets())

    def changed(self, start: str | None = None, end: str | None = None, accounts: int = 0, attempts: int = 0) -> Self:
        """Return this preset between other dates, or with so many accounts or attempts; 0 and None: as they are.

        Args:
            start: first day, as 2022-09-01.
            end: the day after the last one.
            accounts: 20 or more.
            attempts: 1 or more.

        Raises:
            ParameterError: a date is none, the end is not after the start, or a number cannot be.
        """
        first = _date("start", start or self.start)
        if first < _EARLIEST:
            raise ParameterError(f"The start is {first}; expected {_EARLIEST} or later. Try --start {self.start}.")
        days = (_date("end", end) - first).days if end else self.days
        if days < 1:
            raise ParameterError(
                f"The world would end on {end} and begin on {first}; expected an end after the start. "
                f"Try --end {_later(first, self.days)}."
            )
        if days > _LONGEST:
            raise ParameterError(
                f"The world would have {days} days; expected {_LONGEST} at most. Choose an earlier end."
            )
        if first.toordinal() + days > _LAST.toordinal():
            raise ParameterError(
                f"The world would begin on {first} and have {days} days; expected an end before {_LAST}. "
                f"Try --start {self.start}."
            )
        if accounts < 0 or 0 < accounts < _FEWEST:
            raise ParameterError(f"{accounts} accounts were asked for; expected {_FEWEST} or more. Try {_FEWEST}.")
        if attempts < 0:
            raise ParameterError(f"{attempts} attempts were asked for; expected 1 or more. Try 50.")
        return replace(self, start=first.isoformat(), days=days, accounts=accounts, attempts=attempts)


def _later(first: date, days: int) -> date:
    return date.fromordinal(min(first.toordinal() + days, date.max.toordinal()))


def _date(what: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise ParameterError(f"The {what} is '{text}'; expected a date such as 2022-09-01.") from fault


# Days, longest attempts and rows for each account: science of the files themselves (Altman et al., 2023, Table 4).
PRESETS = (
    Preset("demo", "Demo", 0.004, 0.62),
    Preset("hi-small", "HI-Small", 1 / 980, 0.62),
    Preset("li-small", "LI-Small", 1 / 1940, 0.29, rows_per_account=9.81),
    Preset("hi-medium", "HI-Medium", 1 / 905, 0.62, 16, 6, 15.4),
    Preset("li-medium", "LI-Medium", 1 / 1948, 0.29, 16, 6, 15.4),
    Preset("hi-large", "HI-Large", 1 / 807, 0.25, 97, 12, 84.9, "2022-08-01"),
    Preset("li-large", "LI-Large", 1 / 1750, 0.19, 97, 12, 85.0, "2022-08-01"),
    Preset(
        "uk-retail", "UK-Retail", 0.0015, 0.6, 120, 6, 60.0, "2024-01-01", _UK_HOLIDAYS, UK, True, 0.5,
        level=1.0, dirty=0.3, huge=0.0, cross_share=0.0,
    ),
)  # fmt: skip


def describe(name: str) -> str:
    """Return a sentence on the preset *name*.

    Raises:
        UnknownName: there is no such preset.
    """
    p = Preset.of(name)
    what = "British retail banking" if p.retail else f"{len(p.money.currencies)} currencies"
    return f"{p.days} days from {p.start}, {what}, 1 payment in {1 / p.illicit_share:,.0f} launders."


def presets() -> tuple[str, ...]:
    """Return the names that `generate` takes, ascending."""
    return tuple(sorted(preset.name for preset in PRESETS))
