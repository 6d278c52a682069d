"""Ask whether each real laundering attempt is found in full where it stands alone."""

from dataclasses import replace
from pathlib import Path

import polars as pl

import ingest
from experiments.typologies.alone import alone, smallest
from graphml.typologies.cycle import TYPOLOGY as CYCLE
from graphml.typologies.fan_in import TYPOLOGY as FAN_IN
from tests import toy


def test_attempts_with_three_connected_accounts_are_found_in_full(data: Path) -> None:
    ledger = ingest.read("ibm_aml", [data / "amlworld_samples/HI-Small_Patterns.txt"])
    found = alone(ledger, smallest())
    assert found["attempts"] == 225
    assert found["share"] >= 0.97
    missing = found["missing"]
    assert isinstance(missing, list)
    assert len(missing) == 6
    # the payments of all these are out of order: some accounts paid on before they were paid
    assert all("no chain in time leads through them" in one["reason"] for one in missing)


def test_what_is_too_small_is_not_said_to_be_out_of_order() -> None:
    read = toy.ledger([(1, 0, 0.0, 50.0), (2, 0, 0.5, 50.0), (3, 0, 0.7, 50.0)])
    labels = pl.DataFrame({"row": [0, 1, 2], "laundering": True, "typology": "fan-in", "attempt": "a"})
    read = replace(read, labels=labels)
    (missing,) = alone(read, {"fan-in": FAN_IN})["missing"]
    assert "each account paid on after it was paid; perhaps it is too small" in missing["reason"]


def test_cycles_go_to_ten_payments() -> None:
    for length in range(2, 13):
        rows = [(i, (i + 1) % length, i / 8, 100.0) for i in range(length)]
        assert len(CYCLE.find(toy.graph(rows)).rings) == (3 <= length <= 10)
