from dataclasses import replace
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from graphml.evidence import Evidence, Provenance, ring_json
from graphml.ledger import Ledger
from graphml.ring import Cut, Reason, Ring
from graphml.window import DAY
from tests import toy

ORIGIN = Provenance("data", "run", "code", "parameters", "model", 7, "2020-09-20T00:00:00+00:00")
ROWS = [
    (0, 1, 1.0, 900.10), (0, 1, 1.0, 900.20), (1, 2, 2.0, 1700.0), (2, 2, 2.5, 5.0),  # the ring
    (1, 2, 1.5, 33.0),  # between members, not in the finding
    (5, 0, 1.5, 70.0), (2, 4, 2.5, 400.0), (2, 5, 2.5, 11.0),  # across, inside [1.0, 2.5]
    (5, 0, 0.9, 1.0), (2, 4, 2.6, 2.0), (4, 5, 2.0, 3.0),  # too early, too late, elsewhere
]  # fmt: skip


def found(ledger: Ledger) -> Ring:
    wanted = {"t0", "t1", "t2", "t3"}
    rows = tuple(i for i, name in enumerate(ledger.transactions["id"]) if name in wanted)
    return Ring(
        typology="chain", rows=rows, roles=((0, "source"), (1, "mule"), (2, "cash-out")),
        reasons=(Reason("B1:A1 passed on 94 % within 24 h", 0.94, 0.9), Reason("late")),
        start=toy.START + DAY, end=toy.START + DAY * 5 // 2, value=3505.3, parts=("chain",),
        cut=(Cut(2, 50, 20, 30, 123.4, "newest first"),), score=0.75, id="r1", lineage={"born": "r1"},
        figures={"received": 12.5, "kept": -0.25},
    )  # fmt: skip


@pytest.fixture
def ledger() -> Ledger:
    return toy.ledger(ROWS, 6)


def test_transactions_are_exact_and_in_order_of_time(ledger: Ledger) -> None:
    table = Evidence.of(ledger, found(ledger), ORIGIN).transactions
    assert table.select("id", "time", "from", "to", "amount", "currency").rows() == [
        ("t0", "2020-09-14T00:00:00+00:00", "B0:A0", "B1:A1", "900.10", "US Dollar"),
        ("t1", "2020-09-14T00:00:00+00:00", "B0:A0", "B1:A1", "900.20", "US Dollar"),
        ("t2", "2020-09-15T00:00:00+00:00", "B1:A1", "B2:A2", "1700.00", "US Dollar"),
        ("t3", "2020-09-15T12:00:00+00:00", "B2:A2", "B2:A2", "5.00", "US Dollar"),
    ]


def test_flows_match_a_slow_count(ledger: Ledger) -> None:
    evidence = Evidence.of(ledger, found(ledger), ORIGIN, np.arange(6) / 10)
    members, inside = {0, 1, 2}, ROWS[:4]
    across = [r for r in ROWS if 1.0 <= r[2] <= 2.5 and (r[0] in members) != (r[1] in members)]
    for account, row in zip(sorted(members), evidence.accounts.to_dicts(), strict=True):
        assert row["received_inside"] == pytest.approx(sum(r[3] for r in inside if r[1] == account))
        assert row["paid_inside"] == pytest.approx(sum(r[3] for r in inside if r[0] == account))
        assert row["received_across"] == sum(r[3] for r in across if r[1] == account)
        assert row["paid_across"] == sum(r[3] for r in across if r[0] == account)
        assert row["payments_received_across"] == sum(r[1] == account for r in across)
        assert row["payments_paid_across"] == sum(r[0] == account for r in across)
        assert row["score"] == account / 10
    assert (evidence.beside, evidence.beside_value) == (1, 33.0)


def test_ring_json_has_the_layout_of_the_contract(ledger: Ledger) -> None:
    assert ring_json(ledger, found(ledger)) == {
        "id": "r1", "typology": "chain", "score": 0.75,
        "start": "2020-09-14T00:00:00+00:00", "end": "2020-09-15T12:00:00+00:00",
        "amount": "3505.30", "currency": "US Dollar", "value": 3505.3,
        "accounts": [
            {"account": "B0:A0", "bank": "B0", "role": "source"},
            {"account": "B1:A1", "bank": "B1", "role": "mule"},
            {"account": "B2:A2", "bank": "B2", "role": "cash-out"},
        ],
        "transactions": ["t0", "t1", "t2", "t3"],
        "reasons": [
            {"sentence": "B1:A1 passed on 94 % within 24 h", "value": 0.94, "threshold": 0.9},
            {"sentence": "late", "value": None, "threshold": None},
        ],
        "parts": ["chain"],
        "cut": [{"account": "B2:A2", "degree": 50, "kept": 20, "dropped": 30, "dropped_value": 123.4,
                 "order": "newest first"}],
        "lineage": {"born": "r1"},
        "figures": {"received": 12.5, "kept": -0.25},
    }  # fmt: skip


