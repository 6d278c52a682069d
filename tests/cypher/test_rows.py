import numpy as np
import polars as pl
import pytest

from cypher.findings import Findings
from cypher.rows import batches, rows
from graphml.errors import InputError, ParameterError
from graphml.ledger import Ledger
from graphml.ring import Ring
from graphml.window import DAY
from tests import toy


def test_times_are_whole_milliseconds_rounded_down() -> None:
    made = toy.ledger([(0, 1, 1.0, 10.0)])
    later = made.transactions.with_columns(pl.col("time") + pl.duration(microseconds=1_999))
    table = rows(Ledger.of({"transactions": later, "accounts": made.accounts}, made.meta), "transaction")
    assert table["date"].to_list() == [(toy.START + DAY) // 1_000 + 1]
    assert table["amountText"].to_list() == ["10.00"]


def test_two_transactions_of_one_id_are_refused() -> None:
    made = toy.ledger([(0, 1, 1.0, 10.0), (1, 2, 2.0, 10.0)])
    same = made.transactions.with_columns(id=pl.lit("x"))
    with pytest.raises(InputError, match="2 transactions share an id"):
        rows(Ledger.of({"transactions": same, "accounts": made.accounts}, made.meta), "transaction")


def test_accounts_without_a_bank_have_none() -> None:
    made = toy.ledger([(0, 1, 1.0, 10.0)])
    accounts = made.accounts.with_columns(bank=pl.Series(["", "B1"]))
    ledger = Ledger.of({"transactions": made.transactions, "accounts": accounts}, made.meta)
    assert rows(ledger, "bank")["name"].to_list() == ["B1"]
    assert rows(ledger, "at_bank").rows() == [("B1:A1", "B1")]


def test_batches_are_all_rows_in_order() -> None:
    table = rows(toy.ledger(toy.random_rows(1)), "transaction")
    parts = list(batches(table, 7))
    assert [len(part) for part in parts] == [7, 7, 7, 7, 7, 5]
    assert [row for part in parts for row in part] == table.to_dicts()


def test_findings_that_do_not_fit_the_ledger_are_refused() -> None:
    ledger = toy.ledger([(0, 1, 1.0, 10.0)])
    ring = Ring("cycle", (0,), ((0, "mule"),), (), 0, 0, 1.0, id="r")
    scores, flagged = np.zeros(2), np.zeros(2, bool)
    assert Findings.of(ledger, scores, flagged, [ring]).rings[0]["transactions"] == ["t0"]
    with pytest.raises(ParameterError, match="one for each of 2 accounts"):
        Findings.of(ledger, np.zeros(3), flagged, [])
    with pytest.raises(ParameterError, match="2 rings have 1 ids"):
        Findings.of(ledger, scores, flagged, [ring, ring])
