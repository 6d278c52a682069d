import json

import numpy as np
import polars as pl
import pytest

from experiments.features import comparators, frames, speed
from experiments.features.equal import agreement, different
from experiments.features.payments import load, write
from experiments.features.table import lines
from experiments.features.tables import check
from experiments.features.worlds import Worlds, with_hub

ROWS, NAMES = 3_000, ["activity", "path"]
SETTINGS = {
    "preset": "hi-small",
    "seed": 1,
    "warm": ROWS,
    "families": {"rows": [ROWS, 2 * ROWS, 3 * ROWS], "alone": 2 * ROWS, "names": NAMES},
    "hub": {"rows": ROWS, "share": 0.1, "runs": 1, "names": NAMES},
    "day": {"rows": ROWS, "appended": 500, "runs": 2, "names": NAMES},
    "refresh": {"rows": ROWS, "waiting": ROWS},
    "tables": {"rows": [ROWS], "check": 1_000, "limit": 60.0, "threads": 1},
    "plain": {"rows": ROWS, "check": 500, "limit": 60.0},
    "gfp": {
        "rows": ROWS, "check": 500, "limit": 20.0, "hub_rows": ROWS, "hub_limit": 20.0, "batch": 128, "threads": [1],
        "sets": {"counts": {"patterns": False, "window": 86_400}},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    return Worlds(tmp_path_factory.mktemp("worlds"), "hi-small", 1)


def done(part, worlds, folder):
    """Return what a part finds; it must stand in the tables."""
    found = speed.PARTS[part](SETTINGS, worlds, folder / "none")
    speed.keep(folder / "result.json", part, SETTINGS, found)
    told = lines(speed.measured(folder / "result.json"))
    assert f"## {part}" in told
    assert not any("Not measured" in line for line in told), told
    return found


@pytest.fixture
def alone(monkeypatch):
    """Install nothing."""
    monkeypatch.setattr(comparators, "install", lambda folder: (str(folder), "comparators cannot be installed: no"))


@pytest.mark.slow
def test_families_are_timed_at_each_size(worlds, tmp_path):
    found = done("families", worlds, tmp_path)
    some, large = (found["sizes"][str(rows)] for rows in (2 * ROWS, 3 * ROWS))
    assert (some["rows"], large["rows"]) == (2 * ROWS, 3 * ROWS)
    together = {"all", "all, and all accounts", "all without path"}
    assert set(some["took"]) == {*NAMES, *together}
    assert set(large["took"]) == together
    assert all(one["seconds"] > 0 for took in (some["took"], large["took"]) for one in took.values())
    assert set(found["growth_exponent"]) == set(some["took"])


@pytest.mark.slow
def test_a_hub_is_in_the_share_asked_for_and_in_no_row_without_it(worlds, tmp_path):
    graph = load(worlds.ledger(ROWS))
    with_it, without = with_hub(graph, 0.1, 1)
    busy, left = (np.bincount(np.r_[g.source, g.target], minlength=graph.n) for g in (with_it, without))
    hub = int(np.where(left == 0, busy, 0).argmax())
    touched = (with_it.source == hub) | (with_it.target == hub)
    assert len(with_it) == len(without) + touched.sum()
    assert touched.mean() == pytest.approx(0.1, abs=0.002)
    assert left.max() < 0.011 * len(graph)
    found = done("hub", worlds, tmp_path)
    assert set(found["families"]) == {*NAMES, "all"}


@pytest.mark.slow
def test_a_day_is_appended_and_equal_to_the_byte(worlds, tmp_path):
    found = done("day", worlds, tmp_path)
    assert found["going_on"]["told"] >= 500
    assert found["making"]["rows"] + found["going_on"]["told"] == ROWS
    assert found["going_on"]["equal_to_the_byte"]


@pytest.mark.slow
def test_communities_are_as_good_as_those_of_the_library(worlds, tmp_path):
    found = done("refresh", worlds, tmp_path)
    ours, afresh, theirs = (one["modularity"] for one in found["communities"]["ways"].values())
    assert min(ours, afresh) > theirs - 0.02
    assert 0 <= found["waiting"]["same_community_changes"] < 0.3
    assert all(value > 0.3 for value in found["waiting"]["rank_correlation"].values())


def test_polars_has_equal_values_and_nothing_else_is_needed(worlds, tmp_path, alone):
    found = done("tables", worlds, tmp_path)
    assert found["equal"] == {"polars": {"rows": 1_000, "features": 216, "equal": True, "different": {}}}
    assert found["sizes"][str(ROWS)]["polars"]["ratio"] > 0
    assert "cannot be installed" in found["skipped"]


def test_a_wrong_value_of_a_peer_is_found(worlds, tmp_path):
    write(load(worlds.ledger(ROWS), 1_000), tmp_path / "payments.parquet")
    table = pl.read_parquet(tmp_path / "payments.parquet")
    for side in ("in", "out"):
        told = frames.side(table, side)
        if side == "in":
            told = told.with_columns(pl.when(pl.col("row") == 999).then(7.5).otherwise("sum_8d").alias("sum_8d"))
        told.write_parquet(tmp_path / f"{side}.parquet")
    found = check(worlds.ledger(ROWS), 1_000, tmp_path)
    assert found["different"] == {"payer_in_sum_8d": 1, "payee_in_sum_8d": 1}


def test_values_differ_as_their_kind_allows():
    nan = float("nan")
    assert not different("count", np.array([1.0, nan]), np.array([1.0, nan])).any()
    assert different("count", np.array([1.0, nan, 2.0]), np.array([2.0, 0.0, nan])).all()
    assert not different("sum", np.array([1e6]), np.array([1e6 + 1])).any()
    assert different("sum", np.array([1e6]), np.array([1e6 + 20])).all()
    assert not different("deviation", np.array([0.0]), np.array([1e-5]), np.array([100.0])).any()
    assert different("deviation", np.array([0.0]), np.array([1.0]), np.array([100.0])).all()
    assert agreement({"a": 0, "b": 2}, 9) == {"rows": 9, "features": 2, "equal": False, "different": {"b": 2}}


def test_plain_python_has_equal_values(worlds, tmp_path):
    found = done("plain", worlds, tmp_path)
    for part, columns in (("activity", 216), ("path", 7)):
        assert found[part]["equal"] == {"rows": 500, "features": columns, "equal": True, "different": {}}


def test_a_missing_comparator_is_said(worlds, tmp_path, alone):
    speed.keep(tmp_path / "result.json", "gfp", SETTINGS, speed.PARTS["gfp"](SETTINGS, worlds, tmp_path))
    assert "Not measured: comparators cannot be installed: no." in lines(speed.measured(tmp_path / "result.json"))


def test_a_part_that_fails_is_said(tmp_path):
    speed.keep(tmp_path / "result.json", "hub", SETTINGS, {"failed": "MemoryError"})
    assert "Not measured: MemoryError." in lines(json.loads((tmp_path / "result.json").read_text()))


COMPARATORS = speed.HERE.parents[1] / ".cache/comparators"

if comparators.versions(str(COMPARATORS / "bin/python")):  # `python -m experiments.features.speed gfp` installs them

    @pytest.mark.slow
    def test_the_graph_feature_preprocessor_agrees_where_definitions_do(worlds, tmp_path, monkeypatch):
        monkeypatch.setattr(comparators, "install", lambda _: (str(COMPARATORS / "bin/python"), ""))
        found = done("gfp", worlds, tmp_path)
        assert found["equal"]["equal"]
        assert found["world"]["counts"]["rows"] == found["world"]["rows"]
