from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from graphml import registry
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.ring import ROLES, Cut, Found, Reason, Ring
from graphml.rings import Scores as Judged
from graphml.rings import assemble
from tests import toy

Scores = tuple[np.ndarray, np.ndarray]


def _assembled(ledger: Ledger, graph: TransactionGraph, found: list[Found], scores: Scores) -> tuple[Ring, ...]:
    return assemble(ledger, graph, found, Judged(*scores)).rings


def _found(graph: TransactionGraph) -> list[Found]:
    names = registry.names("graphml.typologies")
    return [registry.plugin("graphml.typologies", name, "TYPOLOGY").find(graph) for name in names]


def _rings(seed: int) -> tuple[TransactionGraph, list[Found], tuple[Ring, ...]]:
    ledger = toy.ledger(toy.random_rows(seed, n=30, rows=150))
    graph = TransactionGraph.of(ledger)
    found = _found(graph)
    scores = np.linspace(0, 1, graph.n), np.linspace(0, 1, len(graph))
    return graph, found, _assembled(ledger, graph, found, scores)


def _told(ledger: Ledger, rings: tuple[Ring, ...]) -> list[object]:
    names, ids = ledger.accounts["name"], ledger.transactions["id"]
    return [
        (
            ring.id, ring.typology, ring.parts, ring.start, ring.end, ring.value, ring.score, dict(ring.lineage),
            sorted((names[a], role) for a, role in ring.roles), sorted(ids[row] for row in ring.rows), ring.reasons,
            sorted((names[c.account], c.degree, c.kept, c.dropped, c.dropped_value, c.order) for c in ring.cut),
        )
        for ring in rings
    ]  # fmt: skip


def _renumbered(ledger: Ledger, scores: Scores, seed: int) -> tuple[Ledger, Scores]:
    # The same data with other account numbers, and another order of the rows of each instant.
    rng = np.random.default_rng(seed)
    old = rng.permutation(ledger.accounts.height)  # old[new number]
    new = np.argsort(old)
    table = ledger.transactions
    rows = np.lexsort((rng.permutation(table.height), table["time"].to_physical().to_numpy()))
    moved = table[rows].with_columns(
        pl.Series(end, new[table[end].to_numpy()[rows]], dtype=table[end].dtype) for end in ("source", "target")
    )
    labels = ledger.labels.with_columns(
        row=pl.Series(np.argsort(rows)[ledger.labels["row"].to_numpy()], dtype=pl.Int64)
    )
    owned = ledger.ownership.with_columns(
        pl.Series("account", new[ledger.ownership["account"].to_numpy()], dtype=ledger.ownership["account"].dtype)
    )
    return replace(
        ledger, transactions=moved, accounts=ledger.accounts[old], ownership=owned, labels=labels.sort("row")
    ), (
        scores[0][old],
        scores[1][rows],
    )


def _owning(ledger: Ledger, owned: list[tuple[str, int]]) -> Ledger:
    kinds = ledger.ownership.schema
    table = pl.DataFrame(
        {c: [o[0] for o in owned] if c == "party" else [o[1] for o in owned] if c == "account" else ["owner"] * len(owned)
         for c in kinds},
        schema=kinds,
    )  # fmt: skip
    return replace(ledger, ownership=table)


def _instance(graph: TransactionGraph, rows: list[int], typology: str = "cycle", role: str = "mule") -> Ring:
    accounts = sorted({int(a) for row in rows for a in (graph.source[row], graph.target[row])})
    return Ring(
        typology, tuple(rows), tuple((a, role) for a in accounts), (Reason(f"It is a {typology}.", 1.0),),
        int(graph.time[rows[0]]), int(graph.time[rows[-1]]), float(graph.value[rows].sum()), (typology,),
    )  # fmt: skip


def _of(rings: list[Ring]) -> list[Found]:
    return [Found.of(name, (r for r in rings if r.typology == name)) for name in sorted({r.typology for r in rings})]


