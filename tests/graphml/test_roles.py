import pytest

from graphml.graph import TransactionGraph
from graphml.roles import roles_of
from tests import toy


@pytest.mark.parametrize("seed", range(30))
def test_only_who_received_before_it_last_paid_passes_money_on(seed: int) -> None:
    graph = TransactionGraph.of(toy.ledger(toy.random_rows(seed, n=8, rows=12)))
    said = {a: ["mule", "source", "cash-out", "collector", "distributor"][a % 5 :][:2] for a in range(8)}
    rows = range(graph.lo, graph.hi)
    roles = dict(roles_of(graph, rows, said))
    assert set(roles) == {int(graph.source[r]) for r in rows} | {int(graph.target[r]) for r in rows}
    for account, role in roles.items():
        pays = [r for r in rows if graph.source[r] == account]
        gets = [r for r in rows if graph.target[r] == account]
        passes = any(graph.time[g] < graph.time[p] for g in gets for p in pays)
        if passes:
            assert role in ("mule", "collector", "distributor")
        elif pays:
            assert role in ("source", "distributor")
        else:
            assert role in ("cash-out", "collector")


def test_what_patterns_say_counts_where_payments_bear_it_out() -> None:
    graph = TransactionGraph.of(toy.ledger([(0, 2, 0, 9.0), (1, 2, 1, 9.0), (2, 3, 2, 9.0), (2, 4, 3, 9.0)]))
    said = {0: ["mule"], 1: ["distributor"], 2: ["collector", "mule", "collector"], 3: ["collector"], 4: ["mule"]}
    roles = {0: "source", 1: "distributor", 2: "collector", 3: "collector", 4: "cash-out"}
    assert dict(roles_of(graph, range(4), said)) == roles
