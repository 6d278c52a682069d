"""Compare activity with its definition, and keep sums exact where amounts differ in size."""

import statistics

import numpy as np
import pytest

from graphml.features.activity import FAMILY
from graphml.window import DAY, HOUR
from tests import toy
from tests.graphml.features.cases import Past, Pay, accounts, assert_equals, mean

NAN = float("nan")
NAMES = [f.name for f in FAMILY.of_accounts]


def side(past: Past, others: list[int], own: int) -> list[float]:
    values = [p.value for p in past]
    spread = statistics.pstdev(values) if values else NAN
    extremes = [max(values, default=NAN), min(values, default=NAN)]
    banks = {other % 3 for other in others}  # toy accounts are spread over three banks, in turn
    one_currency = float(bool(past))
    return [len(past), sum(values), mean(values), spread, *extremes, len(set(others) - {own}), len(banks), one_currency]


def of_account(past: Past, account: int, at: int) -> list[float]:
    into: list[float] = []
    out: list[float] = []
    for width in (HOUR, DAY, 4 * DAY, 8 * DAY, 30 * DAY, 10_000 * DAY):
        recent = [p for p in past if p.time >= at - width]
        got, paid = [p for p in recent if p.target == account], [p for p in recent if p.source == account]
        into += side(got, [p.source for p in got], account)
        out += side(paid, [p.target for p in paid], account)
    return into + out


def of_transaction(past: Past, pay: Pay) -> list[float]:
    return of_account(past, pay.source, pay.time) + of_account(past, pay.target, pay.time)


def test_equals_its_definition() -> None:
    assert_equals(FAMILY, of_account, of_transaction, 60, n=7, rows=50, days=12)
    assert_equals(FAMILY, of_account, of_transaction, 10, n=5, rows=60, days=70)


def at(graph: object, account: int, days: float) -> dict[str, float]:
    when = np.array([toy.START + round(days * DAY)], np.int64)
    return dict(zip(NAMES, accounts(FAMILY, graph, np.array([account], np.int32), when)[0].tolist(), strict=True))  # type: ignore[arg-type]


def test_a_window_holds_its_first_instant_and_not_its_last() -> None:
    graph = toy.graph([(0, 1, 0.0, 5.0), (0, 1, 1.0, 7.0)], n=2)
    assert at(graph, 1, 1)["in_sum_1d"] == 5.0


def test_a_large_amount_that_has_left_the_window_leaves_no_rounding_behind() -> None:
    graph = toy.graph([(0, 1, 0.0, 1e16), (0, 1, 20.0, 0.1), (0, 1, 20.5, 0.2)], n=2)
    found = at(graph, 1, 21)
    assert found["in_sum_8d"] == np.float32(0.1 + 0.2)
    np.testing.assert_allclose(found["in_deviation_8d"], 0.05, rtol=1e-3)


def test_a_sum_does_not_depend_on_the_order_of_one_instant_to_the_last_bit() -> None:
    from graphml.exact import fixed, less, plus

    rng = np.random.default_rng(1)
    values = rng.lognormal(3, 8, 4000)
    totals = set()
    for seed in range(40):
        run, base = (0.0, 0.0), (0.0, 0.0)
        for v in np.random.default_rng(seed).permutation(values):
            run = plus(*run, fixed(v))
        if seed % 2:  # the same sum, continued from another beginning
            base = plus(*base, 3e11)
            run = plus(*run, 3e11)
        totals.add(less(*run, *base))
    assert len(totals) == 1


def test_a_value_does_not_depend_on_what_else_is_asked() -> None:
    rng = np.random.default_rng(3)
    graph = toy.graph(
        [
            (0, int(b), float(d), float(v))
            for b, d, v in zip(rng.integers(1, 4, 200), rng.random(200) * 30, rng.lognormal(3, 3, 200), strict=True)
        ]
    )
    when = np.sort(rng.integers(graph.time[0], graph.time[-1], 300))
    account = rng.integers(0, graph.n, 300).astype(np.int32)
    together = accounts(FAMILY, graph, account, when)
    for i in range(0, 300, 7):
        assert accounts(FAMILY, graph, account[i : i + 1], when[i : i + 1]).tobytes() == together[i].tobytes()


def test_a_deviation_far_below_the_mean_is_told_and_equal_amounts_have_none() -> None:
    for amounts in ([1e6, 1e6 + 1], [5e6 - 3, 5e6 + 3, 5e6, 5e6 + 1], [1e9, 1e9 + 1500], [0.1] * 7, [123456789.01] * 9):
        graph = toy.graph([(0, 1, i / 24, amount) for i, amount in enumerate(amounts)])
        told = accounts(FAMILY, graph, np.array([0], np.int32), np.array([graph.span.end]))[0]
        assert told[NAMES.index("out_deviation_all")] == pytest.approx(np.std(np.array(amounts) - amounts[0]), rel=1e-2)
