"""Measure how long trails take on a large ledger: python -m experiments.trail.run."""

import json
import tempfile
import time
import tomllib
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.world.machine import generator, machine
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.trail import Books, Seeds, Terms, follow, paths
from ingest.world import generate

HERE = Path(__file__).parent


def main() -> None:
    """Run what settings.toml asks and write result.json."""
    wanted = tomllib.loads((HERE / "settings.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        generate(wanted["preset"], wanted["transactions"], wanted["seed"], Path(folder) / "w")
        ledger = Ledger.load(Path(folder) / "w" / "ledger")
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
    result = {
        "settings": wanted,
        "machine": machine("numba"),
        "generator": generator(),
        "prepare_s": {"graph": round(prepared, 2), "books": round(kept, 2)},
        "paths_6_hops_ms": {"ordinary": _timed(graph, ids, usual), "hubs": _timed(graph, ids, hubs)},
        "flow_30_days_ms": {},
    }
    for rule in ("fifo", "pro_rata", "poison"):
        follow(books, Seeds((int(usual[0]),)), rule)  # compiles
        took, legs = [], []
        for row in rng.choice(usual, wanted["flows"], replace=False):
            start = time.perf_counter()
            legs.append(len(follow(books, Seeds((int(row),)), rule).legs))
            took.append(1000 * (time.perf_counter() - start))
        result["flow_30_days_ms"][rule] = _quantiles(took) | {"legs_p50": float(np.median(legs)), "legs_max": max(legs)}
    result["target_ms"] = {"paths_p50": 5, "paths_p99": 100, "flow": 200}
    (HERE / "result.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def _timed(graph: TransactionGraph, ids: pl.Series, rows: NDArray[np.int64]) -> dict[str, float]:
    took, found, cut = [], [], 0
    for row in rows:
        start = time.perf_counter()
        answer = paths(graph, Seeds((int(row),)), ids, Terms())
        took.append(1000 * (time.perf_counter() - start))
        found.append(len(answer.found))
        cut += bool(answer.cut)
    return _quantiles(took) | {"paths_p50": float(np.median(found)), "paths_max": max(found), "with_cuts": cut}


def _quantiles(values: list[float]) -> dict[str, float]:
    p50, p99 = np.quantile(values, [0.5, 0.99])
    return {"p50": round(float(p50), 2), "p99": round(float(p99), 2), "max": round(max(values), 2)}


if __name__ == "__main__":
    main()
