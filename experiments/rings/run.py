"""Measure rings against answer keys: python -m experiments.rings.run [WORLD ...]."""

import json
import os
import sys
import tempfile
import time
import tomllib
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import ingest
from experiments.rings.ceiling import ceiling
from experiments.rings.mixture import mix
from experiments.world.machine import generator, machine
from graphml.config import Config
from graphml.hits import evaluate
from graphml.ledger import Ledger
from graphml.pipeline import Findings, find
from graphml.stages import Stages
from ingest.world import Preset, generate

HERE = Path(__file__).parent
DATA = Path(os.environ.get("MULETRAIL_DATA", HERE.parents[2] / "shared" / "data"))
PUBLISHED = {"precision_at_10": 0.291, "ring_recall": 0.239}  # the one published figure for rings
_FIRST = 10, 20, 50  # rings
_DISJOINT = {"bipartite", "stack"}  # in AMLworld mostly not connected by payments
GOALS = {"hi-small": (0.6, 0.6), "mixture": (0.6, 0.6), "hardened": (0.4, None)}


def main(names: list[str]) -> None:
    """Measure the worlds *names*, all where none is given, and write them into result.json."""
    wanted = tomllib.loads((HERE / "settings.toml").read_text(encoding="utf-8"))
    place = HERE / "result.json"
    kept = json.loads(place.read_text(encoding="utf-8"))["worlds"] if names and place.is_file() else {}
    result: dict[str, Any] = {"published": PUBLISHED, "goals": GOALS, "worlds": kept}
    for name in names or wanted["worlds"]:
        seed, *others = wanted["seeds"]
        told = _of_seed(wanted, name, seed)
        if "preset" in wanted["worlds"][name]:
            every = {seed: told, **{other: _of_seed(wanted, name, other) for other in others}}
            told["seeds"] = {str(one): found["beyond_fitting"] for one, found in every.items()}
            told["pooled"] = pooled([found["beyond_fitting"] for found in every.values()], wanted)
        result["worlds"][name] = told
        print(name, json.dumps(result["worlds"][name], indent=1))
        place.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def pooled(parts: list[dict[str, Any]], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return what worlds of several seeds say together: all attempts, and the first k rings of each."""
    attempts = sum(part["attempts"] for part in parts)
    recall = {
        key: sum(part[key] * part["attempts"] for part in parts) / attempts if attempts else 0.0
        for key in ("ring_recall", "recall_at_100", "recall_at_1000")
    }
    precision = {key: float(np.mean([part[key] for part in parts])) for key in map("precision_at_{}".format, _FIRST)}
    told = {"attempts": attempts, **recall, **precision}
    return {**told, "intervals_95": _intervals(told, wanted, len(parts))}


def _of_seed(wanted: dict[str, Any], name: str, seed: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        ledger = _ledger(wanted, name, seed, Path(folder))
        return _measured(ledger, wanted, name, Path(folder) / "world" / "answers.json")


def _ledger(wanted: dict[str, Any], name: str, seed: int, folder: Path) -> Ledger:
    world = wanted["worlds"][name]
    if "ledger" in world:
        return ingest.read("auto", [DATA / world["ledger"]])
    preset = Preset.of(world["preset"]).changed(end=world.get("end"))
    generate(preset, world["transactions"], seed, folder / "world", world.get("with", ()))
    if "patterns" not in world:
        return Ledger.load(folder / "world" / "ledger")
    mix(folder / "world", DATA / world["patterns"], folder / "mixture", seed)
    return ingest.read("ibm_aml", [folder / "mixture"])


def _measured(ledger: Ledger, wanted: dict[str, Any], name: str, answers: Path) -> dict[str, Any]:
    stages, start = Stages(lambda *_: None), time.perf_counter()
    found = find(ledger, Config(split=tuple(wanted["worlds"][name]["split"])), stages)
    seconds = time.perf_counter() - start
    since = found.suspicion.since
    parts = {"beyond_fitting": since, "whole_ledger": 0}
    told = {name: _part(found, moment, wanted) for name, moment in parts.items()}
    connected = [ring for ring in found.rings if not _DISJOINT & set(ring.parts)]
    others = ledger.attempts.filter(~pl.col("typology").fill_null("").is_in(_DISJOINT))
    told["without_bipartite_and_stack"] = evaluate(replace(ledger, attempts=others), connected, since=since)
    if answers.is_file() and "patterns" not in wanted["worlds"][name]:
        told["exact_sets"] = ceiling(ledger, found.suspicion, answers, wanted["draw"])
    return {
        "machine": machine("numba", "torch", "lightgbm"),
        "generator": None if "ledger" in wanted["worlds"][name] else generator(),
        "transactions": ledger.transactions.height,
        "accounts": ledger.accounts.height,
        "seconds": round(seconds, 1),
        "protocol": found.suspicion.sentence,
        "learned_from": None if found.likeness is None else [found.likeness.patterns, found.likeness.laundering],
        "candidates_left": found.left,
        "stages": [asdict(stage) for stage in stages.done],
        **told,
    }


def _part(found: Findings, since: int, wanted: dict[str, Any]) -> dict[str, Any]:
    measured = evaluate(found.ledger, found.rings, since=since)
    return {**measured, "intervals_95": _intervals(measured, wanted)}


def _intervals(measured: dict[str, Any], wanted: dict[str, Any], worlds: int = 1) -> dict[str, list[float]]:
    # Recall: bootstrap over attempts. Precision: Wilson's interval, for the first k rings are not a sample to redraw.
    hit, total = round(measured["ring_recall"] * measured["attempts"]), measured["attempts"]
    rng = np.random.default_rng(wanted["draw"])
    draws = rng.binomial(total, hit / total if total else 0.0, wanted["resamples"]) / max(total, 1)
    told = {"ring_recall": [float(v) for v in np.quantile(draws, [0.025, 0.975])]}
    return told | {f"precision_at_{k}": _wilson(measured[f"precision_at_{k}"], k * worlds) for k in _FIRST}


def _wilson(share: float, count: int, z: float = 1.96) -> list[float]:
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * (share * (1 - share) / count + z * z / (4 * count * count)) ** 0.5
    return [round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)]


if __name__ == "__main__":
    main(sys.argv[1:])
