"""Compare typologies of several layers with their definitions in plain Python."""

import itertools
from collections import defaultdict
from dataclasses import replace
from functools import cache

import pytest

from graphml.graph import TransactionGraph
from graphml.typologies.bipartite import TYPOLOGY as BIPARTITE
from graphml.typologies.layered_fan_in import TYPOLOGY as LAYERED_FAN_IN
from graphml.typologies.layered_fan_out import TYPOLOGY as LAYERED_FAN_OUT
from graphml.typologies.stack import TYPOLOGY as STACK
from graphml.window import DAY
from tests import toy
from tests.graphml.typologies.subsets import Plain, Sets, largest, quiet, usable


@cache
def _view(seed: int) -> tuple[TransactionGraph, Plain]:
    view = replace(toy.graph(toy.random_rows(seed, n=8, rows=60)), lo=3, hi=57)
    return view, Plain.of(view)


def _layers(g: Plain, t, inward: bool) -> Sets:  # type: ignore[no-untyped-def]
    middle, centre = (g.source, g.target) if inward else (g.target, g.source)
    rows = usable(g, True)
    good: dict[int, list[int]] = {}
    for f in rows:
        m, d = middle[f], centre[f]
        near = [e for e in rows if centre[e] == m and 0 < (g.time[f] - g.time[e]) * (1 if inward else -1) <= t.gap]
        leaves = [e for e in near if middle[e] != d]
        total = sum(g.value[e] for e in leaves)
        early, late = (total, g.value[f]) if inward else (g.value[f], total)
        many = len({middle[e] for e in leaves}) >= t.leaves
        if many and len(near) <= t.hub_limit and t.keep * early <= late <= t.most * early:
            good[f] = leaves
    found: Sets = set()
    for a in range(g.n):
        mine = [f for f in good if centre[f] == a]
        windows: Sets = set()
        for first in mine:
            inside = [f for f in mine if g.time[first] <= g.time[f] <= g.time[first] + t.window]
            if len({middle[f] for f in inside}) >= t.middles:
                windows.add(tuple(inside))
        found |= {tuple(sorted({*one, *(e for f in one for e in good[f])})) for one in largest(windows)}
    return found


def _bicliques(g: Plain, window: int, sizes: tuple[int, int, int], hub: int) -> Sets:
    payers, payees, pairs = sizes
    rows = quiet(g, usable(g, True), window, hub)
    found: Sets = set()
    for x, y in itertools.combinations(range(g.n), 2):
        both = [
            (e, f) for e in rows for f in rows if g.source[e] == g.source[f] and (g.target[e], g.target[f]) == (x, y)
        ]
        for start in {min(g.time[e], g.time[f]) for e, f in both if abs(g.time[e] - g.time[f]) <= window}:
            inside = [r for r in rows if start <= g.time[r] <= start + window]
            paid = defaultdict(set)
            for row in inside:
                paid[g.source[row]].add(g.target[row])
            who = {a for a in paid if {x, y} <= paid[a]}
            if len(who) < payers:
                continue
            common = set.intersection(*(paid[a] for a in who)) - who
            if len(common) >= payees and len(common) * len(who) >= pairs:
                found.add(tuple(r for r in inside if g.source[r] in who and g.target[r] in common))
    return largest(found)


def _bipartites(g: Plain, t) -> Sets:  # type: ignore[no-untyped-def]
    return _bicliques(g, t.window, (t.payers, t.payees, t.pairs), t.hub_limit)


def _stacks(g: Plain, t) -> Sets:  # type: ignore[no-untyped-def]
    layers = _bicliques(g, t.layer, (2, 2, 4), t.hub_limit)
    found: Sets = set()
    for one, two in itertools.product(layers, layers):
        ends = {g.source[r] for r in one} | {g.target[r] for r in two}
        between = {
            m
            for m in ({g.target[r] for r in one} & {g.source[r] for r in two}) - ends
            if max(g.time[r] for r in one if g.target[r] == m) < min(g.time[r] for r in two if g.source[r] == m)
        }
        rows = sorted([r for r in one if g.target[r] in between] + [r for r in two if g.source[r] in between])
        if len(between) >= t.middles and g.time[rows[-1]] - g.time[rows[0]] <= t.window:
            found.add(tuple(rows))
    return largest(found)


