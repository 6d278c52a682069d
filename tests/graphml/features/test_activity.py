"""Compare activity with its definition, and keep sums exact where amounts differ in size."""

import numpy as np

from graphml.features.activity import FAMILY
from graphml.window import DAY
from tests import toy
from tests.graphml.features.cases import Past, Pay, compare


def of_account(past: Past, account: int, at: int) -> list[float]:
    found: list[float] = []
    for days in (1, 4, 8, 10_000):
        recent = [p for p in past if p.time >= at - days * DAY]
        into, out = [p for p in recent if p.target == account], [p for p in recent if p.source == account]
        found += [len(into), sum(p.value for p in into), len({p.source for p in into} - {account})]
        found += [len(out), sum(p.value for p in out), len({p.target for p in out} - {account})]
    return found


def of_transaction(past: Past, pay: Pay) -> list[float]:
    return of_account(past, pay.source, pay.time) + of_account(past, pay.target, pay.time)


def test_equals_its_definition() -> None:
    compare(FAMILY, of_account, of_transaction, 150, n=7, rows=50, days=12)


def test_a_window_holds_its_first_instant_and_not_its_last() -> None:
    graph = toy.graph([(0, 1, 0.0, 5.0), (0, 1, 1.0, 7.0)], n=2)
    at = np.array([toy.START + DAY], np.int64)
    names = [f.name for f in FAMILY.of_accounts]
    assert FAMILY.accounts(graph, np.array([1], np.int32), at)[0, names.index("in_sum_1d")] == 5.0


def test_a_large_amount_that_has_left_the_window_leaves_no_rounding_behind() -> None:
    graph = toy.graph([(0, 1, 0.0, 1e16), (0, 1, 20.0, 0.1), (0, 1, 20.5, 0.2)], n=2)
    at = np.array([toy.START + 21 * DAY], np.int64)
    found = FAMILY.accounts(graph, np.array([1], np.int32), at)[0]
    names = [f.name for f in FAMILY.of_accounts]
    assert found[names.index("in_sum_8d")] == 0.1 + 0.2


def test_a_value_does_not_depend_on_what_else_is_asked() -> None:
    rng = np.random.default_rng(3)
    graph = toy.graph(
        [
            (0, int(b), float(d), float(v))
            for b, d, v in zip(rng.integers(1, 4, 200), rng.random(200) * 30, rng.lognormal(3, 3, 200), strict=True)
        ]
    )
    at = np.sort(rng.integers(graph.time[0], graph.time[-1], 300))
    account = rng.integers(0, graph.n, 300).astype(np.int32)
    together = FAMILY.accounts(graph, account, at)
    for i in range(0, 300, 7):
        assert FAMILY.accounts(graph, account[i : i + 1], at[i : i + 1]).tobytes() == together[i].tobytes()
