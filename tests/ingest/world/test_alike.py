"""Compare attempts with normal groups and with everyone else: nothing told by one payment may tell them apart."""

import polars as pl
import pytest

from tests.ingest.world.conftest import Make
from tests.ingest.world.reading import DAY, World


def levels(rows: pl.DataFrame) -> list[float]:
    """Return the shares of amounts that are multiples of 1, 10 and 100."""
    cents = (rows["gave"].cast(float) * 100).round().cast(int)
    return [(cents % step == 0).mean() for step in (100, 1000, 10_000)]


def test_attempts_normal_groups_and_others_are_as_often_round(make: Make, demo: World) -> None:
    for worlds in ([demo, make("demo", 250_000, 4)], [make("uk-retail", 400_000, seed) for seed in (5, 6)]):
        inside, alike, others = [], [], []
        for world in worlds:
            lines = {
                what: list(set(world.lines(t for a in world.answers[what] for t in a["transactions"])))
                for what in ("attempts", "normal_groups")
            }
            inside.append(world.rows.filter(pl.col("line").is_in(lines["attempts"])))
            alike.append(world.rows.filter(pl.col("line").is_in(lines["normal_groups"])))
            others.append(world.rows.filter(~pl.col("bad"), pl.col("format") != "Reinvestment"))
        one, two, three = (levels(pl.concat(rows)) for rows in (inside, alike, others))
        assert one == pytest.approx(two, abs=0.08)
        assert one == pytest.approx(three, abs=0.08)


def test_who_meets_in_an_attempt_has_met_before_as_often_as_others(demo: World) -> None:
    rows = demo.rows.sort("minute", "line").filter(pl.col("payer") != pl.col("payee"))
    rows = rows.with_columns((pl.int_range(pl.len()).over("payer", "payee") > 0).alias("again"))
    groups = set(demo.lines(t for g in demo.answers["normal_groups"] for t in g["transactions"]))
    inside = pl.col("line").is_in(list(demo.named("attempts")))
    alike = pl.col("line").is_in(list(groups))
    one, two, others = (rows.filter(p)["again"].mean() for p in (inside, alike, ~inside & ~alike))
    assert one == pytest.approx(two, abs=0.1)
    assert one == pytest.approx(others, abs=0.12)


@pytest.mark.parametrize("preset", ["demo", "uk-retail"])
def test_normal_groups_pay_at_the_hours_and_on_the_days_of_attempts(preset: str, make: Make) -> None:
    parts = []
    for world in (make(preset, 200_000, seed, "look-alikes=0.1") for seed in (8, 9, 10)):
        part = (pl.col("minute") / (world.days * DAY)).alias("part")
        for what in ("normal_groups", "attempts"):
            rows = world.table(t for g in world.answers[what] for t in g["transactions"])
            parts.append(rows.select(part, pl.col("when").dt.hour().alias("hour"), pl.lit(what).alias("what")))
    groups, attempts = (pl.concat(parts).filter(what=what) for what in ("normal_groups", "attempts"))
    night = [(rows["hour"] < 6).mean() for rows in (groups, attempts)]
    assert night[0] == pytest.approx(night[1], abs=0.05)
    for within in (pl.col("part") < 0.2, pl.col("part") >= 0.8):
        share = [rows.select(within.mean()).item() for rows in (groups, attempts)]
        assert 0.5 < share[0] / share[1] < 2, share


@pytest.mark.parametrize("preset", ["demo", "uk-retail"])
def test_a_number_does_not_tell_how_often_an_account_is_paid(preset: str, make: Make) -> None:
    found = []
    for world in (make(preset, 200_000, seed, "look-alikes=0.1") for seed in (8, 9, 10)):
        firms = world.accounts.filter(~pl.col("Entity Name").str.starts_with("Individual"))["account"]
        paid = world.rows.group_by("payee").len().filter(pl.col("payee").is_in(firms.implode()))
        number = pl.col("payee").str.split(":").list.last().str.to_integer(base=16)
        found.append(paid.select(pl.corr(number, "len", method="spearman")).item())
    assert abs(sum(found) / len(found)) < 0.05
