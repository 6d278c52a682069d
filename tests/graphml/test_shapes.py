"""A shape is what one would measure with lists and dictionaries, from nothing later than the set's last payment."""

import math
import statistics
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from graphml import shapes
from graphml.graph import TransactionGraph
from graphml.histories import Histories
from graphml.ledger import Ledger
from graphml.lists import Lists
from graphml.people import People
from graphml.shapes import MEASURES, measured
from graphml.window import DAY
from tests import toy


def _ledger(seed: int, later: int = 0) -> Ledger:
    rng = np.random.default_rng(seed)
    amounts = [5.0, 100.0, 250.5, 310.0, 1200.0]
    rows = [
        (int(rng.integers(8)), int(rng.integers(8)), float(rng.integers(0, 40)) / 4, float(rng.choice(amounts)))
        for _ in range(40)
    ]
    rows += [(int(rng.integers(8)), int(rng.integers(8)), 11.0 + i, 100.0) for i in range(later)]
    ledger = toy.ledger(rows, n=8)
    owned = pl.DataFrame(
        {"party": [f"P{i % 3}" for i in range(6)], "account": range(6), "role": ["owner"] * 6},
        schema=ledger.ownership.schema,
    )
    rng = np.random.default_rng(seed)
    contacts = pl.DataFrame(
        [(f"P{party}", str(rng.choice(["device", "phone"])), str(rng.integers(2))) for party in range(3)],
        schema=ledger.contacts.schema, orient="row",
    )  # fmt: skip
    return replace(ledger, ownership=owned, contacts=contacts)


def slow(ledger: Ledger, rows: list[int], accounts: list[int]) -> dict[str, float]:
    """Return the measures of one set."""
    table = ledger.transactions.with_columns(pl.col("time").to_physical()).to_dicts()
    bank = ledger.accounts["bank"].to_list()
    owner = {account: party for party, account, _ in ledger.ownership.iter_rows()}
    own = [table[row] for row in rows]
    begin, end = own[0]["time"], own[-1]["time"]
    logs = [math.log(p["value"] + 1) for p in own]

    def share(marks: list[bool]) -> float:
        return sum(marks) / len(own)

    def before(p: dict[str, object], *keys: str) -> bool:
        return any(q["time"] < p["time"] and all(q[k] == p[k] for k in keys) for q in table)  # type: ignore[operator]

    got = {a: [p for p in own if p["target"] == a] for a in accounts}
    paid = {a: [p for p in own if p["source"] == a] for a in accounts}
    through = [a for a in accounts if got[a] and paid[a]]

    def total(some: list[dict[str, float]]) -> float:
        return sum(p["value"] for p in some) + 0.01

    factors = [abs(math.log(total(got[a]) / total(paid[a]))) for a in through]
    hours = [abs(paid[a][0]["time"] - got[a][0]["time"]) / (DAY / 24) for a in through]
    ends = {a: [p for p in table for side in ("source", "target") if p[side] == a] for a in accounts}
    so_far = [math.log(1 + sum(p["time"] <= end for p in ends[a])) for a in accounts]
    age = [(begin - ends[a][0]["time"]) / DAY for a in accounts]
    moved = sum(p["value"] for a in accounts for p in ends[a] if begin <= p["time"] <= end)
    return {
        "payments": len(own),
        "pairs": len({(p["source"], p["target"]) for p in own}),
        "span": (end - begin) / DAY,
        "new": share([not before(p, "source", "target") for p in own]),
        "again": share([before(p, "source", "target", "value") for p in own]),
        "value": statistics.fmean(logs),
        "spread": statistics.pstdev(logs),
        "round": share([p["value"] % 100 == 0 for p in own]),
        "banks": share([bank[p["source"]] != bank[p["target"]] for p in own]),
        "owner": share([p["source"] in owner and owner.get(p["source"]) == owner.get(p["target"]) for p in own]),
        "accounts": len(accounts),
        "passing": len(through) / len(accounts),
        "kept": statistics.fmean(factors) if through else math.nan,
        "kept_least": min(factors) if through else math.nan,
        "held": statistics.fmean(hours) if through else math.nan,
        "activity": statistics.fmean(so_far),
        "activity_most": max(so_far),
        "activity_least": min(so_far),
        "age": statistics.fmean(age),
        "age_least": min(age),
        "inside": 2 * sum(p["value"] for p in own) / moved,
        "only_pay": sum(not got[a] for a in accounts) / len(accounts),
        "only_receive": sum(not paid[a] for a in accounts) / len(accounts),
        "most_paid": max(len(paid[a]) for a in accounts) / len(own),
        "most_received": max(len(got[a]) for a in accounts) / len(own),
        "common": sum(any(a != b and a in owner and owner[a] == owner.get(b) for b in accounts) for a in accounts)
        / len(accounts),
        "contact": sum(any(_in_contact(ledger, owner, a, b) for b in accounts) for a in accounts) / len(accounts),
    }


