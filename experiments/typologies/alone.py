"""Look for each attempt of an answer key standing alone: is it found in full, and if not, why."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import polars as pl

from experiments.typologies.yields import patterns
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.typology import Typology
from graphml.window import DAY, HOUR

__all__ = ["SMALLEST", "alone", "smallest"]

# AMLworld draws attempts from 2 targets, sources, hops or middles on, of any amounts in several currencies, up to 12
# hops, within 4 days (one takes a minute more), gather-scatter within 8.4 (Altman et al., 2023; measured on HI-Small).
_STAGE = 4 * DAY + HOUR
SMALLEST: dict[str, dict[str, object]] = {
    "fan-in": {"counterparties": 2, "window": _STAGE},
    "fan-out": {"counterparties": 2, "window": _STAGE},
    "gather-scatter": {"gathered": 2, "scattered": 2, "window": 9 * DAY},
    "scatter-gather": {"middles": 2, "window": _STAGE},
    "cycle": {"shortest": 2, "longest": 12, "keep": 0.0, "most": np.inf, "window": _STAGE},
    "pass-through": {"shortest": 2, "longest": 12, "keep": 0.0, "most": np.inf, "window": _STAGE, "gap": _STAGE},
    "bipartite": {},
    "stack": {},
}


def smallest() -> dict[str, Typology]:
    """Return the typologies of AMLworld's eight patterns with the smallest sizes that it draws, by name."""
    return {name: replace(one, **SMALLEST[name]) for name, one in patterns(tuple(SMALLEST)).items()}  # type: ignore[type-var]


def alone(ledger: Ledger, found: dict[str, Typology]) -> dict[str, object]:
    """Return how many attempts with at least three connected accounts are found in full, and the others with the reason.

    An attempt is looked at where all its accounts hang together by its payments. It stands alone: the ledger holds its
    payments only. It is found in full where one instance has all its payments between different accounts, or where
    instances that share payments have.
    """
    rows_of = ledger.labels.filter(pl.col("laundering")).drop_nulls("attempt").group_by("attempt", maintain_order=True)
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    missing = []
    for attempt, kind, rows in rows_of.agg(pl.col("typology").first(), pl.col("row").sort()).sort("attempt").rows():
        part = replace(ledger, transactions=ledger.transactions[rows])
        graph = TransactionGraph.of(part)
        if not _connected(graph):
            continue
        whole, joined, best = _found(graph, found)
        kinds[kind][0] += 1
        kinds[kind][1] += whole
        kinds[kind][2] += joined
        if not joined:
            missing.append(
                {"attempt": attempt, "typology": kind, "payments": len(rows), "reason": _reason(graph, best)}
            )
    total, one, several = (sum(counts[i] for counts in kinds.values()) for i in range(3))
    return {
        "attempts": total, "in_one_instance": one, "in_full": several, "share": round(several / total, 4) if total else 0.0,
        "per_typology": {k: dict(zip(("attempts", "in_one_instance", "in_full"), v, strict=True)) for k, v in sorted(kinds.items())},
        "missing": missing,
    }  # fmt: skip


def _connected(graph: TransactionGraph) -> bool:
    parts: list[set[int]] = []
    for a, b in zip(graph.source.tolist(), graph.target.tolist(), strict=True):
        near = [p for p in parts if a in p or b in p]
        parts = [p for p in parts if p not in near] + [set().union({a, b}, *near)]
    return len(parts) == 1 and len(parts[0]) >= 3


def _found(graph: TransactionGraph, found: dict[str, Typology]) -> tuple[bool, bool, set[int]]:
    wanted = set(np.flatnonzero(graph.source != graph.target).tolist())
    pieces: list[set[int]] = []
    whole = False
    for typology in found.values():
        for ring in typology.find(graph).rings:
            rows = set(ring.rows)
            whole = whole or wanted <= rows
            near = [p for p in pieces if p & rows]
            pieces = [p for p in pieces if p not in near] + [rows.union(*near)]
    best = max(pieces, key=len, default=set())
    return whole, wanted <= best, best


def _reason(graph: TransactionGraph, best: set[int]) -> str:
    wanted = np.flatnonzero(graph.source != graph.target)
    lost = len([row for row in wanted.tolist() if row not in best])
    back = 0
    for account in set(graph.source[wanted].tolist()) & set(graph.target[wanted].tolist()):
        came, went = graph.paid_to(account), graph.paid_by(account)
        back += int(graph.time[went].max() <= graph.time[came].min())
    took = (int(graph.time[wanted[-1]]) - int(graph.time[wanted[0]])) / DAY
    why = (
        f"accounts that paid on only before they were paid, or at that instant: {back}; no chain in time leads through them"
        if back
        else "each account paid on after it was paid; perhaps it is too small, too long or too unsteady in amount"
    )
    return (
        f"{lost} of {len(wanted)} payments are in no instance that hangs together with the rest: {why}; it took "
        f"{took:.1f} days."
    )
