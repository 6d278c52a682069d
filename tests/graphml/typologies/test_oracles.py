"""Compare every typology with its definition in plain Python."""

from collections import defaultdict
from dataclasses import replace
from functools import cache

import pytest

from graphml.graph import TransactionGraph
from graphml.typologies.chain import TYPOLOGY as CHAIN
from graphml.typologies.cycle import TYPOLOGY as CYCLE
from graphml.typologies.fan_in import TYPOLOGY as FAN_IN
from graphml.typologies.fan_out import TYPOLOGY as FAN_OUT
from graphml.typologies.gather_scatter import TYPOLOGY as GATHER_SCATTER
from graphml.typologies.pass_through import TYPOLOGY as PASS_THROUGH
from graphml.typologies.scatter_gather import TYPOLOGY as SCATTER_GATHER
from graphml.window import DAY
from tests import toy
from tests.graphml.typologies.subsets import Plain, Sets, largest, usable

SEEDS = range(400)


@cache
def _view(seed: int, rows: int = 40) -> tuple[TransactionGraph, Plain]:
    view = toy.graph(toy.random_rows(seed, rows=rows))
    return view, Plain.of(view)


def _fans(g: Plain, inward: bool, window: int, least: int, new: bool) -> Sets:
    centre, other = (g.target, g.source) if inward else (g.source, g.target)
    found = set()
    for account in range(g.n):
        own = [row for row in usable(g, new) if centre[row] == account]
        for first in own:
            rows = [row for row in own if g.time[first] <= g.time[row] <= g.time[first] + window]
            if len({other[row] for row in rows}) >= least:
                found.add(tuple(rows))
    return largest(found)


def _gathers(g: Plain, window: int, least: int) -> Sets:
    found = set()
    for account in range(g.n):
        mine: Sets = set()
        own = [r for r in usable(g, True) if account in (g.source[r], g.target[r])]
        for first in own:
            rows = [r for r in own if g.time[first] <= g.time[r] <= g.time[first] + window]
            ins, outs = [r for r in rows if g.target[r] == account], [r for r in rows if g.source[r] == account]
            kept_in = [r for r in ins if any(g.time[r] < g.time[o] for o in outs)]
            kept_out = [r for r in outs if any(g.time[i] < g.time[r] for i in ins)]
            if len({g.source[r] for r in kept_in}) >= least and len({g.target[r] for r in kept_out}) >= least:
                mine.add(tuple(sorted(kept_in + kept_out)))
        found |= largest(mine)
    return found


def _scatters(g: Plain, window: int, least: int) -> Sets:
    pairs = defaultdict(list)
    for e in range(g.lo, g.hi):
        for f in range(g.lo, g.hi):
            s, m, d = g.source[e], g.target[e], g.target[f]
            if m == g.source[f] and len({s, m, d}) == 3 and g.time[e] < g.time[f]:
                pairs[s, d].append((e, f, m))
    found: Sets = set()
    for both in pairs.values():
        for start in {g.time[e] for e, _, _ in both}:
            inside = [p for p in both if start <= g.time[p[0]] and g.time[p[1]] <= start + window]
            if len({m for _, _, m in inside}) >= least:
                found.add(tuple(sorted({row for e, f, _ in inside for row in (e, f)})))
    return largest(found)


def _walks(g: Plain, t, closed: bool) -> Sets:  # type: ignore[no-untyped-def]
    found: Sets = set()

    def go(path: list[int]) -> None:
        visited = [g.source[path[0]], *(g.target[r] for r in path)]
        if closed and visited[-1] == visited[0]:
            if len(path) >= t.shortest:
                found.add(tuple(path))
            return
        if len(set(visited)) < len(visited):
            return
        if not closed and len(path) >= t.shortest:
            found.add(tuple(path))
        if len(path) == t.longest:
            return
        gap = t.window if closed else t.gap
        for row in range(g.lo, g.hi):
            step, ratio = g.time[row] - g.time[path[-1]], g.value[row] / g.value[path[-1]]
            near = 0 < step <= gap and g.time[row] - g.time[path[0]] <= t.window
            if g.source[row] == visited[-1] and near and t.keep <= ratio <= t.most:
                go([*path, row])

    for row in range(g.lo, g.hi):
        go([row])
    return largest(found)


