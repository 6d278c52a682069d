"""Ask networkx, DuckDB and snapml the part of the questions that they can answer, on the same payments."""

import importlib
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pyarrow as pa

from experiments.features import comparators, gfp
from graphml.graph import TransactionGraph
from graphml.typologies.cycle import TYPOLOGY as CYCLE
from graphml.typologies.scatter_gather import TYPOLOGY as SCATTER_GATHER
from graphml.window import SECOND

__all__ = ["peers"]

_LENGTH = 5  # payments; networkx does not end in an hour with more

# One account pays several, each of which later pays the same other account; the widest span of times is not asked for.
_JOIN = """
SELECT a.source, b.target, count(DISTINCT a.target) AS middles
FROM payments a JOIN payments b ON a.target = b.source AND b.time > a.time AND b.time <= a.time + $window
WHERE a.source <> a.target AND b.source <> b.target AND a.source <> b.target
GROUP BY a.source, b.target HAVING count(DISTINCT a.target) >= $middles
"""


def peers(graph: TransactionGraph, rows: int) -> dict[str, object]:
    """Return seconds of each on the first *rows* payments: cycles with networkx, scatter-gather with DuckDB.

    snapml, a native engine, is asked for the cycles in time of all payments.

    networkx knows neither times nor amounts, so it only lists the cycles of distinct pairs; ours lists those in time.
    Both of ours run with no limit on hubs here, so that all look at the same.
    """
    part = replace(graph, hi=min(graph.hi, graph.lo + rows))
    every = len(part)
    cycle = replace(
        CYCLE, longest=_LENGTH, shortest=2, keep=0.0, most=np.inf, hub_limit=every, steps=10**9, window=10**15
    )
    simple = nx.DiGraph(zip(part.source[part.rows].tolist(), part.target[part.rows].tolist(), strict=True))
    simple.remove_edges_from([(a, a) for a in list(simple) if simple.has_edge(a, a)])
    gather = replace(SCATTER_GATHER, hub_limit=every)
    for typology in (cycle, gather):
        typology.find(replace(part, hi=part.lo + 100))  # compiles
    temporal = replace(cycle, longest=CYCLE.longest, window=CYCLE.window, hub_limit=len(graph))
    answer: dict[str, object] = {
        "payments": every,
        "cycles_up_to": _LENGTH,
        "cycles": _timed(lambda: cycle.find(part).rings),
        "networkx_simple_cycles": _timed(lambda: list(nx.simple_cycles(simple, length_bound=_LENGTH))),
        "scatter_gather": _timed(lambda: gather.find(part).rings),
    }
    answer["temporal_cycles_of_all"] = _timed(lambda: temporal.find(graph).rings)
    answer["snapml_temporal_cycles_of_all"] = _snapml(graph, CYCLE.window)
    try:
        duckdb = importlib.import_module("duckdb")
    except ModuleNotFoundError:
        return answer | {"duckdb": "not installed"}
    base = duckdb.connect()
    columns = {"source": part.source, "target": part.target, "time": part.time}
    base.register("payments", pa.table({name: column[part.rows] for name, column in columns.items()}))
    base.execute("CREATE TABLE kept AS SELECT * FROM payments")
    asked = {"window": gather.window, "middles": gather.middles}
    query = _JOIN.replace("FROM payments", "FROM kept").replace("JOIN payments", "JOIN kept")
    return answer | {"duckdb_self_join": _timed(lambda: base.execute(query, asked).fetchall())}


def _snapml(graph: TransactionGraph, window: int) -> dict[str, Any]:
    # Its features count the cycles that a payment closes; it knows no amounts and no longest cycle.
    python, why = comparators.install(Path(".cache/comparators"))
    if why:
        return {"skipped": why}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "payments.npz"
        gfp.save(graph, place)
        asked = {
            **gfp.OFF,
            "temp-cycle": True,
            "temp-cycle_tw": window // SECOND,
            "temp-cycle_bins": list(range(2, 31)),
        }
        same = {"payments": str(place), "batch": 128, "limit": 120.0, "out": ""}
        tried = {threads: gfp.run(python, {**same, "params": {**asked, "num_threads": threads}}) for threads in (1, 2)}
    return {"versions": comparators.versions(python), "threads": tried}


def _timed(ask: Callable[[], Any]) -> dict[str, float]:
    start = time.perf_counter()
    found = ask()
    return {"found": len(found), "seconds": round(time.perf_counter() - start, 3)}
