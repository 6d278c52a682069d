"""Read SAML-D (Oztas et al., 2023): one file, 28 typologies of which 17 are suspicious."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from graphml.source import Clock, Columns, Delivery, Head, Options, Table

__all__ = ["SOURCE", "SamlD"]

_HEADER = (
    "Time", "Date", "Sender_account", "Receiver_account", "Amount", "Payment_currency", "Received_currency",
    "Sender_bank_location", "Receiver_bank_location", "Payment_type", "Is_laundering", "Laundering_type",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SamlD:
    """Read the transactions of SAML-D; normal typologies have the same shapes as suspicious ones."""

    name: str = "saml_d"

    def recognises(self, head: Head) -> bool:
        """Return whether the file has SAML-D's columns."""
        return head.has(*_HEADER)

    def deliver(self, heads: Sequence[Head], _: Options) -> Delivery:
        """Return the transactions; the one amount is taken as paid in the payment currency."""
        columns = Columns(
            time=pl.concat_str(["Date", "Time"], separator=" "), clock=Clock(("%Y-%m-%d %H:%M:%S",), "second"),
            payer=(pl.col("Sender_account"),), payee=(pl.col("Receiver_account"),),
            amount=pl.col("Amount"), currency=pl.col("Payment_currency"), currency_received=pl.col("Received_currency"),
            format=pl.col("Payment_type"), laundering=pl.col("Is_laundering"), typology=pl.col("Laundering_type"),
            payer_country=pl.col("Sender_bank_location"), payee_country=pl.col("Receiver_bank_location"),
        )  # fmt: skip
        notes = ("The source has one amount, taken as paid in the payment currency; the amount received is not known.",)
        return Delivery(tuple(Table(h, columns) for h in heads), reference="UK pounds", notes=notes)


SOURCE = SamlD()
