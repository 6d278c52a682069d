"""Compare the neighbourhood of an account with personalised PageRank solved exactly, and with plain sums."""

from dataclasses import replace

import numpy as np
import pytest

from graphml.graph import TransactionGraph
from graphml.neighbourhood import Neighbourhood
from graphml.window import DAY
from tests import toy
from tests.graphml.features.cases import Pay, graphs, pays


def followed(rows: list[Pay], n: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (n, n) chances to go from one account to another, and (n,) whether counterparties were left out."""
    weight = np.zeros((n, n))
    for p in rows:
        if p.source != p.target:
            weight[p.source, p.target] += p.value
            weight[p.target, p.source] += p.value
    cut = (weight > 0).sum(axis=1) > most
    for a in range(n):
        heaviest = sorted(range(n), key=lambda b: (-weight[a, b], b))[:most]
        weight[a, [b for b in range(n) if b not in heaviest]] = 0
    total = weight.sum(axis=1, keepdims=True)
    return np.divide(weight, total, out=np.zeros_like(weight), where=total > 0), cut


def pagerank(chance: np.ndarray, seed: int, damping: float) -> np.ndarray:
    """Return (n,) where walks stop, from the linear system."""
    n = len(chance)
    going = damping * (chance.sum(axis=1) > 0)
    visits = np.linalg.solve(np.eye(n) - (going[:, None] * chance).T, np.eye(n)[seed])
    return visits * (1 - going)


@pytest.mark.parametrize("most", [2, 100])
def test_walks_stop_where_personalised_pagerank_says(most: int) -> None:
    probe = Neighbourhood(most=most)
    for graph in graphs(30, n=12, rows=40):
        at = int(graph.time[len(graph.time) // 2]) + DAY
        chance, _ = followed([p for p in pays(graph) if p.time < at], graph.n, most)
        for seed in range(0, graph.n, 3):
            rank, left = probe.ranks(graph, seed, at)
            exact = pagerank(chance, seed, probe.damping)
            assert rank.sum() + left.sum() == pytest.approx(1, abs=1e-12)
            assert (left <= probe.rest * np.maximum((chance > 0).sum(axis=1), 1)).all()
            assert np.abs(rank - exact).sum() == pytest.approx(left.sum(), abs=1e-12)
            assert (rank <= exact + 1e-12).all()


@pytest.mark.parametrize("most", [2, 100])
def test_values_equal_their_definitions(most: int) -> None:
    probe = replace(Neighbourhood(most=most), rest=1e-13)
    for graph in graphs(30, n=12, rows=30):
        at = int(graph.time[len(graph.time) // 2]) + DAY
        seeds = np.arange(graph.n, dtype=np.int32)
        rows = [p for p in pays(graph) if p.time < at]
        wanted = [described(rows, graph, int(seed), probe) for seed in seeds]
        np.testing.assert_allclose(probe.values(graph, seeds, at), np.array(wanted), rtol=1e-6)


def described(rows: list[Pay], graph: TransactionGraph, seed: int, probe: Neighbourhood) -> list[float]:
    rows = [p for p in rows if p.source != p.target]
    chance, cut = followed(rows, graph.n, probe.most)
    rank = pagerank(chance, seed, probe.damping)
    own = {a for a in range(graph.n) if rank[a] >= probe.share * rank.max() and (rank[a] > 1e-9 or a == seed)}
    paid, got = {p.source for p in rows}, {p.target for p in rows}
    inner = [p for p in rows if p.source in own and p.target in own]
    turnover = sum(p.value for p in rows if p.source in own or p.target in own)
    return [
        len(own), len({a % 3 for a in own}), len(own & paid - got), len(own & got - paid), len(inner), turnover,
        sum(p.value for p in inner) / turnover if turnover else np.nan, rank[seed], sum(cut[a] for a in own),
    ]  # fmt: skip


def test_does_not_look_ahead_and_asks_each_account_alone() -> None:
    rows = toy.random_rows(2, n=12, rows=60, days=6)
    whole, early = toy.graph(rows, n=12), toy.graph([r for r in rows if r[2] < 3], n=12)
    seeds, at = np.array([3, 1, 1], np.int32), toy.START + 3 * DAY
    found = Neighbourhood().values(whole, seeds, at)
    assert found.tobytes() == Neighbourhood().values(early, seeds, at + 9 * DAY).tobytes()
    assert found[1].tobytes() == found[2].tobytes() == Neighbourhood().values(whole, seeds[1:2], at)[0].tobytes()
    assert Neighbourhood().values(whole, seeds[:0], at).shape == (0, len(Neighbourhood().features))


def test_a_hub_is_cut_and_says_so() -> None:
    graph = toy.graph([(0, b, 0.0, 10.0) for b in range(1, 400)])
    probe = Neighbourhood(share=0.001)
    found = probe.values(graph, np.array([7, 399], np.int32), toy.START + DAY)
    assert found[:, -1].tolist() == [1, 1]
    assert found[:, 0].tolist() == [101, 102]  # the hub, its first hundred, and the account itself
