import random

import pytest

from graphml.errors import ParameterError, UnknownName
from graphml.graph import TransactionGraph
from graphml.trail import Seeds, Terms, paths
from graphml.window import DAY, HOUR, Window
from tests import toy
from tests.graphml.trail import oracle


def drawn(seed: int) -> list[toy.Row]:
    """Return a small multigraph with ties, self-loops, parallel edges, equal amounts and a hub."""
    rng = random.Random(seed)
    n = rng.randint(3, 6)
    return [
        (0 if rng.random() < 0.2 else rng.randrange(n), rng.randrange(n), rng.randrange(8) / 4, rng.choice([8.0, 9.0, 10.0, 12.0]))
        for _ in range(rng.randint(4, 12))
    ]  # fmt: skip


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("block", range(10))
def test_paths_are_all_sequences_that_the_definition_allows(block: int, backward: bool) -> None:
    for seed in range(block * 50, block * 50 + 50):
        rng = random.Random(seed + 1)
        ledger = toy.ledger(drawn(seed), n=6)
        graph = TransactionGraph.of(ledger)
        ids = ledger.transactions["id"].to_list()
        terms = Terms(
            hops=rng.randint(1, 5), max_gap=rng.choice([0, 6, 12, 48]) * HOUR, window=rng.choice([0, 12, 24, 72]) * HOUR,
            keep=rng.choice([0.0, 0.8, 1.0]), most=rng.choice([1.0, 1.25, 9.0]),
        )  # fmt: skip
        chosen = tuple(sorted(rng.sample(range(len(ids)), rng.randint(1, 3))))
        found = paths(graph, Seeds(chosen, backward), ids, terms)
        assert not found.cut
        rows = [path.rows for path in found.found]
        assert len(rows) == len(set(rows))
        assert set(rows) == oracle.all_paths(oracle.rows_of(graph), set(chosen), terms, backward)
        for path in found.found:
            assert path.accounts == (graph.source[path.rows[0]], *(graph.target[r] for r in path.rows))
            assert (path.amount_in, path.amount_out) == (graph.value[path.rows[0]], graph.value[path.rows[-1]])
            assert path.returned == (path.accounts[0] == path.accounts[-1])
        key = [(-p.amount_out, [ids[r] for r in p.rows]) for p in found.found]
        assert key == sorted(key)


def test_a_view_hides_what_lies_outside_it() -> None:
    ledger = toy.ledger([(0, 1, 0, 9.0), (1, 2, 1, 9.0), (2, 3, 2, 9.0)])
    ids = ledger.transactions["id"].to_list()
    whole = TransactionGraph.of(ledger)
    cut = whole.before(toy.START + 2 * DAY)
    assert max(len(p.rows) for p in paths(whole, Seeds((0,)), ids, Terms()).found) == 3
    assert max(len(p.rows) for p in paths(cut, Seeds((0,)), ids, Terms()).found) == 2


@pytest.mark.parametrize("backward", [False, True])
def test_a_hub_is_cut_and_told(backward: bool) -> None:
    ends = [(i + 2, 1) if backward else (1, i + 2) for i in range(9)]
    rows = [(a, b, (i + 1) / 24, 10.0) for i, (a, b) in enumerate(ends)]
    rows.append((1, 0, 0.5, 10.0) if backward else (0, 1, 0.0, 10.0))
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    seed = next(r for r in range(10) if 0 in (graph.source[r], graph.target[r]))
    found = paths(graph, Seeds((seed,), backward), ledger.transactions["id"].to_list(), Terms(hub_limit=4))
    assert len(found.found) == 5  # the seed alone, and four that go on
    (cut,) = found.cut
    assert (cut.account, cut.degree, cut.kept, cut.dropped, cut.dropped_value) == (1, 9, 4, 5, 50.0)
    assert cut.order == ("latest first" if backward else "earliest first")
    taken = {p.rows[0] if backward else p.rows[-1] for p in found.found} - {seed}
    order = [r for r in range(10) if r != seed]
    assert taken == set(order[-4:] if backward else order[:4])


def test_too_many_paths_are_told() -> None:
    rows = [(layer * 3 + i, layer * 3 + 3 + j, layer, 10.0) for layer in range(4) for i in range(3) for j in range(3)]
    ledger = toy.ledger(rows)
    found = paths(TransactionGraph.of(ledger), Seeds((0, 1)), ledger.transactions["id"].to_list(), Terms(most_paths=20))
    assert len(found.found) == 20
    assert "stopped at 20 paths" in found.cut[-1].order


def test_seeds_are_found_by_id_and_by_account() -> None:
    ledger = toy.ledger([(0, 1, 0, 9.0), (1, 2, 1, 9.0), (0, 2, 2, 9.0), (0, 1, 5, 9.0)])
    graph = TransactionGraph.of(ledger)
    name = ledger.accounts["name"].to_list()
    window = Window.of(toy.START, toy.START + 3 * DAY)
    assert Seeds.of_transactions(ledger, ["t2", "t0"]).rows == (0, 2)
    assert Seeds.of_accounts(ledger, graph, [name[0]], window).rows == (0, 2)
    assert Seeds.of_accounts(ledger, graph, [name[2]], window, backward=True).rows == (1, 2)
    with pytest.raises(UnknownName, match="'t9'"):
        Seeds.of_transactions(ledger, ["t9"])
    with pytest.raises(UnknownName, match="Did you mean"):
        Seeds.of_accounts(ledger, graph, [name[0] + "x"], window)


@pytest.mark.parametrize("terms", [{"hops": 0}, {"max_gap": -1}, {"keep": 2.0}, {"keep": -0.1}, {"hub_limit": 0}])
def test_impossible_terms_are_refused(terms: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        Terms(**terms)
