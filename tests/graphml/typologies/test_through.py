"""Compare typologies of one account that passes money on with their definitions in plain Python."""

from collections import defaultdict
from dataclasses import replace
from functools import cache

import pytest

from graphml.errors import ParameterError
from graphml.graph import TransactionGraph
from graphml.people import People
from graphml.typologies.behaviour_change import TYPOLOGY as BEHAVIOUR_CHANGE
from graphml.typologies.behaviour_change import BehaviourChange
from graphml.typologies.deposit_send import TYPOLOGY as DEPOSIT_SEND
from graphml.typologies.dormant_woken import TYPOLOGY as DORMANT_WOKEN
from graphml.typologies.funnel import TYPOLOGY as FUNNEL
from graphml.typologies.structuring import TYPOLOGY as STRUCTURING
from graphml.typologies.structuring import Structuring
from graphml.window import DAY
from tests import toy
from tests.graphml.typologies.subsets import Plain, Sets, largest, usable

SEEDS = range(100)


@cache
def _view(seed: int) -> tuple[TransactionGraph, Plain]:
    view = replace(toy.graph(toy.random_rows(seed)), lo=3, hi=38)
    return view, Plain.of(view)


def _passed(g: Plain, account: int, ins: list[int], outs: list[int], t) -> tuple[list[int], list[int]]:  # type: ignore[no-untyped-def]
    # What counts of the rows of one window, nothing where nothing does.
    came = 0.0
    for row in ins:
        came += g.value[row]
    if not ins:
        return [], []
    outs = [r for r in outs if g.time[r] > min(g.time[i] for i in ins) and g.value[r] >= t.part * came]
    if not outs:
        return [], []
    return [r for r in ins if g.time[r] < max(g.time[o] for o in outs)], outs


def _keeps(g: Plain, ins: list[int], outs: list[int], t) -> bool:  # type: ignore[no-untyped-def]
    came, went = sum(float(g.value[r]) for r in ins), sum(float(g.value[r]) for r in outs)
    return bool(t.keep * came <= went <= t.most * came)


def _windows(g: Plain, rows: list[int], starts: list[int], window: int):  # type: ignore[no-untyped-def]
    for first in starts:
        yield [r for r in rows if g.time[first] <= g.time[r] <= g.time[first] + window]


def _funnels(g: Plain, t) -> Sets:  # type: ignore[no-untyped-def]
    found: Sets = set()
    for a in range(g.n):
        rows = [r for r in usable(g, True) if a in (g.source[r], g.target[r])]
        for inside in _windows(g, rows, rows, t.window):
            ins, outs = _passed(
                g, a, [r for r in inside if g.target[r] == a], [r for r in inside if g.source[r] == a], t
            )
            few = 1 <= len({g.target[r] for r in outs}) <= t.payees
            if few and len({g.source[r] for r in ins}) >= t.payers and _keeps(g, ins, outs, t):
                found.add(tuple(sorted(ins + outs)))
    return largest(found)


def _deposits(g: Plain, t) -> Sets:  # type: ignore[no-untyped-def]
    found: Sets = set()
    for a in range(g.n):
        cash = [r for r in usable(g, False) if g.target[r] == a and g.format[r] == "Wire"]
        rows = sorted(cash + [r for r in usable(g, False) if g.source[r] == a])
        for inside in _windows(g, rows, rows, t.window):
            ins, outs = _passed(
                g, a, [r for r in inside if g.target[r] == a], [r for r in inside if g.source[r] == a], t
            )
            few = 1 <= len({g.target[r] for r in outs}) <= t.payees
            if few and len(ins) >= t.payments and _keeps(g, ins, outs, t):
                found.add(tuple(sorted(ins + outs)))
    return largest(found)


def _woken(g: Plain, t) -> Sets:  # type: ignore[no-untyped-def]
    found: Sets = set()
    for a in range(g.n):
        rows = [r for r in usable(g, False) if a in (g.source[r], g.target[r])]
        starts = []
        for row in rows:
            before = [g.time[r] for r in rows if g.time[r] < g.time[row]]
            since = max(before) if before else g.time[g.lo]
            if g.target[row] == a and g.time[row] - since >= t.quiet:
                starts.append(row)
        for inside in _windows(g, rows, starts, t.window):
            ins, outs = _passed(
                g, a, [r for r in inside if g.target[r] == a], [r for r in inside if g.source[r] == a], t
            )
            if ins and len({g.target[r] for r in outs}) >= t.payees and _keeps(g, ins, outs, t):
                found.add(tuple(sorted(ins + outs)))
    return largest(found)


