"""List simple cycles with networkx: python -m experiments.typologies.simple_cycles ASKED.

ASKED is JSON: `payments` a Parquet file with source and target, `longest` in payments. networkx knows neither times nor
amounts, so it lists the cycles of distinct pairs.
"""

import json
import sys
import time

import networkx as nx
import polars as pl


def main() -> None:
    """Print how many cycles there are, and the seconds that listing them took."""
    asked = json.loads(sys.argv[1])
    paid = pl.read_parquet(asked["payments"]).filter(pl.col("source") != pl.col("target"))
    graph = nx.DiGraph(paid.select("source", "target").rows())
    start = time.perf_counter()
    found = sum(1 for _ in nx.simple_cycles(graph, length_bound=asked["longest"]))
    print(json.dumps({"found": found, "seconds": round(time.perf_counter() - start, 3)}))


if __name__ == "__main__":
    main()
