"""Read the FinCEN Files (ICIJ, 2020): sums of payments between banks that stood in suspicious activity reports."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from graphml.source import Beside, Clock, Columns, Delivery, Head, Number, Options, Table
from ingest import _rows

__all__ = ["SOURCE", "FinCen"]

_HEADER = (
    "id", "begin_date", "end_date", "originator_bank_id", "originator_bank", "originator_iso", "beneficiary_bank_id",
    "beneficiary_bank", "beneficiary_iso", "number_transactions", "amount_transactions",
)  # fmt: skip
_NOTES = (
    "Rows are aggregated: one row stands for all payments of a period between two banks; an account is a bank.",
    "Positives only: every row stood in a suspicious activity report, so no precision has a meaning.",
    "A row that does not say how many payments it stands for is counted as one.",
)


@dataclass(frozen=True, slots=True)
class FinCen:
    """Read `download_transactions_map.csv`; a row is the sum of some payments of a period."""

    name: str = "fincen"

    def recognises(self, head: Head) -> bool:
        """Return whether the file has the columns of the transactions map."""
        return head.has(*_HEADER)

    def deliver(self, heads: Sequence[Head], _: Options) -> Delivery:
        """Return the flows between banks, with the banks as parties."""
        columns = Columns(
            time=pl.col("begin_date"), until=pl.col("end_date"), clock=Clock(("%b %d, %Y",), "day"),
            payer=(pl.col("originator_bank_id"),), payee=(pl.col("beneficiary_bank_id"),),
            amount=pl.col("amount_transactions"), number=Number(exponent=True), currency=pl.lit("US Dollar"),
            payments=pl.col("number_transactions").fill_null("1"), id=pl.col("id"), laundering=pl.lit("1"),
            payer_country=pl.col("originator_iso"), payee_country=pl.col("beneficiary_iso"),
        )  # fmt: skip
        banks = pl.concat(_banks(h, side) for h in heads for side in ("originator", "beneficiary"))
        banks = banks.drop_nulls("party").sort("party", "name", "country", nulls_last=True)
        owned = banks.select("party", pl.col("party").alias("account"), pl.lit("owner").alias("role"))
        tables = tuple(Table(h, columns) for h in heads)
        return Delivery(tables, Beside(parties=banks, ownership=owned), notes=_NOTES)


def _banks(head: Head, side: str) -> pl.DataFrame:
    frame = _rows.whole(head, (f"{side}_bank_id", f"{side}_bank", f"{side}_iso"))
    names = {"party": f"{side}_bank_id", "name": f"{side}_bank", "country": f"{side}_iso"}
    return frame.select(**names, kind=pl.lit("bank"))


SOURCE = FinCen()
