"""Write value.md from the result."""

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.features.value_result import AHEAD, steps

__all__ = ["page", "verdict"]

_HEAD = """# What feature families are worth

Made by `python -m experiments.features.value FOLDER` from `value.json`; do not edit.

LightGBM (`HOW` in `value.py`, 500 trees at most) on families added one by one, in an order fixed beforehand, and left
out one by one. All values are as of the payment (or of the end of the account's period). Learnt from the first
part in time, number of trees chosen on the next, judged on the last; normal examples are sampled for the first two
(share below), all are judged. Of each world the table says how many model seeds there are; a value is their mean.

In brackets: 95 % of {draws} resamples of whole attempts, and of accounts (payers) for what is in no attempt, each with model
seeds drawn anew; worlds are not drawn. With one model seed the interval holds no chance of fitting, so nothing is
called shown (**one seed**); with two or three it still holds too little of it. Differences are paired: the same resamples for both models. **shown**: the
interval of the difference in average precision lies beside zero. Nothing is corrected for how many intervals are
looked at: of 100 without an effect about 5 lie beside zero.

**AP**: average precision. **R**: recall at a budget, the share of the judged that can be looked at. **laundering**: all of it;
**attempts**: laundering outside attempts left out. Cost: processor time of the family alone on one core, laying out
the payments included, in microseconds for each payment, least and most of the worlds whose payments are judged.
**looking ahead**: all families, and beside them the state of payer and payee (of the account) at the end of the data,
without taint, which would tell labels.
"""
_LABELS = """
Labels of generated worlds are known with the payment, or where `label-delay` says so later. Models then learn from what
was known when the judged part begins, and nothing from the days of `embargo` before it; what is judged is the truth.
Where labels have no day, the taint family knows of them 30 days after the payment, so in a world of ten days it knows
nothing: its columns tell only whether there was a payment before (marked **empty**), and what it seems to do is noise.
"""


_OVERVIEW = """Points of average precision that all families have more than all but this one; bold where the interval lies beside
zero. **generated**: the mean over the generated worlds, with an interval from theirs."""
_PEOPLE = ("laundering", "attempts")