def _turned(found: Found) -> Found:
    order, rings = np.arange(len(found))[::-1], found.rings[::-1]
    return replace(found, rows=found.rows.take(order), accounts=found.accounts.take(order), told=rings.__getitem__)


def _calm(graph: TransactionGraph) -> Scores:
    return np.zeros(graph.n), np.zeros(graph.hi)


def test_rings_told_stay_apart_and_are_candidates_found() -> None:
    for seed in range(20):
        _, found, rings = _rings(seed)
        every = {ring.rows for one in found for ring in one.rings}
        assert rings
        for i, one in enumerate(rings):
            assert one.rows in every or "leaves" in one.lineage
            assert {role for _, role in one.roles} <= set(ROLES)
            for other in rings[:i]:
                common = len(set(one.accounts) & set(other.accounts))
                assert 2 * common <= min(len(one.accounts), len(other.accounts))


def test_rings_do_not_depend_on_the_order_of_instances() -> None:
    ledger = toy.ledger(toy.random_rows(3, n=30, rows=150))
    graph, found, rings = _rings(3)
    turned = [_turned(f) for f in found[::-1]]
    again = _assembled(ledger, graph, turned, (np.linspace(0, 1, graph.n), np.linspace(0, 1, len(graph))))
    assert rings == again
    assert all(len(ring.id) == 12 for ring in rings)


@pytest.mark.parametrize("learn", [False, True])
def test_neither_account_numbers_nor_the_order_of_one_instant_change_a_ring(learn: bool) -> None:
    learned = 0
    for seed in range(25):
        ledger = toy.ledger(toy.random_rows(seed, n=30, rows=150), laundering=[i for i in range(150) if i % 5 < 3])
        ledger = _owning(ledger, [(f"P{i % 9}", i) for i in range(0, 30, 2)])
        rng = np.random.default_rng(seed)
        scores = rng.random(30), rng.random(150)
        other, turned = _renumbered(ledger, scores, seed)
        one, two = TransactionGraph.of(ledger), TransactionGraph.of(other)
        since = int(one.time[120]) if learn else None
        told = assemble(ledger, one, _found(one), Judged(*scores, since))
        same = assemble(other, two, _found(two), Judged(*turned, since))
        assert told.rings
        assert _told(other, same.rings) == _told(ledger, told.rings)
        assert (same.left, same.likeness is None) == (told.left, told.likeness is None)
        learned += told.likeness is not None
    assert (learned > 12) == learn


def _pair() -> tuple[Ledger, TransactionGraph, list[Found]]:
    # Two rings of four accounts without one in common.
    rows = [(0, 1, 0.0, 10.0), (1, 2, 1.0, 10.0), (2, 3, 2.0, 10.0)]
    rows += [(a + 4, b + 4, t, v) for a, b, t, v in rows]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    parts = [np.flatnonzero((graph.source < 4) == first).tolist() for first in (True, False)]
    return ledger, graph, _of([_instance(graph, part) for part in parts])


def test_an_id_does_not_depend_on_transaction_ids_but_on_each_payment() -> None:
    ledger, graph, found = _pair()
    ids = [ring.id for ring in _assembled(ledger, graph, found, _calm(graph))]
    table = ledger.transactions

    def after(*changed: pl.Expr | pl.Series) -> list[str]:
        other = replace(ledger, transactions=table.with_columns(*changed))
        return [ring.id for ring in _assembled(other, graph, found, _calm(graph))]

    assert ids == ["adc4e62affcf", "e7f54aab0ad6"]  # ids are kept in cases: a new version of the code gives the same
    assert after(pl.lit("part_2.csv:7").alias("id")) == ids
    assert set(after(pl.lit("10.01").alias("amount"))).isdisjoint(ids)
    assert set(after(pl.col("time") + pl.duration(seconds=1))).isdisjoint(ids)
    assert set(after(pl.lit("Euro").cast(table["currency"].dtype).alias("currency"))).isdisjoint(ids)


