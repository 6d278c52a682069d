"""Ask networkx, DuckDB and snapml the part of the questions that they can answer, on the same payments."""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from experiments.features import comparators, gfp
from experiments.features.apart import finish
from graphml.graph import TransactionGraph
from graphml.typologies.cycle import TYPOLOGY as CYCLE
from graphml.typologies.scatter_gather import TYPOLOGY as SCATTER_GATHER
from graphml.window import SECOND

__all__ = ["peers"]

HERE = Path(__file__).parent
_THREADS = 2

_LENGTH = 5  # payments of a cycle that networkx is asked for


def peers(graph: TransactionGraph, sizes: Sequence[int], limit: float) -> dict[str, object]:
    """Return seconds of each on the first payments, so many of them as *sizes* say; a peer may take *limit* seconds.

    networkx is asked for cycles and DuckDB for scatter-gather; snapml, a native engine, for the cycles in time of all
    payments. networkx knows neither times nor amounts, so it only lists the cycles of distinct pairs; ours lists those
    in time. Both of ours run with no limit on hubs here, so that all look at the same.
    """
    python, why = comparators.install(Path(".cache/comparators"))
    answer: dict[str, object] = {"versions": comparators.versions(python), "cycles_up_to": _LENGTH}
    for rows in sizes:
        part = replace(graph, hi=min(graph.hi, graph.lo + rows))
        answer[f"{len(part)} payments"] = _on_part(part, ("" if why else python), limit)
    temporal = replace(_cycle(len(graph)), longest=CYCLE.longest, window=CYCLE.window)
    answer["temporal_cycles_of_all"] = _timed(lambda: temporal.find(graph).rings)
    answer["snapml_temporal_cycles_of_all"] = {"skipped": why} if why else _snapml(graph, python, limit)
    return answer


def _cycle(every: int) -> Any:
    return replace(
        CYCLE, longest=_LENGTH, shortest=2, keep=0.0, most=np.inf, hub_limit=every, steps=10**9, window=10**15
    )


def _on_part(part: TransactionGraph, python: str, limit: float) -> dict[str, object]:
    cycle, gather = _cycle(len(part)), replace(SCATTER_GATHER, hub_limit=len(part))
    for typology in (cycle, gather):
        typology.find(replace(part, hi=part.lo + 100))  # compiles
    ours = {
        "cycles": _timed(lambda: cycle.find(part).rings), "scatter_gather": _timed(lambda: gather.find(part).rings),
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        place = str(Path(folder) / "payments.parquet")
        columns = {"source": part.source, "target": part.target, "time": part.time}
        pl.DataFrame({name: column[part.rows] for name, column in columns.items()}).write_parquet(place)
        asked = {"payments": place, "longest": _LENGTH}
        theirs = {
            "cycles": finish([sys.executable, "-m", "experiments.typologies.simple_cycles", json.dumps(asked)], limit)
        }
        if python:
            asked = {"payments": place, "window": gather.window, "middles": gather.middles, "threads": _THREADS}
            theirs["scatter_gather"] = finish([python, str(HERE / "self_join.py"), json.dumps(asked)], limit)
    told: dict[str, object] = {"ours": ours, "networkx_simple_cycles": theirs["cycles"]}
    told |= {"duckdb_self_join": theirs["scatter_gather"]} if python else {}
    ratios = {name: _ratio(one, ours[name]["seconds"]) for name, one in theirs.items()}
    return told | {"times_as_fast": ratios}


def _ratio(peer: dict[str, Any], seconds: float) -> str:
    # A peer that was stopped took longer than its limit; one that broke took no time that means anything.
    if "code" in peer:
        return "failed"
    least = "at least " if "limit" in peer else ""
    return f"{least}{peer.get('limit', peer.get('seconds')) / max(seconds, 0.001):.1f}"


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
