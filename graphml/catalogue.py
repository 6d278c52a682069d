"""Compute families of features together and say what each column means."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from graphml import registry
from graphml.feature import Family, Feature
from graphml.graph import TransactionGraph

__all__ = ["catalogue", "compute_accounts", "compute_transactions", "page", "sentence"]

_PACKAGE = "graphml.features"


def compute_accounts(
    graph: TransactionGraph,
    account: NDArray[np.int32],
    at: NDArray[np.int64],
    families: Sequence[str] | None = None,
) -> tuple[NDArray[np.float32], tuple[Feature, ...]]:
    """Return (M, F) features of each pair (account, instant) and what the columns are; *families* None means all.

    Raises:
        UnknownName: there is no family of that name.
    """
    chosen = _families(families)
    blocks = [family.accounts(graph, account, at).astype(np.float32) for family in chosen]
    return _beside(blocks, len(account)), tuple(f for family in chosen for f in family.of_accounts)


def compute_transactions(
    graph: TransactionGraph, families: Sequence[str] | None = None
) -> tuple[NDArray[np.float32], tuple[Feature, ...]]:
    """Return (E, F) features of the rows of the view and what the columns are; *families* None means all.

    Raises:
        UnknownName: there is no family of that name.
    """
    chosen = _families(families)
    blocks = [family.transactions(graph).astype(np.float32) for family in chosen]
    return _beside(blocks, len(graph)), tuple(f for family in chosen for f in family.of_transactions)


def catalogue(families: Sequence[str] | None = None) -> list[dict[str, str]]:
    """Return for each column its name, family, scope, unit, window and sentence."""
    return [
        {"name": f.name, "family": family.name, "scope": scope, "unit": f.unit, "window": f.window, "sentence": f.sentence}
        for family in _families(families)
        for scope, features in (("account", family.of_accounts), ("transaction", family.of_transactions))
        for f in features
    ]  # fmt: skip


def sentence(feature: Feature, value: float) -> str:
    """Return the feature's sentence with *value* written for an analyst."""
    if not np.isfinite(value):
        return feature.sentence.replace("{value}", "an unknown number of")
    return feature.sentence.replace("{value}", f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}")


def page() -> str:
    """Return docs/features.md: each family with its columns."""
    lines = [
        "# Features",
        "",
        "Each value for an instant uses only transactions strictly earlier than it. Sums are taken in order of rows.",
        "This page is made by `python -c 'from graphml.catalogue import page; print(page())'`.",
    ]
    for family in _families(None):
        lines += ["", f"## {family.name}", "", (type(family).__doc__ or "").split("\n")[0], ""]
        for scope, features in (("accounts", family.of_accounts), ("transactions", family.of_transactions)):
            lines += [f"Of {scope}:", "", "| name | unit | window | sentence |", "|---|---|---|---|"]
            lines += [f"| `{f.name}` | {f.unit} | {f.window} | {f.sentence} |" for f in features]
            lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def _families(names: Sequence[str] | None) -> list[Family]:
    chosen = registry.names(_PACKAGE) if names is None else names
    return [registry.plugin(_PACKAGE, name, "FAMILY") for name in chosen]


def _beside(blocks: list[NDArray[np.float32]], rows: int) -> NDArray[np.float32]:
    return np.hstack(blocks) if blocks else np.empty((rows, 0), np.float32)