def test_a_leaf_is_left_out_and_told() -> None:
    rows = [(0, 1, 0, 1000.0), (1, 2, 1, 1000.0), (3, 1, 2, 9.99), (2, 0, 3, 1000.0)]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    (ring,) = _assembled(ledger, graph, _of([_instance(graph, [0, 1, 2, 3])]), _calm(graph))
    assert (ring.accounts, ring.rows, ring.value) == ((0, 1, 2), (0, 1, 3), 3000.0)
    assert ring.lineage["leaves"] == "1 account left out: one payment below 1% of the pattern's median"
    left = "The ring leaves out 1 payment of the pattern (9.99 in all): at its edge, each below 1% of its median."
    assert [reason.sentence for reason in ring.reasons].count(left) == 1
    (whole,) = _assembled(ledger, graph, _of([_instance(graph, [0, 1, 3])]), _calm(graph))
    assert dict(whole.lineage) == {"event": "born"}


def test_of_rings_alike_the_better_is_told_and_says_what_it_stands_for() -> None:
    # Three of four accounts in common, a week apart; the second's accounts and payments score higher.
    rows = [(0, 1, 0, 9.0), (1, 2, 1, 9.0), (2, 3, 2, 9.0), (0, 1, 9, 9.0), (1, 2, 10, 9.0), (2, 4, 11, 9.0)]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    weak, strong = _instance(graph, [0, 1, 2]), _instance(graph, [3, 4, 5])
    small = _instance(graph, [0, 1], "fan-in")
    scores = np.array([0, 0, 0, 0, 1.0]), np.array([0, 0, 0, 1.0, 1.0, 1.0])
    (told,) = _assembled(ledger, graph, _of([weak, strong, small]), scores)
    assert told.rows == (3, 4, 5)
    said = "stands also for patterns with more than half of the smaller one's accounts: 1 cycle, 1 fan-in"
    assert dict(told.lineage) == {"event": "born", "merged": said}
    (other,) = _assembled(ledger, graph, _of([weak, strong]), (scores[0] * 0, 1 - scores[1]))
    assert other.rows == (0, 1, 2)


def test_rings_with_half_of_their_accounts_in_common_are_two() -> None:
    rows = [(0, 1, 0, 9.0), (1, 2, 1, 9.0), (2, 3, 2, 9.0), (2, 3, 9, 9.0), (3, 4, 10, 9.0), (4, 5, 11, 9.0)]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    found = _of([_instance(graph, [0, 1, 2]), _instance(graph, [3, 4, 5])])
    assert len(_assembled(ledger, graph, found, _calm(graph))) == 2


def test_the_weakest_are_left_and_counted_where_there_is_no_room() -> None:
    ledger, graph, found = _pair()
    scores = np.array([0, 0, 0, 0, 1.0, 1, 1, 1]), (graph.source >= 4).astype(float)
    made = assemble(ledger, graph, found, Judged(*scores), most=1)
    assert [ring.accounts for ring in made.rings] == [(4, 5, 6, 7)]
    assert made.left == 1
    assert assemble(ledger, graph, found, Judged(*scores)).left == 0


def test_a_ring_tells_the_limits_of_its_typologies_at_members_and_at_whom_they_paid_meanwhile() -> None:
    rows = [
        (0, 1, 0, 9.0), (0, 8, 0, 9.0), (1, 2, 1, 9.0), (1, 5, 1, 9.0), (2, 3, 2, 9.0), (3, 6, 2, 9.0),
        (3, 7, 2.1, 9.0), (4, 3, 1, 9.0), (0, 9, -0.1, 9.0),
    ]  # fmt: skip
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    chain = [row for row in range(9) if (int(graph.source[row]), int(graph.target[row])) in {(0, 1), (1, 2), (2, 3)}]
    own = Cut(1, 3, 1, 2, 0.5, "its own")
    cuts = {account: Cut(account, 10, 0, 10, 1.0, "as told") for account in (0, 2, 4, 5, 6, 7, 8, 9)}
    other = Found.of("pass-through", (), (Cut(2, 10, 0, 10, 1.0, "as told elsewhere"),))
    found = [Found.of("cycle", (replace(_instance(graph, chain), cut=(own,)),), tuple(cuts.values())), other]
    told = _assembled(ledger, graph, found, _calm(graph))[0].cut
    # 4 only paid a member; 9 was paid before the ring's first payment, 7 after its last
    assert told == tuple(sorted((own, *(cuts[a] for a in (0, 2, 5, 6, 8))), key=lambda cut: cut.account))


