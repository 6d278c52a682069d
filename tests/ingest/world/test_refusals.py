"""Ask for worlds that cannot be."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from casework.cli import app
from graphml.errors import ParameterError, UnknownName
from ingest.world import BUNDLES, SWITCHES, Preset, describe, generate, presets
from ingest.world.switches import Switches
from ingest.world.world import World as Made
from tests.ingest.world.conftest import Make
from tests.ingest.world.reading import World
from tests.ingest.world.shapes import fault, flows

PRESETS = ("demo", "hi-large", "hi-medium", "hi-small", "li-large", "li-medium", "li-small", "uk-retail")


@pytest.mark.parametrize(("rows", "seed"), [(0, 1), (-5, 1), (10**12, 1), (5000, -1)])
def test_an_impossible_number_is_refused_with_the_way_out(rows: int, seed: int, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"expected .* (Try|Any) ") as told:
        generate("demo", rows, seed, tmp_path / "w")
    assert str(seed if seed < 0 else rows) in str(told.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("preset", PRESETS)
def test_the_smallest_world_that_is_offered_can_be_made(preset: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="too few") as told:
        generate(preset, 100, 1, tmp_path / "w")
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"
    least = int(re.findall(r"at least (\d+)", str(told.value))[0])
    with pytest.raises(ParameterError, match="too few"):
        generate(preset, least // 2, 1, tmp_path / "w")
    world = World(generate(preset, least, 1, tmp_path / "w"))
    assert world.rows.height == least
    assert world.attempts()
    for attempt in world.attempts():
        phases = [flows(world.pays(p["transactions"])) for p in attempt["phases"]]
        assert fault(attempt["typology"], phases) is None


@pytest.mark.parametrize("switches", [("hardened",), ("amlworld",), ("look-alikes=0.5",), ("drift=0",), ("drift=1",)])
def test_the_smallest_world_can_have_every_switch(switches: tuple[str, ...], make: Make) -> None:
    for seed in range(3):
        world = make("demo", 1_100, seed, *switches)
        assert world.rows.height == 1_100
        assert world.attempts()


@pytest.mark.parametrize(("preset", "rows"), [("hi-small", 20_000), ("li-medium", 30_000), ("demo", 2_000)])
def test_a_world_with_one_or_two_attempts_can_be_made(preset: str, rows: int, make: Make) -> None:
    for seed in range(4):
        assert 1 <= len(make(preset, rows, seed).attempts()) <= 4


CHANGES = [
    ({"accounts": 19}, "19 accounts"), ({"accounts": -1}, "-1 accounts"), ({"attempts": -1}, "-1 attempts"),
    ({"end": "2022-09-01"}, "end after the start"), ({"start": "2022-09-10", "end": "2022-09-09"}, "end after the start"),
    ({"start": "tomorrow"}, "'tomorrow'"), ({"end": "2022-13-01"}, "'2022-13-01'"), ({"end": "2099-01-01"}, "3660 at most"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_a_change_that_cannot_be_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ParameterError, match=told) as why:
        Preset.of("demo").changed(**change)
    assert "expected" in str(why.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"accounts": 30, "attempts": 31}, "no more attempts than accounts"),
        ({"accounts": 5001}, "no more accounts than transactions"),
        ({"attempts": 400}, "there is room for"),
    ],
)
def test_more_than_there_is_room_for_is_refused(change: dict[str, int], told: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=told):
        generate(Preset.of("demo").changed(**change), 5_000, 1, tmp_path / "w")
    assert list(tmp_path.iterdir()) == []


def test_a_world_has_the_days_accounts_and_attempts_asked_for(tmp_path: Path) -> None:
    wanted = Preset.of("demo").changed("2023-02-01", "2023-02-06", 700, 40)
    world = World(generate(wanted, 9_000, 1, tmp_path / "w"))
    assert (world.rows.height, world.accounts.height, len(world.attempts())) == (9_000, 700, 40)
    assert (world.answers["start"], world.answers["days"], world.answers["accounts"]) == ("2023-02-01", 5, 700)
    days = world.rows["when"].dt.date()
    assert [str(days.min()), str(days.max())] == ["2023-02-01", "2023-02-05"]
    for attempt in world.attempts():
        assert fault(attempt["typology"], [flows(world.pays(p["transactions"])) for p in attempt["phases"]]) is None


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--accounts", "0"], "0 accounts"),
        (["--attempts", "9", "--accounts", "20", "--with", "tial"], "tail"),
        (["--start", "2022-09-05", "--end", "2022-09-01"], "end after the start"),
        (["--start", "1969-12-31"], "expected 1970-01-01 or later"),
        (["--with", "one-format", "--with", "mixed-formats"], "the opposite of each other"),
    ],
)
def test_the_command_refuses_what_cannot_be(options: list[str], told: str, tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["generate", "demo", "--out", str(tmp_path / "w"), *options])
    assert isinstance(found.exception, UnknownName | ParameterError)
    assert told in str(found.exception)
    assert list(tmp_path.iterdir()) == []


def test_the_known_presets_are_named(tmp_path: Path) -> None:
    assert presets() == PRESETS
    assert all(describe(name).endswith(".") for name in PRESETS)
    assert describe("HI-Small") == describe("hi-small")
    with pytest.raises(UnknownName, match="hi-small"):
        generate("hi-smal", 5000, 1, tmp_path / "w")
    with pytest.raises(UnknownName):
        describe("hi-smal")


@pytest.mark.parametrize("switch", ["tial", "", "Tail"])
def test_an_unknown_switch_is_refused_with_the_known_ones(switch: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="tail"):
        generate("demo", 5000, 1, tmp_path / "w", [switch])
    assert list(tmp_path.iterdir()) == []


BAD = [
    "tail=1", "one-format=ACH", "split-amounts=1.1", "split-amounts=-0.1", "extra-hops=many", "delays=0.5", "delays=11",
    "look-alikes=0.6", "label-noise=0.95", "label-delay=29", "label-delay=9999", "drift=2", "drift=nan", "delays=inf",
]  # fmt: skip


@pytest.mark.parametrize("switch", BAD)
def test_a_bad_value_is_refused_with_what_was_expected(switch: str, tmp_path: Path) -> None:
    name, value = switch.split("=")
    with pytest.raises(ParameterError) as told:
        generate("demo", 5000, 1, tmp_path / "w", [switch])
    assert name in str(told.value)
    assert value in str(told.value)
    assert "expected" in str(told.value) or "Write only" in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_too_few_attempts_and_labels_that_come_too_late_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    generate("hi-small", 20_000, 1, tmp_path / "few", ["label-delay"])
    few, late = (record.getMessage() for record in caplog.records if record.levelname == "WARNING")
    assert "--attempts 50" in few
    assert "hi-large" in late
    assert "--end 2022-12-30" in late
    caplog.clear()
    generate(Preset.of("uk-retail").changed(attempts=10), 20_000, 1, tmp_path / "one", ["no-cross-currency"])
    assert ["changes nothing" in r.getMessage() for r in caplog.records if r.levelname == "WARNING"] == [True]
    caplog.clear()
    wanted = Preset.of("hi-small").changed(end="2022-12-30", attempts=50)
    generate(wanted, 20_000, 1, tmp_path / "many", ["label-delay"])
    generate("demo", 50_000, 1, tmp_path / "demo")
    assert [r for r in caplog.records if r.levelname == "WARNING"] == []


def test_switches_are_described() -> None:
    for name, switch in SWITCHES.items():
        assert switch.kind in {"shortcut", "hardening"}
        assert switch.sentence.endswith(".")
        assert switch.least <= switch.default <= switch.most, name
    assert {part for parts in BUNDLES.values() for part in parts} == set(SWITCHES)


def test_a_folder_with_other_things_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(ParameterError, match="something else"):
        generate("demo", 5000, 1, tmp_path)
    with pytest.raises(ParameterError, match="is a file"):
        generate("demo", 5000, 1, tmp_path / "letter.txt")
    assert (tmp_path / "letter.txt").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    assert generate("demo", 5000, 1, tmp_path / "empty") == tmp_path / "empty"


@pytest.mark.parametrize("switch", ["hardened=2", "split-amounts="])
def test_a_value_where_there_is_none_and_none_after_the_sign_are_refused(switch: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="no value"):
        generate("demo", 5000, 1, tmp_path / "w", [switch])


@pytest.mark.parametrize(
    ("preset", "rows", "changes"),
    [("li-large", 200, {"attempts": 2}), ("hi-small", 1000, {"start": "9999-12-30"}),
     ("hi-small", 1000, {"start": "9999-12-30", "end": "9999-12-29"})],
)  # fmt: skip
def test_what_cannot_be_is_told_in_a_sentence_with_the_way_out(
    preset: str, rows: int, changes: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(ParameterError, match=r"Ask for|Try"):
        generate(Preset.of(preset).changed(**changes), rows, 1, tmp_path / "w")
    assert not (tmp_path / "w").exists()


def test_any_number_of_attempts_is_made_or_refused() -> None:
    for preset in ("li-large", "hi-small", "uk-retail"):
        for rows, attempts in ((200, 1), (200, 2), (300, 5), (500, 20), (1000, 5), (1000, 60), (3000, 20)):
            for switches in ([], ["hardened"], ["amlworld"]):
                try:
                    world = Made.of(Preset.of(preset).changed(attempts=attempts), Switches.of(switches), rows, 1)
                    assert sum(len(block.payments) for block in world.days()) == rows
                except ParameterError:
                    continue  # a sentence, not a traceback
