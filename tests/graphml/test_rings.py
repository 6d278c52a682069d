import numpy as np

from graphml import registry
from graphml.graph import TransactionGraph
from graphml.ring import ROLES, Ring
from graphml.rings import Joining, assemble
from tests import toy


def _rings(seed: int, most: int = 40) -> tuple[TransactionGraph, list[Ring], tuple[Ring, ...]]:
    ledger = toy.ledger(toy.random_rows(seed, n=30, rows=150))
    graph = TransactionGraph.of(ledger)
    names = registry.names("graphml.typologies")
    found = [r for name in names for r in registry.plugin("graphml.typologies", name, "TYPOLOGY").find(graph)]
    scores = np.linspace(0, 1, graph.n), np.linspace(0, 1, len(graph))
    return graph, found, assemble(ledger, graph, found, *scores, Joining(most_accounts=most))


def test_reported_rings_stay_apart_and_below_the_limit_where_instances_do() -> None:
    for seed in range(20):
        _, found, rings = _rings(seed, most=12)
        largest = max([12, *(len(r.accounts) for r in found)])
        assert rings
        for i, one in enumerate(rings):
            assert len(one.accounts) <= largest
            assert {role for _, role in one.roles} <= set(ROLES)
            for other in rings[:i]:
                common = len(set(one.accounts) & set(other.accounts))
                assert 2 * common <= min(len(one.accounts), len(other.accounts))


def test_rings_do_not_depend_on_the_order_of_instances() -> None:
    ledger = toy.ledger(toy.random_rows(3, n=30, rows=150))
    graph, found, rings = _rings(3)
    again = assemble(ledger, graph, found[::-1], np.linspace(0, 1, graph.n), np.linspace(0, 1, len(graph)))
    assert rings == again
    assert all(len(ring.id) == 12 for ring in rings)
