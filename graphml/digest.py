"""Digest tables, whole or block by block, with the same result."""

import hashlib
import json
from collections.abc import Mapping

import polars as pl

__all__ = ["TableDigest"]


class TableDigest:
    """Digest the rows of one table; blocks of rows in order give what the whole table gives."""

    def __init__(self, schema: Mapping[str, pl.DataType]) -> None:
        self._schema = {name: str(kind) for name, kind in schema.items()}
        self._columns = {name: (hashlib.sha256(), hashlib.sha256(), hashlib.sha256()) for name in schema}

    def update(self, table: pl.DataFrame) -> None:
        """Add the rows of *table*, which has the columns of the schema."""
        for name, (nulls, lengths, content) in self._columns.items():
            column = table[name]
            # Text is hashed as its bytes with lengths; a categorical as its text, for its codes depend on reading.
            if column.dtype == pl.Categorical:
                column = column.cast(pl.String)
            nulls.update(column.is_null().to_numpy().tobytes())
            if column.dtype == pl.String:
                text = column.fill_null("")
                lengths.update(text.str.len_bytes().to_numpy().tobytes())
                content.update((text.str.join("")[0] or "").encode())
            else:
                content.update(column.to_physical().fill_null(0).to_numpy().tobytes())

    def digest(self) -> bytes:
        """Return SHA-256 of names, types and rows."""
        whole = hashlib.sha256(json.dumps(self._schema, sort_keys=True).encode())
        for name, parts in self._columns.items():
            whole.update(name.encode())
            for part in parts:
                whole.update(part.digest())
        return whole.digest()