def page(result: Mapping[str, Any]) -> str:
    """Return the page."""
    families, worlds = result["settings"]["families"], {k: v for k, v in result["worlds"].items() if v}
    m = result["machine"]
    lines = [_HEAD.format(draws=result["settings"]["draws"]).rstrip(), *_LABELS.rstrip().splitlines()]
    lines += _overview(families, worlds)
    for name, world in worlds.items():
        lines += ["", f"## {name}", "", *_about(world)]
        for people in _PEOPLE:
            if people in world:
                lines += _models(families, world, people)
    lines += [
        "", f"Made on {m['cores']} cores ({m['cpu']}) that other work shared, Python {m['python']}, lightgbm "
        f"{m['lightgbm']}, numpy {m['numpy']}, by the generator `{result['generator'][:19]}`.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def verdict(three: Sequence[float], sure: bool = True) -> str:
    """Return what the interval of a difference shows: `better`, `worse` or `not shown`; unless *sure* `one seed`."""
    if not sure:
        return "one seed"
    return "better" if three[1] > 0 else "worse" if three[2] < 0 else "not shown"


def _overview(families: Sequence[str], worlds: Mapping[str, Any]) -> list[str]:
    sure = all(_sure(world) for world in worlds.values() if "preset" in world)
    told = [(name, people) for name, world in worlds.items() for people in _PEOPLE if people in world]
    lines = ["", "## What leaving a family out costs", "", _OVERVIEW, ""]
    heads = [f"generated, {people}" for people in _PEOPLE] + [f"{name}, {people}" for name, people in told]
    lines += ["| family | cost | " + " | ".join(heads) + " |", "|---|---|" + "---|" * len(heads)]
    for family in families:
        each = [one for w in worlds.values() if _judged(w) == "payments" for one in w["each"].values()]
        costs = [one["families"][family]["cpu_us"] for one in each]
        cells = [f"{min(costs):.1f} to {max(costs):.1f} µs" if costs else ""]
        cells += [_points(_together(worlds, people, ("left out", family)), sure) for people in _PEOPLE]
        for name, people in told:
            empty = all(one["families"][family]["empty"] for one in worlds[name]["each"].values())
            found = worlds[name][people]["differences"]["left out"][family]
            cells.append(("empty: " if empty else "") + _points(found["average_precision"], _sure(worlds[name])))
        lines.append(f"| {family} | " + " | ".join(cells) + " |")
    ahead = [_points(_together(worlds, people, ("looking ahead", "")), sure) for people in _PEOPLE]
    for name, people in told:
        difference = worlds[name][people]["differences"].get("looking ahead", {}).get("")
        ahead.append(_points(difference and difference["average_precision"], _sure(worlds[name])))
    return [*lines, "| looking ahead adds | | " + " | ".join(ahead) + " |"]


def _together(worlds: Mapping[str, Any], people: str, of: tuple[str, str]) -> Sequence[float] | None:
    # Of the mean over worlds; halves of intervals add as independent ones do.
    step, family = of
    parts = [world[people]["differences"] for world in worlds.values() if "preset" in world and people in world]
    threes = [part[step][family]["average_precision"] for part in parts if step in part]
    if not threes:
        return None
    mean = sum(three[0] for three in threes) / len(threes)
    half = sum(((three[2] - three[1]) / 2) ** 2 for three in threes) ** 0.5 / len(threes)
    return mean, mean - half, mean + half


def _sure(world: Mapping[str, Any]) -> bool:
    return all(len(one["model_seeds"]) > 1 for one in world["each"].values())


def _points(three: Sequence[float] | None, sure: bool = True) -> str:
    if three is None:
        return ""
    text = f"{100 * three[0]:+.1f} [{100 * three[1]:+.1f}, {100 * three[2]:+.1f}]"
    return f"**{text}**" if verdict(three, sure) in ("better", "worse") else text


def _about(world: Mapping[str, Any]) -> list[str]:
    lines = []
    for seed, one in world["each"].items():
        counts = one["counts"]
        learnt = "; ".join(
            f"{part} {_listed(counts[part]['examples'])} with {_listed(counts[part]['positives'])} laundering"
            for part in ("train", "choose")
        )
        report = counts["report"]
        base = report["positives"] / report["examples"]
        attempts = (
            f", {report['in_attempts']:,} of these in {report['attempts']} attempts" if report["attempts"] else ""
        )
        made = (
            f"`{world['preset']}`" + "".join(f" with `{s}`" for s in world.get("with", ())) if "preset" in world else ""
        )
        lines.append(
            f"{made + ', ' if made else ''}seed {seed}, model seeds {_listed(one['model_seeds'])}: {one['rows']:,} payments, {_judged(world)} judged. "
            f"{one['sentence'][0].upper()}{one['sentence'][1:].rstrip('.')}. Examples: {learnt} (normal ones: a share of {world['negatives']:g}); "
            f"report {report['examples']:,} with {report['positives']:,} laundering ({base:.2%}){attempts}."
        )
    return lines


def _judged(world: Mapping[str, Any]) -> str:
    return "accounts" if world.get("of") == "accounts" else "payments"


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(f"{n:,}" for n in numbers)


def _models(families: Sequence[str], world: Mapping[str, Any], people: str) -> list[str]:
    found, told = world[people]["models"], world[people]["differences"]
    measures = ["average_precision", *(name for name in next(iter(found.values())) if name.startswith("recall"))]
    heads = [name.replace("average_precision", "AP").replace("recall_at_", "R ") for name in measures]
    lines = [
        "",
        f"### {people}",
        "",
        "| model | " + " | ".join(heads) + " | AP with the family less AP without | shown |",
    ]
    lines += ["|---|" + "---|" * (len(heads) + 2)]
    pairs = steps(families)
    rows = [(families[0], f"first {1}", None)]
    rows += [
        (f"+ {name}", pair["with"], told["added"][name]["average_precision"]) for name, pair in pairs["added"].items()
    ]
    rows += [
        (f"all but {name}", pair["without"], told["left out"][name]["average_precision"])
        for name, pair in pairs["left out"].items()
    ]
    if AHEAD in found:
        rows.append((AHEAD, AHEAD, told["looking ahead"][""]["average_precision"]))
    for label, model, difference in rows:
        cells = [_told(found[model][name]) for name in measures]
        cells += (
            ["", ""] if difference is None else [_points(difference, _sure(world)), verdict(difference, _sure(world))]
        )
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return lines


def _told(three: Sequence[float]) -> str:
    return "{:.3f} [{:.3f}, {:.3f}]".format(*three)
