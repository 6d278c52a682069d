"""Ask networkx, DuckDB, Neo4j, snapml and raphtory the part of the questions that they can answer, on the same payments."""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from experiments.features import comparators, gfp
from experiments.features.apart import finish
from experiments.neo4j_peer import Absent, peer
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.typologies.cycle import TYPOLOGY as CYCLE
from graphml.typologies.scatter_gather import TYPOLOGY as SCATTER_GATHER
from graphml.window import SECOND

__all__ = ["native", "peers"]

HERE = Path(__file__).parent
_THREADS = 2
_FEW = 250_000  # payments above which networkx and Neo4j are not asked

_LENGTH = 5  # payments of a cycle that networkx is asked for; it knows no time, so there are many
# A payment is a node, so that each step can be compared with the one before while the path grows; a path that ends in a
# known account is found far sooner than one whose last account is compared with the first.
_CYCLES = """
MATCH (a:Account)-[:PERFORMS]->(f:Transaction)
MATCH (f)((p:Transaction)-[:BENEFITS_TO]->(m:Account)-[:PERFORMS]->(n:Transaction)
  WHERE p.date < n.date AND n.date <= f.date + $window AND $keep * p.value <= n.value AND n.value <= $most * p.value
    AND m <> a){2,9}(l:Transaction)-[:BENEFITS_TO]->(a)
WHERE all(i IN range(0, size(m) - 1) WHERE NOT m[i] IN m[i + 1 ..])
RETURN [f.transactionId] + [x IN n | x.transactionId] AS payments
"""


def peers(ledger: Ledger, sizes: Sequence[int], limit: float) -> dict[str, object]:
    """Return seconds of each on the first payments, so many of them as *sizes* say; a peer may take *limit* seconds.

    DuckDB and Neo4j are asked the very question of `cycle`, DuckDB also for scatter-gathers; networkx, which knows
    neither times nor amounts, for the cycles of distinct pairs, beside ours in time. Ours run with no limit on hubs
    here, so that all look at the same.
    """
    python, why = comparators.install(Path(".cache/comparators"))
    answer: dict[str, object] = {"versions": comparators.versions(python), "networkx_cycles_up_to": _LENGTH}
    if why:
        answer["skipped"] = why
    for rows in sizes:
        time_ = ledger.transactions["time"].to_physical()
        part = ledger.before(int(time_[min(rows, len(time_) - 1)]))  # whole instants
        answer[f"{part.transactions.height} payments"] = _on_part(part, "" if why else python, limit)
    return answer


def _on_part(ledger: Ledger, python: str, limit: float) -> dict[str, object]:
    graph = TransactionGraph.of(ledger)
    every = len(graph)
    asked = {
        "cycles": replace(CYCLE, hub_limit=every, steps=10**9),
        "cycles_in_time_alone": replace(
            CYCLE, longest=_LENGTH, shortest=2, keep=0.0, most=np.inf, hub_limit=every, steps=10**9, window=10**15
        ),
        "scatter_gather": replace(SCATTER_GATHER, hub_limit=every),
    }
    if every > _FEW:
        del asked["cycles_in_time_alone"]
    for typology in asked.values():
        typology.find(replace(graph, hi=graph.lo + 100))  # compiles
    ours = {name: _timed(partial(typology.find, graph)) for name, typology in asked.items()}
    theirs = _duckdb(graph, asked, python, limit) if python else {}
    if every <= _FEW:
        theirs["networkx", "cycles_in_time_alone"] = _networkx(graph, limit)
        theirs["neo4j", "cycles"] = _neo4j(ledger, limit)
    told = {f"{peer} {name}": one | _ratio(one, ours[name]["seconds"]) for (peer, name), one in theirs.items()}
    return {"ours": ours, **told}


def _duckdb(graph: TransactionGraph, asked: Mapping[str, Any], python: str, limit: float) -> dict[tuple[str, str], Any]:
    cycle, gather = asked["cycles"], asked["scatter_gather"]
    how = {
        "cycles": {name: getattr(cycle, name) for name in ("window", "shortest", "longest", "keep", "most")},
        "scatter_gather": {name: getattr(gather, name) for name in ("window", "middles")},
    }
    with tempfile.TemporaryDirectory() as folder:
        place = _written(graph, Path(folder))
        return {
            ("duckdb", name): finish(
                [python, str(HERE / "self_join.py"), json.dumps({"payments": place, "threads": _THREADS, **terms})],
                limit,
            )
            for name, terms in how.items()
        }


