"""Compare PageRank with a dense power iteration, cores with peeling, clustering and reciprocity with counting."""

from dataclasses import replace
from functools import cache
from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from graphml.features._standing import core_number
from graphml.features.centrality import FAMILY
from tests import toy
from tests.graphml.features.cases import Past, Pay, accounts, assert_equals
from tests.graphml.features.schedule import refreshes, seen

NAN = float("nan")


@cache
def pagerank(days: tuple[tuple[Pay, ...], ...]) -> dict[int, float]:
    """Return the rank times K of each seen account: 15 steps from that of the day before; who pays nobody jumps."""
    if not days:
        return {}
    before, names = pagerank(days[:-1]), seen(list(days[-1]))
    k = len(names)
    step = np.zeros((k, k))
    for p in days[-1]:
        if p.source != p.target:
            step[names.index(p.source), names.index(p.target)] += 1
    total = step.sum(axis=1, keepdims=True)
    move = np.where(total > 0, 0.85 * step / np.maximum(total, 1) + 0.15 / k, 1 / k)
    rank = np.array([before.get(a, 1.0) for a in names])
    rank *= k / rank.sum()
    for _ in range(15):
        rank = rank @ move
    return dict(zip(names, rank.tolist(), strict=True))


def neighbours(known: Past) -> dict[int, set[int]]:
    near: dict[int, set[int]] = {}
    for p in known:
        if p.source != p.target:
            near.setdefault(p.source, set()).add(p.target)
            near.setdefault(p.target, set()).add(p.source)
    return near


def core(known: Past, account: int) -> int:
    """Return the largest k for which the account is left when all with fewer counterparties are taken away."""
    near, k = neighbours(known), 0
    while account in near:
        k += 1
        while weak := [a for a, others in near.items() if len(others) < k]:
            for a in weak:
                for b in near.pop(a):
                    near.get(b, set()).discard(a)
    return max(k - 1, 0)


def clustering(known: Past, account: int) -> float:
    near = neighbours(known)
    pairs = list(combinations(near.get(account, ()), 2))
    return sum(b in near[a] for a, b in pairs) / len(pairs) if pairs else NAN


def reciprocity(known: Past, account: int) -> float:
    paid = {p.target for p in known if p.source == account} - {account}
    got = {p.source for p in known if p.target == account}
    return len(paid & got) / len(paid) if paid else NAN


def of_account(past: Past, account: int, at: int) -> list[float]:
    days = refreshes(past, at)
    rank = pagerank(tuple(tuple(day) for day in days))
    if account not in rank:
        return [NAN] * 4
    known = days[-1]
    return [rank[account], float(core(known, account)), clustering(known, account), reciprocity(known, account)]


def of_transaction(past: Past, pay: Pay) -> list[float]:
    return of_account(past, pay.source, pay.time) + of_account(past, pay.target, pay.time)


def test_equals_its_definition() -> None:
    assert_equals(FAMILY, of_account, of_transaction, 40, n=12, rows=40, days=14)


def test_equals_its_definition_in_a_larger_graph() -> None:
    assert_equals(FAMILY, of_account, of_transaction, 3, n=30, rows=200, days=6)


def test_comes_close_to_where_the_steps_would_end() -> None:
    graph = toy.graph(toy.random_rows(5, n=40, rows=300, days=6), n=40)
    every, at = np.arange(40, dtype=np.int32), np.full(40, graph.time[-1] + 1)
    near, far = (accounts(family, graph, every, at)[:, 0] for family in (FAMILY, replace(FAMILY, steps=400)))
    assert np.nanmax(np.abs(near / far - 1)) < 0.02


@pytest.mark.parametrize("seed", range(60))
def test_cores_far_apart_are_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = nx.disjoint_union_all([nx.Graph(), *(nx.complete_graph(size) for size in rng.integers(1, 14, seed % 7))])
    nodes = list(graph)
    if nodes:
        graph.add_edges_from(pair for pair in rng.choice(nodes, (len(nodes), 2)).tolist() if pair[0] != pair[1])
    for node in nodes:
        graph.add_edges_from((node, f"leaf {k} of {node}") for k in range(rng.integers(0, 4)))
    at = {node: place for place, node in enumerate(graph)}
    near = [sorted(at[other] for other in graph[node]) for node in graph]
    start = np.cumsum([0, *map(len, near)], dtype=np.int64)
    found = core_number(start, np.array([other for ones in near for other in ones], np.int32))
    assert found.tolist() == ([nx.core_number(graph)[node] for node in graph] if nodes else [])
