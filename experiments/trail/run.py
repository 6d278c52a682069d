"""Measure how long trails take on a large ledger: python -m experiments.trail.run."""

import json
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.trail.neo4j import beside_neo4j
from experiments.trail.timing import quantiles, timed
from experiments.world.machine import generator, machine
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.trail import Books, Seeds, Terms, follow, paths
from graphml.trail.flow import RULES
from ingest.world import generate

HERE = Path(__file__).parent


def main() -> None:
    """Run what settings.toml asks and write result.json."""
    wanted = tomllib.loads((HERE / "settings.toml").read_text(encoding="utf-8"))
    ledger = _ledger(wanted, wanted["transactions"])
    start = time.perf_counter()
    graph = TransactionGraph.of(ledger)
    prepared = time.perf_counter() - start
    Books.of(ledger, graph)  # compiles
    start = time.perf_counter()
    books = Books.of(ledger, graph)
    kept = time.perf_counter() - start
    ids = ledger.transactions["id"]
    rng = np.random.default_rng(wanted["seed"])
    degree = np.diff(graph.out_start)
    low, high = np.quantile(degree[degree > 0], [0.25, 0.75])
    payee = degree[graph.target]
    usual = rng.choice(np.flatnonzero((payee >= low) & (payee <= high)), wanted["ordinary"], replace=False)
    hubs = rng.choice(np.flatnonzero(payee >= np.quantile(degree, 0.999)), wanted["hubs"], replace=False)
    paths(graph, Seeds((int(usual[0]),)), ids, Terms())  # compiles
    result: dict[str, Any] = {
        "settings": wanted,
        "machine": machine("numba"),
        "generator": generator(),
        "prepare_s": {"graph": round(prepared, 2), "books": round(kept, 2)},
        "paths_6_hops_ms": {"ordinary": _timed(graph, ids, usual), "hubs": _timed(graph, ids, hubs)},
        "flow_30_days_ms": {},
    }
    for rule in RULES:
        follow(books, Seeds((int(usual[0]),)), rule)  # compiles
        chosen = rng.choice(usual, wanted["flows"], replace=False).tolist()
        told = [timed(lambda row=row, rule=rule: follow(books, Seeds((row,)), rule)) for row in chosen]
        legs = [len(flow.legs) for flow, _ in told]
        result["flow_30_days_ms"][rule] = quantiles([took for _, took in told]) | {
            "legs_p50": float(np.median(legs)),
            "legs_max": max(legs),
        }
    result["neo4j"] = beside_neo4j(
        _ledger(wanted, wanted["neo4j"]["transactions"]), {"seed": wanted["seed"], **wanted["neo4j"]}
    )
    result["target"] = {"paths_p50_ms": 5, "paths_p99_ms": 100, "flow_ms": 200, "neo4j_times_as_fast": 10}
    (HERE / "result.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def _ledger(wanted: dict[str, Any], transactions: int) -> Ledger:
    with tempfile.TemporaryDirectory() as folder:
        generate(wanted["preset"], transactions, wanted["seed"], Path(folder) / "w")
        return Ledger.load(Path(folder) / "w" / "ledger")


def _timed(graph: TransactionGraph, ids: pl.Series, rows: NDArray[np.int64]) -> dict[str, float]:
    told = [timed(lambda row=row: paths(graph, Seeds((row,)), ids, Terms())) for row in rows.tolist()]
    found = [len(answer.found) for answer, _ in told]
    cut = sum(bool(answer.cut) for answer, _ in told)
    return quantiles([took for _, took in told]) | {
        "paths_p50": float(np.median(found)),
        "paths_max": max(found),
        "with_cuts": cut,
    }


if __name__ == "__main__":
    main()
