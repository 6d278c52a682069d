"""Compare amounts with their definition."""

import math
import statistics

import numpy as np
import pytest

from graphml.features.amounts import FAMILY
from graphml.window import DAY
from tests import toy
from tests.graphml.features.cases import Past, Pay, accounts, assert_equals, mean, transactions

NAN = float("nan")


def is_round(value: float) -> float:
    return float(value > 0 and value % 100 == 0)


def is_under(value: float) -> float:
    return float(9_000 <= value < 10_000)


def benford(values: list[float]) -> float:
    digits = [int(f"{v:e}"[0]) for v in values if v > 0]
    if len(digits) < 10:
        return NAN
    return sum(abs(digits.count(d) / len(digits) - math.log10(1 + 1 / d)) for d in range(1, 10)) / 9


def side(past: Past, at: int) -> list[float]:
    values, recent = [p.value for p in past], [p.value for p in past if p.time >= at - 8 * DAY]
    shares = [mean([mark(v) for v in found]) for mark in (is_round, is_under) for found in (recent, values)]
    return [*shares, benford(values)]


def of_account(past: Past, account: int, at: int) -> list[float]:
    return [
        *side([p for p in past if p.target == account], at),
        *side([p for p in past if p.source == account], at),
    ]


def against(past: Past, pay: Pay) -> list[float]:
    values = [p.value for p in past]
    deviation = statistics.pstdev(values) if len(values) > 1 else 0
    z = (pay.value - mean(values)) / deviation if deviation > 0 else NAN
    return [math.log(pay.value / mean(values)) if values else NAN, z, *side(past, pay.time)]


def of_transaction(past: Past, pay: Pay) -> list[float]:
    paid, got = [p for p in past if p.source == pay.source], [p for p in past if p.target == pay.target]
    own = [pay.value, is_round(pay.value), is_under(pay.value)]
    return [*own, *against(paid, pay), *against(got, pay)]


def test_equals_its_definition() -> None:
    assert_equals(FAMILY, of_account, of_transaction, 60, n=7, rows=50, days=12)
    assert_equals(FAMILY, of_account, of_transaction, 20, n=3, rows=90, days=20)


def test_equal_amounts_have_no_z_even_where_the_mean_is_rounded() -> None:
    graph = toy.graph([(0, 1, float(day), 0.1) for day in range(50)])
    names = [f.name for f in FAMILY.of_transactions]
    assert np.isnan(transactions(FAMILY, graph)[:, names.index("payer_z")]).all()


@pytest.mark.parametrize(
    ("amount", "round_"), [(0.0, False), (100.0, True), (99.996, True), (99.99, False), (50.0, False), (1e6, True)]
)
def test_what_is_round(amount: float, round_: bool) -> None:
    import dataclasses

    graph = toy.graph([(0, 1, 0.0, amount)])
    graph = dataclasses.replace(graph, amount=graph.value)  # a ledger has cents, this has not
    assert transactions(FAMILY, graph)[0, 1] == round_


@pytest.mark.parametrize(("amount", "under"), [(8999.99, False), (9000.0, True), (9999.99, True), (10_000.0, False)])
def test_what_is_just_under_the_limit(amount: float, under: bool) -> None:
    assert transactions(FAMILY, toy.graph([(0, 1, 0.0, amount)]))[0, 2] == under


def test_amounts_that_follow_benford_are_nearer_than_even_ones() -> None:
    rng = np.random.default_rng(2)
    law, even = 10 ** rng.uniform(0, 4, 400), rng.uniform(100, 999, 400)
    graph = toy.graph(
        [
            *((0, 2, 0.01 * i, float(v)) for i, v in enumerate(law)),
            *((1, 2, 0.01 * i, float(v)) for i, v in enumerate(even)),
        ]
    )
    names = [f.name for f in FAMILY.of_accounts]
    at = np.full(2, graph.span.end, np.int64)
    found = accounts(FAMILY, graph, np.arange(2, dtype=np.int32), at)[:, names.index("out_benford")]
    assert found[0] < 0.02 < 0.05 < found[1]
