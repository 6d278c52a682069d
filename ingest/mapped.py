"""Read any CSV or Parquet file whose columns a TOML map explains."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphml.errors import InputError, ParameterError, UnknownName
from graphml.source import TEXT, Delivery, Options
from ingest._table import Table, quarantined

__all__ = ["SOURCE", "Mapped", "guessed"]

_SETTINGS = ("columns", "time_format", "currency", "decimal", "thousands", "encoding", "external", "positive_notes")
_MORE = ("from_country", "to_country", "from_party", "to_party")
_MINIMUM = ("time", "from_account", "to_account", "amount")
_LIKELY = {
    "id": ("transaction_id", "tran_id", "tx_id", "txn_id", "id", "reference"),
    "time": ("timestamp", "datetime", "date", "time", "booked_at", "value_date"),
    "from_bank": ("from_bank_id", "from_bank", "sender_bank", "payer_bank"),
    "from_account": (
        "from_account_id",
        "from_account",
        "sender_account",
        "payer_account",
        "payeraccount",
        "orig",
        "sender",
        "payer",
    ),
    "to_bank": ("to_bank_id", "to_bank", "receiver_bank", "payee_bank", "beneficiary_bank"),
    "to_account": (
        "to_account_id",
        "to_account",
        "receiver_account",
        "payee_account",
        "beneficiaryaccount",
        "dest",
        "receiver",
        "payee",
    ),
    "amount": ("amount_paid", "amount_usd", "amount", "value", "sum"),
    "currency": ("payment_currency", "currency"),
    "amount_received": ("amount_received",),
    "currency_received": ("receiving_currency", "received_currency"),
    "format": ("payment_format", "payment_type", "channel", "format", "type"),
    "laundering": ("is_laundering", "is_sar", "is_fraud", "isfraud", "label"),
    "attempt": ("alert_id", "ring", "pattern_id"),
    "typology": ("laundering_type", "typology"),
}
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%d.%m.%Y %H:%M", "%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d.%m.%Y", "%b %d, %Y")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mapped:
    """Read files by a map: `[columns]` from the ledger's names to the file's, and how times and numbers are written."""

    name: str = "mapped"

    def recognises(self, header: Sequence[str]) -> bool:  # noqa: ARG002
        """Return False: nothing but a map tells what the columns mean."""
        return False

    def read(self, files: Sequence[Path], options: Options) -> Delivery:
        """Return the rows as the map says.

        Raises:
            ParameterError: there is no map. InputError: it is no TOML, or names a column that is not there.
        """
        if options.map is None:
            raise ParameterError(
                "mapped needs --map FILE. Write a first one with: muletrail ingest mapped --guess FILE"
            )
        settings = _settings(options.map)
        columns: dict[str, str | tuple[str, int] | int] = dict(settings["columns"])
        tables = [Table.of(path, settings.get("encoding", "utf-8")) for path in files]
        rows = pl.concat([table.pick(columns) for table in tables])
        format_ = settings["time_format"]
        numbers = [_plain(c, settings).alias(c) for c in ("amount", "amount_received") if c in columns]
        return Delivery(
            rows=rows.with_columns(numbers).select(pl.exclude(_MORE)), broken=quarantined(tables),
            spelled={c: str(w) for c, w in columns.items()},
            time=pl.col("time").str.strip_chars().str.to_datetime(format_, strict=False, time_unit="us"),
            currency=settings.get("currency"), resolution="second" if "%S" in format_ else "minute" if "%M" in format_ else "day",
            accounts=_countries(rows, columns), notes=tuple(settings.get("positive_notes", ())), **_owners(rows, columns),
        )  # fmt: skip


def guessed(path: Path) -> str:
    """Return a first map for *path* as TOML text, made from its header and its first values.

    Raises:
        InputError: no column looks like a time, an amount or an account.
    """
    table = Table.of(path)
    lower = {name.strip().lower(): name for name in table.header}
    found = {column: next((lower[n] for n in names if n in lower), None) for column, names in _LIKELY.items()}
    chosen = {column: name for column, name in found.items() if name is not None}
    missing = [column for column in _MINIMUM if column not in chosen]
    if "time" in missing:
        raise InputError(
            f"'{path.name}' has no column of dates or times among {', '.join(table.header)}. Without them payments cannot "
            "be put in order, so nothing can be said about trails or rings. Give a file with a date for each payment."
        )
    sample = table.pick({"time": chosen["time"]}).head(200).collect()["time"].drop_nulls()
    format_ = next(
        (f for f in _TIMES if len(sample) and sample.str.to_datetime(f, strict=False).null_count() == 0), _TIMES[0]
    )
    lines = [f"# A first map for {path.name}, made from its header and its first values. Correct it, then:"]
    lines += [
        f"# muletrail ingest mapped {path.name} --map THIS_FILE --out LEDGER",
        f'time_format = "{format_}"',
        'decimal = "."',
        'thousands = ""',
        'encoding = "utf-8"',
    ]
    if "currency" not in chosen:
        lines.append('currency = "USD"  # the one currency of the file: check it')
    lines += ["", "[columns]"]
    lines += [f'{column} = "{name}"' for column, name in chosen.items()]
    lines += [f'# {column} = "?"  # needed: name the column' for column in missing]
    return "\n".join(lines)


def _settings(path: Path) -> dict[str, Any]:
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as fault:
        raise InputError(
            f"There is no map '{path}'. Write a first one with: muletrail ingest mapped --guess FILE"
        ) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise InputError(f"The map '{path}' is not TOML: {fault}.") from fault
    for name in settings:
        if name not in _SETTINGS:
            raise UnknownName.of("setting of a map", name, _SETTINGS)
    columns = settings.get("columns", {})
    for name in columns:
        if name not in (*TEXT, *_MORE):
            raise UnknownName.of("column of a map", name, (*TEXT, *_MORE))
    missing = [name for name in _MINIMUM if name not in columns]
    if missing or "time_format" not in settings:
        lacking = ", ".join(missing or ["time_format"])
        raise InputError(
            f"The map '{path}' lacks {lacking}. Without a time for each payment, its two accounts and its amount nothing can be read."
        )
    return settings


def _plain(column: str, settings: dict[str, Any]) -> pl.Expr:
    text = pl.col(column)
    if settings.get("thousands"):
        text = text.str.replace_all(settings["thousands"], "", literal=True)
    return text.str.replace(settings.get("decimal", "."), ".", literal=True)


def _sides(rows: pl.LazyFrame, columns: dict[str, Any], what: str) -> pl.DataFrame | None:
    sides = [side for side in ("from", "to") if f"{side}_{what}" in columns]
    if not sides:
        return None
    frames = []
    for side in sides:
        number = pl.col(f"{side}_account").str.strip_chars()
        bank = pl.col(f"{side}_bank").str.strip_chars() if f"{side}_bank" in columns else None
        name = number if bank is None else pl.concat_str([bank, number], separator=":")
        frames.append(rows.select(name.alias("name"), pl.col(f"{side}_{what}").alias(what)).drop_nulls())
    return pl.concat(frames).unique().sort("name", what).collect()


def _countries(rows: pl.LazyFrame, columns: dict[str, Any]) -> pl.DataFrame | None:
    found = _sides(rows, columns, "country")
    return None if found is None else found.unique("name", keep="first", maintain_order=True)


def _owners(rows: pl.LazyFrame, columns: dict[str, Any]) -> dict[str, Any]:
    found = _sides(rows, columns, "party")
    if found is None:
        return {}
    return {
        "parties": found.select("party", pl.col("party").alias("name")).unique(
            "party", keep="first", maintain_order=True
        ),
        "ownership": found.select("party", "name", pl.lit("owner").alias("role")),
    }


SOURCE = Mapped()
