"""Read SAML-D (Oztas et al., 2023): one file of transactions with 28 typologies."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from graphml.source import Delivery, Options
from ingest._table import Table, quarantined

__all__ = ["SOURCE", "SamlD"]

_COLUMNS: dict[str, str | tuple[str, int] | int] = {
    "_clock": "Time",
    "_date": "Date",
    "from_account": "Sender_account",
    "to_account": "Receiver_account",
    "amount": "Amount",
    "currency": "Payment_currency",
    "currency_received": "Received_currency",
    "_from_country": "Sender_bank_location",
    "_to_country": "Receiver_bank_location",
    "format": "Payment_type",
    "laundering": "Is_laundering",
    "typology": "Laundering_type",
}


@dataclass(frozen=True, slots=True)
class SamlD:
    """Read SAML-D; the amount is in the payment currency, and normal rows name their (normal) typology too."""

    name: str = "saml_d"

    def recognises(self, header: Sequence[str]) -> bool:
        """Return whether the header is SAML-D's."""
        return {"sender_account", "receiver_account", "laundering_type"} <= {cell.strip().lower() for cell in header}

    def read(self, files: Sequence[Path], options: Options) -> Delivery:  # noqa: ARG002
        """Return the transactions; the country of an account is that of its bank."""
        tables = [Table.of(path) for path in files]
        rows = pl.concat([table.pick(_COLUMNS) for table in tables])
        countries = pl.concat(
            [
                rows.select(
                    pl.col(f"{s}_account").str.strip_chars().alias("name"), pl.col(f"_{s}_country").alias("country")
                )
                for s in ("from", "to")
            ]
        )
        home = countries.drop_nulls().group_by("name", "country").len().sort("len", "country", descending=[True, False])
        accounts = home.unique("name", keep="first", maintain_order=True).select("name", "country").collect()
        text = rows.with_columns(pl.format("{} {}", "_date", "_clock").alias("time")).drop(
            "_date", "_clock", "_from_country", "_to_country"
        )
        return Delivery(
            rows=text, broken=quarantined(tables),
            spelled={**{c: str(w) for c, w in _COLUMNS.items()}, "time": "Date + Time"},
            time=pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us"),
            reference="UK Pound", accounts=accounts,
        )  # fmt: skip


SOURCE = SamlD()
