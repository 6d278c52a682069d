"""Convert currencies with a dated table that the user can replace."""

import csv
import hashlib
import io
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from graphml.errors import InputError, UnknownName

__all__ = ["Rates"]

_FORM = (
    'It needs date = "2022-09-01", base = "US Dollar" and [rates] with lines such as "Euro" = 1.1718; '
    "or, as CSV, the columns name, usd, date."
)


@dataclass(frozen=True, slots=True)
class Rates:
    """Hold units of the base currency for one unit of each currency, and the day for which they are meant."""

    date: str
    per_unit: Mapping[str, float]  # by the spelling in the table, other spellings included
    digest: str  # of date and rates, not of comments and order

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Return the table in *path* (TOML or CSV), the built-in one where it is None.

        Raises:
            InputError: the file is missing, has another form, or a rate is no number above 0.
        """
        name = path.name if path else "rates.toml"
        try:
            text = (path.read_bytes() if path else (files("ingest") / "rates.toml").read_bytes()).decode("utf-8-sig")
            raw = _csv(text) if name.lower().endswith(".csv") else tomllib.loads(text)
            return cls.of(raw)
        except OSError as fault:
            raise InputError(f"The rate table '{path}' cannot be read: {fault.strerror}.") from fault
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, AttributeError, TypeError, csv.Error) as fault:
            raise InputError(f"'{name}' is no rate table: {fault}. {_FORM}") from fault

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Return the table in *raw*: date, base, rates, and optionally approximate and names.

        Raises:
            InputError: a rate is no number above 0, or a name stands for no currency.
        """
        rates = {str(raw["base"]): 1.0, **raw.get("approximate", {}), **raw["rates"]}
        for name, rate in rates.items():
            if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < math.inf:
                raise InputError(f"The rate of '{name}' is {rate!r}; a number above 0 was expected.")
        names = raw.get("names", {})
        lost = sorted(other for other, name in names.items() if name not in rates)
        if lost:
            raise InputError(f"The rate table spells '{lost[0]}' as '{names[lost[0]]}', which has no rate. Add one.")
        rates |= {other: rates[name] for other, name in names.items()}
        content = json.dumps([str(raw["date"]), sorted(rates.items())])
        return cls(str(raw["date"]), rates, hashlib.sha256(content.encode()).hexdigest())

    def into(self, reference: str) -> dict[str, float]:
        """Return units of *reference* for one unit of each currency, by the name in lower case.

        Raises:
            UnknownName: the table has no rate for *reference*.
        """
        lower = {name.casefold(): rate for name, rate in self.per_unit.items()}
        if reference.casefold() not in lower:
            raise UnknownName.of("currency", reference, self.per_unit)
        # Times base per unit, over base per unit of the reference: exact for the base itself.
        return {name: rate / lower[reference.casefold()] for name, rate in lower.items()}


def _csv(text: str) -> dict[str, Any]:
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    days = {line["date"] for line in lines}
    try:
        rates = {line["name"]: float(line["usd"]) for line in lines}
    except ValueError as fault:
        raise InputError(f"The rate table has no number in the column 'usd': {fault}. {_FORM}") from fault
    if len(days) != 1:
        raise InputError(f"The rate table has the dates {sorted(map(str, days))}; one date was expected.")
    return {"date": days.pop(), "base": "US Dollar", "rates": rates}
