"""Read the folder of a generated world as a stranger would: from its files, never from the code that made them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

DAY = 1440  # minutes
COLUMNS = ("time", "from_bank", "from", "to_bank", "to", "got", "got_in", "gave", "gave_in", "format", "label")
DOLLARS = {  # US dollars for one unit: reference/science.md, section 1.4
    "US Dollar": 1.0, "Yen": 0.00949, "Yuan": 0.1493, "Canadian Dollar": 0.758, "Saudi Riyal": 0.2666,
    "Australian Dollar": 0.7078, "Shekel": 0.2961, "Swiss Franc": 1.0929, "Euro": 1.1718, "Ruble": 0.01285,
    "UK Pound": 1.2917, "Bitcoin": 11879.0, "Rupee": 0.01362, "Mexican Peso": 0.0473, "Brazil Real": 0.1771,
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """Hold one payment."""

    line: int  # of the file; the header is line 1
    minute: int  # since midnight of the first day on which anything happens
    payer: str  # BANK:ACCOUNT
    payee: str
    usd: float
    currency: str  # paid
    text: str  # of the time, as written


class World:
    """Hold a world's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (self.transactions,) = folder.glob("*_Trans.csv")
        (self.patterns,) = folder.glob("*_Patterns.txt")
        (self.owners,) = folder.glob("*_accounts.csv")
        self.answers: dict[str, Any] = json.loads((folder / "answers.json").read_text())

    @cached_property
    def rows(self) -> pl.DataFrame:
        """Return all payments in the order of the file: cells as written, `line`, ends, `minute`, `usd`, `bad`."""
        table = pl.read_csv(
            self.transactions, has_header=False, skip_rows=1, new_columns=COLUMNS, schema_overrides=[pl.String] * 11
        )
        rate = pl.col("gave_in").replace_strict(DOLLARS, return_dtype=pl.Float64)
        when = pl.col("time").str.to_datetime("%Y/%m/%d %H:%M")
        return table.with_columns(
            pl.int_range(2, pl.len() + 2).alias("line"),
            pl.concat_str("from_bank", pl.lit(":"), "from").alias("payer"),
            pl.concat_str("to_bank", pl.lit(":"), "to").alias("payee"),
            when.alias("when"),
            (when - when.min().dt.truncate("1d")).dt.total_minutes().alias("minute"),
            (pl.col("gave").cast(pl.Float64) * rate).alias("usd"),
            (pl.col("label") == "1").alias("bad"),
        )

    @cached_property
    def accounts(self) -> pl.DataFrame:
        """Return the accounts file, as text."""
        return pl.read_csv(self.owners, infer_schema=False).with_columns(
            pl.concat_str("Bank ID", pl.lit(":"), "Account Number").alias("account")
        )

    @property
    def unit(self) -> float:
        """Return the US dollars of one unit of the ledger's reference currency."""
        return DOLLARS["UK Pound"] if self.answers["preset"] == "uk-retail" else 1.0

    @property
    def days(self) -> int:
        """Return how many days the world has."""
        return int(self.rows["minute"].max()) // DAY + 1

    def lines(self, ids: Iterable[str]) -> list[int]:
        """Return the lines of FILE:LINE ids."""
        found = []
        for identity in ids:
            name, line = identity.rsplit(":", 1)
            assert name == self.transactions.name, identity
            found.append(int(line))
        return found

    def table(self, ids: Iterable[str]) -> pl.DataFrame:
        """Return the payments of FILE:LINE ids, in their order."""
        return self.rows[[line - 2 for line in self.lines(ids)]]

    def pays(self, ids: Iterable[str]) -> list[Row]:
        """Return the payments of FILE:LINE ids, in their order."""
        found = self.table(ids).select("line", "minute", "payer", "payee", "usd", "gave_in", "time")
        return [Row(*cells) for cells in found.iter_rows()]

    def attempts(self, *typologies: str) -> list[dict[str, Any]]:
        """Return the attempts of the answer key, all or those of *typologies*."""
        return [a for a in self.answers["attempts"] if not typologies or a["typology"] in typologies]

    def named(self, what: str) -> set[int]:
        """Return the lines that the answer key lists as *what*: attempts, normal_groups, integration, transitive or placement."""
        found = self.answers[what]
        ids = [t for one in found for t in one["transactions"]] if what in ("attempts", "normal_groups") else found
        return set(self.lines(ids))

    def launderers(self) -> set[str]:
        """Return the accounts in attempts."""
        return {a["account"] for x in self.attempts() for a in x["accounts"]}

    def ledger(self, name: str) -> pl.DataFrame:
        """Return a table of the ledger."""
        return pl.read_parquet(self.folder / "ledger" / f"{name}.parquet")
