"""List every feature, say a value in a sentence, and write the page of all features."""

import sys
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, cast

import numpy as np

from graphml.families import Families
from graphml.feature import Family, Feature
from graphml.neighbourhood import Neighbourhood
from graphml.window import DAY

__all__ = ["catalogue", "page", "sentence"]

_TIMES = ("window", "gap")  # parameters in microseconds
_SPECS = {
    "count": ",.0f",
    "rank": ",.0f",
    "share": ".0%",
    "reference currency": ",.2f",
    "hours": ",.1f",
    "days": ",.1f",
}


def catalogue(families: Iterable[str] | None = None, *, look_ahead: bool = False) -> list[dict[str, str]]:
    """Return name, family, scope (`account` or `transaction`), unit, window, sentence and cost of each feature.

    With *look_ahead* those that look into the future follow; their family is `look_ahead`.

    Raises:
        UnknownName: there is no such family.
    """
    chosen = Families.of(families)
    every = [
        (family.name, scope, f, family.cost)
        for family in chosen.chosen
        for scope, features in (("account", family.of_accounts), ("transaction", family.of_transactions))
        for f in features
    ]
    if look_ahead:
        every += [("look_ahead", "transaction", f, "a snapshot of all accounts") for f in chosen.of_look_ahead]
    return [
        {
            "name": f.name, "family": family, "scope": scope, "unit": f.unit, "window": f.window,
            "sentence": f.sentence, "cost": cost,
        }
        for family, scope, f, cost in every
    ]  # fmt: skip


def sentence(feature: Feature, value: float) -> str:
    """Return the sentence of *feature* with *value* written for an analyst in the feature's unit."""
    if not np.isfinite(value):
        said = "unknown"
    elif feature.unit == "flag":
        said = "yes" if value else "no"
    else:
        said = format(float(value), _SPECS.get(feature.unit, ",.3g"))
    return feature.sentence.replace("{value}", said)


def page() -> str:
    """Return `docs/features.md`; it is written by `python -m graphml.catalogue > docs/features.md`."""
    lines = [
        "# Features",
        "",
        "Made by `python -m graphml.catalogue > docs/features.md`; do not edit.",
        "",
        "Every value is as of an instant: it uses only transactions strictly earlier. Windows end just before the",
        "instant; `day` means the state on the latest refresh day, `now` the row itself. An unknown value is NaN.",
        "Refresh days are days 1 to 6, 8, 10, 13, 17, 22, 29, 38, ... after the first row's, at least every 60 days; a value of",
        "one comes from rows before it and is used from that day on (`graphml/features/_refresh.py`).",
        "Amounts of money add without rounding (`graphml/exact.py`), so neither the order of rows inside an instant nor",
        "the beginning of a computation shows in a value.",
    ]
    for family in Families.of().chosen:
        lines += ["", f"## {family.name}", ""]
        doc = type(family).__doc__ or ""
        lines += [line.strip() for line in doc.strip().splitlines()]
        lines += ["", *_parameters(family), f"Cost: {family.cost}."]
        for scope, features in (("account", family.of_accounts), ("transaction", family.of_transactions)):
            lines += ["", f"| {scope} | unit | window | sentence |", "|---|---|---|---|"]
            lines += [f"| `{f.name}` | {f.unit} | {f.window} | {f.sentence} |" for f in features]
    lines += ["", "## Neighbourhoods of chosen accounts", ""]
    lines += [line.strip() for line in (Neighbourhood.__doc__ or "").strip().splitlines()]
    lines += ["", "In Python: `graphml.neighbourhood.Neighbourhood().values(graph, seeds, at)`.", ""]
    lines += ["| account | unit | sentence |", "|---|---|---|"]
    lines += [f"| `{f.name}` | {f.unit} | {f.sentence} |" for f in Neighbourhood().features]
    return "\n".join(lines) + "\n"


def _parameters(family: Family) -> list[str]:
    # Those that are numbers or texts, with their defaults; lengths of time are in microseconds.
    told = [
        f"`{one.name}` {f'{float(value) / DAY:g} days' if one.name in _TIMES else value}"
        for one in fields(cast("Any", family))
        if isinstance(value := getattr(family, one.name), (int, float, str))
    ]
    return [f"Parameters: {', '.join(told)}.", ""] if told else []


if __name__ == "__main__":
    sys.stdout.write(page())
