"""Read the FinCEN Files (ICIJ, 2020): flows between banks that were named in suspicious activity reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from graphml.source import Delivery, Options
from ingest._table import Table, header, quarantined

__all__ = ["SOURCE", "Fincen"]

_COLUMNS: dict[str, str | tuple[str, int] | int] = {
    "id": "id",
    "time": "begin_date",
    "until": "end_date",
    "from_account": "originator_bank_id",
    "to_account": "beneficiary_bank_id",
    "_from_country": "originator_iso",
    "_to_country": "beneficiary_iso",
    "_from_bank": "originator_bank",
    "_to_bank": "beneficiary_bank",
    "payments": "number_transactions",
    "amount": "amount_transactions",
}


@dataclass(frozen=True, slots=True)
class Fincen:
    """Read `download_transactions_map.csv`: a row is the sum of many payments between two banks over a period."""

    name: str = "fincen"

    def recognises(self, header: Sequence[str]) -> bool:
        """Return whether the header is that of the FinCEN Files' transactions."""
        return {"icij_sar_id", "originator_bank_id", "number_transactions"} <= {c.strip().lower() for c in header}

    def read(self, files: Sequence[Path], options: Options) -> Delivery:  # noqa: ARG002
        """Return the flows; each bank is an account and a party."""
        tables = [Table.of(path) for path in files if self.recognises(header(path))] or [Table.of(p) for p in files]
        rows = pl.concat([table.pick(_COLUMNS) for table in tables])
        sides = [
            rows.select(
                pl.col(f"{s}_account").str.strip_chars().alias("name"),
                pl.col(f"_{s}_country").alias("country"),
                pl.col(f"_{s}_bank").alias("bank"),
            )
            for s in ("from", "to")
        ]
        banks = (
            pl.concat(sides)
            .drop_nulls("name")
            .unique()
            .sort("name", "country", "bank")
            .unique("name", keep="first", maintain_order=True)
            .collect()
        )
        day = "%b %d, %Y"
        return Delivery(
            rows=rows.select(pl.exclude("^_.*$")), broken=quarantined(tables),
            spelled={c: str(w) for c, w in _COLUMNS.items()},
            time=pl.col("time").str.strip_chars().str.to_datetime(day, strict=False, time_unit="us"),
            until=pl.col("until").str.strip_chars().str.to_datetime(day, strict=False, time_unit="us"),
            currency="US Dollar", resolution="day",
            accounts=banks.select("name", "country"),
            parties=banks.select(pl.col("name").alias("party"), pl.col("bank").alias("name"), pl.lit("bank").alias("kind"), "country"),
            ownership=banks.select(pl.col("name").alias("party"), "name", pl.lit("bank").alias("role")),
            notes=("Each row is the sum of many payments between two banks over a period; it stands at the period's first day.",
                   "Every row was named in a suspicious activity report, so there is no normal traffic to compare with."),
        )  # fmt: skip


SOURCE = Fincen()