def _structured(g: Plain, t) -> Sets:  # type: ignore[no-untyped-def]
    found: Sets = set()
    for limit in {amount for _, amount in t.limits}:
        mine: Sets = set()
        for a in range(g.n):
            rows = [r for r in usable(g, False) if g.target[r] == a and t.near * limit <= g.value[r] < limit]
            rows = [r for r in rows if not t.formats or g.format[r] in t.formats]
            for inside in _windows(g, rows, rows, t.window):
                if len(inside) >= t.deposits:
                    mine.add(tuple(inside))
        found |= largest(mine)
    return found


def _changed(g: Plain, t) -> Sets:  # type: ignore[no-untyped-def]
    found: Sets = set()
    new = set(usable(g, True))
    for a in range(g.n):
        rows = [r for r in usable(g, False) if g.source[r] == a]
        for first in rows:
            now = g.time[first]
            before = [r for r in rows if g.time[r] < now]
            burst = [r for r in rows if now <= g.time[r] <= now + t.window and r in new]
            if len(before) < t.history or now - g.time[before[0]] < t.known:
                continue
            since = now - g.time[before[0]]
            more = sum(g.value[r] for r in burst) * since >= t.amount * sum(g.value[r] for r in before) * t.window
            faster = len(burst) * since >= t.rate * len(before) * t.window
            if len({g.target[r] for r in burst}) >= t.payees and more and faster:
                found.add(tuple(burst))
    return largest(found)


