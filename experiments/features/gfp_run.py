"""Run snapml's GraphFeaturePreprocessor: PYTHON gfp_run.py ASKED, in the environment that has it.

ASKED is JSON: `payments` an .npz with source, target, time (seconds) and value; `params` of the preprocessor; `batch`
rows at once; `limit` in seconds; `out` an .npy for the features, or nothing. Each line that is printed tells how many
rows were done after how many seconds, so that a batch that does not end leaves the rows before it.
"""

import json
import sys
import time

import numpy as np
from snapml import GraphFeaturePreprocessor  # type: ignore[import-not-found]


def main() -> None:
    """Go through the payments batch by batch until all are done or the time is over."""
    asked = json.loads(sys.argv[1])
    with np.load(asked["payments"]) as found:
        columns = [found[name].astype(np.float64) for name in ("source", "target", "time", "value")]
    rows = np.column_stack([np.arange(len(columns[0]), dtype=np.float64), *columns])
    engine = GraphFeaturePreprocessor()
    engine.set_params(asked["params"])
    kept, done, told, batch = [], 0, 0.0, asked["batch"]
    begin, used = time.perf_counter(), time.process_time()
    while done < len(rows):
        features = engine.transform(rows[done : done + batch])
        done += len(features)
        if asked.get("out"):
            kept.append(features[:, rows.shape[1] :])
        seconds = time.perf_counter() - begin
        if seconds > told + 1 or seconds > asked["limit"] or done == len(rows):
            told = seconds
            cpu = time.process_time() - used
            print(json.dumps({"rows": done, "seconds": seconds, "cpu_seconds": cpu}), flush=True)
        if seconds > asked["limit"]:
            break
    if asked.get("out"):
        np.save(asked["out"], np.vstack(kept))


if __name__ == "__main__":
    main()
