"""Say which rings have payments, accounts or owners in common: they are told apart, but looked at together."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graphml.people import People
from graphml.ring import Ring

__all__ = ["Ties", "linked"]

_NAMED = 5  # links of a ring that are named; the others are counted
_Held = Mapping[int, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Ties:
    """Say whom rings must have in common to be linked; payments in common always do."""

    rings: int = 5  # most rings in which an account or an owner may stand; who stands in more is a shop or pays wages
    concern: int = 20  # most accounts of an owner; who has more is a bank or a group
    owners: int = 2  # fewest owners with different accounts in both


def linked(rings: Sequence[Ring], people: People | None = None, ties: Ties = Ties()) -> tuple[Ring, ...]:
    """Return *rings*, best first, with `lineage` naming those tied to each: better ones as parent, others as child.

    `linked` has those with payments in common, `shared` those with accounts in common, at least one of which stands in few
    rings, but no payments, `owners` those in which several owners, as *people* know them, have other accounts than here.
    """
    paid = _common([dict.fromkeys(ring.rows, frozenset()) for ring in rings])
    held = _common(_few([dict.fromkeys(ring.accounts, frozenset()) for ring in rings], ties.rings))
    owned: list[Counter[int]] = [Counter() for _ in rings]
    if people is not None:
        owned = _common(_few(_owners(rings, people.behind(ties.concern)), ties.rings), apart=True)
    told, members = [], [frozenset(ring.accounts) for ring in rings]
    for place, ring in enumerate(rings):
        own = {
            "linked": ("payments", {r: f"{n} of its {len(rings[r].rows)} payments" for r, n in paid[place].items()}),
            "shared": ("accounts", {
                r: f"{len(members[place] & members[r])} of its {len(members[r])} accounts"
                for r in held[place] if r not in paid[place]
            }),
            "owners": ("owners, by other accounts", {r: f"{n} owners" for r, n in owned[place].items() if n >= ties.owners}),
        }  # fmt: skip
        said = {key: f"linked by common {what}: {_list(place, rings, by)}" for key, (what, by) in own.items() if by}
        told.append(replace(ring, lineage={**ring.lineage, **said}))
    return tuple(told)


def _common(held: Sequence[_Held], apart: bool = False) -> list[Counter[int]]:
    # Of each ring, how many of its keys stand in each other one too; *apart*: with other values there.
    holders = _holders(held)
    return [
        Counter(other for key, mine in own.items() for other in holders[key]
                if other != place and (not apart or held[other][key] != mine))
        for place, own in enumerate(held)
    ]  # fmt: skip


def _few(held: Sequence[_Held], most: int) -> list[_Held]:
    # Without the keys that stand in more than *most* rings.
    many = {key for key, places in _holders(held).items() if len(places) > most}
    return [{key: value for key, value in own.items() if key not in many} for own in held]


def _holders(held: Sequence[_Held]) -> dict[int, list[int]]:
    holders: dict[int, list[int]] = defaultdict(list)
    for place, own in enumerate(held):
        for key in own:
            holders[key].append(place)
    return holders


def _owners(rings: Sequence[Ring], behind: NDArray[np.int64]) -> list[_Held]:
    # Of each ring the accounts of each known owner.
    held: list[_Held] = []
    for ring in rings:
        own: dict[int, set[int]] = defaultdict(set)
        for account in ring.accounts:
            if behind[account] >= len(behind):
                own[int(behind[account])].add(account)
        held.append({owner: frozenset(accounts) for owner, accounts in own.items()})
    return held


def _list(place: int, rings: Sequence[Ring], ties: Mapping[int, str]) -> str:
    order = sorted(ties)
    named = [
        f"{'child of' if other < place else 'parent of'} {rings[other].id} ({ties[other]})" for other in order[:_NAMED]
    ]
    more = [f"{len(order) - _NAMED} more"] if len(order) > _NAMED else []
    return ", ".join([*named, *more])
