"""Compare attempts with normal groups and with everyone else: nothing told by one payment may tell them apart."""

import polars as pl
import pytest

from tests.ingest.world.conftest import Make
from tests.ingest.world.reading import World


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
