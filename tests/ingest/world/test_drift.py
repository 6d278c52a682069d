"""Measure what changes at the date of a drift."""

import itertools

import numpy as np
import polars as pl
import pytest

from ingest.world.preset import Preset
from ingest.world.switches import Switches
from ingest.world.world import World as Planned
from tests.ingest.world.conftest import Make
from tests.ingest.world.reading import DAY, DOLLARS


def test_drift_brings_new_typologies_and_closes_a_shop(make: Make) -> None:
    change, new = 5 * DAY, []
    for seed in (4, 6):
        world = make("demo", 200_000, seed, "drift=0.5")
        found = world.attempts("mule-herd", "stacked-bipartite")
        new += [world.pays(a["transactions"][:1])[0].minute for a in found]
    assert new
    assert min(new) >= change
    after = pl.col("minute") >= change
    dollars = world.rows.filter(pl.col("gave_in") == "US Dollar", pl.col("payer") != pl.col("payee"))
    before, later = (dollars.filter(p)["payee"].value_counts() for p in (~after, after))
    shop, count = before.sort("count").row(-1)
    assert later.filter(pl.col("payee") == shop)["count"].sum() < 0.1 * count, "the largest shop closes"


def test_a_currency_is_worth_a_fifth_less_from_the_date_on(make: Make) -> None:
    world = make("demo", 200_000, 6, "drift=0.5")
    changed = world.rows.filter(pl.col("gave_in") != pl.col("got_in")).with_columns(
        pl.col("got_in").replace_strict(DOLLARS, return_dtype=pl.Float64).alias("rate"),
        (pl.col("minute") >= 5 * DAY).alias("after"),
    )
    ratio = pl.col("got").cast(pl.Float64) * pl.col("rate") / pl.col("usd")  # of dollars that arrive, at first rates
    for sold, after, bought in itertools.product((True, False), (True, False), (True, False)):
        euros = (pl.col("gave_in") == "Euro") == sold, (pl.col("got_in") == "Euro") == bought
        found = changed.filter(pl.col("after") == after, *euros, pl.col("usd") > 5)
        fair = (0.8 if sold else 1.0) / (0.8 if bought else 1.0) if after else 1.0
        if not (sold and bought):
            assert found.height > 20
            assert found.select(ratio.median()).item() == pytest.approx(fair, rel=1e-3)


def test_no_currency_falls_without_a_drift_not_even_in_the_tail() -> None:
    for switches, ever in (((), False), (("tail",), False), (("drift=0.5",), True)):
        world = Planned.of(Preset.of("demo"), Switches.of(switches), 20_000, 1)
        minute = np.arange(0, world.calendar.end, 60)
        worth = [world.worth(minute, np.full(len(minute), currency)) for currency in range(3)]
        assert [bool((one < 1).any()) for one in worth] == [False, ever, False]


def test_what_is_paid_in_the_currency_that_falls_is_as_many_units_as_before(make: Make) -> None:
    fallen, never = (make("demo", 20_000, 2, f"drift={when}", "look-alikes=0.3") for when in (0, 1))
    for world in (fallen, never):
        assert (world.rows["gave_in"] == "Euro").any()
    sums = [
        dict(
            w.rows.filter(pl.col("gave_in") == pl.col("got_in"))
            .group_by("gave_in")
            .agg(pl.col("usd").sum())
            .iter_rows()
        )
        for w in (fallen, never)
    ]
    normal = [
        w.table(t for g in w.answers["normal_groups"] for t in g["transactions"]).sort("line").select("gave", "gave_in")
        for w in (fallen, never)
    ]
    assert normal[0].equals(normal[1])
    assert sums[0]["Euro"] == pytest.approx(sums[1]["Euro"], rel=0.05)
