"""Turn a ledger into the nodes and relationships of the entity graph: Neo4j's published base model.

(Customer)-[:HAS_ACCOUNT {role}]->(Account)-[:PERFORMS]->(Transaction)-[:BENEFITS_TO]->(Account),
(Account)-[:AT_BANK]->(Bank), (Account)-[:IS_HOSTED]->(Country); Account is also Internal or External.
Times are whole milliseconds since 1970 UTC, rounded down from the ledger's microseconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from graphml.errors import InputError
from graphml.ledger import Ledger

__all__ = ["LINKS", "NODES", "Link", "Node", "batches", "rows"]


@dataclass(frozen=True, slots=True)
class Node:
    """Name a kind of node: its file in `load/`, its labels and its key."""

    file: str
    labels: tuple[str, ...]
    key: str


@dataclass(frozen=True, slots=True)
class Link:
    """Name a kind of relationship: its file in `load/`, its type and the labels it joins."""

    file: str
    type: str
    source: str
    target: str


NODES = (
    Node("bank", ("Bank",), "name"),
    Node("country", ("Country",), "name"),
    Node("account_internal", ("Account", "Internal"), "accountNumber"),
    Node("account_external", ("Account", "External"), "accountNumber"),
    Node("customer", ("Customer",), "customerId"),
)
LINKS = (
    Link("at_bank", "AT_BANK", "Account", "Bank"),
    Link("is_hosted", "IS_HOSTED", "Account", "Country"),
    Link("has_account", "HAS_ACCOUNT", "Customer", "Account"),
)


def rows(ledger: Ledger, file: str) -> pl.DataFrame:
    """Return the rows that the file of that name in `load/` takes, in order of their key.

    Raises:
        InputError: two transactions of the ledger have one id.
    """
    return _TABLES[file](ledger)


def batches(table: pl.DataFrame, size: int) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of *table* as lists of at most *size* dictionaries."""
    for part in table.iter_slices(size):
        yield part.to_dicts()


def _banks(ledger: Ledger) -> pl.DataFrame:
    return ledger.accounts.filter(pl.col("bank") != "").select(name="bank").unique().sort("name")


def _countries(ledger: Ledger) -> pl.DataFrame:
    return ledger.accounts.select(name="country").drop_nulls().unique().sort("name")


def _accounts(ledger: Ledger, *, internal: bool) -> pl.DataFrame:
    inside = pl.col("kind").fill_null("") == "internal"
    return ledger.accounts.filter(inside if internal else ~inside).select(
        accountNumber="name",
        number="number",
        accountType="kind",
        openDate=_ms("opened"),
        openingBalance="opening_balance",
    )


def _customers(ledger: Ledger) -> pl.DataFrame:
    return ledger.parties.select(
        customerId="party",
        name="name",
        customerType="kind",
        country="country",
        dateOfBirth=pl.col("born").cast(pl.String),
    )


def _at_bank(ledger: Ledger) -> pl.DataFrame:
    return ledger.accounts.filter(pl.col("bank") != "").select(source="name", target="bank")


def _is_hosted(ledger: Ledger) -> pl.DataFrame:
    return ledger.accounts.select(source="name", target="country").drop_nulls()


def _has_account(ledger: Ledger) -> pl.DataFrame:
    name = ledger.accounts["name"]
    owned = ledger.ownership
    return pl.DataFrame(
        {"source": owned["party"], "target": name.gather(owned["account"]), "role": owned["role"].fill_null("")}
    ).unique(maintain_order=True)


def _transactions(ledger: Ledger) -> pl.DataFrame:
    table, name = ledger.transactions, ledger.accounts["name"]
    twice = table.filter(pl.col("id").is_duplicated())
    if twice.height:
        raise InputError(
            f"{twice.height} transactions share an id with another, for example '{twice['id'][0]}'. A transaction is a node "
            "known by its id: mend the ids in the source, or read it without ids, so that FILE:LINE stands for them."
        )
    return table.select(
        transactionId="id",
        source=name.gather(table["source"]),
        target=name.gather(table["target"]),
        amount=pl.col("amount").cast(pl.Float64),
        amountText="amount",
        currency=pl.col("currency").cast(pl.String).fill_null(""),
        value="value",
        date=_ms("time"),
        type=pl.col("format").cast(pl.String).fill_null(""),
        payments="payments",
    )


def _ms(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Int64).floordiv(1_000)


_TABLES = {
    "bank": _banks,
    "country": _countries,
    "account_internal": lambda ledger: _accounts(ledger, internal=True),
    "account_external": lambda ledger: _accounts(ledger, internal=False),
    "customer": _customers,
    "at_bank": _at_bank,
    "is_hosted": _is_hosted,
    "has_account": _has_account,
    "transaction": _transactions,
}
