"""Go on from a saved state with new accounts, banks and currencies, and refuse what does not go on from it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from graphml.errors import InputError
from graphml.families import Families
from graphml.ledger import Ledger
from graphml.past import Memory, Numbers
from graphml.saved_state import load_state, save_state
from graphml.state import State
from graphml.window import DAY
from tests import toy

NAMES = None  # every family


def world(seed: int) -> Ledger:
    """Return a ledger of 80 days whose accounts, banks and currencies come one after the other, in no order."""
    rng = np.random.default_rng(seed)
    rows = []
    for day in range(80):
        for _ in range(4):
            a, b = rng.integers(0, 4 + day // 8, 2)
            rows.append(
                (int(a), int(b), day + float(rng.integers(0, 24)) / 24, float(rng.choice([50.0, 99.9, 9500.0])))
            )
    ledger = toy.ledger(rows, n=14)
    shuffled = [f"{x:02}" for x in rng.permutation(14)]
    names = pl.DataFrame({"name": [f"B{x}:A" for x in shuffled], "bank": [f"B{int(x) // 3}" for x in shuffled]})
    order = names.with_row_index("old").sort("name").with_row_index("new")
    number = order.sort("old")["new"].to_numpy().astype(np.int32)
    table = ledger.transactions
    currency = pl.Series("currency", [("Yen", "Euro", "Dollar")[min(i // 100, 2)] for i in range(len(table))])
    table = table.with_columns(
        pl.Series("source", number[table["source"].to_numpy()]), pl.Series("target", number[table["target"].to_numpy()]),
        currency.cast(pl.Categorical),
    )  # fmt: skip
    accounts = ledger.accounts.with_columns(order["name"], order["bank"])
    return replace(ledger, transactions=table, accounts=accounts)


def until(ledger: Ledger, day: float) -> Ledger:
    return ledger.before(toy.START + round(day * DAY))


@pytest.mark.parametrize("cuts", [(40.0,), (10.0, 11.0, 12.5, 60.0), (1.0, 79.0), (35.0, 50.0, 70.0)])
def test_what_is_told_in_parts_is_what_is_told_at_once(tmp_path: Path, cuts: tuple[float, ...]) -> None:
    for seed in range(3):
        whole = world(seed)
        expected, _ = State.tell(whole, Families.of(NAMES, whole))
        state, told = None, 0
        for i, cut in enumerate((*cuts, 1000.0)):
            part = until(whole, cut)
            families = Families.of(NAMES, part)
            found, after = State.tell(part, families, state)
            assert found.first == told
            same = expected.transactions[told : told + len(found.transactions)]
            assert found.transactions.tobytes() == same.tobytes(), f"seed {seed}, part {i}"
            alone, _ = State.tell(part, families)
            assert found.accounts.tobytes() == alone.accounts.tobytes()
            told += len(found.transactions)
            save_state(after, tmp_path / f"{seed}-{i}")
            state = load_state(tmp_path / f"{seed}-{i}")
        assert told == len(expected.transactions)


def test_rows_are_read_once_more_as_far_as_windows_reach() -> None:
    whole = world(1)
    _, state = State.tell(whole, Families.of(NAMES, whole))
    assert state.rows == whole.transactions.height
    time = whole.transactions["time"].to_physical()
    assert time[state.held_from - 1] <= time[-1] - 30 * DAY < time[state.held_from]


def test_nothing_new_tells_no_row() -> None:
    whole = world(2)
    families = Families.of(("activity",), whole)
    _, state = State.tell(whole, families)
    found, again = State.tell(whole, families, state)
    assert found.transactions.shape[0] == 0
    assert (again.digest, again.held_from) == (state.digest, state.held_from)
    assert state.held_from > 0


def test_what_does_not_go_on_from_the_state_is_refused(tmp_path: Path) -> None:
    whole = world(3)
    part = until(whole, 40)
    families = Families.of(("activity",), part)
    _, state = State.tell(part, families)
    with pytest.raises(
        InputError,
        match=r"ended after 160 transactions, and the ledger, as far as it is looked at, has 15\d, .* Look from a later day",
    ):
        State.tell(until(whole, 39), families, state)
    other = replace(whole, transactions=whole.transactions.with_columns(pl.col("value") * 2))
    with pytest.raises(InputError, match=r"not those that the state was made from"):
        State.tell(other, families, state)
    turned = whole.transactions.with_columns(pl.col("target").alias("source"), pl.col("source").alias("target"))
    with pytest.raises(InputError, match=r"not those that the state was made from"):
        State.tell(replace(whole, transactions=turned), families, state)
    for column in ("currency", "format", "amount"):
        changed = pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("7")).otherwise(pl.col(column).cast(pl.String))
        kind = whole.transactions.schema[column]
        other = whole.transactions.with_columns(changed.cast(kind).alias(column))
        with pytest.raises(InputError, match=r"not those that the state was made from"):
            State.tell(replace(whole, transactions=other), families, state)
    late = pl.concat([whole.transactions[:1], whole.transactions])  # with an equal instant where the state ended
    twice = late.with_columns(
        pl.col("time").gather(pl.int_range(pl.len()) - (pl.int_range(pl.len()) == part.transactions.height))
    )
    with pytest.raises(InputError, match=r"not those that the state was made from"):
        State.tell(replace(whole, transactions=twice), families, state)
    with pytest.raises(InputError, match=r"of the families activity; asked for are flow"):
        State.tell(whole, Families.of(("flow",), whole), state)
    last = part.transactions.height - 1
    table = whole.transactions.with_row_index("i").with_columns(
        pl.when(pl.col("i") == last + 1).then(whole.transactions["time"][last]).otherwise("time").alias("time")
    )
    with pytest.raises(InputError, match=r"Transaction t\d+ is of .* the instant at which the state ended"):
        State.tell(replace(whole, transactions=table.drop("i")), families, state)
    with pytest.raises(InputError, match="holds no state"):
        load_state(tmp_path)
    save_state(state, tmp_path / "s")
    (tmp_path / "s/state.json").write_text('{"version": 99}')
    with pytest.raises(InputError, match="another version"):
        load_state(tmp_path / "s")
    save_state(state, tmp_path / "s")
    said = json.loads((tmp_path / "s/state.json").read_text())
    for key in said.keys() - {"version"}:
        (tmp_path / "s/state.json").write_text(json.dumps({k: v for k, v in said.items() if k != key}))
        with pytest.raises(InputError, match="is broken"):
            load_state(tmp_path / "s")
    (tmp_path / "s/state.json").write_text(json.dumps({**said, "held_from": said["rows"]}))
    with pytest.raises(InputError, match="do not belong together"):
        load_state(tmp_path / "s")
    (tmp_path / "s/state.json").write_text("[]")
    with pytest.raises(InputError, match="another version"):
        load_state(tmp_path / "s")


@pytest.mark.parametrize("harm", ["gone", "cut short", "empty", "of another array"])
def test_a_broken_state_is_refused(tmp_path: Path, harm: str) -> None:
    whole = world(4)
    save_state(State.tell(whole, Families.of(("contact",), whole))[1], tmp_path / "s")
    file = tmp_path / "s" / "arrays" / "dense.contact.ends.npy"
    if harm == "gone":
        file.unlink()
    elif harm == "of another array":
        file.write_bytes((tmp_path / "s" / "arrays" / "accounts.bank.npy").read_bytes())
    else:
        file.write_bytes(file.read_bytes()[: -8 if harm == "cut short" else 0])
    with pytest.raises(InputError, match=r"state of features in '.*' is broken: .* Give --state a new folder\."):
        load_state(tmp_path / "s")


def test_accounts_move_with_what_is_known_of_them() -> None:
    rng = np.random.default_rng(5)
    for shape, kind in (((), np.bool_), ((), np.int64), ((3,), np.float64), ((2, 5), np.uint8)):
        old = rng.integers(0, 2, (6, *shape)).astype(kind)
        account = np.array([0, 2, 3, 5, 8, 9], np.int32)
        to = Numbers(11, account, np.zeros(0, np.int32), np.zeros(0, np.int16))
        found = Memory({"one": old}).renumbered(to).dense["one"]
        assert found.dtype == old.dtype
        assert np.array_equal(found[account], old)
        assert not np.delete(found, account, 0).any()
    nobody = Memory({"one": np.zeros((0, 2))}).renumbered(Numbers(3, account[:0], to.bank, to.currency))
    assert np.array_equal(nobody.dense["one"], np.zeros((3, 2)))
