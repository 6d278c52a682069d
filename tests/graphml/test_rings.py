from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from graphml import registry
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.ring import ROLES, Cut, Found, Reason, Ring
from graphml.rings import Joining, assemble
from tests import toy

Scores = tuple[np.ndarray, np.ndarray]


def _found(graph: TransactionGraph) -> list[Found]:
    names = registry.names("graphml.typologies")
    return [registry.plugin("graphml.typologies", name, "TYPOLOGY").find(graph) for name in names]


def _rings(seed: int, most: int = 40) -> tuple[TransactionGraph, list[Found], tuple[Ring, ...]]:
    ledger = toy.ledger(toy.random_rows(seed, n=30, rows=150))
    graph = TransactionGraph.of(ledger)
    found = _found(graph)
    scores = np.linspace(0, 1, graph.n), np.linspace(0, 1, len(graph))
    return graph, found, assemble(ledger, graph, found, *scores, Joining(most_accounts=most))


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
    owned = ledger.ownership.with_columns(
        pl.Series("account", new[ledger.ownership["account"].to_numpy()], dtype=ledger.ownership["account"].dtype)
    )
    return replace(ledger, transactions=moved, accounts=ledger.accounts[old], ownership=owned), (
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


def _pair(gap: float = 0.0) -> tuple[Ledger, TransactionGraph, list[Found]]:
    # Two rings of four accounts without one in common, the second begins *gap* days later.
    rows = [(0, 1, 0.0, 10.0), (1, 2, 1.0, 10.0), (2, 3, 2.0, 10.0)]
    rows += [(a + 4, b + 4, t + gap, v) for a, b, t, v in rows]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    parts = [np.flatnonzero((graph.source < 4) == first).tolist() for first in (True, False)]
    return ledger, graph, _of([_instance(graph, part) for part in parts])


def _of(rings: list[Ring]) -> list[Found]:
    return [Found(name, tuple(r for r in rings if r.typology == name)) for name in sorted({r.typology for r in rings})]


def _calm(graph: TransactionGraph) -> Scores:
    return np.zeros(graph.n), np.zeros(graph.hi)


def test_reported_rings_stay_apart_and_below_the_limit_where_instances_do() -> None:
    for seed in range(20):
        _, found, rings = _rings(seed, most=12)
        largest = max([12, *(len(r.accounts) for f in found for r in f.rings)])
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
    again = assemble(
        ledger,
        graph,
        [replace(f, rings=f.rings[::-1]) for f in found[::-1]],
        np.linspace(0, 1, graph.n),
        np.linspace(0, 1, len(graph)),
    )
    assert rings == again
    assert all(len(ring.id) == 12 for ring in rings)


@pytest.mark.parametrize("seed", range(25))
def test_neither_account_numbers_nor_the_order_of_one_instant_change_a_ring(seed: int) -> None:
    ledger = toy.ledger(toy.random_rows(seed, n=30, rows=150))
    ledger = _owning(ledger, [(f"P{i % 9}", i) for i in range(0, 30, 2)])
    rng = np.random.default_rng(seed)
    scores = rng.random(30), rng.random(150)
    other, turned = _renumbered(ledger, scores, seed)
    one, two = TransactionGraph.of(ledger), TransactionGraph.of(other)
    told = _told(ledger, assemble(ledger, one, _found(one), *scores, Joining(most_accounts=9)))
    assert told
    assert _told(other, assemble(other, two, _found(two), *turned, Joining(most_accounts=9))) == told


def test_an_id_does_not_depend_on_transaction_ids_but_on_each_payment() -> None:
    ledger, graph, found = _pair()
    ids = [ring.id for ring in assemble(ledger, graph, found, *_calm(graph))]
    table = ledger.transactions

    def after(*changed: pl.Expr | pl.Series) -> list[str]:
        other = replace(ledger, transactions=table.with_columns(*changed))
        return [ring.id for ring in assemble(other, graph, found, *_calm(graph))]

    assert ids == ["adc4e62affcf", "e7f54aab0ad6"]  # ids are kept in cases: a new version of the code gives the same
    assert after(pl.lit("part_2.csv:7").alias("id")) == ids
    assert set(after(pl.lit("10.01").alias("amount"))).isdisjoint(ids)
    assert set(after(pl.col("time") + pl.duration(seconds=1))).isdisjoint(ids)
    assert set(after(pl.lit("Euro").cast(table["currency"].dtype).alias("currency"))).isdisjoint(ids)


def test_accounts_of_one_owner_join_rings_that_overlap_in_time() -> None:
    ledger, graph, found = _pair()
    owned = _owning(ledger, [("P1", 0), ("P1", 7), ("P2", 1)])
    assert [len(r.accounts) for r in assemble(ledger, graph, found, *_calm(graph))] == [4, 4]
    assert [len(r.accounts) for r in assemble(owned, graph, found, *_calm(graph))] == [8]
    apart, graph, found = _pair(gap=2.5)
    apart = _owning(apart, [("P1", 0), ("P1", 7)])
    assert [len(r.accounts) for r in assemble(apart, graph, found, *_calm(graph))] == [4, 4]
    touching, graph, found = _pair(gap=2.0)
    touching = _owning(touching, [("P1", 0), ("P1", 7)])
    assert [len(r.accounts) for r in assemble(touching, graph, found, *_calm(graph))] == [8]


def test_a_join_that_the_limit_forbids_is_told() -> None:
    ledger, graph, found = _pair()
    owned = _owning(ledger, [("P1", 0), ("P1", 7)])
    rings = assemble(owned, graph, found, *_calm(graph), Joining(most_accounts=7))
    assert [len(r.accounts) for r in rings] == [4, 4]
    assert any("limit" in r.lineage for r in rings)
    assert len(assemble(owned, graph, found, *_calm(graph), Joining(most_accounts=8))) == 1


def _chains(rows: list[toy.Row], *chains: list[tuple[int, int]]) -> tuple[Ledger, TransactionGraph, list[Ring]]:
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    row = {(int(graph.source[r]), int(graph.target[r])): r for r in range(graph.hi)}
    return ledger, graph, [_instance(graph, [row[pair] for pair in chain]) for chain in chains]


LONG = [(0, 1, 0, 9.0), (1, 2, 1, 9.0), (2, 3, 2, 9.0), (3, 4, 3, 9.0), (4, 5, 4, 9.0), (6, 7, 2, 9.0), (7, 8, 3, 9.0)]
LONG_CHAIN = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]
PARTS = ([(0, 1), (1, 2), (2, 3)], [(2, 3), (3, 4), (4, 5)], [(6, 7), (7, 8)])


