"""Compare PageRank with a dense power iteration, and core numbers with peeling."""

import numpy as np

from graphml.features.centrality import FAMILY
from tests.graphml.features.cases import Past, Pay, compare
from tests.graphml.features.test_community import refreshed

NAN = float("nan")


def pagerank(known: Past, names: list[int]) -> np.ndarray:
    """Return the rank times K: from an account that pays nobody the walk jumps."""
    k = len(names)
    step = np.zeros((k, k))
    for p in known:
        if p.source != p.target:
            step[names.index(p.source), names.index(p.target)] += 1
    total = step.sum(axis=1, keepdims=True)
    move = np.where(total > 0, 0.85 * step / np.maximum(total, 1) + 0.15 / k, 1 / k)
    rank = np.full(k, 1 / k)
    for _ in range(300):
        rank = rank @ move
    return rank * k


def core(known: Past, account: int) -> int:
    """Return the largest k for which the account is left when all with fewer counterparties are taken away."""
    near: dict[int, set[int]] = {}
    for p in known:
        if p.source != p.target:
            near.setdefault(p.source, set()).add(p.target)
            near.setdefault(p.target, set()).add(p.source)
    k = 0
    while account in near:
        k += 1
        while weak := [a for a, others in near.items() if len(others) < k]:
            for a in weak:
                for b in near.pop(a):
                    near.get(b, set()).discard(a)
    return max(k - 1, 0)


def of_account(past: Past, account: int, at: int) -> list[float]:
    known = refreshed(past, at)
    names = sorted({a for p in known for a in (p.source, p.target)})
    if account not in names:
        return [NAN, NAN]
    return [float(pagerank(known, names)[names.index(account)]), float(core(known, account))]


def of_transaction(past: Past, pay: Pay) -> list[float]:
    return of_account(past, pay.source, pay.time) + of_account(past, pay.target, pay.time)


def test_equals_its_definition() -> None:
    compare(FAMILY, of_account, of_transaction, 40, n=12, rows=40, days=14)
