"""Compare what is said of communities with its definitions; `test_leiden.py` looks at how they are found."""

from functools import cache

import numpy as np

from graphml.features._leiden import leiden
from graphml.features.community import FAMILY
from graphml.window import DAY
from tests import toy
from tests.graphml.features.cases import Past, Pay, assert_equals, transactions
from tests.graphml.features.schedule import refreshes, seen

NAN = float("nan")
Group = dict[int, int]


def found(days: list[Past], amount: bool) -> Group:
    """Return the community of each seen account, day after day from those of the day before."""
    return _found(tuple(tuple(day) for day in days), amount)


@cache
def _found(days: tuple[tuple[Pay, ...], ...], amount: bool) -> Group:
    if not days:
        return {}
    before, known = _found(days[:-1], amount), days[-1]
    names = seen(list(known))
    label = {a: before.get(a, -1 - a) for a in names}
    weight: dict[tuple[int, int], float] = {}
    for p in known:
        if p.source != p.target:
            for a, b in ((p.source, p.target), (p.target, p.source)):
                weight[a, b] = weight.get((a, b), 0.0) + (p.value if amount else 1.0)
    start = np.cumsum([0, *(sum(a == name for a, _ in weight) for name in names)]).astype(np.int64)
    other = np.array([names.index(b) for _, b in sorted(weight)], np.int32)
    first = {c: i for i, c in enumerate([*dict.fromkeys(before.values()), *(-1 - a for a in names)])}
    member = np.unique([first[label[a]] for a in names], return_inverse=True)[1].astype(np.int32)
    result = leiden(start, other, np.array([weight[e] for e in sorted(weight)], np.float32), member)
    return dict(zip(names, result.tolist(), strict=True))


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else NAN


def of_group(known: Past, group: Group, account: int) -> list[float]:
    """Return size, banks, inner share, sources, sinks, turnover; bridge share, bridge payments, rank."""
    own = {a for a, c in group.items() if c == group[account]}
    pays = [p for p in known if p.source != p.target]
    paid, got = {p.source for p in pays}, {p.target for p in pays}
    touch = [p for p in pays if p.source in own or p.target in own]
    inner = [p for p in touch if p.source in own and p.target in own]
    mine = [p for p in pays if account in (p.source, p.target)]
    cross = [p for p in mine if not (p.source in own and p.target in own)]
    moved = {a: sum(p.value for p in pays if a in (p.source, p.target)) for a in own}
    turnover = sum(p.value for p in touch)
    return [
        len(own), len({a % 3 for a in own}), ratio(sum(p.value for p in inner), turnover),
        len(own & paid - got), len(own & got - paid), turnover,
        ratio(sum(p.value for p in cross), sum(p.value for p in mine)), ratio(len(cross), len(mine)),
        1 + sum(moved[a] > moved[account] for a in own),
    ]  # fmt: skip


def of_account(past: Past, account: int, at: int) -> list[float]:
    days = refreshes(past, at)
    count, money = found(days, False), found(days, True)
    if account not in count:
        return [NAN] * 11
    by_money = of_group(days[-1], money, account)
    return [*of_group(days[-1], count, account), by_money[0], by_money[2]]


def of_transaction(past: Past, pay: Pay) -> list[float]:
    days = refreshes(past, pay.time)
    result = of_account(past, pay.source, pay.time) + of_account(past, pay.target, pay.time)
    for amount in (False, True):
        group = found(days, amount)
        both = pay.source in group and pay.target in group
        result.append(float(group[pay.source] == group[pay.target]) if both else NAN)
    return result


def test_equals_its_definition() -> None:
    assert_equals(FAMILY, of_account, of_transaction, 40, n=12, rows=40, days=14)


def test_equals_its_definition_in_a_larger_graph() -> None:
    assert_equals(FAMILY, of_account, of_transaction, 3, n=40, rows=160, days=6)


def test_two_groups_that_hardly_trade_are_two_communities() -> None:
    rows = [(a + 5 * g, b + 5 * g, 0.0, 10.0) for g in (0, 1) for a in range(5) for b in range(5) if a != b]
    graph = toy.graph([*rows, (0, 5, 0.0, 10.0), (0, 1, 2.0, 1.0)])
    row = dict(zip([f.name for f in FAMILY.of_transactions], transactions(FAMILY, graph)[-1].tolist(), strict=True))
    assert row["payer_community_size"] == 5
    assert row["payer_community_banks"] == 3
    assert row["payer_community_inner_share"] == np.float32(200 / 210)
    assert row["payer_community_turnover"] == 210
    assert row["payer_community_bridge_share"] == np.float32(1 / 9)
    assert row["payee_community_bridge_payments"] == 0
    assert row["payer_community_rank"] == 1
    assert row["payee_community_rank"] == 2
    assert row["same_community"] == row["same_money_community"] == 1


def test_a_community_keeps_its_shape_when_nothing_speaks_against_it() -> None:
    rows = [
        (a + 5 * g, b + 5 * g, 0.1 * d, 10.0) for d in (0, 10, 20) for g in (0, 1) for a in range(5) for b in range(a)
    ]
    graph = toy.graph([*rows, (0, 5, 0.0, 10.0), (0, 1, 3.0, 1.0), (0, 6, 3.0, 1.0)])
    same = transactions(FAMILY, graph)[:, -2]
    across = (graph.source < 5) != (graph.target < 5)
    late = graph.time >= toy.START + DAY
    assert same[late & ~across].all()
    assert not same[late & across].any()
