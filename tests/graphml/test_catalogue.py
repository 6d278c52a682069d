"""Hold the catalogue complete, its names unique and its page current."""

from pathlib import Path

import pytest

from graphml import registry
from graphml.catalogue import catalogue, page, sentence
from graphml.errors import UnknownName
from graphml.feature import Feature

ROOT = Path(__file__).parents[2]


def test_every_feature_has_a_unit_a_window_and_a_sentence_and_its_own_name() -> None:
    found = catalogue()
    assert {f["family"] for f in found} == set(registry.names("graphml.features"))
    assert all(f["unit"] and f["window"] and f["scope"] in {"account", "transaction"} for f in found)
    assert all(f["cost"] for f in found)
    assert all(f["sentence"].count("{value}") == 1 for f in found)
    assert all(set(f["name"]) <= set("abcdefghijklmnopqrstuvwxyz0123456789_") for f in found)
    names = [f["name"] for f in found]
    assert len(set(names)) == len(names)
    sentences = [(f["scope"], f["sentence"]) for f in found]
    assert len(set(sentences)) == len(sentences)


def test_names_that_other_parts_use_exist() -> None:
    accounts = {f["name"] for f in catalogue() if f["scope"] == "account"}
    assert {
        "in_parties_8d",
        "out_parties_8d",
        "pass_share_8d",
        "return_count_8d",
        "in_sum_8d",
        "out_sum_8d",
    } <= accounts


def test_an_unknown_family_is_named_with_near_ones() -> None:
    with pytest.raises(UnknownName, match=r"'activty'.*Did you mean activity"):
        catalogue(("activty",))


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [
        ("count", 1234.0, "1,234"),
        ("share", 0.831, "83%"),
        ("reference currency", 1234.5, "1,234.50"),
        ("flag", 1.0, "yes"),
        ("flag", 0.0, "no"),
        ("hours", float("nan"), "unknown"),
        ("hours", 2.25, "2.2"),
    ],
)
def test_a_value_is_said_in_its_unit(unit: str, value: float, said: str) -> None:
    assert sentence(Feature("x", unit, "all", "it is {value}."), value) == f"it is {said}."


def test_the_page_is_current() -> None:
    assert (ROOT / "docs/features.md").read_text(encoding="utf-8") == page()
