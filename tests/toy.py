"""Make small ledgers and graphs to test with."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from graphml.graph import TransactionGraph
from graphml.ledger import Ledger, Meta
from graphml.window import DAY

START = 1_600_000_000_000_000 // DAY * DAY  # midnight, microseconds UTC

Row = tuple[int, int, float, float]  # payer, payee, days since START, value


def ledger(rows: Sequence[Row], n: int | None = None, laundering: Sequence[int] | None = None) -> Ledger:
    """Return a ledger of *rows* (sorted by time, payer, payee, value); *laundering* names positions in *rows*."""
    n = n if n is not None else max((max(r[0], r[1]) for r in rows), default=-1) + 1
    order = sorted(range(len(rows)), key=lambda i: (round(rows[i][2] * DAY), *rows[i][:2], rows[i][3], i))
    table = pl.DataFrame(
        {
            "id": [f"t{i}" for i in order],
            "time": [START + round(rows[i][2] * DAY) for i in order],
            "source": [rows[i][0] for i in order],
            "target": [rows[i][1] for i in order],
            "amount": [f"{rows[i][3]:.2f}" for i in order],
            "currency": ["US Dollar"] * len(rows),
            "amount_received": [f"{rows[i][3]:.2f}" for i in order],
            "currency_received": ["US Dollar"] * len(rows),
            "value": [float(rows[i][3]) for i in order],
            "format": [("ACH", "Wire")[i % 2] for i in order],
            "payments": [1] * len(rows),
            "until": [None] * len(rows),
        },
        schema_overrides={"time": pl.Int64, "until": pl.Int64},
    ).with_columns(pl.col("time", "until").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    width = len(str(max(n, 1)))
    accounts = pl.DataFrame(
        {
            "name": [f"B{i % 3}:A{i:0{width}}" for i in range(n)],
            "bank": [f"B{i % 3}" for i in range(n)],
            "number": [f"A{i:0{width}}" for i in range(n)],
            "kind": ["internal"] * n,
            "country": [None] * n,
            "opened": [None] * n,
            "opening_balance": [None] * n,
        },
        schema_overrides={"country": pl.String, "opened": pl.Datetime("us", "UTC"), "opening_balance": pl.Float64},
    )
    tables = {"transactions": table, "accounts": accounts}
    if laundering is not None:
        bad = set(laundering)
        tables["labels"] = pl.DataFrame(
            {
                "row": range(len(rows)),
                "laundering": [i in bad for i in order],
                "typology": ["cycle" if i in bad else None for i in order],
                "attempt": ["1" if i in bad else None for i in order],
            },
            schema_overrides={"typology": pl.String, "attempt": pl.String},
        )
    meta = Meta(
        format="toy", files=("toy",), reference_currency="US Dollar", rates_digest="", rates_date="", zone="UTC",
        resolution="second", rows_in=len(rows), rows_kept=len(rows), rows_quarantined=0, own_ids=True,
    )  # fmt: skip
    return Ledger.of(tables, meta)


def graph(rows: Sequence[Row], n: int | None = None) -> TransactionGraph:
    """Return the graph of *rows*."""
    return TransactionGraph.of(ledger(rows, n))


def random_rows(seed: int, n: int = 8, rows: int = 40, days: int = 6) -> list[Row]:
    """Return random rows with ties in time, self-loops, parallel edges, a hub and equal amounts."""
    rng = np.random.default_rng(seed)
    ends = np.where(rng.random((rows, 2)) < 0.25, 0, rng.integers(0, n, (rows, 2)))
    when = rng.integers(0, days * 6, rows) / 6
    value = rng.choice([10.0, 20.0, 50.0, 100.0, 950.0], rows)
    return [(int(a), int(b), float(t), float(v)) for (a, b), t, v in zip(ends, when, value, strict=True)]
