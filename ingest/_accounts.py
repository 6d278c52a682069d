"""Make the table of accounts: those of the rows, and those that the source describes."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml import schema
from graphml.source import Delivery

__all__ = ["Accounts", "accounts"]


@dataclass(frozen=True, slots=True, eq=False)
class Accounts:
    """Hold the accounts in order of name, and the way to their rows."""

    table: pl.DataFrame  # ACCOUNTS
    by_name: pl.DataFrame  # key (the name in rows and deliveries), account (Int32)
    by_code: NDArray[np.int32]  # physical code of an account in rows -> row of `table`; -1: no account

    def numbered(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return *table* with its column `account` as rows of accounts; those that are none are left out."""
        named = table.rename({"account": "key"}).with_columns(pl.col("key").cast(pl.String))
        return named.join(self.by_name, on="key").drop("key")


def accounts(rows: pl.DataFrame, delivery: Delivery) -> Accounts:
    """Return the accounts that pay, are paid or are described; *rows* has payer and payee."""
    seen = pl.concat([rows["payer"].unique(), rows["payee"].unique()]).unique()
    codes = pl.DataFrame({"key": seen.cast(pl.String), "code": seen.to_physical()})
    banked = any(len(t.columns.payer) == 2 for t in delivery.tables)
    beside = _beside(delivery)
    alias = _aliases(codes["key"], beside["key"]) if banked else beside.select("key", to="key").head(0)
    beside = beside.join(alias, on="key", how="left").with_columns(pl.coalesce("to", "key").alias("key")).drop("to")
    beside = beside.unique("key", keep="first", maintain_order=True)
    table = codes.select("key").join(beside, on="key", how="full", coalesce=True)
    table = _countries(table, rows)
    table = table.with_columns(_parts(table, banked))
    name = pl.when(pl.col("bank") == "").then(pl.col("number")).otherwise(pl.format("{}:{}", "bank", "number"))
    table = table.with_columns(name.alias("name"))
    # Two spellings that give one name are one account.
    order = table.select("name", "key").sort("name", "key")
    table = table.sort("name", "key").unique("name", keep="first", maintain_order=True)
    place = table.select("name").with_row_index("account").with_columns(pl.col("account").cast(pl.Int32))
    by_name = order.join(place, on="name").select("key", "account")
    by_name = pl.concat([by_name, alias.join(by_name, left_on="to", right_on="key").select("key", "account")])
    by_code = np.full(int(codes["code"].max() or 0) + 1, -1, np.int32)  # type: ignore[arg-type]  # codes are integers
    hit = codes.join(by_name, on="key")
    by_code[hit["code"].to_numpy()] = hit["account"].to_numpy()
    return Accounts(_full(table, delivery), by_name, by_code)


def _beside(delivery: Delivery) -> pl.DataFrame:
    # The accounts that the source describes come first, for what they say counts.
    found = [pl.DataFrame(schema={"key": pl.String})]
    if delivery.beside.accounts is not None:
        found.append(delivery.beside.accounts.rename({"name": "key"}))
    if delivery.beside.ownership is not None:
        found.append(delivery.beside.ownership.select(key="account"))
    return pl.concat(found, how="diagonal")


def _aliases(seen: pl.Series, named: pl.Series) -> pl.DataFrame:
    """Return key and to: names whose bank lost its leading zeros, where exactly one account of the rows is meant."""
    short = pl.col("key").str.replace("^0+", "").alias("short")
    full = pl.DataFrame({"key": seen}).with_columns(short)
    full = full.filter(pl.len().over("short") == 1).select("short", to="key")
    lost = pl.DataFrame({"key": named.unique()}).join(pl.DataFrame({"key": seen}), on="key", how="anti")
    return lost.with_columns(short).join(full, on="short").select("key", "to")


def _parts(table: pl.DataFrame, banked: bool) -> list[pl.Expr]:
    key = pl.col("key")
    if banked:
        bank, number = key.str.extract("^([^:]*):", 1), key.str.replace("^[^:]*:", "")
    else:
        bank, number = pl.lit(None, pl.String), key
    told = [pl.col(c) if c in table.columns else pl.lit(None, pl.String) for c in ("bank", "number")]
    return [pl.coalesce(told[0], bank, pl.lit("")).alias("bank"), pl.coalesce(told[1], number).alias("number")]


def _countries(table: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    # Where rows say the country, the one said most often counts; equal counts: the first by name.
    sides = [(s, f"{s}_country") for s in ("payer", "payee") if f"{s}_country" in rows.columns]
    if not sides:
        return table
    said = pl.concat(rows.select(key=s, country=c).drop_nulls().group_by("key", "country").len() for s, c in sides)
    most = (
        said.with_columns(pl.col("key", "country").cast(pl.String))
        .group_by("key", "country").agg(pl.col("len").sum())
        .sort(["key", "len", "country"], descending=[False, True, False])
        .unique("key", keep="first", maintain_order=True)
    )  # fmt: skip
    return table.join(most.select("key", "country"), on="key", how="left")


def _full(table: pl.DataFrame, delivery: Delivery) -> pl.DataFrame:
    kind = pl.lit(None, pl.String) if delivery.kind is None else delivery.kind
    told = pl.col("kind") if "kind" in table.columns else pl.lit(None, pl.String)
    table = table.with_columns(pl.coalesce(told, kind, pl.lit("internal")).alias("kind"))
    blank = [pl.lit(None, t).alias(c) for c, t in schema.ACCOUNTS.items() if c not in table.columns]
    return table.with_columns(*blank).select(schema.ACCOUNTS.names())
