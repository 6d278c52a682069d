"""Count what each typology finds in a ledger, and how much of it is true."""

import time
from collections import defaultdict

import polars as pl

from graphml import registry
from graphml.graph import TransactionGraph
from graphml.hits import is_hit
from graphml.ledger import Ledger
from graphml.ring import Ring
from graphml.typology import Typology

__all__ = ["patterns", "yields"]


def patterns(names: tuple[str, ...] = ()) -> dict[str, Typology]:
    """Return the typologies of *names*, all where empty, with their defaults, by name."""
    wanted = names or registry.names("graphml.typologies")
    return {name: registry.plugin("graphml.typologies", name, "TYPOLOGY") for name in wanted}


def yields(ledger: Ledger, graph: TransactionGraph, found: dict[str, Typology]) -> dict[str, dict[str, object]]:
    """Return for each typology its instances, how many touch a true attempt, what it hits, and its seconds.

    An instance touches an attempt where both have a payment in common; an attempt of at least three accounts is hit
    as in `graphml.hits.is_hit`. `look_alikes` counts instances that hit a normal group of the answer key.
    """
    attempt = dict(
        ledger.labels.filter(pl.col("laundering")).drop_nulls("attempt").select("row", "attempt").iter_rows()
    )
    true, kind = _groups(ledger, True)
    normal, _ = _groups(ledger, False)
    report = {}
    for name, typology in found.items():
        start, used = time.perf_counter(), time.process_time()
        found_here = typology.find(graph)
        took, cpu = time.perf_counter() - start, time.process_time() - used
        rings = found_here.rings
        hit = _hit(rings, true)
        by_kind: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for group in true:
            by_kind[kind[group]][0] += group in hit
            by_kind[kind[group]][1] += 1
        touching = sum(any(row in attempt for row in ring.rows) for ring in rings)
        report[name] = {
            "instances": len(rings),
            "touch_an_attempt": touching,
            "share_touching": round(touching / len(rings), 4) if rings else 0.0,
            "look_alikes_hit": len(_hit(rings, normal)),
            "attempts_hit": {k: f"{a} of {b}" for k, (a, b) in sorted(by_kind.items()) if a or k == name},
            "cuts": len(found_here.cuts),
            "seconds": round(took, 2),
            "cpu_seconds": round(cpu, 2),
        }
    return report


def _groups(ledger: Ledger, laundering: bool) -> tuple[dict[str, frozenset[int]], dict[str, str]]:
    table = ledger.attempts.filter(pl.col("laundering") == laundering).group_by("attempt").agg("typology", "account")
    kept = {a: frozenset(accounts) for a, _, accounts in table.iter_rows() if len(set(accounts)) >= 3}
    return kept, {a: names[0] or "unnamed" for a, names, _ in table.iter_rows()}


def _hit(rings: tuple[Ring, ...], groups: dict[str, frozenset[int]]) -> set[str]:
    where: dict[int, set[str]] = defaultdict(set)
    for group, accounts in groups.items():
        for account in accounts:
            where[account].add(group)
    hit = set()
    for ring in rings:
        accounts = frozenset(ring.accounts)
        near = {group for account in accounts for group in where.get(account, ())}
        hit |= {group for group in near if is_hit(accounts, groups[group])}
    return hit
