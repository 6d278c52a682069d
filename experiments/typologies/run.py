"""Measure typologies: python -m experiments.typologies.run [speed] [yields] [alone]; all three where none is named.

Each part writes its own file beside this one. Data that is not part of the project is looked for in the folder that
MULETRAIL_DATA names.
"""

import json
import math
import os
import resource
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

import ingest
from experiments.features.apart import Took, clock
from experiments.features.worlds import Worlds
from experiments.typologies.alone import alone, smallest
from experiments.typologies.peers import native, peers
from experiments.typologies.yields import patterns, yields
from experiments.world.machine import generator, machine
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.people import People
from graphml.ring import Found
from graphml.rings import Scores, assemble
from graphml.typology import Typology, search
from ingest.world import generate

HERE = Path(__file__).parent


def main(parts: list[str]) -> None:
    """Run *parts* and write one JSON file for each."""
    wanted = tomllib.loads((HERE / "settings.toml").read_text(encoding="utf-8"))
    run: dict[str, Callable[[dict[str, Any]], dict[str, object]]] = {
        "speed": _speed,
        "yields": _yields,
        "alone": _alone,
    }
    for part in parts or list(run):
        about = {"settings": wanted[part], "machine": machine("numba"), "generator": generator()}
        result = {**about, **run[part](wanted[part])}
        (HERE / f"{part}.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        print(json.dumps(result, indent=1))


def known(ledger: Ledger) -> dict[str, Typology]:
    """Return all typologies by name; those that use people know those of *ledger*."""
    people = People.of(ledger)
    found = patterns()
    return {n: replace(t, people=people) if hasattr(t, "people") else t for n, t in found.items()}  # type: ignore[type-var]


def _world(preset: str, transactions: int, seed: int) -> Ledger:
    with tempfile.TemporaryDirectory() as folder:
        generate(preset, transactions, seed, Path(folder) / "w")
        return Ledger.load(Path(folder) / "w" / "ledger")


def _speed(wanted: dict[str, Any]) -> dict[str, object]:
    worlds = Worlds(Path(".cache/worlds"), wanted["preset"], wanted["seed"])
    warm = Ledger.load(Path(worlds.ledger(20_000)))
    few = TransactionGraph.of(warm)
    _assembled(warm, few, _searched(few, known(warm))[1])  # compiles
    sizes: dict[int, Any] = {}
    compared: dict[str, object] = {}
    for transactions in wanted["transactions"]:
        ledger = Ledger.load(Path(worlds.ledger(transactions)))
        graph = TransactionGraph.of(ledger)
        if not compared:
            compared["native"] = native(graph, wanted["limit"])
        parts = [rows for rows in wanted["peers"] if max(sizes, default=0) < rows <= transactions]
        compared |= peers(ledger, parts, wanted["limit"])
        typologies = known(ledger)
        if transactions > wanted["searched_only"]:
            del ledger  # which is as large as what a search takes
            sizes[transactions] = _searched(graph, typologies)[0]
            continue
        sizes[transactions], every = _searched(graph, typologies)
        sizes[transactions] |= {
            "typologies": {name: _timed(typology, graph) for name, typology in typologies.items()},
            "rings": _assembled(ledger, graph, every),
        }
        del every
    target = {"seconds": 90, "peak_mb": 8192, "growth_exponent": 1.1, "rings_seconds": 30}
    return {"sizes": sizes, "growth_exponent": _growth(sizes), "peers": compared, "target": target}


def _searched(graph: TransactionGraph, typologies: dict[str, Typology]) -> tuple[dict[str, float], list[Found]]:
    took = Took()
    with clock(took):
        every = search(graph, list(typologies.values()))
    told = {key: round(value, 2) for key, value in asdict(took).items()}
    return {**told, "instances": sum(len(one) for one in every), "peak_mb": _peak()}, every


def _growth(sizes: dict[int, Any]) -> dict[str, float]:
    # From the smallest size to the largest; `own` is the processor without the system, which is memory new to the process.
    for one in sizes.values():
        one["own_seconds"] = round(one["cpu_seconds"] - one["system_seconds"], 2)
    small, large = sizes[min(sizes)], sizes[max(sizes)]
    decades = math.log(max(sizes) / min(sizes))
    return {
        key: round(math.log(large[key] / small[key]) / decades, 3) for key in ("seconds", "cpu_seconds", "own_seconds")
    }


def _assembled(ledger: Ledger, graph: TransactionGraph, found: list[Found]) -> dict[str, float]:
    # Ranked with scores drawn at random, for what it costs does not depend on them, and with what is learned of shapes.
    rng = np.random.default_rng(0)
    since, people = int(graph.time[len(graph.time) // 2]), People.of(ledger)
    scores = Scores(rng.random(graph.n), rng.random(len(graph.time)), since)
    start, used = time.perf_counter(), time.process_time()
    made = assemble(ledger, graph, found, scores, people=people)  # which typologies have asked for before
    return {
        "candidates": sum(len(one) for one in found),
        "rings": len(made.rings),
        "learned": 0 if made.likeness is None else made.likeness.laundering,
        "seconds": round(time.perf_counter() - start, 2),
        "cpu_seconds": round(time.process_time() - used, 2),
        "peak_mb": _peak(),
    }


def _timed(typology: Typology, graph: TransactionGraph) -> dict[str, float]:
    # Alone, one after the other.
    start, used = time.perf_counter(), time.process_time()
    found = typology.find(graph)
    took, cpu = time.perf_counter() - start, time.process_time() - used
    return {
        "instances": len(found),
        "cuts": len(found.cuts),
        "seconds": round(took, 2),
        "cpu_seconds": round(cpu, 2),
    }


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _yields(wanted: dict[str, Any]) -> dict[str, object]:
    found: dict[str, object] = {}
    for seed in wanted["seeds"]:
        ledger = _world(wanted["preset"], wanted["transactions"], seed)
        found[f"{wanted['preset']}, seed {seed}"] = yields(ledger, TransactionGraph.of(ledger), known(ledger))
    place = _data(wanted["amlsim"])
    if place:
        ledger = ingest.read("amlsim", [place])
        found[wanted["amlsim"]] = yields(ledger, TransactionGraph.of(ledger), known(ledger))
    return {"ledgers": found}


def _alone(wanted: dict[str, Any]) -> dict[str, object]:
    place = _data(wanted["patterns"])
    if not place:
        return {"missing": f"{wanted['patterns']} is not here; name its folder in MULETRAIL_DATA"}
    ledger = ingest.read("ibm_aml", [place])
    return {"smallest_sizes": alone(ledger, smallest()), "defaults": alone(ledger, patterns())}


def _data(name: str) -> Path | None:
    place = Path(os.environ.get("MULETRAIL_DATA", "data")) / name
    return place if place.exists() else None


if __name__ == "__main__":
    main(sys.argv[1:])
