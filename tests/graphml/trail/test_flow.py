import random

import numpy as np
import polars as pl
import pytest

from graphml.errors import ParameterError, UnknownName
from graphml.graph import TransactionGraph
from graphml.ledger import TABLES, Ledger
from graphml.trail import Books, Seeds, follow
from graphml.window import DAY
from tests import toy
from tests.graphml.trail import oracle
from tests.graphml.trail.test_paths import drawn


def world(seed: int) -> tuple[Ledger, TransactionGraph, tuple[int, ...], dict[int, str], dict[int, float]]:
    rng = random.Random(seed + 7)
    ledger = toy.ledger(drawn(seed) + drawn(seed + 5000), n=6)
    kinds = {a: rng.choice(["internal"] * 4 + ["external", "cash"]) for a in range(6)}
    opening = {a: rng.choice([0.0, 0.0, 5.0, 20.0]) for a in range(6)}
    accounts = ledger.accounts.with_columns(
        pl.Series("kind", [kinds[a] for a in range(6)]), pl.Series("opening_balance", [opening[a] for a in range(6)])
    )
    tables = {name: getattr(ledger, name) for name in TABLES} | {"accounts": accounts}
    ledger = Ledger.of(tables, ledger.meta)
    graph = TransactionGraph.of(ledger)
    return ledger, graph, tuple(sorted(rng.sample(range(graph.hi), rng.randint(1, 3)))), kinds, opening


def closing(rows: list[oracle.Row], opening: dict[int, float]) -> dict[int, float]:
    money = dict(opening)
    for moment in sorted({r[3] for r in rows}):
        now = [r for r in rows if r[3] == moment]
        for r in now:
            money[r[1]] = max(0.0, money[r[1]] - r[4])
        for r in now:
            money[r[2]] += r[4]
    return money


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("rule", ["fifo", "pro_rata", "poison"])
@pytest.mark.parametrize("block", range(5))
def test_a_flow_is_what_purses_counted_by_hand_say(block: int, rule: str, backward: bool) -> None:
    for seed in range(block * 40, block * 40 + 40):
        ledger, graph, chosen, kinds, opening = world(seed)
        rows, window = oracle.rows_of(graph), DAY
        if backward:
            opening = closing(rows, opening)
            rows = [(r, b, a, -t, v) for r, a, b, t, v in reversed(rows)]
        found = follow(Books.of(ledger, graph), Seeds(chosen, backward), rule, window)
        until = max(r[3] for r in rows if r[0] in chosen) + window
        said = oracle.flow(rows, opening, set(chosen), kinds, until, rule)
        assert {leg.row: leg.tainted for leg in found.legs} == pytest.approx(said.legs, rel=1e-9)
        for how, ends in (("held", said.held), ("left", said.left), ("returned", said.returned)):
            mine = {end.account: end.amount for end in found.ends if end.how == how and end.amount > 1e-12}
            assert mine == pytest.approx(dict(ends), rel=1e-9), (seed, how)
        if rule != "poison":
            assert sum(end.amount for end in found.ends) == pytest.approx(found.traced, rel=1e-9)
        assert all(leg.hop == 1 for leg in found.legs if leg.row in chosen)


def test_hops_count_from_the_seed_along_the_shortest_way() -> None:
    ledger = toy.ledger([(0, 1, 0, 9.0), (1, 2, 1, 4.0), (2, 3, 2, 4.0), (1, 3, 3, 5.0), (3, 4, 4, 9.0)])
    graph = TransactionGraph.of(ledger)
    for rule in ("fifo", "pro_rata", "poison"):
        legs = {leg.row: leg.hop for leg in follow(Books.of(ledger, graph), Seeds((0,)), rule).legs}
        assert legs == {0: 1, 1: 2, 2: 3, 3: 2, 4: 3}


def test_fifo_and_pro_rata_differ_where_clean_money_came_first() -> None:
    ledger = toy.ledger([(5, 1, 0, 10.0), (0, 1, 1, 10.0), (1, 2, 2, 10.0), (1, 3, 3, 10.0)])
    graph = TransactionGraph.of(ledger)
    fifo, pro, poison = (follow(Books.of(ledger, graph), Seeds((1,)), rule) for rule in ("fifo", "pro_rata", "poison"))
    assert [(leg.row, leg.tainted) for leg in fifo.legs] == [(1, 10.0), (3, 10.0)]
    assert [(leg.row, leg.tainted) for leg in pro.legs] == [(1, 10.0), (2, 5.0), (3, 5.0)]
    assert [(leg.row, leg.tainted) for leg in poison.legs] == [(1, 10.0), (2, 10.0), (3, 10.0)]


def test_an_unknown_rule_is_refused() -> None:
    ledger = toy.ledger([(0, 1, 0, 9.0)])
    with pytest.raises(UnknownName, match="fifo"):
        follow(Books.of(ledger, TransactionGraph.of(ledger)), Seeds((0,)), "lifo")


def test_a_trail_without_a_beginning_is_refused() -> None:
    with pytest.raises(ParameterError, match="needs a transaction or an account to begin with"):
        Seeds(())


def test_money_is_kept_over_many_payments() -> None:
    rng = np.random.default_rng(3)
    rows = [(int(a), int(b), t / 50, float(v)) for t, (a, b, v) in enumerate(zip(rng.integers(0, 40, 3000), rng.integers(0, 40, 3000), rng.lognormal(3, 2, 3000), strict=True))]  # fmt: skip
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    for rule in ("fifo", "pro_rata"):
        found = follow(Books.of(ledger, graph), Seeds((5, 17)), rule, 60 * DAY)
        assert sum(end.amount for end in found.ends) == pytest.approx(found.traced, rel=1e-9)


def test_a_payment_of_nothing_loses_none_of_what_came_before() -> None:
    ledger = toy.ledger([(0, 1, 0.0, 100.0), (2, 1, 1.0, 0.0), (3, 1, 2.0, 5.0)])
    found = follow(Books.of(ledger, TransactionGraph.of(ledger)), Seeds((0,)), "fifo")
    assert [(end.account, end.how, end.amount) for end in found.ends] == [(1, "held", 100.0)]


def test_seeds_far_apart_are_all_followed() -> None:
    ledger = toy.ledger([(0, 1, 0.0, 100.0), (2, 1, 50.0, 40.0), (1, 3, 60.0, 140.0), (3, 4, 90.0, 140.0)])
    for rule in ("fifo", "pro_rata"):
        found = follow(Books.of(ledger, TransactionGraph.of(ledger)), Seeds((0, 1)), rule, 30 * DAY)
        assert (found.seeds, found.traced) == ((0, 1), 140.0)
        assert [(end.account, end.amount) for end in found.ends] == [(3, 140.0)]  # the last payment is later
