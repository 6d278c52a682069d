import numpy as np
import pytest

from graphml.graph import TransactionGraph
from graphml.people import People
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


def test_who_holds_an_account_and_companies_behind_others_is_their_controller() -> None:
    graph = TransactionGraph.of(toy.ledger([(0, 2, 0, 9.0), (1, 2, 1, 9.0), (2, 3, 2, 9.0), (2, 4, 3, 9.0)]))
    party, owner = np.array([0, 1, 2, 3, 4], np.int32), np.array([0, 1, 0, 0, 4], np.int32)  # 0 controls 2 and 3

    def roles(said: dict[int, list[str]], rows: list[int], **known: object) -> dict[int, str]:
        terms = {"party": party, **known}
        people = People(np.zeros(5, np.int32), owner, np.ones(5, np.bool_), (), **terms)  # type: ignore[arg-type]
        return dict(roles_of(graph, rows, said, people))

    plain = {0: "source", 1: "source", 2: "mule", 3: "cash-out", 4: "cash-out"}
    every = [0, 1, 2, 3]
    assert roles({}, every) == plain | {0: "controller"}
    assert roles({0: ["distributor"]}, every) == plain | {0: "distributor"}
    assert roles({}, [0, 1]) == {0: "source", 1: "source", 2: "cash-out"}  # one account of a company is not enough
    assert roles({}, [1, 2, 3]) == {a: plain[a] for a in (1, 2, 3, 4)}  # it stands in no payment
    assert roles({}, every, party=np.array([0, 1, 0, 0, 4], np.int32)) == plain  # accounts of its own


def test_a_known_victim_is_one_whatever_it_does() -> None:
    graph = TransactionGraph.of(toy.ledger([(0, 2, 0, 9.0), (1, 2, 1, 9.0), (2, 3, 2, 9.0), (2, 4, 3, 9.0)]))
    people = People(
        np.zeros(5, np.int32), np.arange(5, dtype=np.int32), np.zeros(5, np.bool_), (), victims=frozenset({1, 2})
    )
    roles = {0: "source", 1: "victim", 2: "victim", 3: "cash-out", 4: "cash-out"}
    assert dict(roles_of(graph, range(4), {1: ["distributor"]}, people)) == roles
