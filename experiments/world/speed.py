"""Measure time and memory of making worlds: python -m experiments.world.speed [--rows N ...].

Each size is made in a process of its own, so that peak memory is its own. Seconds are those of `generate`, without the
start of Python; the whole process is told beside. `results/speed.json` keeps the sizes of earlier calls.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from experiments.world.machine import generator, machine

__all__ = ["RESULT", "TARGETS", "main"]

RESULT = Path(__file__).parent / "results" / "speed.json"
SIZES = (500_000, 1_000_000, 5_000_000, 30_000_000)
TARGETS = {"1000000": {"seconds": 20.0}, "30000000": {"seconds": 600.0, "peak_gb": 8.0}}
GROWTH = 0.10  # of time for each row, from the smallest to the largest size
_PRESET = "hi-medium"


def main() -> None:
    """Measure all sizes asked for, or one size in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=SIZES)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--one", type=int, help="make one world here and print what it took")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(_one(asked.one)))
        return
    code = generator()  # as it is when the first world is made
    earlier = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.is_file() else {}
    sizes = dict(earlier.get("sizes", {})) if earlier.get("generator") == code else {}
    for rows in sorted(asked.rows):
        runs = [_apart(rows) for _ in range(asked.runs)]
        best = min(runs, key=lambda run: run["seconds"])
        sizes[str(rows)] = {**best, "all_seconds": [run["seconds"] for run in runs]}
        ordered = {key: sizes[key] for key in sorted(sizes, key=int)}
        result = {
            "machine": machine(), "generator": code, "preset": _PRESET, "targets": TARGETS,
            "sizes": ordered, "growth": _growth(ordered),
        }  # fmt: skip
        RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        print(json.dumps({rows: sizes[str(rows)]}))


def _apart(rows: int) -> dict[str, Any]:
    begin, load = time.perf_counter(), os.getloadavg()[0]
    done = subprocess.run(
        [sys.executable, "-m", "experiments.world.speed", "--one", str(rows)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return {
        **found, "process_seconds": round(time.perf_counter() - begin, 2),
        "load": [round(load, 2), round(os.getloadavg()[0], 2)],
    }  # fmt: skip


def _one(rows: int) -> dict[str, Any]:
    from ingest.world.generate import generate

    with tempfile.TemporaryDirectory() as folder:
        begin, cpu = time.perf_counter(), time.process_time()
        out = generate(_PRESET, rows, 1, Path(folder) / "world")
        seconds, worked = time.perf_counter() - begin, time.process_time() - cpu
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return {
        "seconds": round(seconds, 2), "cpu_seconds": round(worked, 2), "us_per_row": round(seconds / rows * 1e6, 3),
        "cpu_us_per_row": round(worked / rows * 1e6, 3),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
        "written_gb": round(size / 2**30, 2),
    }  # fmt: skip


def _growth(sizes: dict[str, Any]) -> dict[str, Any]:
    found = list(sizes.items())
    if len(found) < 2:
        return {}
    (least, first), (most, last) = found[0], found[-1]
    grown = {name: round(last[name] / first[name] - 1, 3) for name in ("us_per_row", "cpu_us_per_row")}
    return {"from": int(least), "to": int(most), "most": GROWTH, **grown}


if __name__ == "__main__":
    main()
