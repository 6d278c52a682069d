"""Compare dense flow with FlowScope's peeling done the slow way, and the peeling with the best there is."""

import itertools
from dataclasses import replace

import numpy as np

from graphml.typologies._peel import densest
from graphml.typologies.dense_flow import TYPOLOGY as DENSE_FLOW
from graphml.window import DAY
from tests import toy
from tests.graphml.typologies.subsets import Plain, Sets, quiet, usable

Edge = tuple[int, int, float]


def _density(edges: list[Edge], parts: dict[int, int], nodes: set[int], penalty: float) -> float:
    inside = [e for e in edges if e[0] in nodes and e[1] in nodes]
    total = 0.0
    for m in (v for v in nodes if parts[v] == 1):
        came, went = sum(v for _, b, v in inside if b == m), sum(v for a, _, v in inside if a == m)
        total += (1 + penalty) * min(came, went) - penalty * max(came, went)
    return total / len(nodes) if nodes else 0.0


def _weight(edges: list[Edge], parts: dict[int, int], nodes: set[int], node: int, penalty: float) -> float:
    came = sum(v for a, b, v in edges if b == node and a in nodes)
    went = sum(v for a, b, v in edges if a == node and b in nodes)
    return (1 + penalty) * min(came, went) - penalty * max(came, went) if parts[node] == 1 else came + went


def _peeled(edges: list[Edge], parts: dict[int, int], penalty: float, middles: int) -> tuple[set[int], float]:
    nodes, best, density = set(parts), set(), 0.0
    while sum(parts[v] == 1 for v in nodes) >= middles:
        now = _density(edges, parts, nodes, penalty)
        if now > density:
            best, density = set(nodes), now
        nodes.discard(min(nodes, key=lambda v: (_weight(edges, parts, nodes, v, penalty), v)))
    return best, density


def _turned(g: Plain, rows: list[int]) -> tuple[list[int], list[int]]:
    ins = [r for r in rows if any(g.source[o] == g.target[r] and g.time[o] > g.time[r] for o in rows)]
    outs = [r for r in rows if any(g.target[i] == g.source[r] and g.time[i] < g.time[r] for i in rows)]
    return ins, outs