LOOSE = {"window": 3 * DAY, "gap": 3 * DAY, "keep": 0.05, "most": 20.0, "hub_limit": 6}
CASES = {
    "layered-fan-in": (replace(LAYERED_FAN_IN, **LOOSE), lambda g, t: _layers(g, t, True), 50),
    "layered-fan-out": (replace(LAYERED_FAN_OUT, **LOOSE), lambda g, t: _layers(g, t, False), 50),
    "bipartite": (replace(BIPARTITE, window=3 * DAY), _bipartites, 50),
    "bipartite-of-hubs": (replace(BIPARTITE, window=5 * DAY, hub_limit=4, pairs=6, payees=3), _bipartites, 1),
    "stack": (replace(STACK, layer=2 * DAY, window=4 * DAY), _stacks, 5),
}


@pytest.mark.parametrize("name", CASES)
def test_instances_are_those_of_the_definition(name: str) -> None:
    pattern, oracle, least = CASES[name]
    total = 0
    for seed in range(60):
        g, plain = _view(seed)
        wanted = oracle(plain, pattern)
        assert sorted(r.rows for r in pattern.find(g).rings) == sorted(wanted), seed
        total += len(wanted)
    assert total >= least


def _told(found) -> list[tuple[int, int, int, int, float]]:  # type: ignore[no-untyped-def]
    return [(c.account, c.degree, c.kept, c.dropped, c.dropped_value) for c in found.cuts]


def test_payments_with_a_crowd_are_left_out_and_told() -> None:
    # 0 and 1 each pay 8 and 9; 8 gets two more payments from others, after those.
    rows = [(a, b, (2 * a + b) / 50, 10.0) for a in (0, 1) for b in (8, 9)] + [(2, 8, 0.5, 7.0), (3, 8, 0.6, 5.0)]
    g = toy.graph(rows)
    assert [r.rows for r in replace(BIPARTITE, hub_limit=3).find(g).rings] == [(0, 1, 2, 3)]
    assert _told(replace(BIPARTITE, hub_limit=3).find(g)) == [(8, 4, 3, 1, 5.0)]
    found = replace(BIPARTITE, hub_limit=1).find(g)
    assert not found.rings
    assert [c[0] for c in _told(found)] == [0, 1, 8, 9]
    assert "from more than 1 in 96 hours on" in found.cuts[0].order
    assert _told(replace(STACK, hub_limit=3).find(g)) == [(8, 4, 3, 1, 5.0)]
    assert _told(replace(BIPARTITE, hub_limit=4).find(g)) == []


@pytest.mark.parametrize(("pattern", "flip"), [(LAYERED_FAN_IN, False), (LAYERED_FAN_OUT, True)])
def test_a_middle_that_is_too_busy_is_told(pattern, flip: bool) -> None:  # type: ignore[no-untyped-def]
    rows = [(10 + i, 1 + i // 3, i / 10, 10.0) for i in range(6)] + [(1, 0, 2.0, 30.0), (2, 0, 2.1, 30.0)]
    if flip:
        rows = [(b, a, 3 - t, v) for a, b, t, v in rows]
    g = toy.graph(rows)
    found = replace(pattern, hub_limit=3).find(g)
    assert [len(r.rows) for r in found.rings] == [8]
    assert found.cuts == ()
    found = replace(pattern, hub_limit=2).find(g)
    assert not found.rings
    assert _told(found) == [(1, 3, 0, 3, 30.0), (2, 3, 0, 3, 30.0)]
    assert "more than 2 first payments" in found.cuts[0].order


def test_a_stack_says_both_layers() -> None:
    first = [(a, b, (2 * a + b) / 50, 10.0) for a in (0, 1) for b in (8, 9)]
    then = [(b, c, 1 + (2 * b + c) / 50, 9.0) for b in (8, 9) for c in (4, 5, 6)]
    ring = STACK.find(toy.graph(first + then)).rings[0]
    assert len(ring.rows) == 10
    roles = dict(ring.roles)
    assert [roles[a] for a in (0, 1, 4, 5, 6, 8, 9)] == ["source"] * 2 + ["cash-out"] * 3 + ["mule"] * 2
    assert "40.00 came in by the first layer and 54.00 left by the second" in ring.reasons[1].sentence


def test_a_middle_pays_on_only_later_than_it_was_paid() -> None:
    first = [(a, b, 0.5, 10.0) for a in (0, 1) for b in (8, 9)]
    for late, stacks in ((0.5, 0), (0.51, 1)):
        then = [(b, c, late, 9.0) for b in (8, 9) for c in (4, 5)]
        assert len(STACK.find(toy.graph(first + then)).rings) == stacks
