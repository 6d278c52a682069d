"""Compute the activity family in polars: rolling frames for windows, cumulative columns for all time."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "2")  # before polars is loaded; equal to the threads of others

import polars as pl

from experiments.features.apart import Took, answer, clock

__all__ = ["measure", "side"]

_WINDOWS = ("1h", "1d", "4d", "8d", "30d")
_ENDS = {
    "in": ("payee", "payer", "target", "source", "payer_bank"),
    "out": ("payer", "payee", "source", "target", "payee_bank"),
}


def measure(payments: str, out: str = "") -> dict[str, Any]:
    """Return seconds of both sides; write them into the folder *out* where one is named."""
    table, took = pl.read_parquet(payments), Took()
    for name in _ENDS:
        with clock(took):
            found = side(table, name)
        if out:
            found.write_parquet(Path(out) / f"{name}.parquet")
        del found
    return {"threads": pl.thread_pool_size(), **{key: round(value, 3) for key, value in asdict(took).items()}}


def side(payments: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return a row for each payment and end with the statistics of one side, from strictly earlier payments."""
    own, far, account, other, bank = _ENDS[name]
    # Of a payment the own end asks too, for no frame has its own instant; the other end asks without a payment.
    paid = payments.select(
        "row",
        asks=pl.lit(own),
        account=account,
        party=pl.when(pl.col("source") != pl.col("target")).then(other),
        bank=bank,
        currency="currency",
        value="value",
        time=pl.from_epoch("time", "us"),
    )
    asked = payments.select("row", asks=pl.lit(far), account=other, time=pl.from_epoch("time", "us"))
    events = pl.concat([paid, asked], how="diagonal").sort("account", "time", "row", "asks")
    columns = [events.select("row", "asks")]
    columns += [_rolling(events, window) for window in _WINDOWS]
    return pl.concat([*columns, _ever(events)], how="horizontal")


def _rolling(events: pl.DataFrame, window: str) -> pl.DataFrame:
    value = pl.col("value")
    stats = {
        "count": value.count(), "sum": value.sum(), "mean": value.mean(), "deviation": value.std(ddof=0),
        "largest": value.max(), "smallest": value.min(),
        "parties": pl.col("party").drop_nulls().n_unique(), "banks": pl.col("bank").drop_nulls().n_unique(),
        "currencies": pl.col("currency").drop_nulls().n_unique(),
    }  # fmt: skip
    told = events.rolling("time", period=window, closed="left", group_by="account").agg(
        **{f"{name}_{window}": stat.cast(pl.Float32) for name, stat in stats.items()}
    )
    return told.drop("account", "time")


def _ever(events: pl.DataFrame) -> pl.DataFrame:
    value, known = pl.col("value"), pl.col("value").is_not_null()
    first = {
        many: (pl.col(one).is_first_distinct().over("account", "kept") & pl.col(one).is_not_null())
        for many, one in (("parties", "party"), ("banks", "bank"), ("currencies", "currency"))
    }
    running = {
        "count": known.cum_sum(), "sum": value.fill_null(0).cum_sum(), "squares": (value * value).fill_null(0).cum_sum(),
        "largest": value.cum_max().forward_fill(), "smallest": value.cum_min().forward_fill(),
        **{many: pl.col(f"first_{many}").cum_sum() for many in first},
    }  # fmt: skip
    marked = events.with_columns(kept=known).with_columns(**{f"first_{many}": mark for many, mark in first.items()})
    upto = marked.select("account", "time", **{name: one.over("account") for name, one in running.items()})
    # What stands before the first event of an instant is what all of the instant may see.
    before = upto.with_columns(pl.col(*running).shift(1).over("account")).select(
        pl.col(*running).first().over("account", "time")
    )
    return before.select(_finished()).cast(pl.Float32)


def _finished() -> list[pl.Expr]:
    count, total = pl.col("count").fill_null(0), pl.col("sum").fill_null(0)
    some = count > 0
    mean = pl.when(some).then(total / count)
    plain = [pl.col(name).fill_null(0).alias(f"{name}_all") for name in ("parties", "banks", "currencies")]
    return [
        count.alias("count_all"),
        total.alias("sum_all"),
        mean.alias("mean_all"),
        pl.when(some).then((pl.col("squares") / count - mean * mean).clip(lower_bound=0).sqrt()).alias("deviation_all"),
        *(pl.when(some).then(pl.col(name)).alias(f"{name}_all") for name in ("largest", "smallest")),
        *plain,
    ]


if __name__ == "__main__":
    answer(measure)
