"""List every feature, compute families side by side, and say a value in a sentence."""

import sys
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from graphml import registry
from graphml.errors import UnknownName
from graphml.feature import Family, Feature
from graphml.graph import TransactionGraph

__all__ = ["catalogue", "compute_accounts", "compute_transactions", "page", "sentence"]

_PACKAGE = "graphml.features"
_SPECS = {
    "count": ",.0f",
    "rank": ",.0f",
    "share": ".0%",
    "reference currency": ",.2f",
    "hours": ",.1f",
    "days": ",.1f",
}


def compute_accounts(
    graph: TransactionGraph, account: NDArray[np.int32], at: NDArray[np.int64], families: Iterable[str] | None = None
) -> tuple[NDArray[np.float32], tuple[Feature, ...]]:
    """Return (M, F) features of the pairs (account, instant) and what the F columns are.

    *at* is in microseconds UTC. *families* None means all, in order of name; else those named, in the order given.
    Each value comes from rows strictly earlier than its instant; NaN where the feature has no value.

    Raises:
        UnknownName: there is no such family.
    """
    chosen = _families(families)
    parts = [family.accounts(graph, account, at) for family in chosen]
    return _narrow(parts, len(account)), tuple(f for family in chosen for f in family.of_accounts)


def compute_transactions(
    graph: TransactionGraph, families: Iterable[str] | None = None
) -> tuple[NDArray[np.float32], tuple[Feature, ...]]:
    """Return (E, F) features of the rows of the view and what the F columns are, as `compute_accounts` does.

    Raises:
        UnknownName: there is no such family.
    """
    chosen = _families(families)
    parts = [family.transactions(graph) for family in chosen]
    return _narrow(parts, len(graph)), tuple(f for family in chosen for f in family.of_transactions)


def catalogue(families: Iterable[str] | None = None) -> list[dict[str, str]]:
    """Return name, family, scope (`account` or `transaction`), unit, window and sentence of each feature.

    Raises:
        UnknownName: there is no such family.
    """
    return [
        {
            "name": f.name,
            "family": family.name,
            "scope": scope,
            "unit": f.unit,
            "window": f.window,
            "sentence": f.sentence,
        }
        for family in _families(families)
        for scope, features in (("account", family.of_accounts), ("transaction", family.of_transactions))
        for f in features
    ]


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
    ]
    for family in _families(None):
        lines += ["", f"## {family.name}", ""]
        doc = type(family).__doc__ or ""
        lines += [line.strip() for line in doc.strip().splitlines()]
        for scope, features in (("account", family.of_accounts), ("transaction", family.of_transactions)):
            lines += ["", f"| {scope} | unit | window | sentence |", "|---|---|---|---|"]
            lines += [f"| `{f.name}` | {f.unit} | {f.window} | {f.sentence} |" for f in features]
    return "\n".join(lines) + "\n"


def _families(names: Iterable[str] | None) -> tuple[Family, ...]:
    known = registry.names(_PACKAGE)
    chosen = known if names is None else tuple(names)
    for name in chosen:
        if name.replace("_", "-") not in known:
            raise UnknownName.of("feature family", name, known)
    return tuple(registry.plugin(_PACKAGE, name, "FAMILY") for name in chosen)


def _narrow(parts: Sequence[NDArray[np.float64]], rows: int) -> NDArray[np.float32]:
    # Sums beyond what float32 holds would become infinite with a warning; they stay at its largest number.
    most = np.finfo(np.float32).max
    return np.hstack([np.clip(p, -most, most).astype(np.float32) for p in parts] or [np.empty((rows, 0), np.float32)])


if __name__ == "__main__":
    sys.stdout.write(page())
