"""Match the rows of an answer key with the transactions that they repeat."""

import polars as pl

from graphml import schema

__all__ = ["matched", "roles"]

_KEY = ("time", "from_name", "to_name", "amount", "currency", "amount_received", "currency_received", "format")


def matched(
    rows: pl.DataFrame, patterns: pl.DataFrame, labels: pl.DataFrame, names: pl.Series
) -> dict[str, pl.DataFrame]:
    """Return `labels` with attempt and typology, and `attempts` with roles.

    Rows that are equal in all columns are still different transactions, so the first is matched with the first.
    """
    text = [pl.col(c).cast(pl.String) for c in ("currency", "currency_received", "format")]
    bad = rows.with_row_index("row").with_columns(*text, pl.col("row").cast(pl.Int64))
    if "_bad" in rows.columns:
        bad = bad.filter("_bad")
    bad = bad.with_columns(_n=pl.int_range(pl.len()).over(_KEY)).select("row", *_KEY, "_n")
    key = patterns.with_columns(_n=pl.int_range(pl.len()).over(_KEY))
    found = key.join(bad, on=[*_KEY, "_n"], how="inner", nulls_equal=True)
    known = (
        found.select("row", "attempt", "typology")
        .sort("row", "attempt")
        .unique("row", keep="first", maintain_order=True)
    )
    marked = labels.drop("attempt", "typology").join(known, on="row", how="left", maintain_order="left")
    return {"labels": marked.select(schema.LABELS.names()), "attempts": roles(found, names)}


def roles(found: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    """Return ATTEMPTS of rows with attempt, typology, from_name and to_name: who only pays, who only receives, who both."""
    ends = pl.concat(
        [
            found.select("attempt", "typology", pl.col(f"{side}_name").alias("name"), pl.lit(side).alias("side"))
            for side in ("from", "to")
        ]
    )
    who = ends.group_by("attempt", "typology", "name").agg(pl.col("side").unique().sort().str.join("+"))
    role = pl.col("side").replace_strict({"from": "source", "to": "collector", "from+to": "mule"})
    number = pl.col("name").cast(pl.Enum(names)).to_physical().cast(pl.Int32)
    return who.select(
        "attempt", "typology", pl.lit(True).alias("laundering"), number.alias("account"), role.alias("role")
    ).sort("attempt", "account")
