"""Compare typologies that use who is behind accounts with their definitions in plain Python."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.people import Contact, People
from graphml.typologies.mule_herd import TYPOLOGY as MULE_HERD
from graphml.typologies.round_trip import TYPOLOGY as ROUND_TRIP
from graphml.window import DAY
from tests import toy
from tests.graphml.typologies.subsets import Plain, Sets, largest, quiet, usable


def _people(owner: Sequence[int], contacts: Sequence[Contact] = ()) -> People:
    n = len(owner)
    return People(np.zeros(n, np.int32), np.array(owner, np.int32), np.ones(n, np.bool_), tuple(contacts))


def _herds(g: Plain, t) -> Sets:  # type: ignore[no-untyped-def]
    found: Sets = set()
    rows = quiet(g, usable(g, True), t.window, t.hub_limit)
    for contact in t.people.contacts:
        party = dict(zip(contact.accounts, contact.parties, strict=True))
        for x in set(range(g.n)) - set(contact.accounts):
            for mule, other in ((g.target, g.source), (g.source, g.target)):
                own = [r for r in rows if other[r] == x and mule[r] in party]
                mine = set()
                for first in own:
                    inside = [r for r in own if g.time[first] <= g.time[r] <= g.time[first] + t.window]
                    if len({party[mule[r]] for r in inside}) >= t.herd:
                        mine.add(tuple(inside))
                found |= largest(mine)
    return found


def _trips(g: Plain, t, owner: Sequence[int]) -> Sets:  # type: ignore[no-untyped-def]
    payer, payee = [owner[a] for a in g.source], [owner[a] for a in g.target]
    found: Sets = set()

    def shells(path: list[int]) -> bool:
        lo, hi = g.time[path[0]], g.time[path[-1]]
        for row in path[:-1]:
            got = [r for r in range(g.lo, g.hi) if payee[r] == payee[row] != payer[r] and lo <= g.time[r] <= hi]
            if g.value[row] < t.main * sum(g.value[r] for r in got):
                return False
        return True

    def go(path: list[int]) -> None:
        if payee[path[-1]] == payer[path[0]]:
            if len(path) >= t.shortest and shells(path):
                found.add(tuple(path))
            return
        if len(path) == t.longest:
            return
        been = {payer[path[0]], *(payee[r] for r in path)}
        for row in range(g.lo, g.hi):
            near = 0 < g.time[row] - g.time[path[-1]] <= t.gap and g.time[row] - g.time[path[0]] <= t.window
            ratio = g.value[row] / g.value[path[-1]]
            fresh = payee[row] not in been or payee[row] == payer[path[0]]
            if payer[row] == payee[path[-1]] and near and fresh and t.keep <= ratio <= t.most:
                go([*path, row])

    for row in range(g.lo, g.hi):
        if payer[row] != payee[row]:
            go([row])
    return largest(found)


@pytest.mark.parametrize("hub", [3, 50])
def test_herds_are_those_of_the_definition(hub: int) -> None:
    contacts = (
        Contact("device", (1, 2, 3, 4), (1, 2, 2, 3)), Contact("phone", (0, 5, 6, 7), (1, 2, 3, 4)),
        Contact("address", (2, 6), (1, 2)), Contact("address", (1, 2, 3, 4, 5), (1, 1, 1, 2, 2)),
    )  # fmt: skip
    total = 0
    for seed in range(100):
        g = replace(toy.graph(toy.random_rows(seed, rows=60)), lo=3, hi=57)
        pattern = replace(MULE_HERD, people=_people(range(8), contacts), window=3 * DAY, hub_limit=hub)
        wanted = _herds(Plain.of(g), pattern)
        assert sorted(r.rows for r in pattern.find(g).rings) == sorted(wanted), seed
        total += len(wanted)
    assert total > 30


@pytest.mark.parametrize("owner", [tuple(range(8)), (0, 1, 2, 3, 0, 1, 4, 2)])
def test_round_trips_are_those_of_the_definition(owner: tuple[int, ...]) -> None:
    total = 0
    for seed in range(100):
        g = replace(toy.graph(toy.random_rows(seed)), lo=2, hi=39)
        pattern = replace(ROUND_TRIP, gap=2 * DAY, window=4 * DAY, main=0.3, keep=0.2, most=5.0, people=_people(owner))
        wanted = _trips(Plain.of(g), pattern, owner)
        assert sorted(r.rows for r in pattern.find(g).rings) == sorted(wanted), seed
        total += len(wanted)
    assert total > 30


def test_money_comes_back_to_another_account_of_the_owner() -> None:
    rows = [(0, 1, 0.0, 100.0), (2, 3, 1.0, 95.0), (3, 4, 2.0, 90.0), (1, 3, 2.5, 40.0)]
    people = _people([7, 8, 8, 9, 7])
    found = replace(ROUND_TRIP, people=people).find(toy.graph(rows))
    assert [r.rows for r in found.rings] == [(0, 1, 2)]
    assert dict(found.rings[0].roles) == {0: "source", 1: "mule", 2: "mule", 3: "mule", 4: "collector"}
    assert "came back to its first owner after 3 payments through 2 others" in found.rings[0].reasons[0].sentence
    assert not ROUND_TRIP.find(toy.graph(rows)).rings
    # 3 gets as much again meanwhile from elsewhere: no shell
    busy = [*rows, (5, 3, 1.5, 100.0)]
    assert not replace(ROUND_TRIP, people=_people([7, 8, 8, 9, 7, 1])).find(toy.graph(busy)).rings


def test_owners_that_are_hubs_are_told() -> None:
    rows = [(0, 1, 0.0, 100.0), *((1, 2 + i, 1.0 + i / 10, 90.0) for i in range(3)), (2, 0, 3.0, 85.0)]
    people = _people([5, 6, 1, 2, 3])
    assert len(replace(ROUND_TRIP, people=people, hub_limit=3).find(toy.graph(rows)).rings) == 1
    found = replace(ROUND_TRIP, people=people, hub_limit=2).find(toy.graph(rows))
    assert not found.rings
    assert [(c.account, c.degree, c.kept, c.dropped) for c in found.cuts] == [(1, 3, 0, 3)]
    found = replace(ROUND_TRIP, people=people, steps=1).find(toy.graph([*rows, (1, 4, 0.5, 90.0)]))
    assert [c.account for c in found.cuts] == [0]
    # one owner has 1 and 5: what is counted is told as that of both
    both = replace(ROUND_TRIP, people=_people([5, 6, 1, 2, 3, 6]), hub_limit=2).find(
        toy.graph([*rows, (5, 4, 2.5, 90.0)])
    )
    assert [(cut.account, cut.degree) for cut in both.cuts] == [(1, 4), (5, 4)]
    for cut in both.cuts:
        assert cut.order.endswith("; counted over the 2 accounts of this one's owner")
    assert "counted over" not in found.cuts[0].order


def test_without_people_there_is_no_herd_and_a_crowd_is_none() -> None:
    rows = [(0, i, i / 10, 10.0) for i in range(1, 5)]
    g = toy.graph(rows)
    contact = Contact("phone", (1, 2, 3, 4), (1, 2, 3, 4))
    assert not MULE_HERD.find(g).rings
    ring = replace(MULE_HERD, people=_people(range(5), (contact,))).find(g).rings[0]
    assert ring.reasons[0].sentence == "4 people with one phone in common (at least 3) were all paid by one account."
    assert dict(ring.roles) == {0: "distributor", 1: "mule", 2: "mule", 3: "mule", 4: "mule"}
    assert not replace(MULE_HERD, people=_people(range(5), (contact,)), crowd=3).find(g).rings
    found = replace(MULE_HERD, people=_people(range(5), (contact,)), hub_limit=3).find(g)
    assert [r.rows for r in found.rings] == [(0, 1, 2)]
    assert [(c.account, c.degree, c.kept, c.dropped, c.dropped_value) for c in found.cuts] == [(0, 4, 3, 1, 10.0)]
    # a hub that has nothing to do with the herd is not told
    other = toy.graph([*rows, *((6, 7 + i, 1 + i / 10, 1.0) for i in range(9))])
    assert [
        c.account for c in replace(MULE_HERD, people=_people(range(16), (contact,)), hub_limit=3).find(other).cuts
    ] == [0]


def _ledger() -> Ledger:
    ledger = toy.ledger([(i, (i + 1) % 6, i / 10, 10.0) for i in range(6)])
    parties = pl.DataFrame({"party": ["a", "b", "c", "d"]}, schema_overrides={"party": pl.String})
    parties = parties.with_columns(
        pl.lit(None, kind).alias(name) for name, kind in ledger.parties.schema.items() if name != "party"
    )
    owned = [("a", 0), ("b", 1), ("c", 2), ("c", 3), ("d", 4)]
    return replace(
        ledger, parties=parties,
        ownership=pl.DataFrame([(p, a, "owner") for p, a in owned], schema=ledger.ownership.schema, orient="row"),
        holdings=pl.DataFrame([("a", "b", 0.51), ("b", "c", 0.7), ("d", "c", 0.3)], schema=ledger.holdings.schema, orient="row"),
        contacts=pl.DataFrame(
            [("a", "phone", "1"), ("d", "phone", "1"), ("c", "phone", "2"), ("c", "device", "1")],
            schema=ledger.contacts.schema, orient="row",
        ),
    )  # fmt: skip


def test_people_are_owners_at_the_top_and_contacts_of_several_parties() -> None:
    people = People.of(_ledger())
    assert people.owner[0] == people.owner[1] == people.owner[2] == people.owner[3]  # c belongs to b, b to a
    assert len({int(people.owner[a]) for a in (0, 4, 5)}) == 3
    assert people.known.tolist() == [True] * 5 + [False]
    assert people.bank.tolist() == [1, 2, 3, 1, 2, 3]
    assert [(c.kind, c.accounts, len(set(c.parties))) for c in people.contacts] == [("phone", (0, 4), 2)]
    bare = People.of(toy.ledger([(0, 1, 0.0, 1.0)]))
    assert len(set(bare.owner.tolist())) == 2
    assert bare.contacts == ()


def test_a_circle_of_holdings_has_one_owner() -> None:
    ledger = _ledger()
    circle = pl.DataFrame(
        [("a", "b", 1.0), ("b", "a", 1.0), ("b", "c", 1.0)], schema=ledger.holdings.schema, orient="row"
    )
    owner = People.of(replace(ledger, holdings=circle)).owner
    assert owner[0] == owner[1] == owner[2]
    assert owner[0] != owner[4]


def test_people_may_be_handed_to_a_view() -> None:
    ledger = _ledger()
    g = TransactionGraph.of(ledger)
    found = replace(ROUND_TRIP, people=People.of(ledger)).find(g.before(int(g.time[4])))
    assert all(ring.rows[-1] < 4 for ring in found.rings)
