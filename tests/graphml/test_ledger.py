import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from graphml.errors import InputError
from graphml.ledger import Ledger
from tests import toy

ROWS = toy.random_rows(3, rows=60)


def tables(ledger: Ledger) -> dict[str, pl.DataFrame]:
    names = ("transactions", "accounts", "parties", "ownership", "labels", "account_labels", "attempts", "quarantine")
    return {name: getattr(ledger, name) for name in names}


def test_a_saved_ledger_comes_back_equal(tmp_path: Path) -> None:
    ledger = toy.ledger(ROWS, laundering=[1, 2])
    ledger.save(tmp_path / "l")
    back = Ledger.load(tmp_path / "l")
    assert back.meta == ledger.meta
    for name, table in tables(ledger).items():
        assert table.equals(getattr(back, name)), name


def test_the_digest_does_not_depend_on_the_order_of_categories() -> None:
    one = toy.ledger(ROWS)
    recoded = one.transactions.with_columns(
        pl.col("format").cast(pl.String).cast(pl.Enum(["Wire", "ACH"])).cast(pl.String).cast(pl.Categorical)
    )
    assert Ledger.of(tables(one) | {"transactions": recoded}, one.meta).meta.digest == one.meta.digest


@pytest.mark.parametrize("value", [float("inf"), float("nan"), None])
def test_a_value_that_is_no_number_is_refused_with_its_transaction(value: float | None) -> None:
    one = toy.ledger(ROWS)
    odd = one.transactions.with_columns(
        pl.when(pl.col("id") == one.transactions["id"][7])
        .then(pl.lit(value, pl.Float64))
        .otherwise("value")
        .alias("value")
    )
    with pytest.raises(
        InputError, match=rf"Transaction {one.transactions['id'][7]} has the value (inf|nan|NaN|None) \(1 such"
    ):
        Ledger.of(tables(one) | {"transactions": odd}, one.meta)


@pytest.mark.parametrize("column", ["id", "amount", "value", "source", "time", "format"])
def test_the_digest_changes_with_each_column(column: str) -> None:
    one = toy.ledger(ROWS)
    first = one.transactions.head(1).with_columns(
        {
            "id": pl.lit("other").alias("id"),
            "amount": pl.lit("7.77").alias("amount"),
            "value": (pl.col("value") + 1e-9).alias("value"),
            "source": (pl.col("source") + 1).alias("source"),
            "time": pl.col("time") - pl.duration(microseconds=1),
            "format": pl.lit("Cheque").cast(pl.Categorical).alias("format"),
        }[column]
    )
    other = pl.concat([first, one.transactions.slice(1)])
    assert Ledger.of(tables(one) | {"transactions": other}, one.meta).meta.digest != one.meta.digest


def test_labels_and_generated_ids_change_the_answers_but_not_the_digest() -> None:
    one = toy.ledger(ROWS, laundering=[1, 2])
    other = toy.ledger(ROWS, laundering=[1, 3])
    assert one.meta.digest == other.meta.digest
    assert one.meta.answers != other.meta.answers
    moved = one.transactions.with_columns(pl.col("id") + "x")
    generated = replace(one.meta, own_ids=False)
    first, second = Ledger.of(tables(one), generated), Ledger.of(tables(one) | {"transactions": moved}, generated)
    assert first.meta.digest == second.meta.digest
    assert first.meta.answers != second.meta.answers


def test_text_moved_between_neighbouring_cells_changes_the_digest() -> None:
    one = toy.ledger([(0, 1, 0.0, 1.0), (1, 0, 0.0, 1.0)])

    def with_ids(ids: list[str]) -> str:
        table = one.transactions.with_columns(pl.Series("id", ids))
        return Ledger.of(tables(one) | {"transactions": table}, one.meta).meta.digest

    assert with_ids(["ab", "c"]) != with_ids(["a", "bc"])


def test_rows_that_are_lost_are_an_error() -> None:
    one = toy.ledger(ROWS)
    with pytest.raises(InputError, match="61 rows came in, 60 were kept and 0 quarantined"):
        Ledger.of(tables(one), replace(one.meta, rows_in=61))


def test_before_keeps_strictly_earlier_rows_and_their_labels() -> None:
    ledger = toy.ledger(ROWS, laundering=[0, 5, 9])
    at = int(ledger.transactions["time"].to_physical()[30])
    earlier = ledger.before(at)
    assert earlier.transactions.height == sum(t < at for t in ledger.transactions["time"].to_physical())
    assert earlier.transactions.height < 31
    assert earlier.labels["row"].to_list() == list(range(earlier.transactions.height))


def test_a_folder_without_a_ledger_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="muletrail ingest"):
        Ledger.load(tmp_path)


def test_a_killed_save_leaves_the_old_ledger_or_the_new_one(tmp_path: Path) -> None:
    old, new = toy.ledger(ROWS), toy.ledger(ROWS[:30])
    target = tmp_path / "l"
    old.save(target)
    code = (
        "import sys; from pathlib import Path; from tests import toy; l = toy.ledger(toy.random_rows(3, rows=60)[:30])\n"
        "print('go', flush=True)\nfor _ in range(2000): l.save(Path(sys.argv[1]))"
    )
    seen = set()
    for wait in (0.0, 0.003, 0.01, 0.02):
        child = subprocess.Popen([sys.executable, "-c", code, str(target)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(wait)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        seen.add(Ledger.load(target).meta.digest)
    assert seen <= {old.meta.digest, new.meta.digest}
    new.save(target)
    assert Ledger.load(target).meta.digest == new.meta.digest
