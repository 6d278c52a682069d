"""Sum up what models scored: values and paired differences, with intervals."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.features.value_cases import REPORT, Case
from experiments.features.value_judge import Judge

__all__ = ["AHEAD", "ALL", "steps", "summary"]

ALL, AHEAD = "all", "all, and looking ahead"

Floats = NDArray[np.float64]


def steps(families: Sequence[str]) -> dict[str, dict[str, dict[str, str]]]:
    """Return for each family the models `with` and `without` it: when it is `added`, and when it is `left out`."""
    first = [f"first {k}" for k in range(1, len(families))] + [ALL]
    added = {name: {"with": first[k], "without": first[k - 1]} for k, name in enumerate(families) if k}
    last = families[-1]
    out = {name: {"with": ALL, "without": first[-2] if name == last else f"without {name}"} for name in families}
    return {"added": added, "left out": out}


def summary(folder: Path, name: str, world: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of each model of the world *name*, and differences; only of model seeds that are complete."""
    found: dict[str, list[Floats]] = {}  # by population and model: for each world (D, 1 + 2 B) of its model seeds
    about: dict[str, Any] = {}
    for seed in world["seeds"]:
        place = folder / f"{name}-{seed}"
        done = _done(place, world, asked)
        if not done:
            continue
        case = Case.load(place)
        about[str(seed)] = {**case.about, "model_seeds": done}
        for key, measures in _measures(case, place, done, asked, seed).items():
            found.setdefault(key, []).append(measures)
    if not found:
        return {}
    result: dict[str, Any] = {**world, "each": about}
    for people in dict.fromkeys(key.split(": ")[0] for key in found):
        draws = {key.split(": ")[1]: np.mean(v, axis=0) for key, v in found.items() if key.startswith(f"{people}: ")}
        result[people] = _told(draws, asked)
    return result


def _done(place: Path, world: Mapping[str, Any], asked: Mapping[str, Any]) -> list[int]:
    pairs = [pair for step in steps(asked["families"]).values() for pair in step.values()]
    wanted = sorted({model for pair in pairs for model in pair.values()})
    return [s for s in world["model_seeds"] if all((place / f"{model}, {s}.npy").is_file() for model in wanted)]


def _measures(case: Case, place: Path, done: list[int], asked: Mapping[str, Any], seed: int) -> dict[str, Floats]:
    judged = (case.part == REPORT).any(axis=0)
    true, attempt, account = (np.asarray(c[judged]) for c in (case.true, case.attempt, case.account))
    # Rows of an attempt are one cluster; the others are clustered by account.
    judge = Judge.of(true, np.where(attempt >= 0, -1 - attempt, account), asked["budgets"], asked["draws"], seed)
    populations = {"laundering": np.ones(len(true), np.bool_)}
    within = (attempt >= 0) | (true == 0)
    if (attempt >= 0).any() and not within.all():  # else attempts are all there is, or unknown
        populations["attempts"] = within
    chosen = np.random.default_rng(seed)
    found = {}
    for model in sorted({path.name.rsplit(", ", 1)[0] for path in place.glob("*, *.npy")}):
        paths = [place / f"{model}, {s}.npy" for s in done]
        if all(path.is_file() for path in paths):
            scores = [np.load(path) for path in paths]
            pick = chosen.integers(0, len(done), (asked["draws"] + 1, len(done)))
            pick[0] = np.arange(len(done))  # the first draw is no resample
            for people, within in populations.items():
                every = np.stack([judge.measures(score, within) for score in scores])
                found[f"{people}: {model}"] = every[pick, np.arange(len(pick))[:, None]].mean(axis=1)
    return found


def _told(draws: Mapping[str, Floats], asked: Mapping[str, Any]) -> dict[str, Any]:
    names = [f"{what}_at_{budget:.1%}" for what in ("recall", "precision") for budget in asked["budgets"]]
    told = _teller(["average_precision", *names])
    differences = {
        step: {name: told(draws[pair["with"]] - draws[pair["without"]]) for name, pair in pairs.items()}
        for step, pairs in steps(asked["families"]).items()
    }
    if AHEAD in draws:
        differences["looking ahead"] = {"": told(draws[AHEAD] - draws[ALL])}
    return {"models": {name: told(values) for name, values in draws.items()}, "differences": differences}


def _teller(names: Iterable[str]) -> Callable[[Floats], dict[str, list[float]]]:
    def told(draws: Floats) -> dict[str, list[float]]:
        # Value, and 95 % of the resamples around it.
        low, high = np.nanpercentile(draws[1:], [2.5, 97.5], axis=0)
        rows = zip(names, draws[0], low, high, strict=True)
        return {name: [round(float(v), 5) for v in three] for name, *three in rows}

    return told
