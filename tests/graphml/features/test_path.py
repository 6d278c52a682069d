"""Compare path with its definition, walk by walk, with and without a limit that bites."""

import pytest

from graphml.features.path import FAMILY, Path
from graphml.window import DAY
from tests import toy
from tests.graphml.features.cases import Past, Pay, compare


def before(past: Past, pay: Pay) -> Past:
    return [p for p in past if p.target == pay.source and p.source != p.target and 0 < pay.time - p.time <= 4 * DAY]


def after(past: Past, pay: Pay) -> Past:
    return [p for p in past if p.source == pay.target and p.source != p.target and 0 < p.time - pay.time <= 4 * DAY]


def ended(past: Past, pay: Pay, length: int) -> int:
    return 1 if length == 1 else sum(ended(past, p, length - 1) for p in before(past, pay))


def returns(past: Past, pay: Pay, limit: int) -> tuple[int, bool]:
    origin, found, cut = pay.target, 0, False
    if pay.source == pay.target or not any(
        p.source == origin != p.target and 0 < pay.time - p.time <= 12 * DAY for p in past
    ):
        return 0, False
    walks = [pay]
    for length in (2, 3, 4):
        onward: Past = []
        for last in walks:
            steps = before(past, last)
            found += sum(p.source == origin for p in steps)
            if length < 4:
                cut |= len(steps) > limit
                onward += [p for p in steps[-limit:] if p.source != origin]
        walks = onward
    return found, cut


def account_oracle(limit: int):
    def of_account(past: Past, account: int, at: int) -> list[float]:
        recent = [p for p in past if p.time >= at - 8 * DAY and p.source != p.target]
        into, out = [p for p in recent if p.target == account], [p for p in recent if p.source == account]
        back = [returns(past, p, limit) for p in into]
        onward = [after(past, p) for p in out]
        cut = any(c for _, c in back) or any(len(o) > limit for o in onward)
        three = sum(len(after(past, p)) for o in onward for p in o[:limit])
        ways = [sum(ended(past, p, k) for p in into) for k in (2, 3)]
        return [*ways, sum(map(len, onward)), three, sum(n for n, _ in back), float(cut)]

    return of_account


def transaction_oracle(limit: int):
    of_account = account_oracle(limit)

    def of_transaction(past: Past, pay: Pay) -> list[float]:
        payer, payee = of_account(past, pay.source, pay.time), of_account(past, pay.target, pay.time)
        return [payer[0], payer[1], payer[4], payee[4], *map(float, returns(past, pay, limit))]

    return of_transaction


@pytest.mark.parametrize("limit", [1, 3, 64])
def test_equals_its_definition(limit: int) -> None:
    family = FAMILY if limit == 64 else Path(hub_limit=limit)
    compare(family, account_oracle(limit), transaction_oracle(limit), 70, n=6, rows=40, days=14)
    compare(family, account_oracle(limit), transaction_oracle(limit), 30, n=4, rows=30, days=5)


def test_a_ring_of_four_is_closed_by_its_last_payment_and_one_of_five_is_not() -> None:
    four = toy.graph([(0, 1, 0.0, 9.0), (1, 2, 1.0, 9.0), (2, 3, 2.0, 9.0), (3, 0, 3.0, 9.0)])
    assert FAMILY.transactions(four)[:, 4].tolist() == [0, 0, 0, 1]
    five = toy.graph([(i, (i + 1) % 5, float(i), 9.0) for i in range(5)])
    assert not FAMILY.transactions(five)[:, 4].any()


def test_the_limit_is_told() -> None:
    rows = [(0, i, 0.01 * i, 1.0) for i in range(2, 80)] + [(i, 1, 1 + 0.02 * i, 1.0) for i in range(2, 80)]
    graph = toy.graph([*rows, (1, 0, 3.0, 1.0)])
    assert FAMILY.transactions(graph)[-1, 4:].tolist() == [64, 1]
