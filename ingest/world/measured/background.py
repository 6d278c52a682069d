"""Measure all rows of a generated folder: accounts, degrees, amounts, rhythm, formats, currencies and laundering."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl

from ingest.world.measured.measures import Measures
from ingest.world.money import UK, WORLD

__all__ = ["Folder", "laundering", "measure"]

_COLUMNS = (
    "time", "from_bank", "from", "to_bank", "to", "got", "currency_got", "amount", "currency", "format", "laundering",
)  # fmt: skip
_DOLLARS = {c: float(r) for m in (WORLD, UK) for c, r in zip(m.currencies, m.rates, strict=True)}


@dataclass(frozen=True, slots=True, eq=False)
class Folder:
    """Hold a folder that `muletrail generate` wrote."""

    rows: pl.DataFrame  # payer and payee as numbers, time, US dollars, currencies, format, laundering
    accounts: int
    answers: dict[str, Any]
    patterns: Path

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Read *folder*; only what is measured is kept."""
        found = pl.scan_csv(
            next(folder.glob("*_Trans.csv")),
            has_header=False,
            skip_rows=1,
            new_columns=list(_COLUMNS),
            infer_schema=False,
        )
        rows = found.select(
            pl.col("time").str.to_datetime("%Y/%m/%d %H:%M", time_unit="ms"),
            pl.concat_str("from_bank", pl.lit(":"), "from").cast(pl.Categorical).alias("payer"),
            pl.concat_str("to_bank", pl.lit(":"), "to").cast(pl.Categorical).alias("payee"),
            pl.col("currency", "currency_got", "format").cast(pl.Categorical),
            (pl.col("amount").cast(pl.Float64) * pl.col("currency").replace_strict(_DOLLARS, return_dtype=pl.Float64)).alias("usd"),
            pl.col("laundering") == "1",
        ).with_columns(pl.col("payer", "payee").to_physical()).collect()  # fmt: skip
        accounts = (
            pl.scan_csv(next(folder.glob("*_accounts.csv")), infer_schema=False).select(pl.len()).collect().item()
        )
        answers = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
        return cls(rows, accounts, answers, next(folder.glob("*_Patterns.txt")))


def measure(folder: Folder) -> Measures:
    """Return what is measured of all rows of *folder*."""
    m = Measures()
    rows, n = folder.rows, len(folder.rows)
    m.numbers["world: rows"] = n
    m.numbers["world: accounts"] = folder.accounts
    m.numbers["world: rows for each account"] = n / folder.accounts
    _degrees(m, folder)
    m.values("world: US dollars of a payment", rows["usd"].to_numpy())
    apart = rows.filter(pl.col("payer") != pl.col("payee"))
    pairs = apart.select("payer", "payee").unique()
    back = pairs.join(pairs, left_on=["payer", "payee"], right_on=["payee", "payer"], how="semi")
    m.shares["world: pairs that pay both ways"] = (len(back), len(pairs))
    m.shares["world: payments to oneself"] = (n - len(apart), n)
    m.shares["world: payments that change the currency"] = (
        rows.select((pl.col("currency").cast(pl.String) != pl.col("currency_got").cast(pl.String)).sum()).item(), n,
    )  # fmt: skip
    _rhythm(m, rows)
    for kind, many in sorted(Counter(group["kind"] for group in folder.answers["normal_groups"]).items()):
        m.numbers[f"normal groups: {kind}"] = many
    for column in ("format", "currency"):
        for name, count in rows[column].cast(pl.String).value_counts(sort=True).iter_rows():
            m.shares[f"{column}: {name}"] = (count, n)
    _laundering(m, folder)
    return m


def laundering(answers: dict[str, Any]) -> tuple[int, int]:
    """Return how many rows are in attempts, and how many launder in all, by the answer key."""
    inside = sum(len(a["transactions"]) for a in answers["attempts"])
    return inside, inside + len(answers["integration"]) + len(answers["transitive"])


def _degrees(m: Measures, folder: Folder) -> None:
    rows, n = folder.rows, len(folder.rows)
    for end, other, many, who in (("payer", "payee", "made", "payees"), ("payee", "payer", "received", "payers")):
        found = rows.group_by(end).agg(
            pl.len().alias("count"), pl.col(other).filter(pl.col(other) != pl.col(end)).n_unique().alias("parties")
        )
        rest = np.zeros(folder.accounts - len(found))  # accounts that never did
        m.values(f"world: payments that an account {many}", np.concatenate([rest, found["count"].to_numpy()]))
        m.values(f"world: {who} of an account", np.concatenate([rest, found["parties"].to_numpy()]))
        m.shares[f"world: payments {many} by the busiest account"] = (int(found["count"].max()), n)  # type: ignore[arg-type]


def _rhythm(m: Measures, rows: pl.DataFrame) -> None:
    n = len(rows)
    hour, week = rows["time"].dt.hour().value_counts(), rows["time"].dt.weekday().value_counts()
    hours, weeks = dict(hour.iter_rows()), dict(week.iter_rows())
    for h in range(24):
        m.shares[f"hour: {h:02}"] = (hours.get(h, 0), n)
    past = (rows["time"].dt.date() - rows["time"].min().date()).dt.total_days()  # type: ignore[union-attr]
    parts = {"on days 1 to 6": past < 6, "on days 7 and 8": (past >= 6) & (past < 8), "from day 9": past >= 8}
    if int(past.max()) < 31:  # where the split of Multi-GNN cuts the small files
        m.shares |= {f"world: rows {name}": (int(there.sum()), n) for name, there in parts.items()}
    # A world need not hold each weekday equally often: a mean day of each kind, against the mean day of all.
    days = rows.group_by(pl.col("time").dt.date().alias("day")).agg(pl.len())
    days = days.filter(pl.col("len") >= n / len(days) / 10)  # without a tail
    often = dict(days["day"].dt.weekday().value_counts().iter_rows())
    mean = float(days["len"].mean())  # type: ignore[arg-type]
    for place, name in enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), 1):
        if often.get(place):
            m.numbers[f"weekday: {name}, times the mean day"] = weeks[place] / often[place] / mean


def _laundering(m: Measures, folder: Folder) -> None:
    rows, n = folder.rows, len(folder.rows)
    dirty = rows.filter("laundering")
    k = len(dirty)
    m.numbers["laundering: rows for each that launders"] = n / k
    m.shares["laundering: rows inside attempts"] = laundering(folder.answers)
    if not {*rows["format"].cast(pl.String).unique()} <= set(UK.formats):
        m.shares["laundering: by ACH"] = (int((dirty["format"].cast(pl.String) == "ACH").sum()), k)
    changed = dirty.select((pl.col("currency").cast(pl.String) != pl.col("currency_got").cast(pl.String)).sum()).item()
    m.shares["laundering: rows that change the currency"] = (changed, k)
    busiest = dirty.group_by("time").agg(pl.len())["len"].max()
    m.shares["laundering: rows in its busiest minute"] = (int(busiest), k)  # type: ignore[arg-type]
    # The tail: what comes after the last day that holds at least a tenth of a mean day's rows.
    days = rows.group_by(pl.col("time").dt.date().alias("day")).agg(pl.len(), pl.col("laundering").sum()).sort("day")
    last = days.filter(pl.col("len") >= n / len(days) / 10)["day"].max()
    tail = days.filter(pl.col("day") > last)
    m.numbers["laundering: days of tail"] = len(tail)
    if len(tail):
        m.shares["laundering: rows of the tail that launder"] = (int(tail["laundering"].sum()), int(tail["len"].sum()))
        m.shares["laundering: laundering that is in the tail"] = (int(tail["laundering"].sum()), k)
