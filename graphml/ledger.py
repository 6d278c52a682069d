"""Hold the checked tables of one data set, in order of time."""

import difflib
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from graphml import schema
from graphml.as_of import tables_before
from graphml.digest import TableDigest
from graphml.errors import InputError, UnknownName
from graphml.folder import new_folder
from graphml.window import Window

__all__ = ["KEY", "TABLES", "Ledger", "Meta", "answer_digests", "combined", "table_digests"]

KEY = b"muletrail"
TABLES = {
    "transactions": schema.TRANSACTIONS,
    "accounts": schema.ACCOUNTS,
    "parties": schema.PARTIES,
    "ownership": schema.OWNERSHIP,
    "contacts": schema.CONTACTS,
    "holdings": schema.HOLDINGS,
    "labels": schema.LABELS,
    "account_labels": schema.ACCOUNT_LABELS,
    "attempts": schema.ATTEMPTS,
    "quarantine": schema.QUARANTINE,
}
_OPTIONAL = ("known", "provenance", "occupation", "expected_turnover")  # columns that few sources fill
_DIGESTED = ("transactions", "accounts", "parties", "ownership", "contacts", "holdings")


@dataclass(frozen=True, slots=True)
class Meta:
    """Say where a ledger comes from and how its numbers are meant."""

    format: str  # name of the source that read it
    files: tuple[str, ...]  # names without folders
    reference_currency: str
    rates_digest: str  # of the rate table used, "" where nothing was converted
    rates_date: str
    zone: str  # the zone the source's times were read in
    resolution: str  # minute, second, hour or day
    rows_in: int
    rows_kept: int
    rows_quarantined: int
    own_ids: bool  # the source has transaction ids of its own; else they are FILE:LINE
    notes: tuple[str, ...] = ()  # sentences a reader of a report must know (aggregated rows, positives only)
    digest: str = ""  # of transactions, accounts and parties; equal whatever the row order of the files
    answers: str = ""  # of ids, labels and answer keys, which decide what models learn and which lines findings name


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Hold the tables of `schema`, checked; a transaction is known by its row (E), an account by its row (N)."""

    transactions: pl.DataFrame
    accounts: pl.DataFrame
    parties: pl.DataFrame
    ownership: pl.DataFrame
    contacts: pl.DataFrame
    holdings: pl.DataFrame
    labels: pl.DataFrame
    account_labels: pl.DataFrame
    attempts: pl.DataFrame
    quarantine: pl.DataFrame
    meta: Meta = field()

    @classmethod
    def of(cls, tables: dict[str, pl.DataFrame], meta: Meta) -> Self:
        """Return the ledger of *tables*; a table that is not given is empty.

        Raises:
            InputError: rows in differ from rows kept and quarantined, or a table lacks a column.
        """
        full = {name: _conform(name, tables.get(name)) for name in TABLES}
        if meta.rows_in != meta.rows_kept + meta.rows_quarantined or meta.rows_kept != full["transactions"].height:
            raise InputError(
                f"{meta.rows_in} rows came in, {meta.rows_kept} were kept and {meta.rows_quarantined} quarantined: "
                "the sum is wrong, so rows were lost. Report this as a fault of the reader."
            )
        odd = full["transactions"].filter(~pl.col("value").is_finite().fill_null(False))
        if odd.height:
            raise InputError(
                f"Transaction {odd['id'][0]} has the value {odd['value'][0]} ({odd.height:,} such in all); expected a number. "
                "Leave such rows out, or put them into `quarantine`."
            )
        ledger = cls(**full, meta=meta)
        return replace(ledger, meta=replace(meta, digest=ledger._digest(), answers=ledger._answers()))

    @property
    def span(self) -> Window:
        """Return the window from the first transaction to just after the last."""
        time = self.transactions["time"].to_physical()
        return Window.of(int(time[0]), int(time[-1]) + 1) if len(time) else Window(0, 0)

    def numbers(self, names: Iterable[str]) -> list[int]:
        """Return the place in `accounts` of each of *names*.

        Raises:
            UnknownName: there is no such account.
        """
        every, found = self.accounts["name"], []
        for name in names:
            place = int(every.search_sorted(name))
            if place >= len(every) or every[place] != name:
                near = difflib.get_close_matches(name, every.slice(max(0, place - 1_000), 2_000).to_list(), 3, 0.5)
                hint = f"Did you mean {' or '.join(near)}?" if near else f"The first of {len(every):,} is {every[0]}."
                raise UnknownName(f"Unknown account '{name}'. {hint}")
            found.append(place)
        return found

    def before(self, at: int) -> Self:
        """Return the ledger as of *at* (microseconds UTC): only strictly earlier transactions, with their labels.

        Accounts that nobody could know yet are left out: they move no money before *at*, have no owner, and no date
        of opening before it. Attempts have the accounts that their earlier transactions name.
        """
        tables = tables_before({name: getattr(self, name) for name in TABLES}, at)
        rows = tables["transactions"].height
        meta = replace(self.meta, rows_in=rows + self.meta.rows_quarantined, rows_kept=rows)
        return type(self).of(tables, meta)

    def save(self, folder: Path) -> None:
        """Write one Parquet file a table, the metadata inside each, replacing *folder* as a whole."""
        note = {KEY: json.dumps(asdict(self.meta), sort_keys=True).encode()}
        with new_folder(folder, "transactions.parquet") as partial:
            for name in TABLES:
                table: pa.Table = getattr(self, name).to_arrow()
                merged = {**(table.schema.metadata or {}), **note}
                pq.write_table(table.replace_schema_metadata(merged), partial / f"{name}.parquet", compression="zstd")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the ledger saved in *folder*.

        Raises:
            InputError: the folder holds no ledger, or one of an older version.
        """
        first = folder / "transactions.parquet"
        try:
            note = (pq.read_metadata(first).metadata or {}).get(KEY) if first.is_file() else None
            if note is None:
                inside = folder / "ledger"
                way = f"Its ledger is '{inside}'." if (inside / first.name).is_file() else (
                    f"Make one with: muletrail ingest auto FILES --out {folder}"
                )  # fmt: skip
                raise InputError(f"'{folder}' is no ledger. {way}")
            raw = json.loads(note)
            meta = Meta(**{**raw, "files": tuple(raw["files"]), "notes": tuple(raw["notes"])})
            lost = [name for name in TABLES if not (folder / f"{name}.parquet").is_file()]
            if lost:
                raise InputError(
                    f"'{folder}' lacks the tables {lost}: an older version made it. Ingest the files again."
                )
            tables = {name: _conform(name, pl.read_parquet(folder / f"{name}.parquet")) for name in TABLES}
        except (pa.ArrowException, pl.exceptions.PolarsError) as fault:
            raise InputError(f"The ledger '{folder}' is broken: {fault}. Ingest the files again.") from fault
        return cls(**tables, meta=meta)

    def _digest(self) -> str:
        found = table_digests(self.meta.own_ids)
        for name, digest in found.items():
            digest.update(getattr(self, name))
        return combined(found)

    def _answers(self) -> str:
        found = answer_digests()
        for name, digest in found.items():
            digest.update(getattr(self, name))
        return combined(found)


