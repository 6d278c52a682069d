"""Compare history with its definition."""

import math
import statistics

import numpy as np
import pytest

from graphml.features.history import FAMILY
from tests import toy
from tests.graphml.features.cases import Past, Pay, compare, mean

NAN = float("nan")


def known(values: list[float]) -> tuple[float, float, float, float]:
    if not values:
        return NAN, NAN, NAN, NAN
    return mean(values), statistics.pstdev(values), max(values), mean([float(v > 0 and v % 100 == 0) for v in values])


def of_account(past: Past, account: int, at: int) -> list[float]:
    return [
        *known([p.value for p in past if p.target == account]),
        *known([p.value for p in past if p.source == account]),
    ]


def against(values: list[float], amount: float) -> list[float]:
    average, deviation, _, share = known(values)
    z = (amount - average) / deviation if len(values) > 1 and deviation > 0 else NAN
    return [math.log(amount / average) if values else NAN, z, share]


def of_transaction(past: Past, pay: Pay) -> list[float]:
    paid, got = [p.value for p in past if p.source == pay.source], [p.value for p in past if p.target == pay.target]
    return [pay.value, float(pay.value % 100 == 0), *against(paid, pay.value), *against(got, pay.value)]


def test_equals_its_definition() -> None:
    compare(FAMILY, of_account, of_transaction, 150, n=7, rows=50, days=12)


def test_equal_amounts_have_no_z_even_where_the_mean_is_rounded() -> None:
    graph = toy.graph([(0, 1, float(day), 0.1) for day in range(50)])
    names = [f.name for f in FAMILY.of_transactions]
    assert np.isnan(FAMILY.transactions(graph)[:, names.index("payer_z")]).all()


@pytest.mark.parametrize(
    ("amount", "round_"), [(0.0, False), (100.0, True), (99.996, True), (99.99, False), (50.0, False), (1e6, True)]
)
def test_what_is_round(amount: float, round_: bool) -> None:
    graph = toy.graph([(0, 1, 0.0, amount)])
    assert FAMILY.transactions(graph)[0, 1] == round_
