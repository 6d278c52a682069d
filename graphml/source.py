"""State what a source is: it recognises the files of one format and says what their columns mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import polars as pl

from graphml.window import DAY, HOUR, SECOND

__all__ = ["UNITS", "Beside", "Clock", "Columns", "Delivery", "Head", "Number", "Options", "Source", "Table"]

UNITS = {
    "millisecond": SECOND // 1000,
    "second": SECOND,
    "minute": 60 * SECOND,
    "hour": HOUR,
    "day": DAY,
}  # microseconds


@dataclass(frozen=True, slots=True)
class Options:
    """Hold what a user may ask of every format."""

    map: Path | None = None  # TOML map of the columns, for `mapped`
    rates: Path | None = None  # rate table that replaces the built-in one
    reference_currency: str | None = None  # None: the format's own
    zone: str = "UTC"  # zone of the source's times, an IANA name
    bad_share: float = 0.05  # more bad rows than this share stop the reading


@dataclass(frozen=True, slots=True)
class Head:
    """Hold the beginning of a file: enough to recognise it."""

    path: Path
    columns: tuple[str, ...]  # as the file spells them; a repeated one gets " (2)"
    first: str  # the first line
    separator: str = ","
    encoding: str = "utf-8"

    @property
    def name(self) -> str:
        """Return the file name without its folder."""
        return self.path.name

    def has(self, *columns: str) -> bool:
        """Return whether the header has all of *columns*."""
        return set(columns) <= set(self.columns)


@dataclass(frozen=True, slots=True)
class Clock:
    """Say how the text of a time is read: by formats, or as whole steps since an origin."""

    formats: tuple[str, ...] = ()  # strptime formats, tried in turn; with %z or a final Z the text has its own zone
    resolution: str = "second"  # second, minute, hour or day
    step: int = 0  # microseconds of one step; 0: the text is a date
    origin: int = 0  # microseconds UTC of step 0


@dataclass(frozen=True, slots=True)
class Number:
    """Say how the text of an amount is read."""

    decimal: str = "."
    thousands: str = ""  # "": no grouping
    exponent: bool = False  # whether 5.6E7 is a number; it is rewritten exactly, without the exponent
    most: float = 1e18  # currency units; a greater amount is taken for damage


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Say what the columns of a file mean, as expressions over its text columns; errors name the columns used.

    Labels and answer keys never become columns of transactions.
    """

    time: pl.Expr
    clock: Clock
    payer: tuple[pl.Expr, ...]  # (number,) or (bank, number)
    payee: tuple[pl.Expr, ...]
    amount: pl.Expr  # paid
    currency: pl.Expr  # the source's name; pl.lit(...) where it is constant
    number: Number = Number()
    received: pl.Expr | None = None  # None: equals amount
    currency_received: pl.Expr | None = None  # None: equals currency
    format: pl.Expr | None = None
    id: pl.Expr | None = None  # None: FILE:LINE
    payments: pl.Expr | None = None  # how many payments a row stands for; None: 1
    until: pl.Expr | None = None  # end of an aggregated row's period, read like time
    payer_country: pl.Expr | None = None
    payee_country: pl.Expr | None = None
    laundering: pl.Expr | None = None  # 1/0, true/false, yes/no; null: no label; else a bad row
    typology: pl.Expr | None = None
    attempt: pl.Expr | None = None  # null where the row is in no attempt
    key: pl.Expr | None = None  # text that equals `Beside.key.match`
    keyed: pl.Expr | None = None  # true where the key is asked; None: everywhere
    skip: pl.Expr | None = None  # true where a row is no transaction (opening balances)

    def roots(self) -> tuple[str, ...]:
        """Return the columns of the file that are used, ascending."""
        found: set[str] = set()
        for name in self.__slots__:
            value = getattr(self, name)
            for expression in value if isinstance(value, tuple) else (value,):
                if isinstance(expression, pl.Expr):
                    found.update(expression.meta.root_names())
        return tuple(sorted(found))


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Hold one file of transactions and the meaning of its columns."""

    head: Head
    columns: Columns
    frame: pl.DataFrame | None = None  # text columns and `line`, where the source has to read the file itself
    bad: tuple[tuple[int, str, str], ...] = ()  # (line, text, reason) of lines left out of `frame`


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """Hold the tables that lie beside transactions; a frame may lack columns that the source does not know.

    `name` and `account` are written as payer and payee are: BANK:ACCOUNT, or the number alone where transactions name
    no bank (then `accounts.bank` adds it).
    """

    accounts: pl.DataFrame | None = None  # name, bank, number, kind, country, opened, opening_balance
    parties: pl.DataFrame | None = None  # party, name, kind, country, born
    ownership: pl.DataFrame | None = None  # party, account, role
    account_labels: pl.DataFrame | None = None  # account, laundering
    attempts: pl.DataFrame | None = None  # attempt, typology, laundering, account, role; None: from the labelled rows
    key: pl.DataFrame | None = None  # match, attempt, typology, laundering: the answer key, matched one to one


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """Hold what a source delivers: transactions to be read, and the tables beside them."""

    tables: tuple[Table, ...]
    beside: Beside = Beside()
    kind: pl.Expr | None = None  # over bank and number of accounts, null: internal
    reference: str = "US Dollar"  # currency of `value` unless the user names another
    notes: tuple[str, ...] = ()


@runtime_checkable
class Source(Protocol):
    """Read one format. A file in `ingest` has one as `SOURCE`."""

    @property
    def name(self) -> str:
        """Return the name of the format, as the file is named."""
        ...

    def recognises(self, head: Head, /) -> bool:
        """Return whether the file is of this format: its transactions, or a table that goes beside them."""
        ...

    def deliver(self, heads: Sequence[Head], options: Options, /) -> Delivery:
        """Return what the files hold; every head is one that `recognises` took.

        Raises:
            InputError: there are no transactions among the files.
        """
        ...
