"""Keep of sets of rows those that no other one holds."""

from collections import defaultdict
from collections.abc import Iterable

__all__ = ["maximal"]


def maximal(sets: Iterable[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Return those of *sets* of which no other holds all; equal ones once, the largest first, ties ascending."""
    kept: list[tuple[int, ...]] = []
    where: dict[int, set[int]] = defaultdict(set)
    for one in sorted(set(sets), key=lambda s: (-len(s), s)):
        holders = min((where.get(row, set()) for row in one), key=len, default=set())
        if any(all(place in where[row] for row in one) for place in holders):
            continue
        for row in one:
            where[row].add(len(kept))
        kept.append(one)
    return kept
