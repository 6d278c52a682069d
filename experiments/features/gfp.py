"""Time snapml's Graph Feature Preprocessor on payments, and ours on the rows that it managed."""

import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from experiments.features.apart import answer, apart
from experiments.features.payments import load, ours
from experiments.features.worlds import graph_of, warm, with_hub
from graphml.graph import TransactionGraph
from graphml.window import SECOND

__all__ = ["OFF", "compare", "params", "peers", "run", "save"]

_RUN = str(Path(__file__).parent / "gfp_run.py")
_BINS = list(range(2, 31))
OFF = dict.fromkeys(("vertex_stats", "fan", "degree", "scatter-gather", "temp-cycle", "lc-cycle"), False)
_COUNTS = {"vertex_stats": True, "vertex_stats_cols": [4], "fan": True, "degree": True}
_PATTERNS = {"scatter-gather": True, "temp-cycle": True, "lc-cycle": True}


def params(chosen: dict[str, Any], threads: int) -> dict[str, Any]:
    """Return the parameters of a set: vertex statistics, fan and degree; with `patterns` what goes through others."""
    window = chosen["window"]
    told = {**OFF, **_COUNTS, "num_threads": threads, "time_window": window, "vertex_stats_tw": window}
    told |= {"vertex_stats_feats": [0, 1, 2, 3, 4, 5, 6, 8], "fan_tw": window, "degree_tw": window}
    told |= {"fan_bins": _BINS, "degree_bins": _BINS}
    if chosen["patterns"]:
        told |= {**_PATTERNS, "scatter-gather_tw": chosen["gather_window"], "scatter-gather_bins": _BINS}
        told |= {"temp-cycle_tw": window, "temp-cycle_bins": _BINS, "lc-cycle_tw": window}
        told |= {"lc-cycle_len": chosen["cycle_length"], "lc-cycle_bins": _BINS}
    return told


def save(graph: TransactionGraph, place: Path) -> None:
    """Write source, target, time in seconds and value."""
    np.savez(place, source=graph.source, target=graph.target, time=graph.time // SECOND, value=graph.value)


def run(python: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Return how many rows were done after how many seconds, and `stopped` where the time was over before the end.

    A batch that does not end is ended a minute after the limit; only the rows before it count, and their seconds.
    """
    with TemporaryDirectory() as folder:
        lines = Path(folder) / "lines"
        with lines.open("w") as told:
            process = subprocess.Popen(
                [python, _RUN, json.dumps(asked)], stdout=told, stderr=subprocess.PIPE, text=True
            )
            try:
                fault = process.communicate(timeout=asked["limit"] + 60)[1]
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                fault = ""
        found = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    if fault and process.returncode:
        return {"failed": fault.strip().splitlines()[-1]}
    if process.returncode:
        last = found[-1] if found else {"rows": 0, "seconds": 0.0, "cpu_seconds": 0.0}
        return {**last, "stuck_until": asked["limit"] + 60}
    return {key: round(value, 3) for key, value in found[-1].items()}


def compare(
    ledger: str, small: str, python: str, wanted: dict[str, Any], hub: tuple[float, int, bool] | None = None
) -> dict[str, Any]:
    """Return each set of patterns, with ours on the same rows; *hub* is (share, seed, whether to keep it).

    Payments to oneself are left out for both: ours does not follow them, and the peer counts them as counterparties.
    """
    warm(small, ["activity", "path"])
    graph = load(ledger)
    if hub is not None:
        share, seed, kept = hub
        graph = with_hub(graph, share, seed)[0 if kept else 1]
    graph = graph_of(graph, np.flatnonzero(graph.source != graph.target))
    found: dict[str, Any] = {"rows": len(graph)}
    with TemporaryDirectory() as folder:
        payments = Path(folder) / "payments.npz"
        save(graph, payments)
        asked = {"payments": str(payments), "batch": wanted["batch"], "limit": wanted["limit"], "out": ""}
        for name, chosen in wanted["sets"].items():
            tried = {t: run(python, {**asked, "params": params(chosen, t)}) for t in wanted["threads"]}
            families = ["activity", "path"] if chosen["patterns"] else ["activity"]
            found[name] = {"families": families, "threads": tried, **_beside(graph, tried, families)}
    return found


def _beside(graph: TransactionGraph, tried: dict[int, dict[str, Any]], families: list[str]) -> dict[str, Any]:
    # The number of threads that did most is compared: with two, small batches wait for each other where cores are busy.
    best = max(tried.values(), key=lambda one: (one.get("rows", 0), -one.get("seconds", 0.0)))
    if not best.get("rows"):
        return {}
    mine = ours(graph, slice(best["rows"]), families)
    return {
        "rows": best["rows"],
        "gfp_us": round(best["seconds"] / best["rows"] * 1e6, 2),
        "ours": {key: round(value, 3) for key, value in asdict(mine).items()},
        "ratio": round(best["seconds"] / mine.seconds, 2),
        "cpu_ratio": round(best["cpu_seconds"] / mine.cpu_seconds, 2),
    }


def peers(asked: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return equal values, the world and the hub graph; *asked* has ledgers, `python`, `share` and `seed`."""
    same: dict[str, Any] = {"small": asked["small"], "python": asked["python"]}
    world = apart("gfp", ledger=asked["ledger"], wanted=wanted, **same)
    near = {**same, "ledger": asked["hub_ledger"], "wanted": {**wanted, "limit": wanted["hub_limit"]}}
    usual, one_hub = (apart("gfp", hub=(asked["share"], asked["seed"], kept), **near) for kept in (False, True))
    equal = apart("gfp_equal", ledger=asked["small"], python=asked["python"], rows=wanted["check"])
    return {"equal": equal, "world": world, "without_hub": usual, "hub": one_hub}


if __name__ == "__main__":
    answer(compare)