def test_a_cycle_with_a_hub_beside_it_says_so() -> None:
    hub = [(3, 10 + i, 2.5 + i / 100, 50.0) for i in range(9)]
    rows = [(0, 1, 0, 100.0), (1, 2, 1, 100.0), (1, 3, 2, 90.0), (2, 0, 3, 100.0), *hub]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    cycle = replace(registry.plugin("graphml.typologies", "cycle", "TYPOLOGY"), hub_limit=8)
    ring = _assembled(ledger, graph, [cycle.find(graph)], _calm(graph))[0]
    assert [(c.account, c.degree, c.kept, c.dropped, c.dropped_value) for c in ring.cut] == [(3, 9, 0, 9, 450.0)]


def test_a_pattern_that_shares_most_payments_gives_its_roles_and_its_name_to_what_has_none() -> None:
    rows = [(0, 1, 0, 9.0), (1, 2, 1, 9.0), (2, 3, 2, 9.0), (3, 4, 3, 9.0)]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    whole = _instance(graph, [0, 1, 2, 3], "network")
    most = replace(_instance(graph, [0, 1, 2], "fan-in", "collector"), reasons=(Reason("Not said.", 1.0),))
    half = _instance(graph, [0, 1], "fan-out", "distributor")
    less = _instance(graph, [3], "chain", "distributor")
    loud = np.full(5, 0.9), np.ones(4)
    (ring,) = _assembled(ledger, graph, _of([whole, most, half, less]), loud)
    assert (ring.typology, ring.parts, ring.rows) == ("fan-in", ("fan-in", "network"), (0, 1, 2, 3))
    assert dict(ring.roles) == {0: "source", 1: "collector", 2: "collector", 3: "collector", 4: "cash-out"}
    assert [reason.sentence for reason in ring.reasons[:2]] == [
        "It is a network.",
        "3 of the 4 payments stand in one fan-in of 3 payments.",
    ]
    (same,) = _assembled(ledger, graph, _of([replace(whole, typology="cycle"), most]), loud)
    assert (same.typology, same.parts) == ("cycle", ("cycle", "fan-in"))
    (own,) = _assembled(ledger, graph, _of([whole, half]), loud)
    assert (own.typology, own.parts) == ("network", ("network",))


def test_what_a_pattern_loses_at_its_edge_does_not_count_in_its_name() -> None:
    # A fan of four large payments and three tiny ones; the network has the four.
    rows = [*((i, 9, i / 4, 1000.0) for i in range(4)), *((10 + i, 9, 1 + i / 4, 1.0) for i in range(3))]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    core, fan = _instance(graph, range(4), "network"), _instance(graph, range(7), "fan-in", "collector")
    scores = np.isin(np.arange(graph.n), [0, 1, 2, 3, 9]).astype(float), (graph.value > 1).astype(float)
    told = _assembled(ledger, graph, _of([core, fan]), scores)
    (ring,) = (ring for ring in told if ring.rows == (0, 1, 2, 3))
    assert ring.typology == "fan-in"
    assert "4 of the 4 payments stand in one fan-in of 4 payments." in [reason.sentence for reason in ring.reasons]


