"""Hold every attempt of the answer key against the definition of its typology, in all presets."""

from collections import Counter
from typing import Any

import polars as pl
import pytest

from tests.ingest.world.conftest import Make
from tests.ingest.world.reading import DAY, World
from tests.ingest.world.shapes import DEFINITIONS, EIGHT, fault, flows

STAGE = {"small": 4, "medium": 6, "large": 12, "demo": 4, "retail": 6}  # days: science, section 1.5
ROLES = {"source", "collector", "mule", "distributor", "cash-out"}
WORLDS = (  # those of 150,000 are what test_files reads too
    ("demo", 100_000, 1),
    ("demo", 100_000, 2),
    ("demo", 500_000, 3),
    ("demo", 3_000, 4),
    ("hi-small", 150_000, 5),
    ("li-small", 150_000, 5),
    ("hi-medium", 150_000, 5),
    ("li-medium", 150_000, 5),
    ("hi-large", 150_000, 5),
    ("li-large", 150_000, 5),
    ("uk-retail", 150_000, 5),
    ("demo", 100_000, 1, "amlworld"),
    ("demo", 100_000, 1, "hardened"),
    ("demo", 100_000, 2, "split-amounts=1", "extra-hops=1"),
)


@pytest.fixture(scope="module", params=WORLDS, ids=lambda w: "-".join(map(str, w)))
def world(request: pytest.FixtureRequest, make: Make) -> World:
    return make(*request.param)


def phases(world: World, attempt: dict[str, Any]) -> list[Any]:
    return [flows(world.pays(p["transactions"])) for p in attempt["phases"]]


def test_every_attempt_has_the_shape_and_order_of_its_typology(world: World) -> None:
    assert world.attempts()
    for attempt in world.attempts():
        found = fault(attempt["typology"], phases(world, attempt))
        assert found is None, f"{attempt['typology']} {attempt['id']}: {found}"


def test_an_attempt_is_listed_in_order_of_time_and_whole(world: World) -> None:
    owners = set(world.accounts["account"])
    for attempt in world.attempts():
        pays = world.pays(attempt["transactions"])
        assert [r.minute for r in pays] == sorted(r.minute for r in pays), attempt["id"]
        assert (attempt["start"], attempt["end"]) == (pays[0].text, pays[-1].text), attempt["id"]
        phased = [t for p in attempt["phases"] for t in p["transactions"]]
        assert sorted(phased) == sorted(attempt["transactions"]), attempt["id"]
        named = [a["account"] for a in attempt["accounts"]]
        assert len(named) == len(set(named)), attempt["id"]
        assert set(named) == {x for r in pays for x in (r.payer, r.payee)} <= owners, attempt["id"]
    starts = [a["start"] for a in world.attempts()]
    assert starts == sorted(starts)
    assert [a["id"] for a in world.attempts()] == [str(i + 1) for i in range(len(starts))]


def test_no_attempt_is_longer_than_its_world_allows(world: World) -> None:
    stage = next(days for name, days in STAGE.items() if name in world.answers["preset"])
    slower = world.answers["switches"].get("delays", 1)
    wait = DAY / 2 if {"split-amounts", "extra-hops"} & set(world.answers["switches"]) else 0  # before a first payment
    for attempt in world.attempts():
        pays = world.pays(attempt["transactions"])
        stages = {"gather-scatter": 2.0, "stack": 1.2}.get(attempt["typology"], 1.0)  # stack: 114 h of 96 measured
        assert pays[-1].minute - pays[0].minute <= stage * stages * slower * DAY + wait, attempt["id"]


def test_roles_agree_with_who_pays_and_who_is_paid(world: World) -> None:
    for attempt in world.attempts():
        pays = world.pays(attempt["transactions"])
        paid, got = {r.payer for r in pays}, {r.payee for r in pays}
        for account, role in ((a["account"], a["role"]) for a in attempt["accounts"]):
            assert role in ROLES
            assert role != "cash-out" or account not in paid, attempt["id"]
            assert role != "source" or account not in got or attempt["typology"] == "cycle", attempt["id"]
            assert role != "collector" or account in got, attempt["id"]
            assert role != "distributor" or account in paid, attempt["id"]


def test_an_attempt_has_two_accounts_or_more_and_no_payment_twice(world: World) -> None:
    hardened = world.answers["switches"].get("split-amounts")
    for attempt in world.attempts():
        pays = world.pays(attempt["transactions"])
        assert len(pays) >= (1 if "single-payments" in world.answers["switches"] else 2), attempt["id"]
        if attempt["typology"] != "structuring" and not hardened:
            assert len({(r.payer, r.payee) for r in pays}) == len(pays), attempt["id"]


def test_a_woken_account_slept_until_then(world: World) -> None:
    for attempt in world.attempts("dormant-woken"):
        (woken,) = [a["account"] for a in attempt["accounts"] if a["role"] == "mule"][:1]
        begin = world.pays(attempt["transactions"])[0].minute
        before = world.rows.filter(
            (pl.col("payer") == woken) | (pl.col("payee") == woken), pl.col("minute") < begin
        ).filter(pl.col("payer") != pl.col("payee"))  # interest comes by itself
        assert before.height == 0, f"{woken} was busy before it was woken in attempt {attempt['id']}"


def test_shells_are_companies_and_mules_of_a_herd_persons(world: World) -> None:
    kind = dict(world.accounts.select("account", "Entity Name").iter_rows())
    for attempt in world.attempts("shell-chain", "mule-herd"):
        drawn = world.pays(attempt["phases"][0]["transactions"])
        herd = [r.payee for r in drawn] if attempt["typology"] == "mule-herd" else []
        if not {"extra-hops"} & set(world.answers["switches"]):  # which may put anyone in between
            persons = [a for a in herd if kind[a].startswith("Individual")]
            assert persons == herd, attempt["id"]
        if attempt["typology"] == "shell-chain":
            ends = [x for p in phases(world, attempt) for f in p for x in (f.payer, f.payee)]
            assert not [a for a in ends if kind[a].startswith("Individual")], attempt["id"]


def test_structured_payments_are_just_below_ten_thousand(demo: World) -> None:
    found = [r.usd for a in demo.attempts("structuring") for r in demo.pays(a["transactions"])]
    assert found
    assert 8000 < min(found) < max(found) < 10_000


def test_all_typologies_occur_and_the_eight_are_equally_many(demo: World, make: Make) -> None:
    found = Counter(a["typology"] for a in demo.attempts())
    eight = [found[name] for name in EIGHT]
    assert max(eight) - min(eight) <= 4, found
    assert 0.1 < 1 - sum(eight) / len(demo.attempts()) < 0.3, "typologies beyond the eight"
    for other in WORLDS:
        found.update(a["typology"] for a in make(*other).attempts())
    assert set(found) == set(DEFINITIONS)


def test_sizes_are_spread_up_to_sixteen(demo: World) -> None:
    sizes = [max(len(p["transactions"]) for p in a["phases"]) for a in demo.attempts("fan-in", "fan-out")]
    assert min(sizes) == 2
    assert 12 <= max(sizes) <= 17
    assert len(set(sizes)) >= 7
