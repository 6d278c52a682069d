"""Compare community size and inner share with their definitions; Leiden itself is a library."""

import graspologic_native as native

from graphml.features.community import FAMILY
from graphml.window import DAY
from tests import toy
from tests.graphml.features.cases import Past, Pay, compare

NAN = float("nan")
SCHEDULE = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 21, 23, 25, 28, 31, 34, 38, 42]


def refreshed(past: Past, at: int) -> Past:
    """Return the payments before the latest refresh day."""
    midnight = past[0].time // DAY * DAY if past else at
    days = [midnight + d * DAY for d in SCHEDULE if midnight + d * DAY <= at // DAY * DAY]
    return [p for p in past if days and p.time < days[-1]]


def members(past: Past) -> dict[int, object]:
    """Return the community of each seen account, by the edge list form of the library."""
    names = sorted({a for p in past for a in (p.source, p.target)})
    weight: dict[tuple[int, int], float] = {}
    for p in past:
        if p.source != p.target:
            ends = names.index(p.source), names.index(p.target)
            for a, b in (ends, ends[::-1]):
                weight[a, b] = weight.get((a, b), 0.0) + 1.0
    if not weight:
        return {name: name for name in names}
    import numpy as np

    start = np.searchsorted([a for a, _ in sorted(weight)], np.arange(len(names) + 1)).astype(np.int64)
    other = np.array([b for _, b in sorted(weight)], np.int32)
    found = native.leiden_csr(start, other, np.array([weight[e] for e in sorted(weight)]), len(names), seed=0)[1]
    return {name: found.get(i, f"alone {name}") for i, name in enumerate(names)}


def of_account(past: Past, account: int, at: int) -> list[float]:
    known = refreshed(past, at)
    group = members(known)
    if account not in group:
        return [NAN, NAN]
    inner = touch = 0.0
    for p in known:
        ends = [group[p.source] == group[account], group[p.target] == group[account]]
        if p.source != p.target:
            inner += p.value * all(ends)
            touch += p.value * any(ends)
    return [float(list(group.values()).count(group[account])), inner / touch if touch else NAN]


def of_transaction(past: Past, pay: Pay) -> list[float]:
    group = members(refreshed(past, pay.time))
    both = pay.source in group and pay.target in group
    same = float(group[pay.source] == group[pay.target]) if both else NAN
    return [*of_account(past, pay.source, pay.time), *of_account(past, pay.target, pay.time), same]


def test_equals_its_definition() -> None:
    compare(FAMILY, of_account, of_transaction, 60, n=12, rows=40, days=14)


def test_two_groups_that_hardly_trade_are_two_communities() -> None:
    rows = [(a + 5 * g, b + 5 * g, 0.0, 10.0) for g in (0, 1) for a in range(5) for b in range(5) if a != b]
    graph = toy.graph([*rows, (0, 5, 0.0, 10.0), (0, 1, 2.0, 1.0)])
    found = FAMILY.transactions(graph)[-1]
    assert found[0] == 5
    assert found[1] == 200 / 210
    assert found[4] == 1