def test_a_limit_is_still_told_after_an_owner_joined_the_ring() -> None:
    # The second instance has no room beside the first; the third has room beside the second, whose owner it shares.
    ledger, graph, found = _chains(LONG, *PARTS)
    owned = _owning(ledger, [("P1", 5), ("P1", 8)])
    rings = assemble(owned, graph, _of(found), *_calm(graph), Joining(most_accounts=5))
    told = {ring.accounts: ring.lineage.get("limit") for ring in rings}
    assert told[(0, 1, 2, 3)] == "not joined with 1 more: together they have above 5 accounts"
    assert sum(text is not None for text in told.values()) == 3  # no room for second and third either
    rings = assemble(owned, graph, _of(found), *_calm(graph), Joining(most_accounts=7))
    assert {ring.accounts: "limit" in ring.lineage for ring in rings} == {(0, 1, 2, 3, 4, 5): True, (6, 7, 8): True}


def test_a_join_for_which_there_is_room_tells_no_limit() -> None:
    rows = [(0, 1, 0, 9.0), (1, 2, 1, 9.0), (3, 4, 0.5, 9.0), (4, 5, 1.5, 9.0)]
    ledger, graph, found = _chains(rows, [(0, 1), (1, 2)], [(3, 4), (4, 5)])
    rings = assemble(_owning(ledger, [("P1", 0), ("P1", 3)]), graph, _of(found), *_calm(graph), Joining(6))
    assert [dict(ring.lineage) for ring in rings] == [{"event": "born"}]


