"""Convert currencies with a dated table that the user can replace."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Self

from graphml.errors import InputError, UnknownName

__all__ = ["Rates"]


@dataclass(frozen=True, slots=True)
class Rates:
    """Hold units of the base currency per unit of each currency, with the date for which they hold."""

    date: str
    base: str
    per_unit: Mapping[str, float]
    digest: str

    @classmethod
    def load(cls, path: Path | None) -> Self:
        """Return the table in the TOML file *path*, the built-in one where it is None.

        Raises:
            InputError: the file is missing or lacks `date`, `base` or `[rates]`, or a rate is not above 0.
        """
        try:
            content = path.read_bytes() if path else (files("ingest") / "rates.toml").read_bytes()
            raw = tomllib.loads(content.decode("utf-8"))
            per_unit = {**raw.get("approximate", {}), **raw["rates"]}
            date, base = str(raw["date"]), raw["base"]
        except FileNotFoundError as fault:
            raise InputError(f"There is no rate table '{path}'.") from fault
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as fault:
            raise InputError(
                f'\'{path}\' is no rate table: {fault}. It needs date = "2022-09-01", base = "US Dollar" and [rates] '
                'with lines such as "Euro" = 1.1718.'
            ) from fault
        bad = [name for name, rate in per_unit.items() if not isinstance(rate, int | float) or not rate > 0]
        if bad:
            raise InputError(f"The rate of {bad[0]} is {per_unit[bad[0]]!r}; a number above 0 was expected.")
        spelled = {other: per_unit[name] for other, name in raw.get("names", {}).items() if name in per_unit}
        return cls(date, base, {**per_unit, **spelled}, hashlib.sha256(content).hexdigest())

    def into(self, reference: str) -> dict[str, float]:
        """Return units of *reference* per unit of each currency.

        Raises:
            UnknownName: the table has no rate for *reference*.
        """
        if reference not in self.per_unit:
            raise UnknownName.of("currency", reference, self.per_unit)
        return {name: rate / self.per_unit[reference] for name, rate in self.per_unit.items()}
