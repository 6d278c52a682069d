"""Measure what feature families are worth: python -m experiments.features.value FOLDER [WORLD ...].

Worlds, features and scores are kept in FOLDER, so that a later call goes on where a stopped one was. `value.json` holds
what came out of all that is there, and `value.md` is written from it.
"""

import argparse
import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import ingest
from experiments.features.value_cases import CHOOSE, REPORT, TRAIN, Case, of_accounts, of_ledger, of_world
from experiments.features.value_result import AHEAD, ALL, summary
from experiments.features.value_table import page
from experiments.world.machine import generator, machine
from graphml.models.lightgbm import LightGBMScorer, train_trees
from ingest.world.generate import generate
from ingest.world.preset import Preset

__all__ = ["RESULT", "main", "score", "ways"]

HERE = Path(__file__).parent
RESULT, PAGE = HERE / "value.json", HERE / "value.md"
DATA = Path(os.environ.get("MULETRAIL_DATA", HERE.parents[2] / "shared" / "data"))
HOW = LightGBMScorer(rounds=500, patience=60, weight=7.0)  # at most so many trees, which the choose part decides


def main(folder: Path, names: list[str], judge: bool = False) -> None:
    """Fit what is missing in *folder* for the worlds *names* unless *judge*; sum up all that is there and complete."""
    asked = tomllib.loads((HERE / "value.toml").read_text(encoding="utf-8"))
    if not judge:
        _fit_all(folder, {name: asked["worlds"][name] for name in names or asked["worlds"]}, asked)
    result = {
        "machine": machine("lightgbm", "numba"), "generator": generator(),
        "settings": {key: value for key, value in asked.items() if key != "worlds"},
        "worlds": {name: summary(folder, name, world, asked) for name, world in asked["worlds"].items()},
    }  # fmt: skip
    # Lists of numbers on one line each.
    text = re.sub(r"\[[^\[\]{}]*\]", lambda found: " ".join(found[0].split()), json.dumps(result, indent=1))
    RESULT.write_text(f"{text}\n", encoding="utf-8")
    PAGE.write_text(page(result), encoding="utf-8")


def _fit_all(folder: Path, worlds: dict[str, Any], asked: dict[str, Any]) -> None:
    # One model seed for all worlds before the next, so that what is stopped has all worlds.
    for k in range(max(len(w["model_seeds"]) for w in worlds.values())):
        for name, world in worlds.items():
            for seed in world["seeds"]:
                place = folder / f"{name}-{seed}"
                _make(place, world, seed, asked["families"])
                for model_seed in world["model_seeds"][k : k + 1]:
                    _fit(place, asked, model_seed)


def _make(place: Path, world: dict[str, Any], seed: int, families: list[str]) -> None:
    wanted = {key: value for key, value in world.items() if key not in ("seeds", "model_seeds")}
    if (place / "about.json").is_file():
        found = Case.load(place).about["asked"]
        if found != wanted:
            raise ValueError(f"'{place}' was made with {found}, not {wanted}. Remove it, or name another folder.")
        return
    if "ledger" in world:
        ledger = ingest.read("auto", [DATA / world["ledger"]])
        case = (of_ledger if world["of"] == "transactions" else of_accounts)(ledger, world, families)
    else:
        preset = Preset.of(world["preset"]).changed(attempts=world["attempts"])
        made = generate(preset, world["rows"], seed, place / "world", world.get("with", ()))
        case = of_world(made, world, families)
    case.about["asked"] = wanted
    case.save(place)
    sys.stderr.write(f"{place.name} {json.dumps(case.about['counts'])}\n")


def ways(families: list[str], ahead: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield name and families of each model: added one by one, left out one by one, and with looking ahead.

    Without the last family the model is the one before it was added, so that one is not fitted twice.
    """
    yield ALL, families
    for k in range(1, len(families)):
        yield f"first {k}", families[:k]
    for name in families[:-1]:
        yield f"without {name}", [other for other in families if other != name]
    if ahead:
        yield AHEAD, families


def _fit(place: Path, asked: dict[str, Any], seed: int) -> None:
    case = Case.load(place)
    for name, families in ways(asked["families"], case.ahead.shape[1] > 0):
        found = place / f"{name}, {seed}.npy"
        if found.is_file():
            continue
        columns = np.asarray(case.values[:, case.columns(families)])
        if name == AHEAD:
            columns = np.hstack([columns, case.ahead])
        values, trees = score(case, columns, asked["threads"], seed)
        np.save(found, values)
        sys.stderr.write(f"{place.name} {name} {seed}: {trees} trees\n")


def score(case: Case, columns: NDArray[np.float32], threads: int, seed: int) -> tuple[NDArray[np.float64], list[int]]:
    """Return the scores of the judged examples, in order, and how many trees each model has."""
    how, names = replace(HOW, threads=threads), tuple(f"f{k}" for k in range(columns.shape[1]))
    found, trees = np.zeros(len(case.label)), []
    for part in case.part:
        learn, choose = ((columns[part == k], case.label[part == k]) for k in (TRAIN, CHOOSE))
        model = train_trees(how, learn, choose, names, seed)
        found[part == REPORT] = model.predict(columns[part == REPORT], num_threads=threads)
        trees.append(model.num_trees())
    return found[(case.part == REPORT).any(axis=0)], trees


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m experiments.features.value", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where worlds, features and scores are kept")
    parser.add_argument("worlds", nargs="*", help="as in value.toml; all by default")
    parser.add_argument("--judge", action="store_true", help="only sum up what was scored before")
    given = parser.parse_args()
    main(given.folder, given.worlds, given.judge)
