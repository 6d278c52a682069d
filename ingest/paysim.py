"""Read PaySim (Lopez-Rojas et al., 2016): mobile money with cash legs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from graphml.source import Delivery, Options
from ingest._table import Table, quarantined

__all__ = ["SOURCE", "Paysim"]

_COLUMNS: dict[str, str | tuple[str, int] | int] = {
    "time": "step",
    "format": "type",
    "amount": "amount",
    "from_account": "nameOrig",
    "to_account": "nameDest",
    "laundering": "isFraud",
}
_START = pl.datetime(2017, 1, 1, time_unit="us")


@dataclass(frozen=True, slots=True)
class Paysim:
    """Read PaySim: a step is an hour, counted here from 2017-01-01; `M...` accounts are merchants.

    In a CASH_IN the customer (nameOrig) gives cash to an agent (nameDest) and is credited, so the agent pays; in the
    other types nameOrig pays.
    """

    name: str = "paysim"

    def recognises(self, header: Sequence[str]) -> bool:
        """Return whether the header is PaySim's."""
        return {"step", "nameorig", "namedest", "isfraud"} <= {cell.strip().lower() for cell in header}

    def read(self, files: Sequence[Path], options: Options) -> Delivery:  # noqa: ARG002
        """Return the transactions."""
        tables = [Table.of(path) for path in files]
        cash_in = pl.col("format") == "CASH_IN"
        ends = [
            pl.when(cash_in).then(pl.col(there)).otherwise(pl.col(here)).alias(here)
            for here, there in (("from_account", "to_account"), ("to_account", "from_account"))
        ]
        rows = pl.concat([table.pick(_COLUMNS) for table in tables]).with_columns(ends)
        hours = pl.col("time").str.strip_chars().cast(pl.Int64, strict=False)
        sane = pl.when(hours.is_between(0, 1_000_000)).then(hours)
        return Delivery(
            rows=rows, broken=quarantined(tables), spelled={c: str(w) for c, w in _COLUMNS.items()},
            time=_START + pl.duration(hours=sane, time_unit="us"), currency="units", resolution="hour",
            external=pl.when(pl.col("name").str.starts_with("M")).then(pl.lit("merchant")),
            notes=("Times are hours of a simulation, counted from 2017-01-01.",
                   "Labels say fraud, not laundering."),
        )  # fmt: skip


SOURCE = Paysim()
