"""Choose from all measures of a run those that its report shows."""

from collections.abc import Mapping
from typing import Any

__all__ = ["of_measure", "of_models", "of_rings"]

_MODELS = {
    "average_precision": "average precision",
    "average_precision_95": "95 % interval",
    "base_rate": "base rate",
    "recall_at_0.5%": "recall at 0.5 %",
    "precision_at_0.5%": "precision at 0.5 %",
    "recall_at_1.0%": "recall at 1 %",
    "precision_at_1.0%": "precision at 1 %",
    "precision_at_10": "of the first 10",
    "precision_at_50": "of the first 50",
}
_RINGS = {
    "attempts": "attempts",
    "rings": "rings",
    "ring_recall": "attempts hit",
    "precision_at_10": "hits of the first 10",
    "precision_at_20": "of the first 20",
    "precision_at_50": "of the first 50",
    "containment": "accounts contained",
    "dilution": "foreign accounts",
}
_ORDERS = {"size_only": "largest first, to compare", "random": "at random, to compare"}


def of_models(metrics: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return for each model the measures of the report part; empty where nothing was measured."""
    rows = {f"accounts: {name}": found for name, found in metrics.get("models", {}).items()}
    if "transactions" in metrics:
        rows["transactions: lightgbm"] = metrics["transactions"]["lightgbm"]
    return {name: {shown: of_measure(found, key) for key, shown in _MODELS.items()} for name, found in rows.items()}


def of_measure(found: Mapping[str, Any], key: str) -> object:
    """Return one measure as it is shown, `no positives` or `too few` where the part could not give it."""
    if key in found:
        return _short(found[key])
    return "too few" if found["positives"] else "no positives"


def of_rings(metrics: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return how rings meet the answer key: beyond what models saw, on the whole ledger, and beside other orders."""
    if not metrics:
        return {}
    whole = metrics["whole_ledger"]
    rows = {"not seen in fitting": metrics, "whole ledger": whole}
    rows |= {f"whole ledger, {shown}": whole[key] for key, shown in _ORDERS.items()}
    return {name: {shown: row[key] for key, shown in _RINGS.items() if key in row} for name, row in rows.items()}


def _short(value: object) -> object:
    return " to ".join(f"{v:.3f}" for v in value) if isinstance(value, list) else value