def with_amounts(ledger: Ledger, amounts: list[str], currencies: list[str]) -> Ledger:
    rest = ledger.transactions.height - len(amounts)
    table = ledger.transactions.with_columns(
        amount=pl.Series(amounts + ["1"] * rest),
        currency=pl.Series(currencies + ["Euro"] * rest, dtype=pl.Categorical),
    )
    return replace(ledger, transactions=table)


def test_amount_is_the_exact_decimal_sum(ledger: Ledger) -> None:
    ring = replace(found(ledger), rows=(0, 1, 2))
    tiny = with_amounts(ledger, ["0.10000000000000000001", "0.2", "123456789012345678901234567890.3"], ["Bitcoin"] * 3)
    amount = ring_json(tiny, ring)["amount"]
    assert amount == "123456789012345678901234567890.60000000000000000001"
    assert Decimal(amount) != Decimal(float(amount))


def test_mixed_currencies_fall_back_to_the_reference_currency(ledger: Ledger) -> None:
    mixed = with_amounts(ledger, ["1", "2", "3"], ["Euro", "Yen", "Euro"])
    content = ring_json(mixed, replace(found(ledger), rows=(0, 1, 2), value=3505.3))
    assert (content["amount"], content["currency"], content["value"]) == ("3505.30", "US Dollar", 3505.3)


def test_equal_content_has_an_equal_digest_in_whatever_order_it_came(ledger: Ledger) -> None:
    ring = found(ledger)
    turned = replace(ring, rows=ring.rows[::-1], roles=ring.roles[::-1], lineage=dict(ring.lineage))
    assert Evidence.of(ledger, ring, ORIGIN).digest == Evidence.of(ledger, turned, ORIGIN).digest
    longer = toy.ledger([*ROWS, (3, 4, 0.1, 8.0), (3, 4, 1.2, 8.0)], 6)  # every row number is another one
    assert found(longer).rows != ring.rows
    assert Evidence.of(ledger, ring, ORIGIN).digest == Evidence.of(longer, found(longer), ORIGIN).digest


@pytest.mark.parametrize(
    "change",
    [
        {"score": 0.76},
        {"roles": ((0, "source"), (1, "collector"), (2, "cash-out"))},
        {"reasons": (Reason("other"),)},
        {"cut": ()},
        {"end": toy.START + DAY * 3},
    ],
)
def test_any_other_content_has_another_digest(ledger: Ledger, change: dict[str, object]) -> None:
    ring = found(ledger)
    assert Evidence.of(ledger, ring, ORIGIN).digest != Evidence.of(ledger, replace(ring, **change), ORIGIN).digest


def test_provenance_and_data_are_in_the_digest(ledger: Ledger) -> None:
    ring = found(ledger)
    first = Evidence.of(ledger, ring, ORIGIN).digest
    assert first != Evidence.of(ledger, ring, replace(ORIGIN, seed=8)).digest
    assert first != Evidence.of(ledger, ring, ORIGIN, np.zeros(6)).digest
    changed = ledger.transactions.with_columns(pl.col("amount").str.replace("900.10", "900.1", literal=True))
    assert first != Evidence.of(replace(ledger, transactions=changed), ring, ORIGIN).digest


def test_owners_are_named_once_and_in_order(ledger: Ledger) -> None:
    tables = {name: getattr(ledger, name) for name in ("transactions", "accounts")}
    tables["parties"] = pl.DataFrame(
        {"party": ["p1", "p2", "p3"], "name": ["Zed", None, "Ann"], "kind": None, "country": None, "born": None}
    )
    tables["ownership"] = pl.DataFrame({"party": ["p3", "p1", "p2"], "account": [1, 1, 2], "role": "owner"})
    tables["holdings"] = pl.DataFrame(
        {"owner": ["p2", "p3", "p9"], "company": ["p3", "p1", "p2"], "share": [1.0, 0.6, 0.5]}
    )
    evidence = Evidence.of(Ledger.of(tables, ledger.meta), found(ledger), ORIGIN)
    assert evidence.accounts["owner"].to_list() == [None, "Zed; Ann", "p2"]
    assert evidence.accounts["controlled_by"].to_list() == [None, "p2", None]  # nobody holds more than half of p2
    tables["holdings"] = pl.DataFrame({"owner": ["p1", "p3"], "company": ["p3", "p1"], "share": [0.6, 0.7]})
    circle = Evidence.of(Ledger.of(tables, ledger.meta), found(ledger), ORIGIN)
    assert circle.accounts["controlled_by"].to_list() == [None, None, None]


def test_infinity_is_written_as_null(ledger: Ledger) -> None:
    ring = replace(found(ledger), reasons=(Reason("more than nothing", float("inf"), 2.0),))
    assert ring_json(ledger, ring)["reasons"][0]["value"] is None
    assert Evidence.of(ledger, ring, ORIGIN).digest
