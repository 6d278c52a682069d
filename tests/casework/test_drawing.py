import re
from collections.abc import Sequence
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from casework.drawing import draw
from casework.layout import Layout
from casework.routes import Labels, routes
from graphml.evidence import Evidence
from tests import toy
from tests.casework import example
from tests.casework.example import ring_of

SVG = "{http://www.w3.org/2000/svg}"


def fan(n: int) -> Evidence:
    return ring_of(
        [(i, n - 1, i / 10, 9000.0 + i) for i in range(n - 1)], ["source"] * (n - 1) + ["collector"], "fan-in"
    )


def cycle(n: int) -> Evidence:
    return ring_of([(i, (i + 1) % n, i / 2, 5000.0 - i) for i in range(n)], ["source"] + ["mule"] * (n - 1), "cycle")


def random_ring(seed: int) -> Evidence:
    return ring_of(toy.random_rows(seed), ("source", "mule", "mule", "collector", "distributor", "cash-out", "mule", "?"),
                   "mixed")  # fmt: skip


EVERY = [example.scatter_gather(), fan(40), cycle(2), cycle(7), *map(random_ring, range(6))]


@pytest.mark.parametrize("evidence", EVERY)
def test_each_account_and_each_transaction_is_drawn_once(evidence: Evidence) -> None:
    root = ET.fromstring(draw(evidence))  # noqa: S314  # our own text
    groups = list(root.iter(f"{SVG}g"))
    accounts = [g.get("data-account") for g in groups if g.get("class") == "account"]
    arrows = [g.get("data-transaction") for g in groups if g.get("class") == "transaction"]
    assert sorted(accounts) == sorted(evidence.accounts["account"])
    assert arrows == evidence.transactions["id"].to_list()
    words = " ".join(root.itertext())
    for row in evidence.transactions.to_dicts():
        assert f"{float(row['amount']):,.2f}" in words
    paths = [g.find(f"{SVG}path").get("d") for g in groups if g.get("class") == "transaction"]  # type: ignore[union-attr]
    assert len(set(paths)) == len(paths), "parallel arrows lie on each other"


@pytest.mark.parametrize("evidence", EVERY)
def test_accounts_do_not_overlap_and_all_is_inside(evidence: Evidence) -> None:
    layout = Layout.of(evidence)
    boxes = [
        (x - 75, y - layout.heights[a] / 2, x + 75, y + layout.heights[a] / 2) for a, (x, y) in layout.places.items()
    ]
    for i, one in enumerate(boxes):
        assert one[0] >= -1e-6
        assert one[1] >= -1e-6
        assert one[2] <= layout.width + 1e-6
        assert one[3] <= layout.height + 1e-6
        for two in boxes[i + 1 :]:
            assert min(one[2], two[2]) <= max(one[0], two[0]) or min(one[3], two[3]) <= max(one[1], two[1])


def test_arrows_begin_and_end_at_their_accounts() -> None:
    evidence = random_ring(1)
    layout = Layout.of(evidence)
    ends = list(zip(evidence.transactions["from"], evidence.transactions["to"], strict=True))
    curves = routes(layout, ends, dict.fromkeys(layout.places, "box"))
    for pair, curve in zip(ends, curves, strict=True):
        for account, (x, y) in zip(pair, (curve.at(0.0), curve.at(1.0)), strict=True):
            cx, cy = layout.places[account]
            assert abs(x - cx) <= 75 + 4
            assert abs(y - cy) <= layout.heights[account] / 2 + 4


def layers(evidence: Evidence) -> Sequence[float]:
    places = Layout.of(evidence).places
    return [places[a][0] for a in sorted(places, key=lambda name: name.split(":")[1])]


def test_money_runs_from_left_to_right() -> None:
    x = layers(example.scatter_gather())
    assert x[0] < x[1] == x[2] == x[3] == x[4] == x[5] < x[6] < x[7]
    x = layers(cycle(5))
    assert x == sorted(x)
    assert len(set(x)) == 5


def test_a_long_round_trip_is_folded_into_a_loop() -> None:
    x = layers(cycle(12))
    assert x[:6] == sorted(x[:6])
    assert x[6:] == x[:6][::-1]
    layout = Layout.of(cycle(12))
    assert layout.width > max(x) + 75, "the arrow that turns needs room on the right"


def test_sources_stand_left_and_cash_outs_right_even_against_time() -> None:
    evidence = ring_of([(2, 1, 0.1, 5.0), (1, 0, 0.2, 5.0)], ("source", "mule", "cash-out"), "odd")
    x = layers(evidence)
    assert x[0] <= x[1] <= x[2]


def test_labels_take_free_room_and_say_when_there_is_none() -> None:
    layout = Layout.of(example.scatter_gather())
    (curve,) = routes(layout, [("B0:A0", "B1:A1")], dict.fromkeys(layout.places, "box"))
    labels = Labels([])
    first, second = labels.put(curve, (10, 10)), labels.put(curve, (10, 10))
    assert max(abs(first[0] - second[0]), abs(first[1] - second[1])) >= 10
    assert labels.missed == 0
    labels.put(curve, (5000, 5000))
    assert labels.missed == 1


def test_numbers_take_the_place_of_words_that_would_not_fit() -> None:
    few, many = draw(fan(8)), draw(fan(40))
    for svg, numbered in ((few, False), (many, True)):
        shown = [text.text for text in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314  # our own text
        assert ("1" in shown) == numbered
    assert "B0:A38" not in few
    assert "B2:A38 → B0:A39" in many


def test_hostile_names_and_long_names_stay_text() -> None:
    evidence = example.scatter_gather()
    name = '<script>"&\x01' + "x" * 60
    evidence = replace(
        evidence,
        accounts=evidence.accounts.with_columns(account=evidence.accounts["account"].replace("B0:A0", name)),
        transactions=evidence.transactions.with_columns(evidence.transactions["from"].replace("B0:A0", name)),
    )
    svg = draw(evidence)
    assert "<script" not in svg
    shown = [text.text for text in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314  # our own text
    assert any(text and text.startswith("<scrip") and "…" in text and len(text) == 18 for text in shown)


def test_drawing_needs_nothing_else_and_names_itself() -> None:
    svg = draw(example.scatter_gather())
    assert not re.search(r"<script|<image|@import|xlink|href", svg)
    assert set(re.findall(r"https?://[^\"']*", svg)) == {"http://www.w3.org/2000/svg"}
    root = ET.fromstring(svg)  # noqa: S314  # our own text
    labelled = root.get("aria-labelledby", "").split()
    assert [root.find(f"{SVG}title").get("id"), root.find(f"{SVG}desc").get("id")] == labelled  # type: ignore[union-attr]
    assert "cash-out: B1:A7." in "".join(root.find(f"{SVG}desc").itertext())  # type: ignore[union-attr]


def test_equal_evidence_gives_equal_text() -> None:
    assert draw(example.scatter_gather()) == draw(example.scatter_gather())


def test_picture_of_the_readme_is_what_draw_makes() -> None:
    # After a change of the drawing: python -m tests.casework.example
    assert example.PICTURE.read_text(encoding="utf-8") == draw(example.scatter_gather()) + "\n"
