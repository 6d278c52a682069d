"""Make the worlds that features are measured on, and put a hub into one."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.features.apart import ROOT
from experiments.world.machine import generator
from graphml.families import Families
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger

__all__ = ["Worlds", "graph_of", "warm", "with_hub"]

COLUMNS = ("source", "target", "time", "value", "amount")


@dataclass(frozen=True, slots=True)
class Worlds:
    """Keep generated worlds of one preset and seed in a folder, each made once."""

    folder: Path
    preset: str
    seed: int

    def ledger(self, rows: int) -> str:
        """Return the folder of the ledger of *rows* transactions; one that another generator made is made again."""
        place, mark = self.folder / f"{self.preset}-{self.seed}-{rows}", generator()
        made = place / "made-by"
        if not made.is_file() or made.read_text(encoding="utf-8") != mark:
            shutil.rmtree(place, ignore_errors=True)
            make = "import sys; from pathlib import Path; from ingest.world import generate; generate(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))"
            asked = [self.preset, str(rows), str(self.seed), str(place.resolve())]
            subprocess.run([sys.executable, "-c", make, *asked], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
            made.write_text(mark, encoding="utf-8")
        return str((place / "ledger").resolve())


def warm(ledger: str, names: list[str] | None = None) -> None:
    """Compute the families *names*, all by default, once on a small ledger, which compiles."""
    read = Ledger.load(Path(ledger))
    Families.of(names, read).features(TransactionGraph.of(read))


def graph_of(
    graph: TransactionGraph, rows: NDArray[np.int64] | slice, **changed: NDArray[np.int32]
) -> TransactionGraph:
    """Return a graph of *rows* of *graph*, laid out anew, with columns *changed* before rows are chosen."""
    columns = {name: changed.get(name, getattr(graph, name))[rows] for name in COLUMNS}
    return TransactionGraph.of_columns(
        bank=graph.bank,
        **columns,
        currency=(graph.currency[rows], graph.currencies),
        format=(graph.format[rows], graph.formats),
    )


def with_hub(graph: TransactionGraph, share: float, seed: int) -> tuple[TransactionGraph, TransactionGraph]:
    """Return the graph with one account in *share* of all rows, and the same without its rows.

    It is the busiest account. Rows drawn at random get it in the place of their payer or payee, or some of its own are
    left out, until the share is met. Rows of other accounts in more than a tenth of the share are in neither graph.
    """
    busy = np.bincount(graph.source, minlength=graph.n) + np.bincount(graph.target, minlength=graph.n)
    hub, draw = int(busy.argmax()), np.random.default_rng(seed)
    large = busy > share / 10 * len(graph)
    large[hub] = False
    mine = (graph.source == hub) | (graph.target == hub)
    kept = ~large[graph.source] & ~large[graph.target]
    most = round(share / (1 - share) * int((kept & ~mine).sum()))
    kept[draw.permutation(np.flatnonzero(kept & mine))[most:]] = False
    graph, mine = graph_of(graph, np.flatnonzero(kept)), mine[kept]
    drawn = draw.permutation(np.flatnonzero(~mine))[: max(0, round(share * len(graph)) - int(mine.sum()))]
    source, target = graph.source.copy(), graph.target.copy()
    source[drawn[::2]] = hub
    target[drawn[1::2]] = hub
    others = np.flatnonzero((source != hub) & (target != hub))
    return graph_of(graph, slice(None), source=source, target=target), graph_of(
        graph, others, source=source, target=target
    )