def test_instances_join_by_a_payment_or_by_half_of_the_accounts_at_one_time() -> None:
    def sizes(rows: list[toy.Row], *chains: list[tuple[int, int]]) -> list[int]:
        ledger, graph, found = _chains(rows, *chains)
        return sorted(len(r.accounts) for r in assemble(ledger, graph, _of(found), *_calm(graph)))

    assert sizes(LONG, *PARTS) == [3, 6]  # the payment from 2 to 3
    # half of the smaller one's four accounts in common, but no payment; at one time, or one after the other
    rows = [(0, 1, 0, 9.0), (1, 2, 1, 9.0), (2, 3, 2, 9.0), (3, 4, 2, 9.0), (4, 2, 2.5, 9.0), (4, 5, 3, 9.0)]
    apart = ([(0, 1), (1, 2), (2, 3)], [(3, 4), (4, 2), (4, 5)])
    assert sizes(rows, *apart) == [6]
    assert sizes([(a, b, t + 0.01 * (t >= 2 and a > 2), v) for a, b, t, v in rows], *apart) == [4, 4]
    # two of the smaller one's three accounts, a third of the larger one's six
    rows = [*LONG[:5], (2, 9, 3, 9.0), (9, 4, 3.5, 9.0)]
    assert sizes(rows, LONG_CHAIN, [(2, 9), (9, 4)]) == [7]
    # one of four accounts in common is too few
    rows = [(0, 1, 0, 9.0), (1, 2, 1, 9.0), (2, 3, 2, 9.0), (3, 4, 1, 9.0), (4, 5, 1, 9.0), (5, 6, 2, 9.0)]
    assert sizes(rows, [(0, 1), (1, 2), (2, 3)], [(3, 4), (4, 5), (5, 6)]) == [4, 4]


def test_an_instance_goes_where_it_shares_most_payments_then_most_accounts_then_to_the_first() -> None:
    def sets(rows: list[toy.Row], *chains: list[tuple[int, int]]) -> set[tuple[int, ...]]:
        ledger, graph, found = _chains(rows, *chains)
        rings = assemble(ledger, graph, _of(found), *_calm(graph), Joining(most_accounts=8))
        return {ring.accounts for ring in rings}

    one, two = [(0, 1), (1, 2), (2, 3)], [(10, 11), (11, 12), (12, 13)]
    base = [(a, b, i + 0.1 * (a > 9), 9.0) for chain in (one, two) for i, (a, b) in enumerate(chain)]
    link = [(3, 20, 2.2, 9.0), (13, 20, 2.2, 9.0), (3, 13, 2.2, 9.0)]
    # one payment of the first, two of the second
    assert sets(base + link, one, two, [(2, 3), (11, 12), (12, 13), (3, 13)]) == {(0, 1, 2, 3), (2, 3, 10, 11, 12, 13)}
    # one payment of each, but three accounts of the second
    assert sets([*base, (3, 11, 2.2, 9.0)], one, two, [(2, 3), (12, 13), (3, 11)]) == {
        (0, 1, 2, 3),
        (2, 3, 10, 11, 12, 13),
    }
    # one payment and two accounts of each: the first
    assert sets(base + link, one, two, [(2, 3), (12, 13), (3, 13)]) == {(0, 1, 2, 3, 12, 13), (10, 11, 12, 13)}


@pytest.mark.parametrize("chain", [[(2, 3), (3, 9)], [(9, 2), (3, 9)]])
def test_what_two_pieces_have_in_common_leads_to_the_first(chain: list[tuple[int, int]]) -> None:
    # The second has no room beside the first and shares a payment with it; the third shares the payment or two accounts.
    rows = [*LONG[:5], (9, 2, 2.5, 9.0), (3, 9, 3.5, 9.0)]
    ledger, graph, found = _chains(rows, *PARTS[:2], chain)
    found[2] = replace(found[2], start=found[1].start)
    found[0] = replace(found[0], end=found[1].end)
    rings = assemble(ledger, graph, _of(found), *_calm(graph), Joining(most_accounts=5))
    assert (0, 1, 2, 3, 9) in {r.accounts for r in rings}