def test_a_network_that_is_a_small_part_of_a_pattern_does_not_get_its_name() -> None:
    ledger = toy.ledger([(i, 9, i / 4, 9.0) for i in range(4)])
    graph = TransactionGraph.of(ledger)
    part, fan = _instance(graph, [0, 1], "network"), _instance(graph, [0, 1, 2, 3], "fan-in", "collector")
    scores = np.array([0.9, 0.9, 0, 0, 0, 0, 0, 0, 0, 0.9]), np.array([0.9, 0.9, 0, 0])
    (ring,) = _assembled(ledger, graph, _of([part, fan]), scores)
    assert (ring.rows, ring.typology, ring.parts) == ((0, 1), "network", ("network",))
    assert not any("stand in one" in reason.sentence for reason in ring.reasons)


def test_what_was_learned_ranks_rings_and_is_said() -> None:
    # Patterns of two payments with a new pair launder, those that repeat do not; models are of no help.
    rows: list[toy.Row] = []
    for day in range(60):
        new = day % 2 == 0
        payer = 10 + 3 * day if new else 0
        rows += [(payer, payer + 1, day, 50.0), (payer + 1, payer + 2, day + 0.5, 50.0)]
    graph = TransactionGraph.of(toy.ledger(rows, n=200))
    bad = [row for row in range(120) if graph.source[row] >= 10]
    ledger = toy.ledger(rows, n=200, laundering=bad)
    found = [Found.of("cycle", tuple(_instance(graph, [row, row + 1]) for row in range(0, 120, 2)))]
    scores = np.zeros(200), np.zeros(120)
    since = int(graph.time[100])
    plain = assemble(ledger, graph, found, Judged(*scores))
    made = assemble(ledger, graph, found, Judged(*scores, since))
    assert plain.likeness is None
    assert made.likeness is not None
    assert (made.likeness.patterns, made.likeness.laundering) == (50, 25)
    late = [ring for ring in made.rings if ring.start >= since]
    assert len(late) == 5
    assert made.rings[-1].accounts == (0, 1, 2)
    assert all(ring.accounts[0] >= 10 for ring in late)
    said = "Of 50 patterns that ended before 2020-11-02 25 laundered; of those like this one the model expects"
    assert [reason.sentence.startswith(said) for reason in late[0].reasons].count(True) == 1


def test_what_models_say_of_patterns_that_laundered_is_learned_too() -> None:
    # All patterns are of one shape; those of even days launder, and the model finds their payments rare.
    rows: list[toy.Row] = []
    for day in range(120):
        rows += [(3 * day, 3 * day + 1, day, 50.0), (3 * day + 1, 3 * day + 2, day + 0.5, 50.0)]
    graph = TransactionGraph.of(toy.ledger(rows, n=360))
    bad = [row for row in range(240) if row // 2 % 2 == 0]
    ledger = toy.ledger(rows, n=360, laundering=bad)
    found = [Found.of("cycle", tuple(_instance(graph, [row, row + 1]) for row in range(0, 240, 2)))]
    scores = np.zeros(360), np.isin(np.arange(240), bad) * 0.9
    (best, *_) = assemble(ledger, graph, found, Judged(*scores, int(graph.time[200]))).rings
    (said,) = (reason for reason in best.reasons if "rarity of its payments under the model" in reason.sentence)
    assert said.value > said.threshold


@pytest.mark.parametrize(("payers", "large"), [(39, False), (40, True)])
def test_a_fan_of_many_is_told_whole_and_with_what_to_look_at(payers: int, large: bool) -> None:
    ledger = toy.ledger([(i + 1, 0, i / 100, 50.0) for i in range(payers)])
    graph = TransactionGraph.of(ledger)
    ring = _assembled(ledger, graph, _found(graph), _calm(graph))[0]
    assert len(ring.accounts) == payers + 1
    said = [r.sentence for r in ring.reasons if r.threshold == 40]
    assert said == ["41 accounts: see first whether its centre is a shop or a payer of wages."] * large


def test_no_instance_is_no_ring() -> None:
    ledger = toy.ledger([(0, 1, 0, 9.0)])
    graph = TransactionGraph.of(ledger)
    made = assemble(ledger, graph, [Found.of("cycle", ())], Judged(*_calm(graph)))
    assert (made.rings, made.left) == ((), 0)
