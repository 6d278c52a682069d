"""Read IBM AMLSim (Suzumura and Kanezashi, 2018), as it generates files and as its samples come."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphml.errors import InputError
from graphml.source import Delivery, Options
from ingest._table import Table, header, quarantined

__all__ = ["SOURCE", "Amlsim"]

_COLUMNS: dict[str, str | tuple[str, int] | int] = {
    "id": "tran_id",
    "from_account": "orig_acct",
    "to_account": "bene_acct",
    "format": "tx_type",
    "amount": "base_amt",
    "time": "tran_timestamp",
    "laundering": "is_sar",
    "attempt": "alert_id",
}
_SAMPLE: dict[str, str | tuple[str, int] | int] = {
    "from_account": "sourceNodeId",
    "to_account": "targetNodeId",
    "amount": "value",
    "time": "time",
}


@dataclass(frozen=True, slots=True)
class Amlsim:
    """Read AMLSim's generated layout (transactions, accounts, alerts) or its samples' (nodes, transactions).

    Times have the resolution of a day. Alerts that are no SAR are normal look-alikes and stay in the answer key.
    """

    name: str = "amlsim"

    def recognises(self, header: Sequence[str]) -> bool:
        """Return whether the header is that of AMLSim's transactions, in either layout."""
        cells = {cell.strip().lower() for cell in header}
        return {"tran_id", "orig_acct", "bene_acct", "base_amt", "alert_id"} <= cells or {
            "sourcenodeid",
            "targetnodeid",
        } <= cells

    def read(self, files: Sequence[Path], options: Options) -> Delivery:  # noqa: ARG002
        """Return the transactions with their owners and answer key.

        Raises:
            InputError: none of the files has AMLSim's columns.
        """
        cells = {path: {c.strip().lower() for c in header(path)} for path in files}
        # Alert transactions repeat rows of transactions.csv; only the file without alert_type holds them all.
        rows = [path for path, names in cells.items() if {"tran_id", "base_amt"} <= names and "alert_type" not in names]
        samples = [path for path, names in cells.items() if "sourcenodeid" in names]
        if rows:
            return _generated([Table.of(p) for p in rows], {p: c for p, c in cells.items() if p not in rows})
        if samples:
            return _sampled([Table.of(p) for p in samples], [Table.of(p) for p, c in cells.items() if "nodeid" in c])
        raise InputError(
            f"None of {', '.join(f.name for f in files)} has AMLSim's columns: {', '.join(map(str, _COLUMNS.values()))}."
        )


def _generated(tables: Sequence[Table], others: dict[Path, set[str]]) -> Delivery:
    rows = pl.concat([table.pick(_COLUMNS) for table in tables])
    rows = rows.with_columns(
        pl.when(pl.col("attempt").cast(pl.Int64, strict=False) >= 0).then(pl.col("attempt")).alias("attempt")
    )
    people = [Table.of(p) for p, names in others.items() if {"acct_id", "first_name"} <= names]
    alerts = [Table.of(p) for p, names in others.items() if {"alert_id", "acct_id", "is_sar"} <= names]
    sar = [Table.of(p) for p, names in others.items() if {"alert_id", "account_id", "is_sar"} <= names]
    return Delivery(
        rows=rows, broken=quarantined(tables), spelled={c: str(w) for c, w in _COLUMNS.items()},
        time=pl.col("time").str.strip_chars().str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False, time_unit="us"),
        currency="USD", resolution="day", notes=("Times have the resolution of a day.",),
        attempts=_alerts(alerts), account_labels=_sar(sar), **_people(people),
    )  # fmt: skip


def _people(tables: Sequence[Table]) -> dict[str, Any]:
    if not tables:
        return {}
    wanted: dict[str, str | tuple[str, int] | int] = {
        "name": "acct_id", "first": "first_name", "last": "last_name", "country": "country", "born": "birth_date",
        "opening_balance": "initial_deposit",
    }  # fmt: skip
    rows = pl.concat([table.pick(wanted) for table in tables]).drop_nulls("name").collect()
    party = pl.format("C_{}", "name").alias("party")
    return {
        "accounts": rows.select("name", "country", pl.col("opening_balance").cast(pl.Float64, strict=False)),
        "parties": rows.select(
            party, pl.format("{} {}", "first", "last").alias("name"), pl.lit("person").alias("kind"), "country",
            pl.col("born").str.to_date("%Y-%m-%d", strict=False),
        ),
        "ownership": rows.select(party, "name", pl.lit("owner").alias("role")),
    }  # fmt: skip


def _alerts(tables: Sequence[Table]) -> pl.DataFrame | None:
    if not tables:
        return None
    wanted: dict[str, str | tuple[str, int] | int] = {
        "attempt": "alert_id",
        "typology": "alert_type",
        "name": "acct_id",
        "sar": "is_sar",
    }
    rows = pl.concat([table.pick(wanted) for table in tables]).drop_nulls().collect()
    return rows.select(
        "attempt", pl.col("typology").str.replace_all("_", "-"), (pl.col("sar").str.to_lowercase() == "true").alias("laundering"),
        "name", pl.lit("member").alias("role"),
    )  # fmt: skip


def _sar(tables: Sequence[Table]) -> pl.DataFrame | None:
    if not tables:
        return None
    rows = pl.concat([table.pick({"name": "ACCOUNT_ID", "sar": "IS_SAR"}) for table in tables]).drop_nulls().collect()
    return rows.group_by("name").agg((pl.col("sar").str.to_lowercase() == "yes").any().alias("laundering"))


def _sampled(tables: Sequence[Table], nodes: Sequence[Table]) -> Delivery:
    days = pl.col("time").str.strip_chars().cast(pl.Int64, strict=False)
    accounts, labels = None, None
    if nodes:
        wanted: dict[str, str | tuple[str, int] | int] = {
            "name": "nodeid",
            "bad": "isFraud",
            "opening_balance": "init_balance",
        }
        rows = pl.concat([table.pick(wanted) for table in nodes]).drop_nulls("name").collect()
        accounts = rows.select("name", pl.col("opening_balance").cast(pl.Float64, strict=False))
        labels = rows.select("name", (pl.col("bad") == "1").alias("laundering"))
    return Delivery(
        rows=pl.concat([table.pick(_SAMPLE) for table in tables]), broken=quarantined(tables),
        spelled={c: str(w) for c, w in _SAMPLE.items()},
        time=pl.datetime(2017, 1, 1, time_unit="us") + pl.duration(days=pl.when(days.is_between(0, 40_000)).then(days), time_unit="us"),
        currency="USD", resolution="day", accounts=accounts, account_labels=labels,
        notes=("Times are days of a simulation, counted from 2017-01-01.", "Only accounts are labelled."),
    )  # fmt: skip


SOURCE = Amlsim()
