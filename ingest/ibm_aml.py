"""Read IBM AMLworld files (Altman et al., 2023): transactions, accounts and laundering patterns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphml import schema
from graphml.errors import InputError
from graphml.source import Delivery, Options
from ingest._table import Table, header, quarantined

__all__ = ["SOURCE", "IbmAml"]

_COLUMNS: dict[str, str | tuple[str, int] | int] = {
    "time": "Timestamp",
    "from_bank": "From Bank",
    "from_account": ("Account", 1),
    "to_bank": "To Bank",
    "to_account": ("Account", 2),
    "amount_received": "Amount Received",
    "currency_received": "Receiving Currency",
    "amount": "Amount Paid",
    "currency": "Payment Currency",
    "format": "Payment Format",
    "laundering": "Is Laundering",
}
_TIME = pl.col("time").str.strip_chars().str.to_datetime("%Y/%m/%d %H:%M", strict=False, time_unit="us")
_BEGIN = re.compile(r"BEGIN LAUNDERING ATTEMPT - ([A-Z-]+)")


@dataclass(frozen=True, slots=True)
class IbmAml:
    """Read `*_Trans.csv`, with `*_accounts.csv` and `*_Patterns.txt` beside it, or a patterns file alone."""

    name: str = "ibm_aml"

    def recognises(self, header: Sequence[str]) -> bool:
        """Return whether the header is AMLworld's, or the first line opens a laundering attempt."""
        cells = [cell.strip().lower() for cell in header]
        return {"from bank", "to bank", "is laundering"} <= set(cells) or _BEGIN.match(",".join(header)) is not None

    def read(self, files: Sequence[Path], options: Options) -> Delivery:  # noqa: ARG002
        """Return the transactions with their owners and answer key; a patterns file alone is a ledger of positives.

        Raises:
            InputError: no file holds transactions or patterns.
        """
        kinds = {kind: [f for f in files if _kind(f) == kind] for kind in ("rows", "accounts", "patterns")}
        tables = [Table.of(path) for path in kinds["rows"]]
        keys = [_patterns(path) for path in kinds["patterns"]]
        if not tables and not keys:
            raise InputError(
                f"None of {', '.join(f.name for f in files)} has AMLworld's columns: {', '.join(map(str, _COLUMNS.values()))}."
            )
        notes: tuple[str, ...] = ()
        if tables:
            rows, broken = pl.concat([t.pick(_COLUMNS) for t in tables]), quarantined(tables)
        else:
            rows, broken = pl.concat([k[0] for k in keys]).lazy(), pl.concat([k[1] for k in keys])
            notes = ("Only laundering attempts were given: every transaction is a positive, so no rate has a meaning.",)
        owners = _owners([Table.of(path) for path in kinds["accounts"]])
        return Delivery(
            rows=rows, broken=broken, spelled={c: w if isinstance(w, str) else "Account" for c, w in _COLUMNS.items()},
            time=_TIME, reference="US Dollar", resolution="minute", notes=notes,
            patterns=pl.concat([_key(k[0]) for k in keys]) if keys else None, **owners,
        )  # fmt: skip


def _kind(path: Path) -> str:
    if path.suffix == ".txt":
        return "patterns"
    cells = {cell.strip().lower() for cell in header(path)}
    return "rows" if "from bank" in cells else "accounts" if {"account number", "entity id"} <= cells else ""


def _patterns(path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows of a patterns file as text with attempt and typology, and its broken lines."""
    rows, broken, attempt, number, width = [], [], "", 0, len(_COLUMNS)
    for line, text in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if begins := _BEGIN.match(text):
            number += 1
            attempt = begins[1].lower()
        elif text.strip() and not text.startswith("END LAUNDERING ATTEMPT"):
            cells = text.split(",")
            if len(cells) == width and attempt:
                rows.append([path.name, line, *cells, str(number), attempt])
            else:
                reason = (
                    f"The line has {len(cells)} cells where {width} were expected."
                    if attempt
                    else "The line belongs to no attempt."
                )
                broken.append([path.name, line, "", text[:200], reason])
    names = ["time", "from_bank", "from_account", "to_bank", "to_account", "amount_received", "currency_received"]
    names += ["amount", "currency", "format", "laundering", "attempt", "typology"]
    table = pl.DataFrame(
        rows, schema={"file": pl.String, "line": pl.Int64, **dict.fromkeys(names, pl.String)}, orient="row"
    )
    return table, pl.DataFrame(broken, schema=schema.QUARANTINE, orient="row")


def _key(rows: pl.DataFrame) -> pl.DataFrame:
    text = ("amount", "currency", "amount_received", "currency_received", "format")
    return rows.select(
        "attempt", "typology",
        _TIME.dt.replace_time_zone("UTC"),
        pl.concat_str(["from_bank", "from_account"], separator=":").alias("from_name"),
        pl.concat_str(["to_bank", "to_account"], separator=":").alias("to_name"),
        *(pl.col(c).str.strip_chars() for c in text),
    )  # fmt: skip


def _owners(tables: Sequence[Table]) -> dict[str, Any]:
    if not tables:
        return {}
    wanted: dict[str, str | tuple[str, int] | int] = {
        "bank": "Bank ID", "number": "Account Number", "party": "Entity ID", "owner": "Entity Name",
    }  # fmt: skip
    table = pl.concat([t.pick(wanted) for t in tables]).drop_nulls(["bank", "number"]).collect()
    table = table.with_columns(name=pl.concat_str(["bank", "number"], separator=":"))
    owned = table.drop_nulls("party")
    kind = (
        pl.when(pl.col("owner").str.contains("(?i)individual|person"))
        .then(pl.lit("person"))
        .otherwise(pl.lit("company"))
    )
    return {
        "accounts": table.select("name"),
        "parties": owned.select("party", pl.col("owner").alias("name"), kind.alias("kind")),
        "ownership": owned.select("party", "name", pl.lit("owner").alias("role")),
    }


SOURCE = IbmAml()
