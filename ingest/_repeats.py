"""Find transactions whose own id was given before."""

from collections.abc import Sequence

import polars as pl

from graphml import schema
from graphml.source import Delivery

__all__ = ["removed"]

_IN = (
    "time",
    "payer",
    "payee",
    "amount",
    "currency",
    "amount_received",
    "currency_received",
    "format",
    "payments",
    "until",
)


def removed(kept: pl.DataFrame, names: Sequence[str], delivery: Delivery) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return *kept* with each id once, and the quarantine of the others.

    The first by time and content stays, whatever the order of the files; an equal copy has a reason of its own.
    """
    twice = kept.filter(pl.col("id").is_duplicated())
    if twice.is_empty():
        return kept, pl.DataFrame(schema=schema.QUARANTINE)
    content = [c for c in _IN if c in kept.columns]
    text = [pl.col(c).cast(pl.String) for c in content if kept[c].dtype == pl.Categorical]
    twice = twice.with_columns(*text).sort("id", *content, "place", "line", nulls_last=True)
    same = pl.all_horizontal(pl.col(c).eq_missing(pl.col(c).first().over("id")) for c in content)
    twice = twice.with_columns(same.alias("same")).filter(pl.int_range(pl.len()).over("id") > 0)
    copy = "The row repeats a transaction: its id and content were given before."
    other = "The id was given before to another transaction; ids must be unique."
    columns = {
        i: " ".join(t.columns.id.meta.root_names()) for i, t in enumerate(delivery.tables) if t.columns.id is not None
    }
    bad = twice.select(
        pl.col("place").replace_strict(dict(enumerate(names)), return_dtype=pl.String).alias("file"),
        pl.col("line").cast(pl.Int64),
        pl.col("place").replace_strict(columns, return_dtype=pl.String).alias("column"),
        pl.col("id").alias("value"),
        pl.when("same").then(pl.lit(copy)).otherwise(pl.lit(other)).alias("reason"),
    )
    return kept.join(twice.select("place", "line"), on=["place", "line"], how="anti", maintain_order="left"), bad