def test_a_piece_grows_in_time_with_what_joins_it() -> None:
    # The second instance lengthens the first to day 6, the third shares two accounts with it on day 5.
    rows = [(0, 1, 0, 9.0), (1, 2, 1, 9.0), (2, 3, 6, 9.0), (0, 3, 5, 9.0), (3, 4, 5.5, 9.0)]
    ledger, graph, found = _chains(rows, [(0, 1), (1, 2)], [(1, 2), (2, 3)], [(0, 3), (3, 4)])
    assert [r.accounts for r in assemble(ledger, graph, _of(found), *_calm(graph))] == [(0, 1, 2, 3, 4)]


def test_a_piece_that_an_owner_moves_takes_along_for_what_it_found_no_room() -> None:
    # The second has no room beside the first, and goes by its owner to the third, which began before it.
    ledger, graph, found = _chains([*LONG, (8, 5, 1.5, 9.0)], *PARTS[:2], [(8, 5)])
    found[2] = replace(found[2], end=found[1].end)
    owned = _owning(ledger, [("P", 5)])
    rings = assemble(owned, graph, _of(found), *_calm(graph), Joining(most_accounts=5, shared=0.9))
    assert {r.accounts: "limit" in r.lineage for r in rings} == {(0, 1, 2, 3): True, (2, 3, 4, 5, 8): True}


def test_a_leaf_with_one_small_payment_is_left_out_and_told() -> None:
    rows = [
        (0, 1, 0, 1000.0),
        (1, 2, 1, 1000.0),
        (3, 1, 2, 9.99),
        (4, 1, 3, 10.0),
        (0, 2, 4, 1000.0),
        (5, 1, 5, 3.0),
        (5, 1, 6, 3.0),
        (2, 0, 7, 1000.0),
        (0, 1, 8, 80000.0),
    ]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    one = _of([_instance(graph, list(range(9)))])
    ring = assemble(ledger, graph, one, *_calm(graph))[0]
    # 3 goes; 4 pays 1 % of the median, one large payment changes nothing, 0 to 2 are no leaves, 5 paid twice
    assert ring.accounts == (0, 1, 2, 4, 5)
    assert ring.lineage["leaves"].startswith("1 account left out")
    assert (len(ring.rows), ring.value) == (8, 84016.0)
    # three accounts may be left; where fewer would be, nothing is left out
    ledger = toy.ledger([(0, 1, 0, 1000.0), (1, 2, 1, 900.0), (3, 1, 2, 1.0)])
    graph = TransactionGraph.of(ledger)
    assert assemble(ledger, graph, _of([_instance(graph, [0, 1, 2])]), *_calm(graph))[0].accounts == (0, 1, 2)
    ledger = toy.ledger([(0, 1, 0, 1000.0), (2, 1, 1, 1.0)])
    graph = TransactionGraph.of(ledger)
    ring = assemble(ledger, graph, _of([_instance(graph, [0, 1])]), *_calm(graph))[0]
    assert (ring.accounts, dict(ring.lineage)) == ((0, 1, 2), {"event": "born"})


def test_of_two_rings_alike_the_better_is_reported_and_says_what_it_stands_for() -> None:
    # Three of four accounts in common, a week apart; the second's accounts and payments score higher.
    rows = [(0, 1, 0, 9.0), (1, 2, 1, 9.0), (2, 3, 2, 9.0), (0, 1, 9, 9.0), (1, 2, 10, 9.0), (2, 4, 11, 9.0)]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    cut = Cut(3, 9, 4, 5, 1.0, "as told")
    weak, strong = replace(_instance(graph, [0, 1, 2]), cut=(cut,)), _instance(graph, [3, 4, 5])
    scores = np.array([0, 0, 0, 0, 1.0]), np.array([0, 0, 0, 1.0, 1.0, 1.0])
    rings = assemble(ledger, graph, _of([weak, strong]), *scores)
    alone = assemble(ledger, graph, _of([weak]), *scores)[0]
    assert [r.rows for r in rings] == [(3, 4, 5)]
    assert dict(rings[0].lineage) == {
        "event": "born",
        "child": alone.id,
        "merged": f"cycle {alone.id} with 4 accounts, 3 of them here, and 3 payments, 0 of them here",
    }
    assert rings[0].cut == (cut,)
    assert [r.rows for r in assemble(ledger, graph, _of([weak, strong]), scores[0] * 0, 1 - scores[1])] == [(0, 1, 2)]


