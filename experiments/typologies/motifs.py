"""Count motifs of three payments with raphtory: python motifs.py ASKED, run by the Python that has it.

ASKED is JSON: `payments` a Parquet file with source, target and time, whole numbers; `window` in the unit of time;
`threads`. The answer is JSON: how many triangles are cycles in time, seconds of counting and of loading.
"""

import json
import sys
import time

from raphtory import Graph, algorithms

_CYCLE = 35  # after 24 stars and 8 motifs of two accounts, the fourth triangle: i -> j, j -> k, k -> i


def main(asked: dict[str, object]) -> None:
    """Print the answer."""
    start = time.perf_counter()
    graph = Graph()
    graph.load_edges(asked["payments"], time="time", src="source", dst="target")
    loaded = time.perf_counter()
    counts = algorithms.global_temporal_three_node_motif(graph, asked["window"], threads=asked["threads"])
    done = time.perf_counter()
    said = {"found": counts[_CYCLE], "seconds": round(done - loaded, 3), "loading_seconds": round(loaded - start, 3)}
    print(json.dumps(said))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
