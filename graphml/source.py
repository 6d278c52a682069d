"""State what a source is: it recognises files of one format and delivers them as text with their meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import polars as pl

__all__ = ["TEXT", "Delivery", "Options", "Source"]

# The text columns that a delivery may have; those without a default must be there.
TEXT = (
    "id", "time", "from_bank", "from_account", "to_bank", "to_account", "amount", "currency", "amount_received",
    "currency_received", "format", "payments", "until", "laundering", "typology", "attempt",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """Hold what a user may say about files; None keeps what the format says."""

    map: Path | None = None  # TOML map of the columns, for `mapped`
    rates: Path | None = None  # rate table instead of the built-in one
    reference_currency: str | None = None
    zone: str = "UTC"  # of the source's times
    bad_share: float = 0.05  # more bad rows than this share stop the reading


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """Hold what a source read: text, where it stood, and how it is meant.

    Accounts in the tables are written as in the ledger (`BANK:ACCOUNT`, or `ACCOUNT` where `from_bank` is absent).
    """

    rows: pl.LazyFrame  # TEXT columns that exist, `file`, `line`
    broken: pl.DataFrame  # QUARANTINE rows that are not even rows
    spelled: Mapping[str, str]  # text column -> the name that the file uses
    time: pl.Expr  # of the column `time` to Datetime(us), naive, null where unreadable
    until: pl.Expr | None = None
    currency: str | None = None  # the one currency, where no column says it
    reference: str | None = None  # reference currency by default
    resolution: str = "second"
    external: pl.Expr | None = None  # of the column `name` of an account to its kind, null: internal
    accounts: pl.DataFrame | None = None  # name, country, opened, opening_balance: any of them
    parties: pl.DataFrame | None = None
    ownership: pl.DataFrame | None = None  # party, name, role
    account_labels: pl.DataFrame | None = None  # name, laundering
    attempts: pl.DataFrame | None = None  # attempt, typology, laundering, name, role
    patterns: pl.DataFrame | None = None  # TEXT columns and attempt, typology: the answer key as rows to be matched
    notes: tuple[str, ...] = field(default=())


@runtime_checkable
class Source(Protocol):
    """Read one format. A file in `ingest` has one as `SOURCE`."""

    @property
    def name(self) -> str:
        """Return the name of the format, as `muletrail ingest` takes it."""
        ...

    def recognises(self, header: Sequence[str]) -> bool:
        """Return whether a file whose first line has these cells holds this format's transactions."""
        ...

    def read(self, files: Sequence[Path], options: Options) -> Delivery:
        """Return what *files* hold; a folder's files were named one by one.

        Raises:
            InputError: a file that is needed is missing, or a column of it is.
        """
        ...
