"""Show that shortcuts are shortcuts and hardening is hard: python -m experiments.world.difficulty.

A model that knows only format, currencies and amount of a payment must be near the base rate without shortcuts and
jump with one; a model of causal counts shows that attempts can be learnt. `results/difficulty.json` holds the result.
"""

import json
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.world.examples import Examples
from experiments.world.judge import Judged, learn
from experiments.world.machine import generator, machine
from ingest.world.generate import generate
from ingest.world.preset import Preset

__all__ = ["RESULT", "main"]

HERE = Path(__file__).parent
RESULT = HERE / "results" / "difficulty.json"
_ASKED = HERE / "difficulty.toml"
_MODELS: dict[str, tuple[int, ...]] = {"payment": (0, 1, 2), "counts": ()}  # categorical columns


def main() -> None:
    """Run all worlds; the result is written after each, and a later run goes on where a stopped one was."""
    asked = tomllib.loads(_ASKED.read_text(encoding="utf-8"))
    wanted = [("shortcuts", w["preset"], w["switches"]) for w in asked.pop("shortcut")]
    wanted += [("hardening", w["preset"], [s] if s else []) for w in asked.pop("hardening") for s in w["each"]]
    earlier = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.is_file() else {}
    result: dict[str, Any] = {
        "machine": machine("lightgbm", "scikit-learn"), "generator": generator(), "settings": asked,
        "shortcuts": [], "hardening": [],
    }  # fmt: skip
    done: list[dict[str, Any]] = []
    if (earlier.get("generator"), earlier.get("settings")) == (result["generator"], asked):
        done = earlier["shortcuts"] + earlier["hardening"]
    for part, preset, switches in wanted:
        models = _MODELS if part == "shortcuts" else {"counts": _MODELS["counts"]}
        found = [w for w in done if (w["preset"], w["switches"]) == (preset, switches) and models.keys() <= w.keys()]
        if not found:
            found = [{"preset": preset, "switches": switches, **_world(preset, switches, asked, models)}]
            done += found
        result[part].append(found[0])
        RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _world(
    preset: str, switches: Sequence[str], asked: dict[str, Any], models: Mapping[str, Sequence[int]]
) -> dict[str, Any]:
    judged: dict[str, list[Judged]] = {name: [] for name in models}
    rows, attempts = asked["size"][preset]
    for seed in asked["seeds"]:
        with tempfile.TemporaryDirectory() as folder:
            out = generate(Preset.of(preset).changed(attempts=attempts), rows, seed, Path(folder) / "world", switches)
            made = Examples.of(out, asked["families"])
        for name, categories in models.items():
            judged[name].append(learn(made, getattr(made, name), categories, asked, seed))
        sys.stderr.write(f"{preset} {' '.join(switches)} {seed}\n")
    return {name: _summary(found) for name, found in judged.items()}


def _summary(judged: list[Judged]) -> dict[str, Any]:
    measures = [j.measures() for j in judged]
    return {
        "judged": sum(len(j.true) for j in judged),
        "positives": sum(int(j.true.sum()) for j in judged),
        "in_attempts": sum(int((j.attempt >= 0).sum()) for j in judged),
        "attempts": sum(len(np.unique(j.attempt[j.attempt >= 0])) for j in judged),
        "trees": [j.trees for j in judged],
        "each": {name: [round(m[name], 5) for m in measures] for name in measures[0]},  # by seed
    }


if __name__ == "__main__":
    main()
