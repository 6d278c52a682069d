"""Make one nice ring to look at; `python -m tests.casework.example` draws docs/ring.svg again."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from casework.drawing import draw
from graphml.evidence import Evidence, Provenance
from graphml.ring import Cut, Reason, Ring
from tests import toy

PICTURE = Path(__file__).parents[2] / "docs" / "ring.svg"
ORIGIN = Provenance("d" * 64, "1f0c5f0a7b21", "c" * 64, "a" * 64, "e" * 64, 7, "2020-09-24T00:00:00+00:00")

SCATTER_GATHER: list[toy.Row] = [
    (0, 1, 0.40, 9_800.0), (0, 2, 0.42, 9_450.0), (0, 3, 0.45, 9_900.0), (0, 4, 0.47, 9_300.0), (0, 5, 0.50, 9_700.0),
    (1, 6, 1.10, 9_500.0), (2, 6, 1.31, 9_200.0), (3, 6, 1.52, 4_900.0), (3, 6, 1.75, 4_700.0), (4, 6, 2.05, 9_000.0),
    (5, 6, 2.21, 9_400.0), (6, 7, 2.60, 24_500.0), (6, 7, 3.05, 21_900.0),
]  # fmt: skip
ROLES = ("source", "mule", "mule", "mule", "mule", "mule", "collector", "cash-out")


def ring_of(rows: Sequence[toy.Row], roles: Sequence[str], typology: str) -> Evidence:
    """Return the evidence of a ring that is all of *rows*; account i has role *roles*[i]."""
    ledger = toy.ledger(rows, len(roles))
    time = ledger.transactions["time"].to_physical()
    first, last = ledger.accounts["name"][0], ledger.accounts["name"][len(roles) - 2]
    ring = Ring(
        typology=typology, rows=tuple(range(len(rows))), roles=tuple(enumerate(roles)),
        reasons=(Reason(f"{first} paid 5 accounts within 2.4 hours", 2.4, 24.0),
                 Reason(f"97 % of what {first} paid came together again at {last}", 0.97, 0.8)),
        start=int(time[0]), end=int(time[-1]), value=float(ledger.transactions["value"].sum()), score=0.93, id="7c41e9",
        lineage={"born": "7c41e9"},
    )  # fmt: skip
    return Evidence.of(ledger, ring, ORIGIN)


def scatter_gather() -> Evidence:
    """Return a source that spreads money over five mules, who gather it again for cash."""
    return ring_of(SCATTER_GATHER, ROLES, "scatter-gather")


def around() -> Evidence:
    """Return the same ring inside a busier ledger, with flows across its boundary, a cut, an owner and scores."""
    across = [(8, 0, 0.41, 52_000.0), (9, 3, 0.6, 120.0), (7, 9, 3.0, 44_000.0), (1, 3, 1.2, 75.0), (8, 9, 1.0, 5.0)]
    ledger = toy.ledger([*SCATTER_GATHER, *across], 10)
    ids = [f"t{i}" for i in range(len(SCATTER_GATHER))]
    rows = tuple(i for i, name in enumerate(ledger.transactions["id"]) if name in ids)
    base = ring_of(SCATTER_GATHER, ROLES, "scatter-gather").ring  # its names have one digit less
    ring = Ring(
        typology="scatter-gather", rows=rows, roles=tuple(enumerate(ROLES)),
        reasons=tuple(Reason(**{**r, "sentence": r["sentence"].replace(":A", ":A0")}) for r in base["reasons"]),
        start=toy.START + round(0.4 * toy.DAY), end=toy.START + round(3.05 * toy.DAY), value=base["value"],
        cut=(Cut(0, 412, 200, 212, 18_250.5, "largest first"),), score=0.93, id="7c41e9",
    )  # fmt: skip
    return Evidence.of(ledger, replace(ring, parts=("fan-out", "fan-in")), ORIGIN)


if __name__ == "__main__":
    PICTURE.write_text(draw(scatter_gather()) + "\n", encoding="utf-8")