CASES = {
    "funnel": (replace(FUNNEL, window=2 * DAY, payers=2, keep=0.5, most=2.0), _funnels, 10),
    "funnel-of-one": (replace(FUNNEL, window=3 * DAY, payers=3, payees=1, keep=0.2, most=5.0, part=0.3), _funnels, 10),
    "deposit-send": (replace(DEPOSIT_SEND, deposits=("wire",), keep=0.5, most=2.0), _deposits, 5),
    "dormant-woken": (replace(DORMANT_WOKEN, quiet=DAY, keep=0.1, most=9.0), _woken, 10),
    "structuring": (replace(STRUCTURING, limits=(("", 101.0), ("Yen", 5.0), ("", 51.0)), near=0.15), _structured, 100),
    "structuring-wire": (replace(STRUCTURING, limits=(("", 101.0),), near=0.1, formats=("Wire",)), _structured, 50),
    "behaviour-change": (
        replace(BEHAVIOUR_CHANGE, known=DAY, history=1, payees=2, amount=1.5, rate=1.0), _changed, 100,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_instances_are_those_of_the_definition(name: str) -> None:
    pattern, oracle, least = CASES[name]
    total = 0
    for seed in SEEDS:
        g, plain = _view(seed)
        wanted = oracle(plain, pattern)
        assert sorted(r.rows for r in pattern.find(g).rings) == sorted(wanted), seed
        total += len(wanted)
    assert total > least


def test_funnels_count_the_banks_of_payers_where_they_are_known() -> None:
    rows = [(i + 1, 0, i / 10, 100.0) for i in range(5)] + [(0, 9, 1.0, 480.0)]
    ledger = toy.ledger(rows)
    people = People.of(ledger)
    g = TransactionGraph.of(ledger)
    assert len(replace(FUNNEL, people=people, banks=3).find(g).rings) == 1  # toy accounts are at three banks
    assert not replace(FUNNEL, people=people, banks=4).find(g).rings
    assert len(replace(FUNNEL, banks=4).find(g).rings) == 1  # not known


@pytest.mark.parametrize(("pattern", "flip"), [(FUNNEL, 6), (DEPOSIT_SEND, 6), (DORMANT_WOKEN, 6)])
def test_an_account_too_busy_is_told(pattern, flip: int) -> None:  # type: ignore[no-untyped-def]
    rows = [(i + 1, 0, 8 + i / 10, 100.0) for i in range(6)] + [(0, 10, 9.0, 300.0), (0, 11, 9.1, 290.0)]
    rows += [(20, 21, 0.0, 1.0)]
    g = toy.graph(rows)
    wide = replace(pattern, payees=2, part=0.1) if pattern is not DORMANT_WOKEN else pattern
    wide = replace(wide, deposits=("ach", "wire")) if pattern is DEPOSIT_SEND else wide
    assert [len(r.rows) for r in replace(wide, hub_limit=8).find(g).rings] == [8]
    found = replace(wide, hub_limit=7).find(g)
    told = [(c.account, c.degree, c.kept, c.dropped, c.dropped_value) for c in found.cuts]
    assert told == [(0, 8, 0, 8, 1190.0)]
    assert "more than 7 payments" in found.cuts[0].order
    assert pattern.name in found.cuts[0].order
    assert {len(r.rows) for r in found.rings} <= {7}  # smaller windows of it stay


def test_limits_of_structuring_and_of_bursts_keep_the_largest() -> None:
    rows = [(i + 1, 0, i / 10, 9000.0 + i) for i in range(6)]
    found = replace(STRUCTURING, hub_limit=4).find(toy.graph(rows))
    assert [r.rows for r in found.rings] == [(2, 3, 4, 5)]
    assert [(c.account, c.kept, c.dropped, c.dropped_value) for c in found.cuts] == [(0, 4, 2, 18001.0)]
    past = [(0, 1, float(i), 1.0) for i in range(4)]
    burst = [(0, 10 + i, 5 + i / 10, 50.0 + i) for i in range(5)]
    found = replace(BEHAVIOUR_CHANGE, hub_limit=3).find(toy.graph(past + burst))
    assert [r.rows for r in found.rings] == [(6, 7, 8)]
    assert [(c.account, c.kept, c.dropped, c.dropped_value) for c in found.cuts] == [(0, 3, 2, 101.0)]


def test_a_limit_belongs_to_its_currency() -> None:
    g = toy.graph([(i + 1, 0, i / 10, 9000.0) for i in range(3)])
    assert len(STRUCTURING.find(g).rings) == 1
    assert len(Structuring(limits=(("US Dollar", 10_000.0), ("", 500.0))).find(g).rings) == 1
    assert not Structuring(limits=(("Euro", 10_000.0),)).find(g).rings
    assert not Structuring(limits=(("", 10_000.0), ("US Dollar", 500.0))).find(g).rings
    with pytest.raises(ParameterError, match="expected an amount above 0"):
        Structuring(limits=(("", 0.0),)).find(g)


def test_sentences_have_the_numbers() -> None:
    past = [(0, 1, float(i), 10.0) for i in range(3)]
    burst = [(0, 10 + i, 3.0 + i / 10, 100.0) for i in range(3)]
    ring = BehaviourChange(rate=1.0).find(toy.graph(past + burst)).rings[0]
    # 300 in a window of 2 days; 30 in 3 days before
    assert ring.reasons[0].value == pytest.approx(15.0)
    assert "150.00 a day, after 10.00 a day in 3 payments of 3.0 days before: 15 times" in ring.reasons[0].sentence
    assert dict(ring.roles) == defaultdict(str, {0: "distributor", 10: "cash-out", 11: "cash-out", 12: "cash-out"})
    woken = DORMANT_WOKEN.find(toy.graph([(5, 6, 0.0, 1.0), (1, 0, 7.0, 100.0), (0, 2, 7.5, 60.0), (0, 3, 8.0, 30.0)]))
    assert "no payment from or to another for 7.0 days (at least 5.0 days)" in woken.rings[0].reasons[0].sentence
    assert "Then 100.00 came in and 90.00 (90%) went to 2 payees" in woken.rings[0].reasons[1].sentence


def test_a_payment_to_oneself_does_not_end_a_silence() -> None:
    rows = [(1, 2, 0.0, 5.0), (0, 0, 9.8, 5.0), (1, 0, 10.0, 100.0), (0, 2, 10.1, 50.0), (0, 3, 10.2, 45.0)]
    (ring,) = DORMANT_WOKEN.find(toy.graph(rows)).rings
    said = "The account had no payment from or to another for 10.0 days (at least 5.0 days)."
    assert ring.reasons[0].sentence == said
