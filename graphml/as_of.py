"""Cut the tables of a ledger at an instant, so that nothing later can be seen."""

import polars as pl

__all__ = ["tables_before"]

Tables = dict[str, pl.DataFrame]
_BY_ACCOUNT = ("ownership", "account_labels", "attempts")


def tables_before(tables: Tables, at: int) -> Tables:
    """Return *tables* (of `graphml.ledger.TABLES`) as of *at* (microseconds UTC), accounts numbered anew.

    Kept are the transactions strictly earlier than *at* with their labels, and the accounts that could be known: they
    move money before *at*, or have an owner, or were opened before. Attempts whose transactions are labelled have the
    accounts that the earlier ones name; other answer keys carry no time and stay.
    """
    rows = int(tables["transactions"]["time"].to_physical().search_sorted(at, "left"))
    done = dict(tables)
    done["transactions"] = tables["transactions"].head(rows)
    done["labels"] = tables["labels"].filter(pl.col("row") < rows)
    done["attempts"] = _begun(tables["attempts"], tables["labels"], done["transactions"])
    known = _known(done, at)
    return done if known.all() else _without(done, known)


def _begun(attempts: pl.DataFrame, labels: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    # Of attempts that label rows, what the earlier rows say; the others have no time and stay.
    inside = (
        labels.select("row", "attempt")
        .drop_nulls()
        .join(earlier.select("source", "target").with_row_index("row").cast({"row": pl.Int64}), on="row", how="left")
    )
    ends = pl.concat(inside.select("attempt", account=end) for end in ("source", "target"))
    return attempts.filter(~pl.col("attempt").is_in(inside["attempt"].unique().implode())).vstack(
        attempts.join(inside.select("attempt").unique(), on="attempt", how="semi")
        .join(ends.drop_nulls(), on=["attempt", "account"], how="semi")
    ).sort("attempt", "account", "role")  # fmt: skip


def _known(tables: Tables, at: int) -> pl.Series:
    earlier, accounts = tables["transactions"], tables["accounts"]
    moved = pl.concat([earlier["source"], earlier["target"], tables["ownership"]["account"]]).unique()
    opened = accounts["opened"].to_physical()
    place = pl.int_range(accounts.height, dtype=pl.Int32, eager=True)
    return place.is_in(moved.implode()) | (opened < at).fill_null(False)


def _without(tables: Tables, known: pl.Series) -> Tables:
    # Numbered in their order, so what is left equals what would have been read without the others.
    number = pl.DataFrame({"known": known, "new": known.cum_sum().cast(pl.Int32) - 1}).with_row_index("old")
    number = number.filter("known").select(pl.col("old").cast(pl.Int32), "new")
    done = {**tables, "accounts": tables["accounts"].filter(known)}
    columns = ("source", "transactions"), ("target", "transactions"), *(("account", t) for t in _BY_ACCOUNT)
    for column, name in columns:
        joined = done[name].join(number, left_on=column, right_on="old", maintain_order="left")
        done[name] = joined.with_columns(pl.col("new").alias(column)).drop("new")
    return done
