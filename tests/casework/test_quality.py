"""What cannot be measured is said, not missed."""

import numpy as np

from casework.quality import of_models
from graphml.metrics import measure


def measured(labels: list[int]) -> dict[str, object]:
    label = np.array(labels, np.int8)
    found = measure(label, np.linspace(0, 1, len(label)), np.arange(len(label), dtype=np.int32), 0.5, 0)
    return of_models({"models": {"gnn": found}})["accounts: gnn"]


def test_a_part_without_positives_says_so() -> None:
    assert set(measured([0] * 30).values()) == {"no positives", 0.0}
    assert measured([0] * 30)["average precision"] == "no positives"


def test_a_part_of_few_examples_says_so() -> None:
    found = measured([0, 1, 0, 1])
    assert found["of the first 10"] == "too few"
    assert found["average precision"] != "too few"
