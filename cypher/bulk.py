"""Write a whole ledger into a new embedded database, without Bolt: some three times as fast, and not safe from being killed.

The caller gives a folder that is thrown away if the writing does not end.
"""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from cypher.questions import statements
from cypher.rows import LINKS, NODES, rows
from graphml.ledger import Ledger

if TYPE_CHECKING:
    from arcadedb_embedded.graph_batch import GraphBatch

__all__ = ["write_database"]

_LOG = logging.getLogger(__name__)
_EDGES = 200_000  # kept in memory before they are written
_ROWS = 100_000  # made into Python objects at a time
_LABELS = ("Account", "Bank", "Country", "Customer", "External", "Internal", "Transaction")
_TYPES = ("AT_BANK", "BENEFITS_TO", "HAS_ACCOUNT", "IS_HOSTED", "PERFORMS")


def write_database(ledger: Ledger, folder: Path) -> None:
    """Make the database *folder* with the entity graph of *ledger*; Java is running.

    Raises:
        InputError: two transactions have one id.
    """
    import arcadedb_embedded

    tables = {part.file: rows(ledger, part.file) for part in (*NODES, *LINKS)}
    transactions = rows(ledger, "transaction")
    database = arcadedb_embedded.create_database(str(folder))
    try:
        _declare(database)
        with database.graph_batch(batch_size=_EDGES) as batch:
            known: dict[str, dict[str, str]] = {}  # label, key, record
            for node in NODES:
                table = tables[node.file]
                records = _vertices(batch, "~".join(node.labels), table)
                known.setdefault(node.labels[0], {}).update(zip(table[node.key], records, strict=True))
            for link in LINKS:
                table = tables[link.file]
                source = [known[link.source][name] for name in table["source"]]
                target = [known[link.target][name] for name in table["target"]]
                batch.new_edges(source, link.type, target, table.drop("source", "target").to_dicts())
            for part in transactions.iter_slices(_ROWS):
                _payments(batch, part, known["Account"])
                _LOG.info("wrote %d transactions", part.height)
        # Indexes made afterwards cost half of what keeping them up during the writing does.
        for text in statements("schema/entities.cypher"):
            database.command("opencypher", text)
    finally:
        database.close()


def _declare(database: Any) -> None:
    for name in _LABELS:
        database.command("sql", f"CREATE VERTEX TYPE {name}")
    for kind in ("External", "Internal"):  # how the store keeps nodes with two labels
        database.command("sql", f"CREATE VERTEX TYPE `Account~{kind}` EXTENDS Account, {kind}")
    for name in _TYPES:
        database.command("sql", f"CREATE EDGE TYPE {name}")


def _payments(batch: "GraphBatch", table: pl.DataFrame, account: dict[str, str]) -> None:
    records = _vertices(batch, "Transaction", table.drop("source", "target"))
    batch.new_edges([account[name] for name in table["source"]], "PERFORMS", records)
    batch.new_edges(records, "BENEFITS_TO", [account[name] for name in table["target"]])


def _vertices(batch: "GraphBatch", kind: str, table: pl.DataFrame) -> list[str]:
    made: list[str] = []
    for part in table.iter_slices(_ROWS):
        made += batch.create_vertices(kind, _known(part.to_dicts()))
    return made


def _known(content: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if value is not None} for row in content]