def _blocks(g: Plain, rows: list[int], t) -> Sets:  # type: ignore[no-untyped-def]
    found: Sets = set()
    ins, outs = _turned(g, rows)
    good = set()
    for m in range(g.n):
        came, went = sum(g.value[r] for r in ins if g.target[r] == m), sum(g.value[r] for r in outs if g.source[r] == m)
        if (1 + t.penalty) * min(came, went) > t.penalty * max(came, went):
            good.add(m)
    todo = [good]
    while todo:
        part, rest = _connected(g, ins, outs, todo.pop())
        if rest:
            todo.append(rest)
        while len(part) >= t.middles:
            mine = [r for r in ins if g.target[r] in part], [r for r in outs if g.source[r] in part]
            edges = [(g.source[r], g.target[r] + g.n, g.value[r]) for r in mine[0]]
            edges += [(g.source[r] + g.n, g.target[r] + 2 * g.n, g.value[r]) for r in mine[1]]
            parts = {v: v // g.n for e in edges for v in e[:2]}
            nodes, density = _peeled(edges, parts, t.penalty, t.middles)
            if density <= 0:
                break
            kept = [r for r, e in zip(mine[0] + mine[1], edges, strict=True) if e[0] in nodes and e[1] in nodes]
            middles = {v - g.n for v in nodes if parts[v] == 1}
            sides = [sum(parts[v] == side for v in nodes) for side in (0, 2)]
            if max(sides) <= len(middles):
                found.add(tuple(sorted(set(kept))))
            part = part - middles
    return found


def _connected(g: Plain, ins: list[int], outs: list[int], good: set[int]) -> tuple[set[int], set[int]]:
    part = {min(good)} if good else set()
    while True:
        payers = {g.source[r] for r in ins if g.target[r] in part}
        payees = {g.target[r] for r in outs if g.source[r] in part}
        more = {g.target[r] for r in ins if g.target[r] in good and g.source[r] in payers}
        more |= {g.source[r] for r in outs if g.source[r] in good and g.target[r] in payees}
        if more <= part:
            return part, good - part
        part |= more


def _flows(g: Plain, t) -> Sets:  # type: ignore[no-untyped-def]
    rows = quiet(g, usable(g, False), t.window, t.hub_limit)
    found: Sets = set()
    for tile in {g.time[r] // t.window for r in rows}:
        found |= _blocks(g, [r for r in rows if g.time[r] // t.window == tile], t)
    return found


def _laid(seed: int) -> list[toy.Row]:
    rng = np.random.default_rng(seed)
    layer = [(int(rng.integers(0, 2)), 3 + i, float(rng.integers(0, 6)) / 6, 100.0) for i in range(4)]
    back = [(3 + i, 8 + int(rng.integers(0, 2)), 1 + float(rng.integers(0, 6)) / 6, 90.0 + 5 * i) for i in range(4)]
    return layer + back + [(a, b, t / 3, v) for a, b, t, v in toy.random_rows(seed, n=10, rows=12)]


def test_blocks_are_those_of_the_slow_way() -> None:
    total = 0
    for seed in range(120):
        g = toy.graph(_laid(seed), n=10)
        for pattern in (replace(DENSE_FLOW, penalty=1.0, middles=2), replace(DENSE_FLOW, hub_limit=5)):
            wanted = _flows(Plain.of(g), pattern)
            assert {r.rows for r in pattern.find(g).rings} == wanted, seed
            total += len(wanted)
    assert total > 100


def test_peeling_never_beats_the_best_and_mostly_meets_it() -> None:
    met = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        parts = np.array([0, 0, 1, 1, 1, 2, 2], np.int8)
        pairs = [(a, b) for a, b in itertools.product(range(7), range(7)) if parts[b] == parts[a] + 1]
        edges = [(a, b, float(rng.integers(1, 9))) for a, b in pairs if rng.random() < 0.6]
        ends = np.array([e[0] for e in edges]), np.array([e[1] for e in edges])
        kept, density = densest(ends, np.array([e[2] for e in edges]), parts, 1.0, 1)
        part_of = dict(enumerate(parts.tolist()))
        best = max(
            _density(edges, part_of, set(nodes), 1.0)
            for size in range(1, 8)
            for nodes in itertools.combinations(range(7), size)
            if any(part_of[v] == 1 for v in nodes)
        )
        assert density <= max(best, 0.0) + 1e-9
        if density:
            assert abs(_density(edges, part_of, set(np.flatnonzero(kept).tolist()), 1.0) - density) < 1e-9
        met += abs(density - max(best, 0.0)) < 1e-9
    assert met >= 30


def test_a_block_says_what_flowed_and_hubs_are_told() -> None:
    base = -(toy.START // DAY) % 4  # days to the next window
    rows = [(0, 1 + i, base + i / 10, 100.0) for i in range(3)] + [
        (1 + i, 9, base + 1 + i / 10, 95.0) for i in range(3)
    ]
    found = DENSE_FLOW.find(toy.graph(rows))
    ring = found.rings[0]
    assert (ring.rows, found.cuts) == (tuple(range(6)), ())
    assert dict(ring.roles) == {0: "source", 1: "mule", 2: "mule", 3: "mule", 9: "cash-out"}
    assert ring.reasons[0].sentence == "300.00 came to 3 accounts (at least 3) from 1 and 285.00 went on to 1."
    assert ring.reasons[1].value == (5 * 285 - 4 * 300) / 5
    found = replace(DENSE_FLOW, hub_limit=2).find(toy.graph(rows))
    assert not found.rings
    assert [(c.account, c.degree, c.kept, c.dropped) for c in found.cuts] == [(0, 3, 2, 1), (9, 3, 2, 1)]
