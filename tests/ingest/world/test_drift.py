"""Measure what changes at the date of a drift."""

import polars as pl
import pytest

from tests.ingest.world.conftest import Make
from tests.ingest.world.reading import DAY, World


def test_drift_brings_new_typologies_and_closes_a_shop_and_lowers_a_currency(make: Make) -> None:
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
    # The same world without drift tells what would have been.
    drop = {c: medians(world, after)[c] / usual for c, usual in medians(make("demo", 200_000, 6), after).items()}
    assert len([c for c, d in drop.items() if d < 0.9]) == 1, drop
    assert min(drop.values()) == pytest.approx(0.8, abs=0.08)


def test_a_currency_falls_for_normal_groups_too(make: Make) -> None:
    sums = []
    for world in (make("demo", 20_000, 2, f"drift={when}", "look-alikes=0.3") for when in (1, 0)):
        rows = world.table(t for g in world.answers["normal_groups"] for t in g["transactions"])
        sums.append(dict(rows.group_by("gave_in").agg(pl.col("usd").sum()).iter_rows()))
    ratio = {currency: sums[1][currency] / usd for currency, usd in sums[0].items()}
    assert ratio == pytest.approx({c: 0.8 if c == "Euro" else 1.0 for c in ratio}, abs=1e-4)


def medians(world: World, after: pl.Expr) -> dict[str, float]:
    """Return by currency how much larger the median payment is after a change."""
    rows = world.rows.filter(pl.col("format") != "Reinvestment")
    ratio = pl.col("usd").filter(after).median() / pl.col("usd").filter(~after).median()
    found = rows.group_by("gave_in").agg(ratio, pl.len()).filter(pl.col("len") > 0.03 * rows.height)
    return dict(found.drop("len").iter_rows())
