"""Time each family on a graph in which one account is in many rows, and on the same graph without those rows."""

from pathlib import Path
from typing import Any

import numpy as np

from experiments.features.apart import Took, answer
from experiments.features.families import tell
from experiments.features.worlds import warm, with_hub
from graphml.families import Families
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.stream import Stream

__all__ = ["measure"]


def measure(
    ledger: str, small: str, share: float, runs: int, seed: int, names: list[str] | None = None
) -> dict[str, Any]:
    """Return for each family the microseconds a transaction on both graphs, the quickest of *runs*, and their ratio."""
    warm(small, names)
    read = Ledger.load(Path(ledger))
    families = Families.of(names, read)
    graphs = with_hub(TransactionGraph.of(read), share, seed)
    best = {family.name: [Took(np.inf, np.inf), Took(np.inf, np.inf)] for family in families.chosen}
    for _ in range(runs):
        streams = [Stream.of(graph) for graph in graphs]  # anew, for families keep what they share beside a stream
        for family in families.chosen:
            for place, stream in enumerate(streams):
                took = Took()
                tell(family, stream, took)
                known = best[family.name][place]
                known.seconds = min(known.seconds, took.seconds)
                known.cpu_seconds = min(known.cpu_seconds, took.cpu_seconds)
    every = [
        Took(*(sum(getattr(b[i], key) for b in best.values()) for key in ("seconds", "cpu_seconds"))) for i in (0, 1)
    ]
    rows = [len(graph) for graph in graphs]
    ratios = {name: _ratio(both, rows) for name, both in {**best, "all": every}.items()}
    return {"rows": rows, "busiest_share": [_busiest(graph) for graph in graphs], "families": ratios}


def _ratio(both: list[Took], rows: list[int]) -> dict[str, float]:
    (hub, hub_cpu), (usual, usual_cpu) = (
        (one.seconds / count * 1e6, one.cpu_seconds / count * 1e6) for one, count in zip(both, rows, strict=True)
    )
    return {
        "hub_us": round(hub, 3), "us": round(usual, 3), "ratio": round(hub / usual, 3),
        "cpu_ratio": round(hub_cpu / usual_cpu, 3),
    }  # fmt: skip


def _busiest(graph: TransactionGraph) -> float:
    loops = np.bincount(graph.source[graph.source == graph.target], minlength=graph.n)
    busy = np.bincount(graph.source, minlength=graph.n) + np.bincount(graph.target, minlength=graph.n) - loops
    return round(float(busy.max() / len(graph)), 4)


if __name__ == "__main__":
    answer(measure)
