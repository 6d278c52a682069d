"""Read AMLGentex (AI Sweden, 2025): transfers, cash, salaries and opening balances."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphml import schema
from graphml.errors import InputError
from graphml.source import Delivery, Options
from ingest._table import Table, header, quarantined

__all__ = ["SOURCE", "Amlgentex"]

_COLUMNS: dict[str, str | tuple[str, int] | int] = {
    "time": "step",
    "format": "type",
    "amount": "amount",
    "from_account": "nameOrig",
    "to_account": "nameDest",
    "laundering": "isSAR",
    "attempt": "patternID",
}
_START = pl.datetime(2023, 1, 1, time_unit="us")
_OPENING = "INITALBALANCE"  # as the files spell it
_WORLD = {"-2": "external", "-1": "external"}  # who pays salaries, where money is spent


@dataclass(frozen=True, slots=True)
class Amlgentex:
    """Read `tx_log.parquet` with `accounts.csv` and `alert_models.csv` beside it.

    A step is a day, counted here from 2023-01-01. `-2` pays salaries and `-1` is where money is spent: both are
    external. Rows of type INITALBALANCE are balances, not payments.
    """

    name: str = "amlgentex"

    def recognises(self, header: Sequence[str]) -> bool:
        """Return whether the header is AMLGentex's."""
        return {"step", "nameorig", "bankorig", "issar"} <= {cell.strip().lower() for cell in header}

    def read(self, files: Sequence[Path], options: Options) -> Delivery:  # noqa: ARG002
        """Return the payments, owners, opening balances and patterns.

        Raises:
            InputError: none of the files has AMLGentex's columns.
        """
        tables = [Table.of(path) for path in files if self.recognises(header(path))]
        if not tables:
            raise InputError(
                f"None of {', '.join(f.name for f in files)} has AMLGentex's columns step, nameOrig, bankOrig, isSAR."
            )
        every = pl.concat([table.pick(_COLUMNS) for table in tables])
        opening = (
            every.filter((pl.col("format") == _OPENING) & ~pl.col("to_account").is_in(list(_WORLD)))
            .select(
                pl.col("to_account").alias("name"),
                pl.col("amount").cast(pl.Float64, strict=False).alias("opening_balance"),
            )
            .unique("name", keep="first", maintain_order=True)
            .collect()
        )
        days = pl.col("time").str.strip_chars().cast(pl.Int64, strict=False)
        people = _beside(files, "customer_id")
        rows = every.filter(pl.col("format") != _OPENING).with_columns(
            pl.when(pl.col("attempt").cast(pl.Int64, strict=False) >= 0).then(pl.col("attempt")).alias("attempt")
        )
        more = {} if people is None else _owners(people)
        balances = f"{opening.height} rows of type {_OPENING} give opening balances; they are no payments."
        return Delivery(
            rows=rows, broken=quarantined(tables), spelled={c: str(w) for c, w in _COLUMNS.items()},
            time=_START + pl.duration(days=pl.when(days.is_between(0, 40_000)).then(days), time_unit="us"),
            currency="units", resolution="day",
            external=pl.when(pl.col("name").is_in(list(_WORLD))).then(pl.lit("external")),
            accounts=opening, attempts=_members(_beside(files, "modelid")),
            notes=("Times are days of a simulation, counted from 2023-01-01.", balances), **more,
        )  # fmt: skip


def _beside(files: Sequence[Path], column: str) -> Table | None:
    found = [path for path in files if column in {c.strip().lower() for c in header(path)}]
    return Table.of(found[0]) if found else None


def _owners(table: Table) -> dict[str, Any]:
    rows = table.pick({"name": "ACCOUNT_ID", "party": "CUSTOMER_ID", "label": "IS_SAR"}).drop_nulls().collect()
    return {
        "parties": rows.select("party", pl.lit(None, pl.String).alias("name"), pl.lit("person").alias("kind")),
        "ownership": rows.select("party", "name", pl.lit("owner").alias("role")),
        "account_labels": rows.select("name", (pl.col("label").str.to_lowercase() == "true").alias("laundering")),
    }


def _members(table: Table | None) -> pl.DataFrame | None:
    if table is None:
        return None
    rows = table.pick({"attempt": "modelID", "typology": "type", "name": "accountID", "main": "isMain"}).drop_nulls()
    role = pl.when(pl.col("main").str.to_lowercase() == "true").then(pl.lit("main")).otherwise(pl.lit("member"))
    return rows.select(
        "attempt", pl.col("typology").str.replace_all("_", "-"), pl.lit(True).alias("laundering"), "name", role.alias("role")
    ).collect().cast({c: k for c, k in schema.ATTEMPTS.items() if c != "account"})  # fmt: skip


SOURCE = Amlgentex()
