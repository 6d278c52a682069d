"""Compare a ledger cut at an instant with the ledger that was never given what came later."""

import polars as pl
import pytest

from graphml.ledger import TABLES, Ledger
from graphml.window import DAY
from tests import toy


def read_without(rows: list[toy.Row], until: float, laundering: list[int]) -> Ledger:
    """Return the ledger of the rows before *until*, with only their accounts, as a reader numbers them."""
    kept = [i for i, row in enumerate(rows) if row[2] < until]
    seen = sorted({a for i in kept for a in rows[i][:2]})
    number = {a: i for i, a in enumerate(seen)}
    whole = toy.ledger(rows, laundering=laundering)
    names = whole.accounts["name"].to_list()
    few = toy.ledger(
        [(number[rows[i][0]], number[rows[i][1]], *rows[i][2:]) for i in kept],
        laundering=[kept.index(i) for i in laundering if i in kept],
    )
    accounts = whole.accounts.filter(pl.col("name").is_in([names[a] for a in seen]))
    ids = {f"t{kept.index(i)}": f"t{i}" for i in kept}
    formats = dict(whole.transactions.select("id", pl.col("format").cast(pl.String)).iter_rows())
    transactions = few.transactions.with_columns(pl.col("id").replace(ids))
    transactions = transactions.with_columns(pl.col("id").replace_strict(formats).cast(pl.Categorical).alias("format"))
    tables = {name: getattr(few, name) for name in TABLES} | {"accounts": accounts, "transactions": transactions}
    return Ledger.of(tables, few.meta)


@pytest.mark.parametrize("seed", range(20))
def test_a_cut_ledger_equals_the_one_that_never_saw_the_rest(seed: int) -> None:
    rows = toy.random_rows(seed, rows=40)
    until = sorted(row[2] for row in rows)[25]
    cut = toy.ledger(rows, laundering=[1, 5, 20]).before(toy.START + round(until * DAY))
    never = read_without(rows, until, [1, 5, 20])
    for name in ("transactions", "accounts", "labels"):
        assert getattr(cut, name).equals(getattr(never, name)), name
    assert cut.meta.digest == never.meta.digest


def tables(ledger: Ledger) -> dict[str, pl.DataFrame]:
    return {name: getattr(ledger, name) for name in TABLES}


def test_accounts_that_were_known_otherwise_stay() -> None:
    late = [(0, 1, 0.0, 5.0), (2, 3, 9.0, 5.0), (4, 5, 9.0, 5.0)]
    whole = toy.ledger(late)
    owned = pl.DataFrame({"party": ["P"], "account": [2], "role": ["owner"]}, schema_overrides={"account": pl.Int32})
    opened = whole.accounts.with_columns(
        pl.Series("opened", [None, None, None, toy.START - 1, toy.START + 5 * DAY, None]).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    )  # fmt: skip
    cut = Ledger.of(tables(whole) | {"ownership": owned, "accounts": opened}, whole.meta).before(toy.START + DAY)
    names = whole.accounts["name"]
    assert cut.accounts["name"].to_list() == [names[a] for a in (0, 1, 2, 3)]
    assert cut.ownership.rows() == [("P", 2, "owner")]


def test_attempts_have_only_the_accounts_that_earlier_rows_name() -> None:
    whole = toy.ledger([(0, 1, 0.0, 5.0), (1, 2, 9.0, 5.0), (3, 4, 9.0, 5.0)], laundering=[0, 1])
    attempts = pl.DataFrame(
        [("1", "cycle", True, a, "member") for a in (0, 1, 2)] + [("no rows", "fan-in", True, 0, "member")],
        schema=TABLES["attempts"], orient="row",
    )  # fmt: skip
    cut = Ledger.of(tables(whole) | {"attempts": attempts}, whole.meta).before(toy.START + DAY)
    assert [(r[0], r[3]) for r in cut.attempts.iter_rows()] == [("1", 0), ("1", 1), ("no rows", 0)]
