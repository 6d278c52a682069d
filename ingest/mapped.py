"""Read any CSV or Parquet file whose columns a TOML map names."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphml.errors import InputError
from graphml.source import UNITS, Beside, Clock, Columns, Delivery, Head, Number, Options, Table
from graphml.window import instant
from ingest import _files, _guess, _rows

__all__ = ["SOURCE", "Mapped"]

_FILE = ("separator", "encoding")
_COLUMNS = (
    "id",
    "amount",
    "amount_received",
    "currency",
    "currency_received",
    "format",
    "payments",
    "until",
    "laundering",
    "typology",
    "ring",
)
_SIDES = ("payer", "payee")
_OF_SIDE = ("account", "party", "party_name", "country")
_TIME = ("column", "format", "step", "origin", "resolution")
_AMOUNT = ("decimal", "thousands", "exponent")
_TOP = ("columns", "payer", "payee", "time", "amount", "file", "currency", "reference")


@dataclass(frozen=True, slots=True)
class Mapped:
    """Read what a map describes: columns, time format, signs of numbers, and what makes an account."""

    name: str = "mapped"

    def recognises(self, _: Head) -> bool:
        """Return False: only a map says what the columns of a file mean."""
        return False

    def deliver(self, heads: Sequence[Head], options: Options) -> Delivery:
        """Return the transactions as the map of the options reads them.

        Raises:
            InputError: there is no map, it has no dates, or it names what is not there.
        """
        if options.map is None:
            dateless = _guess.dateless(heads)
            if dateless is not None:
                raise _guess.no_dates(dateless)
            raise InputError(
                f"'mapped' needs --map FILE. Write a first one with: muletrail ingest mapped --guess {heads[0].name}"
            )
        map_ = _Map(_load(options.map), options.map.name)
        tables = tuple(Table(h, map_.columns()) for h in (map_.head(h.path) for h in heads))
        for table in tables:
            map_.fits(table)
        return Delivery(tables, reference=map_.reference(), beside=Beside(**map_.parties([t.head for t in tables])))


@dataclass(frozen=True, slots=True)
class _Map:
    """Hold a map that was read, and the name of its file for messages."""

    raw: Mapping[str, Any]
    name: str

    def part(self, name: str, keys: Sequence[str]) -> Mapping[str, Any]:
        """Return a table of the map; a key that is not known is an error."""
        part = self.raw.get(name, {})
        if not isinstance(part, dict):
            raise InputError(f"The map '{self.name}' has {name} = {part!r}; a table [{name}] was expected.")
        strange = sorted(set(part) - set(keys))
        if strange:
            raise InputError(f"The map '{self.name}' has '{strange[0]}' in [{name}]; known are {', '.join(keys)}.")
        return part

    def text(self, part: str, keys: Sequence[str], key: str, default: str | None = None) -> str | None:
        """Return a text of the map."""
        value = self.part(part, keys).get(key, default)
        if value is not None and (not isinstance(value, str) or (not value and default is None)):
            raise InputError(f"The map '{self.name}' has {key} = {value!r} in [{part}]; a text was expected.")
        return value

    def head(self, path: Path) -> Head:
        """Return the head of a file, read as the map says."""
        separator, encoding = (self.text("file", _FILE, key) for key in _FILE)
        if separator is not None and (len(separator.encode()) != 1 or separator in '\r\n"'):
            raise InputError(f"The map '{self.name}' has separator = {separator!r}; one character was expected.")
        return _files.head(path, separator, encoding)

    def columns(self) -> Columns:
        """Return the meaning of the columns."""
        strange = sorted(set(self.raw) - set(_TOP))
        if strange:
            raise InputError(f"The map '{self.name}' has '{strange[0]}'; known are {', '.join(_TOP)}.")
        time = _joined(self.part("time", _TIME).get("column"))
        if time is None:
            raise _guess.no_dates_in_map(self.name)
        found = {c: None if (v := self.text("columns", _COLUMNS, c)) is None else pl.col(v) for c in _COLUMNS}
        if found["amount"] is None:
            raise InputError(f"The map '{self.name}' names no amount. Write amount = \"COLUMN\" below [columns].")
        constant = self.raw.get("currency")
        if (found["currency"] is None) == (constant is None):
            raise InputError(
                f'The map \'{self.name}\' needs one of: currency = "EUR" at the top, or currency = "COLUMN" in [columns].'
            )
        ends = {side: self.account(side) for side in _SIDES}
        countries = {
            f"{s}_country": None if (v := self.text(s, _OF_SIDE, "country")) is None else pl.col(v) for s in _SIDES
        }
        received, ring, amount = found.pop("amount_received"), found.pop("ring"), found.pop("amount")
        ring = None if ring is None else pl.when(ring != "-1").then(ring)  # as simulators write "in none"
        currency = found.pop("currency")
        return Columns(
            time=time, clock=self.clock(), number=self.number(), received=received, attempt=ring, amount=amount,  # type: ignore[arg-type]
            currency=pl.lit(str(constant)) if currency is None else currency, **ends, **countries, **found,  # type: ignore[arg-type]
        )  # fmt: skip

    def account(self, side: str) -> tuple[pl.Expr, ...]:
        """Return the one or two columns that make the account of a side."""
        names = self.part(side, _OF_SIDE).get("account")
        names = [names] if isinstance(names, str) else names
        if not isinstance(names, list) or not 1 <= len(names) <= 2 or not all(isinstance(n, str) for n in names):
            raise InputError(
                f'The map \'{self.name}\' has account = {names!r} in [{side}]; "COLUMN" or ["BANK COLUMN", "ACCOUNT COLUMN"] was expected.'
            )
        return tuple(pl.col(n) for n in names)

    def clock(self) -> Clock:
        """Return how times are read: a format or several, or steps of a unit since an origin."""
        part = self.part("time", _TIME)
        step, form = part.get("step"), part.get("format", [])
        if step is not None:
            if step not in UNITS:
                raise InputError(f"The map '{self.name}' has step = {step!r}; one of {', '.join(UNITS)} was expected.")
            return Clock(
                (),
                "second" if step == "millisecond" else step,
                UNITS[step],
                instant(str(part.get("origin", "1970-01-01"))),
            )
        formats = (form,) if isinstance(form, str) else tuple(form) if isinstance(form, list) else ()
        if not formats or not all(isinstance(f, str) and "%" in f for f in formats):
            raise InputError(
                f"The map '{self.name}' has format = {form!r} in [time]; a format such as \"%Y-%m-%d %H:%M:%S\" was expected."
            )
        finest = "second" if "%S" in "".join(formats) else "minute" if "%M" in "".join(formats) else "day"
        resolution = part.get("resolution", finest)
        if resolution not in UNITS:
            raise InputError(
                f"The map '{self.name}' has resolution = {resolution!r}; one of {', '.join(UNITS)} was expected."
            )
        return Clock(formats, resolution)

    def number(self) -> Number:
        """Return how amounts are read."""
        decimal = self.text("amount", _AMOUNT, "decimal", ".") or "."
        thousands = self.text("amount", _AMOUNT, "thousands", "") or ""
        if len(decimal) != 1 or len(thousands) > 1 or decimal == thousands or (decimal + thousands).isalnum():
            raise InputError(
                f"The map '{self.name}' has decimal = {decimal!r}, thousands = {thousands!r}; two different signs were expected."
            )
        return Number(decimal, thousands, bool(self.part("amount", _AMOUNT).get("exponent", False)))

    def reference(self) -> str:
        """Return the currency of values: the map's, else the constant one, else the US dollar."""
        return str(self.raw.get("reference") or self.raw.get("currency") or "US Dollar")

    def fits(self, table: Table) -> None:
        """Raise where the map names columns that the file does not have."""
        others = [v for s in _SIDES for k in ("party", "party_name") if (v := self.text(s, _OF_SIDE, k))]
        lost = [c for c in (*table.columns.roots(), *others) if c not in table.head.columns]
        if lost:
            raise InputError(
                f"The map '{self.name}' names the columns {lost}, which '{table.head.name}' does not have; it has {list(table.head.columns)}."
            )

    def parties(self, heads: Sequence[Head]) -> dict[str, pl.DataFrame]:
        """Return the parties that the rows name, and what they own."""
        found = []
        for side in _SIDES:
            party, name = (self.text(side, _OF_SIDE, k) for k in ("party", "party_name"))
            if party is None:
                continue
            account = pl.concat_str(self.account(side), separator=":")
            told = {"party": pl.col(party), "name": pl.col(name or party), "account": account}
            roots = sorted({r for e in told.values() for r in e.meta.root_names()})
            found += [raw.frame.select(**told).unique() for h in heads for raw in _rows.rows(h, roots)]
        if not found:
            return {}
        owned = (
            pl.concat(found).drop_nulls(["party", "account"]).unique().sort("party", "name", "account", nulls_last=True)
        )
        return {
            "parties": owned.select("party", "name"),
            "ownership": owned.select("party", "account", role=pl.lit("owner")),
        }


def _joined(columns: object) -> pl.Expr | None:
    if isinstance(columns, str) and columns:
        return pl.col(columns)
    if isinstance(columns, list) and columns and all(isinstance(c, str) for c in columns):
        return pl.concat_str(columns, separator=" ")
    return None


def _load(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as fault:
        raise InputError(f"The map '{path}' cannot be read: {fault.strerror}.") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise InputError(f"The map '{path.name}' is no TOML: {fault}.") from fault


SOURCE = Mapped()
