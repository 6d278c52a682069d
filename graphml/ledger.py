"""Hold the checked tables of one data set, in order of time."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from graphml import schema
from graphml.errors import InputError
from graphml.folder import new_folder
from graphml.window import Window

__all__ = ["Ledger", "Meta"]

_KEY = b"muletrail"
_TABLES = {
    "transactions": schema.TRANSACTIONS,
    "accounts": schema.ACCOUNTS,
    "parties": schema.PARTIES,
    "ownership": schema.OWNERSHIP,
    "labels": schema.LABELS,
    "account_labels": schema.ACCOUNT_LABELS,
    "attempts": schema.ATTEMPTS,
    "quarantine": schema.QUARANTINE,
}


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


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Hold the tables of `schema`, checked; a transaction is known by its row (E), an account by its row (N)."""

    transactions: pl.DataFrame
    accounts: pl.DataFrame
    parties: pl.DataFrame
    ownership: pl.DataFrame
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
        full = {name: _conform(name, tables.get(name)) for name in _TABLES}
        if meta.rows_in != meta.rows_kept + meta.rows_quarantined or meta.rows_kept != full["transactions"].height:
            raise InputError(
                f"{meta.rows_in} rows came in, {meta.rows_kept} were kept and {meta.rows_quarantined} quarantined: "
                "the sum is wrong, so rows were lost. Report this as a fault of the reader."
            )
        ledger = cls(**full, meta=meta)
        return replace(ledger, meta=replace(meta, digest=ledger._digest()))

    @property
    def span(self) -> Window:
        """Return the window from the first transaction to just after the last."""
        time = self.transactions["time"].to_physical()
        return Window.of(int(time[0]), int(time[-1]) + 1) if len(time) else Window(0, 0)

    def before(self, at: int) -> Self:
        """Return the ledger with only the transactions strictly earlier than *at* (microseconds UTC) and their labels."""
        rows = int(self.transactions["time"].to_physical().search_sorted(at, "left"))
        meta = replace(self.meta, rows_in=rows + self.meta.rows_quarantined, rows_kept=rows)
        tables = {name: getattr(self, name) for name in _TABLES}
        tables["transactions"] = self.transactions.head(rows)
        tables["labels"] = self.labels.filter(pl.col("row") < rows)
        return type(self).of(tables, meta)

    def save(self, folder: Path) -> None:
        """Write one Parquet file a table, the metadata inside each, replacing *folder* as a whole."""
        note = {_KEY: json.dumps(asdict(self.meta), sort_keys=True).encode()}
        with new_folder(folder) as partial:
            for name in _TABLES:
                table: pa.Table = getattr(self, name).to_arrow()
                merged = {**(table.schema.metadata or {}), **note}
                pq.write_table(table.replace_schema_metadata(merged), partial / f"{name}.parquet", compression="zstd")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the ledger saved in *folder*.

        Raises:
            InputError: the folder holds no ledger.
        """
        first = folder / "transactions.parquet"
        note = (pq.read_schema(first).metadata or {}).get(_KEY) if first.is_file() else None
        if note is None:
            raise InputError(f"'{folder}' is no ledger. Make one with: muletrail ingest auto FILES --out {folder}")
        raw = json.loads(note)
        meta = Meta(**{**raw, "files": tuple(raw["files"]), "notes": tuple(raw["notes"])})
        tables = {name: _conform(name, pl.read_parquet(folder / f"{name}.parquet")) for name in _TABLES}
        return cls(**tables, meta=meta)

    def _digest(self) -> str:
        # Ids made from FILE:LINE move when a file is shuffled, so only ids of the source itself count.
        drop = () if self.meta.own_ids else ("id",)
        digest = hashlib.sha256()
        for table in (self.transactions.drop(drop), self.accounts, self.parties, self.ownership):
            digest.update(json.dumps({k: str(v) for k, v in table.schema.items()}, sort_keys=True).encode())
            for column in table.get_columns():
                digest.update(_column_digest(column))
        return digest.hexdigest()


def _conform(name: str, table: pl.DataFrame | None) -> pl.DataFrame:
    wanted = _TABLES[name]
    if table is None:
        return pl.DataFrame(schema=wanted)
    missing = [column for column in wanted if column not in table.columns]
    if missing:
        raise InputError(f"Table '{name}' lacks the columns {missing}; it has {table.columns}.")
    return table.select(pl.col(column).cast(kind) for column, kind in wanted.items())


def _column_digest(column: pl.Series) -> bytes:
    # Text is hashed as its bytes with lengths; a categorical as its text, for its codes depend on the order of reading.
    digest = hashlib.sha256(column.name.encode())
    if column.dtype == pl.Categorical:
        column = column.cast(pl.String)
    digest.update(column.is_null().to_numpy().tobytes())
    if column.dtype == pl.String:
        text = column.fill_null("")
        digest.update(text.str.len_bytes().to_numpy().tobytes())
        digest.update((text.str.join("\x1f")[0] or "").encode())
    else:
        digest.update(column.to_physical().fill_null(0).to_numpy().tobytes())
    return digest.digest()