def _in_contact(ledger: Ledger, owner: dict[int, str], a: int, b: int) -> bool:
    has = {who: {c[1:] for c in ledger.contacts.iter_rows() if c[0] == owner.get(who)} for who in (a, b)}
    return owner.get(a) != owner.get(b) and bool(has[a] & has[b])


def _sets(graph: TransactionGraph, seed: int) -> tuple[list[list[int]], list[list[int]]]:
    rng = np.random.default_rng(seed)
    rows = [np.sort(rng.choice(40, int(rng.integers(1, 9)), replace=False)).tolist() for _ in range(6)]
    return rows, [sorted({*graph.source[one].tolist(), *graph.target[one].tolist()}) for one in rows]


@pytest.mark.parametrize("seed", range(40))
def test_measures_are_those_of_their_definition(seed: int) -> None:
    ledger = _ledger(seed)
    graph = TransactionGraph.of(ledger)
    rows, accounts = _sets(graph, seed)
    found = measured(Histories.of(graph, People.of(ledger)), Lists.of(rows), Lists.of(accounts))
    for one, (own, held) in enumerate(zip(rows, accounts, strict=True)):
        expected = slow(ledger, own, held)
        assert list(expected) == list(MEASURES)
        assert found[one].tolist() == pytest.approx(list(expected.values()), abs=2e-5, nan_ok=True)


@pytest.mark.parametrize("seed", range(10))
def test_later_payments_change_no_measure(seed: int) -> None:
    one, two = _ledger(seed), _ledger(seed, later=15)
    first, second = TransactionGraph.of(one), TransactionGraph.of(two)
    assert first.source.tolist() == second.source[:40].tolist()
    rows, accounts = (Lists.of(some) for some in _sets(first, seed))
    told = [measured(Histories.of(g, People.of(w)), rows, accounts) for g, w in ((first, one), (second, two))]
    assert np.array_equal(*told, equal_nan=True)


def test_the_rows_of_one_instant_may_stand_in_any_order() -> None:
    rows = [
        (0, 1, 0.0, 100.03),
        (0, 2, 0.0, 7.77),
        (1, 2, 0.0, 55.5),
        (2, 0, 1.0, 3.3),
        (0, 1, 1.0, 0.1),
        (1, 0, 1.0, 9.9),
    ]
    ledger = toy.ledger(rows)
    table = ledger.transactions[[2, 0, 1, 5, 4, 3]]
    other = replace(ledger, transactions=table)
    sets = Lists.of([list(range(6))]), Lists.of([[0, 1, 2]])
    told = [measured(Histories.of(TransactionGraph.of(one), People.of(one)), *sets) for one in (ledger, other)]
    assert told[0].tobytes() == told[1].tobytes()


@pytest.mark.parametrize("kind", [np.int64, np.float64])
def test_sorts_few_and_many(kind: type) -> None:
    rng = np.random.default_rng(0)
    for size in [*range(12), 40, 41, 700, 702, 5_000]:
        values = rng.integers(0, max(size // 2, 1), size).astype(kind)
        wanted = np.sort(values)
        shapes._sort(values)
        assert (values == wanted).all()
