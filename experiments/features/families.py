"""Time each family on a ledger: microseconds a transaction, and memory."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from experiments.features.apart import Took, answer, clock, peak_gb
from experiments.features.worlds import warm
from graphml.families import Families
from graphml.feature import Family
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.parts import over_parts
from graphml.stream import Stream

__all__ = ["measure", "tell"]


def measure(ledger: str, small: str, names: list[str] | None = None, alone: bool = True) -> dict[str, Any]:
    """Return seconds of all families side by side, with and without a snapshot of all accounts at the end, and of each *alone*."""
    warm(small, names)
    read = Ledger.load(Path(ledger))
    graph, families = TransactionGraph.of(read), Families.of(names, read)
    rows = len(graph)
    ids = read.transactions["id"]  # all of the ledger that `muletrail features` keeps
    del read
    rest = Families(tuple(family for family in families.chosen if family.name != "path"))
    together(Families.of(names), TransactionGraph.of(Ledger.load(Path(small))))  # compiles for columns that stand alone
    took = {"all": together(families, graph), "all, and all accounts": together(families, graph, accounts=True)}
    peak = peak_gb()
    took["all without path"] = together(rest, graph)
    for family in families.chosen if alone else ():
        took[family.name] = Took()
        tell(family, Stream.of(graph), took[family.name])
    return {
        "rows": len(ids),
        "accounts": graph.n,
        "columns": len(families.of_transactions),
        "gb_of_all": peak,  # at most, in the process so far: ledger, graph and columns
        "took": {name: _told(one, rows) for name, one in took.items()},
    }


def together(families: Families, graph: TransactionGraph, *, accounts: bool = False) -> Took:
    """Return what all columns need, part by part as `muletrail features` fills them, the layout of the stream included."""
    took = Took()
    with clock(took):
        own = np.empty((graph.n, len(families.of_accounts)), np.float32) if accounts else None
        parts = families.parts(Stream.of(graph), own, graph.span.end)
        over_parts(lambda *_: None, parts, len(graph))
    return took


def tell(family: Family, stream: Stream, took: Took) -> None:
    """Add to *took* what *family* needs for the rows that are to be told, the memory for them included."""
    with clock(took):
        out = np.empty((stream.graph.hi - stream.new, len(family.of_transactions)), np.float32)
        family.transactions(stream, out)


def _told(took: Took, rows: int) -> dict[str, float]:
    each = {key: round(value, 3) for key, value in asdict(took).items()}
    return {
        **each,
        "us": round(took.seconds / rows * 1e6, 3),
        "cpu_us": round(took.cpu_seconds / rows * 1e6, 3),
    }


if __name__ == "__main__":
    answer(measure)
