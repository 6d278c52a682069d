"""Ask of every limit that it is told: at which account, how much was kept and dropped, and by which order."""

from dataclasses import replace
from itertools import product
from math import fsum

import pytest

from graphml.graph import TransactionGraph
from graphml.ring import Cut, Found, Ring
from graphml.typologies._walk import Walk, cycles, trails
from graphml.typologies.cycle import TYPOLOGY as CYCLE
from graphml.typologies.fan_in import TYPOLOGY as FAN_IN
from graphml.typologies.fan_out import TYPOLOGY as FAN_OUT
from graphml.typologies.gather_scatter import TYPOLOGY as GATHER_SCATTER
from graphml.typologies.pass_through import TYPOLOGY as PASS_THROUGH
from graphml.typologies.scatter_gather import TYPOLOGY as SCATTER_GATHER
from graphml.window import DAY
from tests import toy

CHAIN = [(0, 1, 0.0, 100.0), (1, 3, 1.0, 100.0), (1, 2, 2.0, 100.0), (2, 0, 3.0, 90.0)]


def _numbers(cuts: tuple[Cut, ...]) -> list[tuple[int, int, int, int, float]]:
    return [(c.account, c.degree, c.kept, c.dropped, c.dropped_value) for c in cuts]


def _hubs(g: TransactionGraph, reach: int, limit: int) -> list[tuple[int, int, int, int, float]]:
    lost: dict[int, set[int]] = {}
    for row in range(g.lo, g.hi):
        hub = int(g.target[row])
        after = [r for r in range(g.lo, g.hi) if g.source[r] == hub and 0 < g.time[r] - g.time[row] <= reach]
        if g.source[row] != hub and len(after) > limit:
            lost.setdefault(hub, set()).update(after)
    degree = {hub: sum(g.source[r] == hub for r in range(g.lo, g.hi)) for hub in lost}
    return [
        (hub, degree[hub], degree[hub] - len(lost[hub]), len(lost[hub]), fsum(g.value[sorted(lost[hub])]))
        for hub in sorted(lost)
    ]


@pytest.mark.parametrize("limit", [1, 3, 6])
@pytest.mark.parametrize("pattern", [CYCLE, PASS_THROUGH, SCATTER_GATHER])
def test_every_hub_that_stops_a_search_is_told(pattern, limit: int) -> None:  # type: ignore[no-untyped-def]
    total, without = 0, 0
    for seed in range(60):
        whole = toy.graph(toy.random_rows(seed))
        g = replace(whole, lo=4, hi=36)
        found = replace(pattern, hub_limit=limit, window=2 * DAY).find(g)
        wanted = _hubs(g, min(2 * DAY, getattr(pattern, "gap", 2 * DAY)), limit)
        assert _numbers(found.cuts) == wanted, seed
        assert all(f"more than {limit} payments" in c.order and pattern.name in c.order for c in found.cuts)
        total += len(wanted)
        without += bool(wanted) and not found.rings
    assert total > 10
    assert without or limit > 1  # also where no ring was found


@pytest.mark.parametrize("pattern", [CYCLE, PASS_THROUGH])
@pytest.mark.parametrize("steps", [0, 1, 4])
def test_a_ring_is_missed_only_where_an_account_ran_out_of_steps(pattern, steps: int) -> None:  # type: ignore[no-untyped-def]
    missed = 0
    for seed in range(100):
        g = toy.graph([(a, b, t, 50.0 + v / 50) for a, b, t, v in toy.random_rows(seed, n=10, rows=50)])
        whole, found = pattern.find(g), replace(pattern, steps=steps).find(g)
        assert not whole.cuts
        assert {r.rows for r in found.rings} <= {r.rows for r in whole.rings}
        told = {c.account for c in found.cuts}
        lost = {rows[0] for rows in {r.rows for r in whole.rings} - {r.rows for r in found.rings}}
        assert {int(g.source[row]) for row in lost} <= told, seed
        assert all(c.degree == c.kept + c.dropped and c.dropped > 0 for c in found.cuts)
        missed += len(lost)
    assert missed


@pytest.mark.parametrize("find", [cycles, trails])
def test_a_walk_is_told_once_also_where_the_searches_of_an_account_begin_again(find) -> None:  # type: ignore[no-untyped-def]
    told, cut = 0, 0
    for seed, steps in product(range(60), (2, 4, 8)):
        g = toy.graph([(a, b, t, 50.0 + v / 50) for a, b, t, v in toy.random_rows(seed, n=10, rows=50)])
        found, cuts = find(g, Walk("walk", 4 * DAY, 4 * DAY, 0.5, 2.0, 3, 10, 100, steps))
        walks = [tuple(rows.tolist()) for rows in found]
        assert len(set(walks)) == len(walks), seed
        told, cut = told + len(walks), cut + len(cuts)
    assert told > 10
    assert cut > 10


