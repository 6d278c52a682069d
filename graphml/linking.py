"""Say which rings have payments or owners in common: they are told apart, but looked at together."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from graphml.people import People
from graphml.ring import Ring

__all__ = ["linked"]

_NAMED = 5  # links of a ring that are named; the others are counted
_CONCERN = 20  # most accounts of an owner who ties rings together; who has more is a bank or a group
_KNOWN = 5  # most rings that an owner ties together; who stands in more is a shop or a payer of wages
_Held = Mapping[int, frozenset[int]]


def linked(rings: Sequence[Ring], people: People | None = None) -> tuple[Ring, ...]:
    """Return *rings*, best first, with `lineage` naming those tied to each: better ones as parent, others as child.

    `linked` has those with payments in common, `owners` those in which *people* own other accounts than here; nobody
    ties rings who owns many accounts or stands in many rings.
    """
    paid = _ties([dict.fromkeys(ring.rows, frozenset()) for ring in rings], lambda one, other: one == other)
    owned = _ties([] if people is None else _owners(rings, people.behind(_CONCERN)), lambda one, other: one != other)

    told = [dict(ring.lineage) for ring in rings]
    for place, ties in enumerate(paid):
        said = {other: f"{n} of its {len(rings[other].rows)} payments" for other, n in ties.items()}
        told[place] |= _said("linked", "linked by common payments", rings, place, said)
    for place, ties in enumerate(owned):
        said = {other: f"{n} {'owner' if n == 1 else 'owners'}" for other, n in ties.items()}
        told[place] |= _said("owners", "linked by owners of other accounts", rings, place, said)
    return tuple(replace(ring, lineage=own) for ring, own in zip(rings, told, strict=True))


def _ties(held: Sequence[_Held], counts: Callable[[object, object], bool]) -> list[Counter[int]]:
    # Of each ring, with how many of what it holds it is tied to each other one.
    holders = _holders(held)
    return [
        Counter(other for key, mine in own.items() for other in holders[key] if other != place and counts(mine, held[other][key]))
        for place, own in enumerate(held)
    ]  # fmt: skip


def _holders(held: Sequence[_Held]) -> dict[int, list[int]]:
    holders: dict[int, list[int]] = defaultdict(list)
    for place, own in enumerate(held):
        for key in own:
            holders[key].append(place)
    return holders


def _owners(rings: Sequence[Ring], behind: NDArray[np.int64]) -> list[_Held]:
    # Of each ring the accounts of each known owner who stands in few.
    held: list[_Held] = []
    for ring in rings:
        own: dict[int, set[int]] = defaultdict(set)
        for account in ring.accounts:
            if behind[account] >= len(behind):
                own[int(behind[account])].add(account)
        held.append({owner: frozenset(accounts) for owner, accounts in own.items()})
    few = {owner for owner, places in _holders(held).items() if len(places) <= _KNOWN}
    return [{owner: accounts for owner, accounts in own.items() if owner in few} for own in held]


def _said(key: str, why: str, rings: Sequence[Ring], place: int, ties: Mapping[int, str]) -> dict[str, str]:
    order = sorted(ties)
    named = [
        f"{'child of' if other < place else 'parent of'} {rings[other].id} ({ties[other]})" for other in order[:_NAMED]
    ]
    more = [f"{len(order) - _NAMED} more"] if len(order) > _NAMED else []
    return {key: f"{why}: {', '.join([*named, *more])}"} if order else {}