def test_a_ring_that_is_like_two_is_told_at_the_better() -> None:
    rows = [(0, 1, 0, 9.0), (1, 2, 1, 9.0), (2, 3, 2, 9.0), (3, 4, 30, 9.0), (4, 5, 31, 9.0), (5, 6, 32, 9.0)]
    rows += [(2, 3, 60, 9.0), (3, 4, 61, 9.0)]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    found = _of([_instance(graph, [0, 1, 2]), _instance(graph, [3, 4, 5]), _instance(graph, [6, 7])])
    scores = np.array([0.9, 0.9, 0, 0, 0, 0.5, 0.5]), np.array([0.9, 0.9, 0.9, 0.5, 0.5, 0.5, 0, 0])
    rings = assemble(ledger, graph, found, *scores)
    assert [(ring.rows, "child" in ring.lineage) for ring in rings] == [((0, 1, 2), True), ((3, 4, 5), False)]


def test_rings_with_half_of_their_accounts_in_common_are_two() -> None:
    rows = [(0, 1, 0, 9.0), (1, 2, 1, 9.0), (2, 3, 2, 9.0), (2, 3, 9, 9.0), (3, 4, 10, 9.0), (4, 5, 11, 9.0)]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    found = _of([_instance(graph, [0, 1, 2]), _instance(graph, [3, 4, 5])])
    assert len(assemble(ledger, graph, found, *_calm(graph))) == 2


@pytest.mark.parametrize(("payers", "large"), [(39, False), (40, True), (60, True)])
def test_a_fan_above_the_size_of_joins_stays_whole_and_says_so(payers: int, large: bool) -> None:
    ledger = toy.ledger([(i + 1, 0, i / 100, 50.0) for i in range(payers)])
    graph = TransactionGraph.of(ledger)
    ring = assemble(ledger, graph, _found(graph), *_calm(graph))[0]
    assert len(ring.accounts) == payers + 1
    assert ("large" in ring.lineage) == large
    said = [r for r in ring.reasons if r.threshold == 40]
    assert [r.value for r in said] == ([payers + 1] if large else [])
    assert "child" not in ring.lineage


def test_a_ring_tells_the_limits_of_its_typologies_at_members_and_at_whom_they_paid_meanwhile() -> None:
    rows = [
        (0, 1, 0, 9.0), (0, 8, 0, 9.0), (1, 2, 1, 9.0), (1, 5, 1, 9.0), (2, 3, 2, 9.0), (3, 6, 2, 9.0),
        (3, 7, 2.1, 9.0), (4, 3, 1, 9.0), (0, 9, -0.1, 9.0),
    ]  # fmt: skip
    ledger, graph, found = _chains(rows, [(0, 1), (1, 2), (2, 3)])
    cuts = {account: Cut(account, 10, 0, 10, 1.0, "as told") for account in (0, 2, 4, 5, 6, 7, 8, 9)}
    other = Found("pass-through", (), (Cut(2, 10, 0, 10, 1.0, "as told elsewhere"),))
    told = assemble(ledger, graph, [Found("cycle", tuple(found), tuple(cuts.values())), other], *_calm(graph))[0].cut
    # 4 only paid a member; 9 was paid before the ring's first payment, 7 after its last
    assert told == tuple(cuts[account] for account in (0, 2, 5, 6, 8))