def _networkx(graph: TransactionGraph, limit: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        asked = json.dumps({"payments": _written(graph, Path(folder)), "longest": _LENGTH})
        return finish([sys.executable, "-m", "experiments.typologies.simple_cycles", asked], limit)


def _written(graph: TransactionGraph, folder: Path) -> str:
    columns = {"source": graph.source, "target": graph.target, "time": graph.time, "value": graph.value}
    pl.DataFrame({name: column[graph.rows] for name, column in columns.items()}).write_parquet(folder / "payments")
    return str(folder / "payments")


def _neo4j(ledger: Ledger, limit: float) -> dict[str, Any]:
    try:
        with peer(ledger) as asked:
            terms = {"window": CYCLE.window // 1000, "keep": CYCLE.keep, "most": CYCLE.most}  # milliseconds there
            rows, seconds = asked.ask(_CYCLES, terms, limit)
            said = {"version": asked.version, "loading_seconds": round(asked.loading, 1)}
    except Absent as why:
        return {"skipped": str(why)}
    if rows is None:
        return said | {"failed": f"not done after {limit:g} s", "limit": limit}
    return said | {"found": len(rows), "seconds": round(seconds, 3)}


def _ratio(theirs: dict[str, Any], seconds: float) -> dict[str, str]:
    # A peer that was stopped took longer than its limit; one that broke took no time that means anything.
    if "code" in theirs or "skipped" in theirs:
        return {}
    least = "at least " if "limit" in theirs else ""
    return {"times_as_fast": f"{least}{theirs.get('limit', theirs.get('seconds')) / max(seconds, 0.001):.1f}"}


def native(graph: TransactionGraph, limit: float) -> dict[str, object]:
    """Return seconds of ours and of native engines: snapml for cycles in time of all payments, raphtory for those of three."""
    python, why = comparators.install(Path(".cache/comparators"))
    temporal = replace(CYCLE, shortest=2, keep=0.0, most=np.inf, hub_limit=len(graph), steps=10**9)
    ours = _timed(lambda: temporal.find(graph))
    if why:
        return {"ours": ours, "snapml": {"skipped": why}, "raphtory": {"skipped": why}}
    return {"ours": ours, "snapml": _snapml(graph, python, limit), "raphtory": _raphtory(graph, python, limit)}


def _raphtory(graph: TransactionGraph, python: str, limit: float) -> dict[str, Any]:
    # It counts every motif of three payments, stars too; ours lists the triangles that are cycles. It puts payments of one
    # instant into the order of rows, so here each gets a moment of its own.
    moment = graph.time + np.arange(len(graph.time)) - np.searchsorted(graph.time, graph.time, "left")
    graph = replace(graph, time=moment)
    three = replace(CYCLE, longest=3, keep=0.0, most=np.inf, hub_limit=len(graph), steps=10**9)
    ours = _timed(lambda: three.find(graph))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(_written(graph, Path(folder))).rename(Path(folder) / "payments.parquet")  # known by its name
        asked = {"payments": str(place), "window": CYCLE.window}
        tried = {
            threads: finish(
                [python, str(HERE / "motifs.py"), json.dumps({**asked, "threads": threads})], limit
            )
            for threads in (1, _THREADS)
        }  # fmt: skip
    best = min(tried.values(), key=lambda one: one.get("seconds", limit))
    return {"ours": ours, "threads": tried, **_ratio(best, ours["seconds"])}


def _snapml(graph: TransactionGraph, python: str, limit: float) -> dict[str, Any]:
    # Its features count the cycles that a payment closes; it knows no amounts and no longest cycle.
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "payments.npz"
        gfp.save(graph, place)
        asked = {
            **gfp.OFF,
            "temp-cycle": True,
            "temp-cycle_tw": CYCLE.window // SECOND,
            "temp-cycle_bins": list(range(2, 31)),
        }
        same = {"payments": str(place), "batch": 128, "limit": limit, "out": ""}
        tried = {threads: gfp.run(python, {**same, "params": {**asked, "num_threads": threads}}) for threads in (1, 2)}
    return {"threads": tried}


def _timed(ask: Callable[[], Any]) -> dict[str, float]:
    start = time.perf_counter()
    found = ask()
    return {"found": len(found), "seconds": round(time.perf_counter() - start, 3)}