def answer_digests() -> dict[str, TableDigest]:
    """Return empty digests of what `Meta.answers` is made of, by table."""
    found = {name: TableDigest(TABLES[name]) for name in ("labels", "account_labels", "attempts")}
    return {"transactions": TableDigest({"id": pl.String()}), **found}


def table_digests(own_ids: bool) -> dict[str, TableDigest]:
    """Return empty digests of the tables that a ledger's digest is made of, by name."""
    # Ids made from FILE:LINE move when a file is shuffled, so only ids of the source itself count.
    drop = set() if own_ids else {"id"}
    kinds = {name: {c: t for c, t in TABLES[name].items() if c not in drop} for name in _DIGESTED}
    return {name: TableDigest(kind) for name, kind in kinds.items()}


def combined(digests: dict[str, TableDigest]) -> str:
    """Return the digest of a ledger whose tables have *digests*, as hex digits."""
    whole = hashlib.sha256()
    for digest in digests.values():
        whole.update(digest.digest())
    return whole.hexdigest()


def _conform(name: str, table: pl.DataFrame | None) -> pl.DataFrame:
    wanted = TABLES[name]
    if table is None:
        return pl.DataFrame(schema=wanted)
    blank = [pl.lit(None, wanted[column]).alias(column) for column in _OPTIONAL if column in wanted]
    table = table.with_columns(b for b in blank if b.meta.output_name() not in table.columns)
    missing = [column for column in wanted if column not in table.columns]
    if missing:
        raise InputError(f"Table '{name}' lacks the columns {missing}; it has {table.columns}.")
    return table.select(pl.col(column).cast(kind) for column, kind in wanted.items())