def test_a_cycle_with_a_hub_beside_it_says_so() -> None:
    hub = [(3, 10 + i, 2.5 + i / 100, 50.0) for i in range(9)]
    rows = [(0, 1, 0, 100.0), (1, 2, 1, 100.0), (1, 3, 2, 90.0), (2, 0, 3, 100.0), *hub]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    cycle = replace(registry.plugin("graphml.typologies", "cycle", "TYPOLOGY"), hub_limit=8)
    ring = assemble(ledger, graph, [cycle.find(graph)], *_calm(graph))[0]
    assert [(c.account, c.degree, c.kept, c.dropped, c.dropped_value) for c in ring.cut] == [(3, 9, 0, 9, 450.0)]


def test_an_account_that_sends_first_and_receives_last_is_a_mule() -> None:
    ledger, graph, (first, second) = _chains(LONG, *PARTS[:2])
    first = replace(first, roles=((0, "source"), (1, "mule"), (2, "mule"), (3, "cash-out")))
    second = replace(second, roles=((2, "collector"), (3, "source"), (4, "distributor"), (5, "cash-out")))
    ring = assemble(ledger, graph, _of([first, second]), *_calm(graph))[0]
    roles = ["source", "mule", "collector", "mule", "distributor", "cash-out"]  # of equals the earlier of ROLES
    assert [role for _, role in ring.roles] == roles
    third = replace(second, typology="fan-in", roles=((2, "mule"), (3, "source"), (4, "mule"), (5, "cash-out")))
    ring = assemble(ledger, graph, _of([first, second, third]), *_calm(graph))[0]
    assert dict(ring.roles)[2] == "mule"  # twice of three times


def test_kind_and_reasons_are_those_of_the_larger_instances() -> None:
    ledger, graph, (first, second) = _chains(LONG, *PARTS[:2])
    part = _instance(graph, list(first.rows[:2]), "fan-in")
    again = replace(second, reasons=(Reason("It is another cycle.", 1.0),), rows=second.rows[:2])
    ring = assemble(ledger, graph, _of([part, first, again]), *_calm(graph))[0]
    assert (ring.typology, ring.parts) == ("cycle", ("cycle", "fan-in"))
    assert [r.sentence for r in ring.reasons[:2]] == ["It is a cycle.", "It is a fan-in."]
    assert len(ring.reasons) == 4  # and those on scores and on the border


def test_of_equal_instances_the_earliest_gives_its_reasons() -> None:
    ledger, graph, (first, second) = _chains(LONG, *PARTS[:2])
    late = replace(second, reasons=(Reason("It is the later cycle.", 1.0),))
    ring = assemble(ledger, graph, _of([late, first]), *_calm(graph))[0]
    assert ring.reasons[0].sentence == "It is a cycle."


def test_no_instance_is_no_ring() -> None:
    ledger = toy.ledger([(0, 1, 0, 9.0)])
    graph = TransactionGraph.of(ledger)
    assert assemble(ledger, graph, [Found("cycle", ())], *_calm(graph)) == ()


def test_accounts_of_many_instances_tie_nothing_and_the_ring_says_so() -> None:
    rows = [(0, 1, 0.0, 9.0), (1, 2, 0.1, 9.0), (0, 1, 0.2, 8.0), (1, 2, 0.3, 8.0)]
    ledger = toy.ledger(rows)
    graph = TransactionGraph.of(ledger)
    found = _of([_instance(graph, [0, 1]), _instance(graph, [1, 2]), _instance(graph, [2, 3])])
    apart = [_instance(graph, [0, 1]), _instance(graph, [2, 3])]
    together = [replace(apart[0], end=apart[1].end), apart[1]]
    (joined_,) = assemble(ledger, graph, found, *_calm(graph), Joining(hub=1))  # over common payments
    assert joined_.lineage["hubs"].startswith("not joined over 3 of its accounts or owners")
    (one,) = assemble(ledger, graph, _of(together), *_calm(graph))
    assert "hubs" not in one.lineage
    assert len(one.rows) == 4
    first, *rest = assemble(ledger, graph, _of(together), *_calm(graph), Joining(hub=1))
    assert len(first.rows) == 2  # the other is its child
    assert rest == []
