"""Say which rings have payments in common: they are told apart, but looked at together."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from graphml.ring import Ring

__all__ = ["linked"]

_NAMED = 5  # links of a ring that are named; the others are counted


def linked(rings: Sequence[Ring]) -> tuple[Ring, ...]:
    """Return *rings*, best first, with `lineage` naming those that share payments: better ones as parent, others as child."""
    holders: dict[int, list[int]] = defaultdict(list)
    for place, ring in enumerate(rings):
        for row in ring.rows:
            holders[row].append(place)
    return tuple(_told(place, rings, holders) for place in range(len(rings)))


def _told(place: int, rings: Sequence[Ring], holders: dict[int, list[int]]) -> Ring:
    ring = rings[place]
    common = Counter(other for row in ring.rows for other in holders[row] if other != place)
    if not common:
        return ring
    order = sorted(common)
    said = [
        f"{'child of' if other < place else 'parent of'} {rings[other].id} ({common[other]} of its "
        f"{len(rings[other].rows)} payments)"
        for other in order[:_NAMED]
    ]
    more = [f"{len(order) - _NAMED} more"] if len(order) > _NAMED else []
    return replace(ring, lineage={**ring.lineage, "linked": f"linked by common payments: {', '.join([*said, *more])}"})
