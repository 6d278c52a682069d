"""Time each family on a ledger: microseconds a transaction, and memory."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from experiments.features.apart import Took, answer, clock, peak_gb
from experiments.features.worlds import warm
from graphml.cores import side_by_side
from graphml.families import Families
from graphml.feature import Family, Part
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.stream import Stream

__all__ = ["measure", "tell"]


def measure(ledger: str, small: str, names: list[str] | None = None, alone: bool = True) -> dict[str, Any]:
    """Return seconds of all families side by side, of each *alone*, and of a snapshot of all accounts at the end."""
    warm(small, names)
    read = Ledger.load(Path(ledger))
    graph, families = TransactionGraph.of(read), Families.of(names, read)
    rows = len(graph)
    del read
    rest = Families(tuple(family for family in families.chosen if family.name != "path"))
    together(Families.of(names), TransactionGraph.of(Ledger.load(Path(small))))  # compiles for columns that stand alone
    took = {"all": together(families, graph)}
    peak = peak_gb()
    took["all without path"] = together(rest, graph)
    for family in families.chosen if alone else ():
        took[family.name] = Took()
        tell(family, Stream.of(graph), took[family.name])
    return {
        "rows": rows,
        "accounts": graph.n,
        "columns": len(families.of_transactions),
        "gb_of_all": peak,  # at most, in the process so far: ledger, graph and columns
        "took": {name: _told(one, rows) for name, one in took.items()},
        "snapshot": _snapshot(families, graph),
    }


def together(families: Families, graph: TransactionGraph) -> Took:
    """Return what all columns need, part by part as `muletrail features` fills them, the layout of the stream included."""
    took = Took()
    with clock(took):
        stream = Stream.of(graph)

        def fill(part: Part) -> None:
            part.fill(np.empty((len(graph), len(part.features)), np.float32))

        side_by_side(fill, families.parts(stream))
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


def _snapshot(families: Families, graph: TransactionGraph) -> dict[str, float]:
    took = Took()
    with clock(took):
        account = np.arange(graph.n, dtype=np.int32)
        families.tell_accounts(Stream.of(graph), account, np.full(graph.n, graph.span.end, np.int64))
    return {key: round(value, 3) for key, value in asdict(took).items()}


if __name__ == "__main__":
    answer(measure)
