"""Ask whether each real laundering attempt is found in full where it stands alone."""

from pathlib import Path

import ingest
from experiments.typologies.alone import alone, smallest
from graphml.typologies.cycle import TYPOLOGY as CYCLE
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
    assert not any(": 0 accounts paid on" in one["reason"] for one in missing)


def test_cycles_go_to_ten_payments() -> None:
    for length in range(2, 13):
        rows = [(i, (i + 1) % length, i / 8, 100.0) for i in range(length)]
        assert len(CYCLE.find(toy.graph(rows)).rings) == (3 <= length <= 10)