@pytest.mark.parametrize("pattern", [CYCLE, PASS_THROUGH])
@pytest.mark.parametrize("steps", [2, 100])
def test_blocks_of_accounts_find_what_one_walk_finds(pattern, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    pattern, found, cuts = replace(pattern, steps=steps), 0, 0
    for seed in range(60):
        g = toy.graph([(a, b, t, 50.0 + v / 50) for a, b, t, v in toy.random_rows(seed, n=10, rows=50)])
        with monkeypatch.context() as many:
            many.setattr("graphml.cores._SMALL", 1)
            many.setattr("os.cpu_count", lambda: 3)
            blocks = pattern.find(g)
        whole = pattern.find(g)
        assert blocks.rings == whole.rings
        assert blocks.cuts == whole.cuts
        found, cuts = found + len(whole), cuts + len(whole.cuts)
    assert found
    assert bool(cuts) == (steps == 2)


@pytest.mark.parametrize("pattern", [CYCLE, PASS_THROUGH])
@pytest.mark.parametrize("steps", [2, 100])
@pytest.mark.parametrize("room", [1, 8])
def test_a_search_that_finds_no_room_goes_on_with_more(  # type: ignore[no-untyped-def]
    pattern, steps: int, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pattern = replace(pattern, steps=steps)
    for seed in range(60):
        g = toy.graph([(a, b, t, 50.0 + v / 50) for a, b, t, v in toy.random_rows(seed, n=10, rows=50)])
        with monkeypatch.context() as little:
            little.setattr("graphml.typologies._walk._ROOM", room)
            found = pattern.find(g)
        whole = pattern.find(g)
        assert found.rings == whole.rings
        assert found.cuts == whole.cuts


@pytest.mark.parametrize("pattern", [CYCLE, PASS_THROUGH])
def test_a_search_that_ran_out_of_steps_without_a_ring_says_what_it_left(pattern) -> None:  # type: ignore[no-untyped-def]
    g = toy.graph(CHAIN)
    found = replace(pattern, steps=1).find(g)
    assert not found.rings
    assert _numbers(found.cuts) == [(0, 2, 1, 1, 100.0)]  # it went on to 3, not to 2
    assert "1 steps" in found.cuts[0].order
    assert "not known" in found.cuts[0].order


def test_a_search_that_ends_with_its_last_step_is_whole() -> None:
    # From the first payment of the chain 0 1 2 0 a cycle takes two steps, 1 to 3 and 1 to 2.
    found = replace(CYCLE, steps=2).find(toy.graph(CHAIN))
    assert ([len(r.rows) for r in found.rings], found.cuts) == ([3], ())
    # and the chain 0 1 2 3 as long as its steps
    straight = toy.graph([(0, 1, 0.0, 10.0), (1, 2, 1.0, 10.0), (2, 3, 2.0, 10.0)])
    found = replace(PASS_THROUGH, steps=2).find(straight)
    assert ([r.rows for r in found.rings], found.cuts) == ([(0, 1, 2)], ())


def test_a_payment_that_one_search_of_an_account_dropped_is_told_though_another_followed_it() -> None:
    rows = [(0, 1, 0.0, 100.0), (1, 3, 1.0, 100.0), (0, 1, 1.5, 100.0), (1, 2, 2.0, 100.0), (1, 4, 3.0, 100.0)]
    rows.append((4, 0, 3.5, 100.0))  # without which nothing could come back and no search would begin
    found = replace(CYCLE, steps=1).find(toy.graph(rows))
    assert _numbers(found.cuts) == [(0, 3, 1, 2, 200.0)]  # only 1 to 3 was followed and never dropped


@pytest.mark.parametrize(("pattern", "flip"), [(FAN_IN, False), (FAN_OUT, True)])
def test_a_fan_above_its_limit_keeps_the_largest_and_tells_the_rest(pattern, flip: bool) -> None:  # type: ignore[no-untyped-def]
    rows = [((0, i + 1) if flip else (i + 1, 0)) + (i / 10, float(i + 1)) for i in range(8)]
    found = replace(pattern, hub_limit=5).find(toy.graph(rows))
    assert [r.rows for r in found.rings] == [(3, 4, 5, 6, 7)]
    assert _numbers(found.cuts) == [(0, 8, 5, 3, 6.0)]
    assert found.rings[0].cut == found.cuts
    assert replace(pattern, hub_limit=8).find(toy.graph(rows)).cuts == ()
    # too few counterparties are left for a ring: no ring, but it is told
    found = replace(pattern, hub_limit=4).find(toy.graph(rows))
    assert (found.rings, _numbers(found.cuts)) == ((), [(0, 8, 4, 4, 10.0)])


def test_what_a_limit_leaves_of_gather_scatter_is_an_instance_too() -> None:
    ins = [(i + 1, 0, i / 10, float(10 + i)) for i in range(6)]
    outs = [(0, i + 11, 0.65 + i / 10, float(30 + i)) for i in range(6)]
    found = replace(GATHER_SCATTER, hub_limit=8).find(toy.graph(ins + outs))
    assert [r.rows for r in found.rings] == [(2, 3, 4, 5, 8, 9, 10, 11)]
    assert sorted(_numbers(found.cuts)) == [(0, 6, 4, 2, 21.0), (0, 6, 4, 2, 61.0)]
    # the largest payments are outs before the ins: nothing passes through
    early = [(0, i + 11, 0.0 + i / 100, 900.0 + i) for i in range(4)]
    late = [(i + 1, 0, 2.0 + i / 10, 900.0 + i) for i in range(4)]
    small = [(21, 0, -0.1, 1.0), (0, 22, 3.0, 1.0)]
    g = toy.graph([*early, *late, *small])
    assert len(replace(GATHER_SCATTER, hub_limit=10).find(g).rings) == 1
    found = replace(GATHER_SCATTER, hub_limit=8).find(g)
    assert (found.rings, len(found.cuts)) == ((), 2)


def test_of_an_account_and_an_order_the_widest_cut_is_kept() -> None:
    small, wide, other = Cut(1, 10, 5, 5, 9.0, "a"), Cut(1, 12, 5, 7, 3.0, "a"), Cut(1, 9, 5, 4, 1.0, "b")
    ring = Ring("cycle", (0,), (), (), 0, 0, 1.0, cut=(small,))
    assert Found.of("cycle", [ring, ring], [other, wide]).cuts == (wide, other)
    assert Found.of("cycle", [ring, ring]).rings == (ring,)
