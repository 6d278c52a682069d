"""Do what belongs into one database transaction."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cypher.questions import statements
from graphml.errors import StoreError

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

__all__ = ["NODE_LABELS", "RELATIONSHIP_TYPES", "answer", "change", "count", "load_transactions"]

NODE_LABELS = ("Account", "Bank", "Country", "Customer", "Transaction")
RELATIONSHIP_TYPES = ("AT_BANK", "BENEFITS_TO", "HAS_ACCOUNT", "IS_HOSTED", "PERFORMS")


def answer(tx: "ManagedTransaction", text: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows that *text* answers."""
    return [dict(row) for row in tx.run(text, dict(parameters))]


def change(tx: "ManagedTransaction", text: str, parameters: Mapping[str, Any]) -> None:
    """Run *text* for what it changes."""
    tx.run(text, dict(parameters)).consume()


def load_transactions(tx: "ManagedTransaction", rows: list[dict[str, Any]]) -> None:
    """Write the transactions that are not yet there and make sure that the store holds all of *rows* as given.

    Raises:
        StoreError: the store has another transaction under one of the ids.
    """
    (load,), (check,) = statements("load/transaction.cypher"), statements("load/same.cypher")
    (new,) = answer(tx, load, {"rows": rows})
    if new["made"] == len(rows):
        return
    (found,) = answer(tx, check, {"rows": rows})
    if found["same"] != len(rows):
        raise StoreError(
            f"{len(rows) - found['same']} of the transactions from '{rows[0]['transactionId']}' on are in the store with other "
            "accounts, time, amount or currency: it holds another ledger. Load into a store of its own."
        )


def count(tx: "ManagedTransaction") -> dict[str, int]:
    """Return the number of nodes and relationships of a ledger, by label and type."""
    # Labels and types cannot be parameters; these are our own constants.
    nodes = {name: answer(tx, f"MATCH (n:{name}) RETURN count(n) AS n", {})[0]["n"] for name in NODE_LABELS}
    links = {
        name: answer(tx, f"MATCH ()-[r:{name}]->() RETURN count(r) AS n", {})[0]["n"] for name in RELATIONSHIP_TYPES
    }
    return nodes | links
