"""Read PaySim (Lopez-Rojas et al., 2016): mobile money with merchants and cash."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from graphml.source import UNITS, Clock, Columns, Delivery, Head, Options, Table
from graphml.window import instant

__all__ = ["SOURCE", "PaySim"]

_HEADER = ("step", "type", "amount", "nameOrig", "oldbalanceOrg", "newbalanceOrig", "nameDest", "isFraud")
_CASH = "CASH"  # the one account outside, where cash comes from and goes to
_ORIGIN = "2017-01-01"


@dataclass(frozen=True, slots=True)
class PaySim:
    """Read the log of PaySim; a cash leg is a payment from or to one external cash account."""

    name: str = "paysim"

    def recognises(self, head: Head) -> bool:
        """Return whether the file has PaySim's columns."""
        return head.has(*_HEADER)

    def deliver(self, heads: Sequence[Head], _: Options) -> Delivery:
        """Return the transactions; balances are left out, for they tell the fraud (they are not booked for it)."""
        kind, orig, dest = pl.col("type"), pl.col("nameOrig"), pl.col("nameDest")
        columns = Columns(
            time=pl.col("step"), clock=Clock(resolution="hour", step=UNITS["hour"], origin=instant(_ORIGIN)),
            payer=(pl.when(kind == "CASH_IN").then(pl.lit(_CASH)).otherwise(orig),),
            payee=(pl.when(kind == "CASH_IN").then(orig).when(kind == "CASH_OUT").then(pl.lit(_CASH)).otherwise(dest),),
            amount=pl.col("amount"), currency=pl.lit("PaySim unit"), format=kind, laundering=pl.col("isFraud"),
        )  # fmt: skip
        number = pl.col("number")
        kinds = pl.when(number == _CASH).then(pl.lit("cash")).when(number.str.starts_with("M")).then(pl.lit("merchant"))
        notes = (
            f"The source counts hours and has no dates; hour 0 is written as {_ORIGIN}.",
            "The agent through whom cash was paid in or out is not an account here; labels are of fraud.",
        )
        return Delivery(tuple(Table(h, columns) for h in heads), kind=kinds, reference="PaySim unit", notes=notes)


SOURCE = PaySim()
