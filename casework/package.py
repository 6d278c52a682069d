"""Write the evidence package of a ring: a folder that another investigator can open, read and check."""

import csv
import hashlib
import io
import json
from dataclasses import asdict
from pathlib import Path

import polars as pl

from casework.drawing import draw
from casework.masking import masked
from casework.networkfiles import gexf, graphml
from casework.report import ring_report
from graphml.errors import ParameterError
from graphml.evidence import Evidence
from graphml.folder import new_folder

__all__ = ["PROFILES", "READING", "write_package"]

PROFILES = ("full", "masked")

_RISKY = ("=", "+", "-", "@", "\t", "\r", "'")  # a spreadsheet may take such a cell for a formula

READING = {
    "ring.json": "The whole evidence; its canonical JSON has the evidence digest.",
    "ring.graphml": "Directed multigraph: node id = account, edge id = transaction. amount is exact text, "
    "amount_float and value are numbers, epoch_ms is UTC.",
    "ring.gexf": "As ring.graphml, with the places of the drawing. In Gephi choose Edges merge strategy: Don't merge.",
    "transactions.csv": "UTF-8. A text cell that began with = + - @ ' or a control character has one ' put before "
    "it, so that no spreadsheet runs it; take one leading ' away to have the value. Import ids and account numbers "
    "as text.",
    "accounts.csv": "As transactions.csv. inside: the ring's own transactions; across: those in the ring's time with "
    "one end in it; values in the reference currency.",
    "drawing.svg": "The ring as a picture; each arrow names its transaction.",
    "report.html": "The ring to read and print.",
}


def write_package(evidence: Evidence, folder: Path, profile: str = "full") -> None:
    """Write the package and put it at *folder*, which is replaced as a whole; equal evidence gives equal bytes.

    Profile `masked` writes pseudonyms for accounts, banks and owners.

    Raises:
        ParameterError: there is no such profile.
    """
    if profile not in PROFILES:
        raise ParameterError(f"There is no profile '{profile}'. Choose one of: {', '.join(PROFILES)}.")
    shown = masked(evidence) if profile == "masked" else evidence
    svg = draw(shown)
    files = {
        "ring.json": _json(shown.content),
        "ring.graphml": graphml(shown),
        "ring.gexf": gexf(shown),
        "transactions.csv": _csv(shown.transactions),
        "accounts.csv": _csv(shown.accounts),
        "drawing.svg": (svg + "\n").encode(),
        "report.html": ring_report(shown, svg, profile).encode(),
    }
    manifest = {
        "what": "muletrail evidence package",
        "version": 1,
        "ring": shown.ring["id"],
        "profile": profile,
        "evidence": shown.digest,
        "provenance": asdict(shown.provenance),
        "files": {
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in sorted(files.items())
        },
        "reading": READING,
    }
    with new_folder(folder, "ring.json") as partial:
        for name, content in files.items():
            (partial / name).write_bytes(content)
        (partial / "manifest.json").write_bytes(_json(manifest))


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _csv(table: pl.DataFrame) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.iter_rows():
        writer.writerow([_guard(cell) for cell in row])
    return out.getvalue().encode()


def _guard(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RISKY) else cell
