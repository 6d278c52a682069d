"""Give payments to peers as columns, and time ours on the same rows from the same columns."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.features.apart import Took, answer, clock
from experiments.features.families import tell
from experiments.features.worlds import graph_of, warm
from graphml.families import Families
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.stream import Stream

__all__ = ["load", "ours", "seconds", "write"]


def load(ledger: str, rows: int | None = None) -> TransactionGraph:
    """Return the graph of the first *rows* of a ledger, all by default."""
    graph = TransactionGraph.of(Ledger.load(Path(ledger)))
    return graph if rows is None else graph_of(graph, slice(rows))


def write(graph: TransactionGraph, place: Path) -> None:
    """Write the columns that the activity family reads as Parquet."""
    pl.DataFrame(
        {
            "row": np.arange(len(graph)), "source": graph.source, "target": graph.target, "time": graph.time,
            "value": graph.value, "payer_bank": graph.bank[graph.source], "payee_bank": graph.bank[graph.target],
            "currency": graph.currency,
        }
    ).write_parquet(place)  # fmt: skip


def ours(graph: TransactionGraph, rows: NDArray[np.int64] | slice, names: list[str]) -> Took:
    """Return what the families *names* take from columns to values: laying out the graph counts."""
    took, families = Took(), Families.of(names)
    with clock(took):
        stream = Stream.of(graph_of(graph, rows))
    for family in families.chosen:
        tell(family, stream, took)
    return took


def seconds(ledger: str, small: str, rows: int | None, names: list[str]) -> dict[str, Any]:
    """Return the same of the first *rows* of a ledger, in a process of its own."""
    warm(small, names)
    graph = load(ledger)
    took = ours(graph, slice(rows), names)
    return {"rows": min(len(graph), rows or len(graph)), **{key: round(v, 3) for key, v in asdict(took).items()}}


if __name__ == "__main__":
    answer(seconds)
