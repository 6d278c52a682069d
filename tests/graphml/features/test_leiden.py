"""Hold Leiden communities to what the algorithm promises, and to graspologic-native's modularity."""

from itertools import combinations

import graspologic_native as native
import networkx as nx
import numpy as np
import pytest

from graphml.features._leiden import _refine, leiden, numbered

Matrix = tuple[np.ndarray, np.ndarray, np.ndarray]


def matrix(graph: nx.Graph) -> Matrix:
    """Return start, other and weight of a networkx graph with nodes 0..K-1."""
    table = nx.to_scipy_sparse_array(graph, nodelist=range(len(graph)), format="csr", dtype=np.float64)
    table.sort_indices()
    return table.indptr.astype(np.int64), table.indices.astype(np.int32), table.data.astype(np.float32)


def random(seed: int, n: int, m: int) -> nx.Graph:
    rng = np.random.default_rng(seed)
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    for a, b in rng.integers(0, n, (m, 2)).tolist():
        if a != b:
            graph.add_edge(a, b, weight=float(rng.choice([1, 1, 2, 50])))
    return graph


def groups(member: np.ndarray) -> list[set[int]]:
    return [set(np.flatnonzero(member == c).tolist()) for c in range(int(member.max()) + 1)]


def alone(n: int) -> np.ndarray:
    return np.arange(n, dtype=np.int32)


def communities(graph: nx.Graph, begin: np.ndarray | None = None) -> list[set[int]]:
    return groups(leiden(*matrix(graph), alone(len(graph)) if begin is None else begin))


@pytest.mark.parametrize("seed", range(60))
def test_communities_hang_together_and_no_two_would_rather_be_one(seed: int) -> None:
    graph = random(seed, 12 + seed, 20 + 2 * seed)
    begin = None if seed % 2 else np.random.default_rng(seed).integers(0, 4, len(graph)).astype(np.int32)
    found = communities(graph, begin)
    assert sorted(a for own in found for a in own) == list(range(len(graph)))
    whole = nx.community.modularity(graph, found)
    assert begin is None or whole >= nx.community.modularity(graph, [g for g in groups(begin) if g]) - 1e-9
    for own in found:
        assert nx.is_connected(graph.subgraph(own))
    for one, other in combinations(found, 2):
        joined = [g for g in found if g is not one and g is not other] + [one | other]
        assert nx.community.modularity(graph, joined) <= whole + 1e-7


def test_is_as_good_as_graspologic_native() -> None:
    ours, theirs = [], []
    for seed in range(20):
        graph = random(seed, 300, 900)
        start, other, weight = matrix(graph)
        ours.append(nx.community.modularity(graph, communities(graph)))
        label = (
            dict.fromkeys(range(300), -1) | native.leiden_csr(start, other, weight.astype(np.float64), 300, seed=0)[1]
        )
        parts = [{a for a in label if label[a] == c} for c in set(label.values()) - {-1}]
        theirs.append(nx.community.modularity(graph, parts + [{a} for a in label if label[a] == -1]))
    assert np.mean(ours) > np.mean(theirs) - 0.003


def test_finds_groups_that_are_there() -> None:
    graph = nx.planted_partition_graph(6, 20, 0.5, 0.01, seed=1)
    assert sorted(map(min, communities(graph))) == [0, 20, 40, 60, 80, 100]
    ring = nx.ring_of_cliques(8, 5)
    assert sorted(map(len, communities(ring))) == [5] * 8


def test_is_the_same_each_time_and_numbers_by_first_account() -> None:
    graph = random(3, 80, 200)
    member = leiden(*matrix(graph), alone(80))
    assert member.tolist() == leiden(*matrix(graph), alone(80)).tolist()
    assert [member.tolist().index(c) for c in range(member.max() + 1)] == sorted(
        np.unique(member, return_index=True)[1]
    )


def test_without_payments_everyone_stays_alone() -> None:
    for n in (0, 1, 3):
        nothing = np.zeros(n + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32)
        assert leiden(*nothing, alone(n)).tolist() == list(range(n))
    zero = np.array([0, 1, 2]), np.array([1, 0], np.int32), np.zeros(2, np.float32)
    assert leiden(*zero, alone(2)).tolist() == [0, 1]


def refined(graph: nx.Graph, member: np.ndarray) -> list[int]:
    """Return the part of each account by the words of the paper (2019, algorithm A.2), the best part being taken."""
    n = len(graph)
    strength = [graph.degree(a, weight="weight") for a in range(n)]
    whole = sum(strength)

    def between(one: set[int], other: set[int]) -> float:
        return sum(
            d["weight"] for a, b, d in graph.edges(data=True) if (a in one and b in other) or (b in one and a in other)
        )

    def bound(part: set[int], own: set[int]) -> bool:
        held, rest = sum(strength[a] for a in part), sum(strength[a] for a in own - part)
        return between(part, own - part) >= held * rest / whole

    part = [{a} for a in range(n)]
    for v in range(n):
        own = set(np.flatnonzero(member == member[v]).tolist())
        if len(part[v]) > 1 or not bound({v}, own):
            continue
        gains = {
            min(c): between({v}, c) - strength[v] * sum(strength[a] for a in c) / whole
            for c in part
            if c <= own and v not in c and between({v}, c) and bound(c, own)
        }
        best = max(gains, key=lambda c: gains[c], default=v)
        if gains.get(best, 0) > 1e-9 * strength[v]:
            joined = part[best] | {v}
            for a in joined:
                part[a] = joined
    return [min(c) for c in part]


def test_refines_as_the_paper_says() -> None:
    several = 0
    for seed in range(80):
        graph = random(seed, 14, 26)
        for i, (_, _, edge) in enumerate(graph.edges(data=True)):
            edge["weight"] += i * i % 97 / 128  # no two gains are equal
        start, other, weight = matrix(graph)
        member = np.random.default_rng(seed).integers(0, 2, 14).astype(np.int32)
        strength = np.add.reduceat(np.append(weight, 0), start[:-1]) * (np.diff(start) > 0).astype(np.float64)
        found = groups(numbered(_refine(start, other, weight, strength, member, 1 / strength.sum()))[0])
        wanted = refined(graph, member)
        assert sorted(map(sorted, found)) == sorted(np.flatnonzero(np.array(wanted) == c).tolist() for c in set(wanted))
        several += any(2 < len(c) < 7 for c in found)
    assert several > 40