def _chains(g: Plain, t) -> Sets:  # type: ignore[no-untyped-def]
    view = range(g.lo, g.hi)

    def goes_on(e: int, f: int) -> bool:
        a = g.target[e]
        if not (g.source[f] == a and g.time[e] < g.time[f] <= g.time[e] + t.gap):
            return False
        out = [r for r in view if g.source[r] == a and g.time[e] < g.time[r] <= g.time[e] + t.gap]
        into = [r for r in view if g.target[r] == a and g.time[f] - t.gap <= g.time[r] < g.time[f]]
        return out == [f] and into == [e] and t.keep * g.value[e] <= g.value[f] <= t.most * g.value[e]

    def grown(path: list[int]) -> Sets:
        visited = [g.source[path[0]], *(g.target[r] for r in path)]
        if len(set(visited)) < len(visited) or g.time[path[-1]] - g.time[path[0]] > t.window:
            return set()
        return {tuple(path)}.union(*(grown([*path, row]) for row in view if goes_on(path[-1], row)))

    return {path for path in largest(set().union(*(grown([row]) for row in view))) if len(path) >= t.shortest}


@pytest.mark.parametrize("inward", [True, False])
@pytest.mark.parametrize("new", [True, False])
def test_fans_are_those_of_the_definition(inward: bool, new: bool) -> None:
    total = 0
    for seed in SEEDS:
        g, plain = _view(seed)
        fan = replace(FAN_IN if inward else FAN_OUT, window=2 * DAY, counterparties=3, new=new)
        wanted = _fans(plain, inward, 2 * DAY, 3, new)
        assert [r.rows for r in fan.find(g).rings] == sorted(wanted, key=lambda rows: (g.time[rows[0]], rows)), seed
        total += len(wanted)
    assert total > 100


def test_gather_scatter_is_that_of_the_definition() -> None:
    total = 0
    for seed in SEEDS:
        g, plain = _view(seed)
        wanted = _gathers(plain, 3 * DAY, 2)
        found = [r.rows for r in replace(GATHER_SCATTER, window=3 * DAY, gathered=2, scattered=2).find(g).rings]
        assert sorted(found) == sorted(wanted), seed
        total += len(wanted)
    assert total > 100


def test_scatter_gather_is_that_of_the_definition() -> None:
    total = 0
    for seed in range(200):
        g, plain = _view(seed, 50)
        wanted = _scatters(plain, 2 * DAY, 2)
        found = [r.rows for r in replace(SCATTER_GATHER, window=2 * DAY, middles=2).find(g).rings]
        assert sorted(found) == sorted(wanted), seed
        total += len(wanted)
    assert total > 100


@pytest.mark.parametrize("longest", [4, 8])
@pytest.mark.parametrize("closed", [True, False])
def test_walks_are_those_of_the_definition(closed: bool, longest: int) -> None:
    total = 0
    for seed in SEEDS:
        g, plain = _view(seed)
        pattern = replace(CYCLE if closed else PASS_THROUGH, longest=longest, shortest=2 if closed else 3)
        wanted = _walks(plain, pattern, closed)
        assert sorted(r.rows for r in pattern.find(g).rings) == sorted(wanted), seed
        total += len(wanted)
    assert total > 50


@pytest.mark.parametrize(("gap", "window"), [(1, 3), (2, 6), (6, 6)])
def test_chains_are_those_of_the_definition(gap: int, window: int) -> None:
    total = returns = 0
    for seed in range(1_500):
        whole = toy.graph(toy.random_rows(seed, n=12, rows=16))
        g = replace(whole, lo=seed % 3, hi=16 - seed % 2)
        pattern = replace(CHAIN, gap=gap * DAY, window=window * DAY, shortest=2, keep=0.15)
        wanted = _chains(Plain.of(g), pattern)
        found = pattern.find(g)
        assert [r.rows for r in found.rings] == sorted(wanted), seed
        assert not found.cuts
        total += len(wanted)
        returns += any(g.target[one[-1]] == g.source[one[0]] for one in wanted)
    assert total > 300
    assert not returns


def test_a_chain_that_returns_is_told_up_to_there_and_from_there() -> None:
    # 0 -> 1 -> 2 -> 3 -> 1 -> 4 -> 5: from the account after 1 on it is another chain
    ends = [(0, 1), (1, 2), (2, 3), (3, 1), (1, 4), (4, 5)]
    g = toy.graph([(a, b, i * 1.5, 100.0) for i, (a, b) in enumerate(ends)])
    assert [r.rows for r in replace(CHAIN, gap=2 * DAY, window=30 * DAY).find(g).rings] == [(0, 1, 2), (2, 3, 4, 5)]
