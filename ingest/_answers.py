"""Make the label tables: labels of rows, and the answer key of rings, matched one to one."""

import polars as pl

from graphml import schema
from ingest import _roles

__all__ = ["answers", "matched"]

_NAMES = ("typology", "attempt")


def answers(rows: pl.DataFrame, found: pl.DataFrame | None) -> dict[str, pl.DataFrame]:
    """Return `labels` and `attempts` of *rows* (in their final order) and of the matched key *found*.

    Attempts come from the rows that are in one; *found* has row, attempt, typology, laundering.
    """
    have = [c for c in ("laundering", *_NAMES) if c in rows.columns]
    if not have and found is None:
        return {}
    text = [pl.col(c).cast(pl.String) for c in have if c != "laundering"]
    none = [pl.lit(None, schema.LABELS[c]).alias(c) for c in ("laundering", *_NAMES) if c not in have]
    labels = rows.with_row_index("row").select(pl.col("row").cast(pl.Int64), *have, "source", "target")
    labels = labels.filter(pl.any_horizontal(pl.col(c).is_not_null() for c in have)) if have else labels.head(0)
    labels = labels.with_columns(*text, *none)
    if found is not None:
        labels = _marked(labels, found, rows)
    labels = labels.with_columns(_roles.spelled(pl.col("typology")), pl.col("laundering").fill_null(False))
    inside = labels.filter(pl.col("attempt").is_not_null())
    return {"labels": labels.select("row", "laundering", *_NAMES), "attempts": _roles.attempts(inside)}


def _marked(labels: pl.DataFrame, found: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    # Rows of the key that have no label of their own get one.
    ends = rows.with_row_index("row").select(pl.col("row").cast(pl.Int64), "source", "target")
    added = found.join(labels, on="row", how="anti").join(ends, on="row")
    labels = pl.concat([labels, added.select(labels.columns)], how="vertical_relaxed").sort("row")
    hit = labels.join(found, on="row", how="left", maintain_order="left", suffix="_key")
    return hit.with_columns(
        pl.coalesce("laundering_key", "laundering").alias("laundering"),
        *(pl.coalesce(f"{c}_key", c).alias(c) for c in _NAMES),
    ).select(labels.columns)


def matched(rows: pl.DataFrame, asked: pl.DataFrame, key: pl.DataFrame) -> pl.DataFrame:
    """Return row, attempt, typology, laundering: each line of the answer key with the one row that it names.

    Rows that are equal in all columns are still different transactions, so the first line goes with the first row.

    Args:
        rows: place and line, in the final order.
        asked: place, line, match: the text by which a row may be named.
        key: match, attempt, typology, laundering, in the key's order.
    """
    placed = rows.select("place", "line").with_row_index("row").join(asked, on=["place", "line"]).sort("row")
    number = pl.int_range(pl.len()).over("match").alias("number")
    both = key.with_columns(number).join(placed.with_columns(number), on=["match", "number"])
    return both.select(pl.col("row").cast(pl.Int64), "attempt", "typology", "laundering").sort("row")
