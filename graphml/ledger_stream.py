"""Write a ledger that is too large to hold: transactions and labels come block by block."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from graphml.errors import InputError
from graphml.ledger import KEY, TABLES, Meta, answer_digests, combined, table_digests

__all__ = ["LedgerStream"]

_STREAMED = ("transactions", "labels")


class LedgerStream:
    """Write the files that `Ledger.save` writes, with the same digest, into an empty folder."""

    def __init__(self, folder: Path, own_ids: bool) -> None:
        self._folder, self._digests, self._answers = folder, table_digests(own_ids), answer_digests()
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._last = None
        self.rows = 0

    def append(self, transactions: pl.DataFrame, labels: pl.DataFrame) -> None:
        """Add *transactions*, in canonical order and not earlier than those before, and the *labels* of them.

        Raises:
            InputError: the transactions begin before those that were added last.
        """
        if transactions.height and self._last is not None and transactions["time"][0] < self._last:
            raise InputError(f"Transactions of {transactions['time'][0]} came after those of {self._last}.")
        self._last = transactions["time"][-1] if transactions.height else self._last
        self.rows += transactions.height
        written = self._write("transactions", transactions)
        self._digests["transactions"].update(written)
        self._answers["transactions"].update(written)
        self._answers["labels"].update(self._write("labels", labels))

    def close(self, tables: Mapping[str, pl.DataFrame], meta: Meta) -> Meta:
        """Write the other *tables*, and *meta* into each; return it with the digest."""
        rest = [name for name in TABLES if name not in _STREAMED]
        for name in rest:
            table = self._write(name, tables.get(name, pl.DataFrame(schema=TABLES[name])))
            for digests in (self._digests, self._answers):
                if name in digests:
                    digests[name].update(table)
        meta = replace(meta, rows_in=self.rows, rows_kept=self.rows)
        meta = replace(meta, digest=combined(self._digests), answers=combined(self._answers))
        for writer in self._writers.values():
            writer.add_key_value_metadata({KEY: json.dumps(asdict(meta), sort_keys=True).encode()})
            writer.close()
        return meta

    def _write(self, name: str, table: pl.DataFrame) -> pl.DataFrame:
        table = table.select(pl.col(c).cast(kind) for c, kind in TABLES[name].items())
        arrow: pa.Table = table.to_arrow()
        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(self._folder / f"{name}.parquet", arrow.schema, compression="zstd")
        self._writers[name].write_table(arrow)
        return table
