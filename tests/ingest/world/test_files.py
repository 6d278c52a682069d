"""Check the layout of a world's files, what they name, and that equal arguments give equal bytes."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from graphml.ledger import Ledger
from ingest.world import generate
from tests.ingest.world.conftest import Make
from tests.ingest.world.reading import World
from tests.ingest.world.shapes import EIGHT

HEADER = (
    "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,"
    "Amount Paid,Payment Currency,Payment Format,Is Laundering"
)
LINE = (
    r"^20\d\d/\d\d/\d\d [0-2]\d:[0-5]\d,0\d+,8[0-9A-F]{7}0,0\d+,8[0-9A-F]{7}0,\d+\.\d+,[\w ]+,"
    r"\d+\.\d+,[\w ]+,[\w ]+,[01]$"
)
PRESETS = {  # first day, days, 1 in so many launders, share of it in attempts: science, section 1.2
    "demo": ("2022-09-01", 10, 250, 0.62),
    "hi-small": ("2022-09-01", 10, 981, 0.62),
    "li-small": ("2022-09-01", 10, 1942, 0.29),
    "hi-medium": ("2022-09-01", 16, 905, 0.62),
    "li-medium": ("2022-09-01", 16, 1948, 0.29),
    "hi-large": ("2022-08-01", 97, 807, 0.25),
    "li-large": ("2022-08-01", 97, 1750, 0.19),
    "uk-retail": ("2024-01-01", 120, 667, 0.6),
}
ROWS = 150_000
NAMES = [
    "account_labels",
    "accounts",
    "attempts",
    "contacts",
    "holdings",
    "labels",
    "ownership",
    "parties",
    "quarantine",
    "transactions",
]


@pytest.fixture(scope="module", params=PRESETS)
def world(request: pytest.FixtureRequest, make: Make) -> World:
    return make(request.param, ROWS, 5)


def test_every_line_has_the_layout_of_amlworld(world: World) -> None:
    text = world.transactions.read_text(encoding="ascii")
    assert text.split("\n", 1)[0] == HEADER
    assert text.endswith("\n")
    assert world.owners.read_text().splitlines()[0] == "Bank Name,Bank ID,Account Number,Entity ID,Entity Name"
    lines = pl.Series(text.splitlines()[1:])
    assert lines.filter(~lines.str.contains(LINE)).to_list() == []
    for amount, currency in (("got", "got_in"), ("gave", "gave_in")):
        places = pl.when(pl.col(currency) == "Bitcoin").then(6).otherwise(2)
        wrong = world.rows.filter(
            (pl.col(amount).str.split(".").list.last().str.len_chars() != places) | (pl.col(amount).cast(float) <= 0)
        )
        assert wrong.height == 0, wrong.head(3)


def test_a_world_has_exactly_the_rows_asked_for(world: World, make: Make) -> None:
    assert world.rows.height == ROWS
    assert world.answers["transactions"] == ROWS
    for rows in (1_013, 2_000, 7_777):
        assert make("demo", rows, 6).rows.height == rows
    assert make("demo", 20_000, 6, "hardened").rows.height == 20_000


def test_a_world_lasts_as_long_as_its_preset(world: World) -> None:
    first, days, _, _ = PRESETS[world.answers["preset"]]
    begin = datetime.fromisoformat(first)
    times = world.rows["when"]
    assert begin <= times.min() < begin + timedelta(days=1)
    assert begin + timedelta(days=days - 1) <= times.max() < begin + timedelta(days=days)
    assert times.to_list() != times.sort().to_list(), "lines are mixed, as AMLworld's are"
    late = (times.cum_max() - times).max()
    assert late < timedelta(days=1), "but not by more than a day"


def test_a_world_launders_as_much_as_stated(world: World) -> None:
    _, _, one_in, share = PRESETS[world.answers["preset"]]
    bad = world.rows["bad"].sum()
    assert bad == pytest.approx(ROWS / one_in, rel=0.5), "few attempts: chance has its part"
    inside = len(world.named("attempts"))
    assert inside == pytest.approx(ROWS / one_in * share, abs=20)


def test_a_retail_world_launders_as_much_as_stated_on_average(make: Make) -> None:
    worlds = [make("uk-retail", 100_000, seed) for seed in (5, 7, 9)]
    shares = sorted(w.rows["bad"].mean() for w in worlds)
    assert sum(shares) / len(shares) == pytest.approx(1 / 667, rel=0.3), shares


def test_the_demo_world_launders_as_much_as_stated(demo: World) -> None:
    assert demo.rows["bad"].sum() == pytest.approx(demo.rows.height / 250, rel=0.1)
    assert len(demo.named("attempts")) / demo.rows["bad"].sum() == pytest.approx(0.62, abs=0.08)


def test_the_answer_key_names_exactly_the_laundering_rows(world: World) -> None:
    parts = [world.named(what) for what in ("attempts", "integration", "transitive")]
    assert sum(map(len, parts)) == len(set().union(*parts)), "named twice"
    labelled = set(world.rows.filter("bad")["line"].to_list())
    assert set().union(*parts) == labelled
    assert not labelled & world.named("placement"), "who pays for a crime does not launder"
    each = [line for a in world.attempts() for line in world.lines(a["placement"])]
    assert sorted(each) == sorted(world.named("placement"))


def test_the_patterns_file_repeats_the_attempts_of_the_eight_patterns(world: World) -> None:
    blocks = re.findall(
        r"BEGIN LAUNDERING ATTEMPT - ([A-Z-]+)(?::  Max [^\n]+)?\n(.*?)END LAUNDERING ATTEMPT - \1\n\n",
        world.patterns.read_text(), re.S,
    )  # fmt: skip
    attempts = world.attempts(*EIGHT)
    assert [name.lower() for name, _ in blocks] == [a["typology"] for a in attempts]
    lines = world.transactions.read_text().splitlines()
    for (_, text), attempt in zip(blocks, attempts, strict=True):
        assert text.splitlines() == [lines[n - 1] for n in world.lines(attempt["transactions"])]
    assert len(world.patterns.read_text().split("BEGIN")) == len(blocks) + 1


def test_the_accounts_file_covers_all_accounts(world: World) -> None:
    listed = world.accounts["account"]
    assert listed.n_unique() == listed.len()
    used = set(world.rows["payer"].to_list()) | set(world.rows["payee"].to_list())
    assert used <= set(listed.to_list())
    banks = world.accounts["Bank ID"].unique()
    assert banks.str.starts_with("0").all()
    assert banks.str.strip_chars_start("0").n_unique() == banks.len(), "a spreadsheet makes two banks one"
    names = world.accounts.group_by("Bank ID").agg(pl.col("Bank Name").n_unique())
    assert names["Bank Name"].max() == 1


def test_an_account_number_is_not_enough_without_its_bank(demo: World) -> None:
    assert demo.accounts["Account Number"].n_unique() < demo.accounts.height


def test_each_preset_has_its_currencies_and_formats(world: World) -> None:
    retail = world.answers["preset"] == "uk-retail"
    assert world.rows["gave_in"].n_unique() == (1 if retail else 15)
    formats = {"Cheque", "Credit Card", "ACH", "Cash", "Reinvestment", "Wire", "Bitcoin"}
    british = {"Faster Payments", "BACS", "CHAPS", "Card", "Cash"}
    assert set(world.rows["format"].unique().to_list()) == (british if retail else formats)
    assert world.rows.filter((pl.col("format") == "Bitcoin") != (pl.col("gave_in") == "Bitcoin")).height == 0
    assert world.rows.filter((pl.col("format") == "Reinvestment") & (pl.col("payer") != pl.col("payee"))).height == 0


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


ARGUMENTS = ("demo", 6_000, 1)


def test_equal_arguments_give_equal_bytes_and_another_seed_gives_others(tmp_path: Path) -> None:
    one = digests(generate(*ARGUMENTS, tmp_path / "a"))
    assert one == digests(generate(*ARGUMENTS, tmp_path / "b"))
    title = {"Demo_Trans.csv", "Demo_Patterns.txt", "Demo_accounts.csv", "answers.json"}
    assert set(one) == title | {f"ledger/{name}.parquet" for name in NAMES}
    other = digests(generate("demo", 6_000, 2, tmp_path / "b"))  # takes the place of the older world
    assert {name for name in one if one[name] == other[name]} <= {"ledger/quarantine.parquet", "ledger/account_labels.parquet"}  # fmt: skip
    assert digests(generate("demo", 6_000, 1, tmp_path / "c", ["hardened"])) != one


@pytest.mark.parametrize(("preset", "switch"), [("uk-retail", "drift"), ("demo", "hardened")])
def test_bytes_do_not_depend_on_the_number_of_cores(preset: str, switch: str, tmp_path: Path) -> None:
    here = digests(generate(preset, 8_000, 9, tmp_path / "here", [switch]))
    code = (
        "import sys; from pathlib import Path; from ingest.world import generate;"
        "generate(sys.argv[1], 8_000, 9, Path(sys.argv[2]), sys.argv[3:])"
    )
    threads = {"POLARS_MAX_THREADS": "1", "NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    one_core = ["taskset", "-c", str(min(os.sched_getaffinity(0)))] if shutil.which("taskset") else []
    subprocess.run(
        [*one_core, sys.executable, "-c", code, preset, str(tmp_path / "there"), switch],
        env={**os.environ, **threads, "PYTHONPATH": os.pathsep.join(sys.path)}, check=True,
    )  # fmt: skip
    assert here == digests(tmp_path / "there")


def test_days_that_are_written_together_are_written_as_days_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = generate("demo", 6_000, 9, tmp_path / "together")
    monkeypatch.setattr("ingest.world.world._BLOCK", 1)
    alone = generate("demo", 6_000, 9, tmp_path / "alone")
    one, other = digests(together), digests(alone)
    assert {n for n in one if one[n] != other[n]} <= {"ledger/labels.parquet", "ledger/transactions.parquet"}
    metas = [Ledger.load(folder / "ledger").meta for folder in (together, alone)]
    assert metas[0] == metas[1]  # the digest is that of the rows
