"""Tell the life of a ring from run to run: the id it keeps, what became of it, and whether it is worth a new alert."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from math import fsum
from typing import Any

from graphml.alerts import alert
from graphml.known_ring import Known, Terms
from graphml.ring import Ring
from graphml.window import to_datetime

__all__ = ["Changed", "Known", "Story", "Terms", "tell"]

_TERMS = Terms()
_OLD = "The run before looked at this time too: it ranked these payments lower, drew them otherwise, or lacked them."


@dataclass(frozen=True, slots=True)
class Changed:
    """Say what a ring has that it had not in the run before, and the reverse."""

    ring: str
    event: str
    accounts_more: tuple[str, ...]  # names, ascending
    accounts_less: tuple[str, ...]
    payments_more: tuple[str, ...]  # transaction ids of this ledger, in order of time
    payments_less: tuple[str, ...]  # of the ledger of the run before


@dataclass(frozen=True, slots=True)
class Story:
    """Hold the rings of a run as those of the run before have become them."""

    rings: tuple[Ring, ...]  # in the order given
    changed: tuple[Changed, ...]  # for each ring
    ended: tuple[tuple[str, str], ...]  # rings of the run before that are no more: id, what became of it
    silent: tuple[int, ...] = ()  # which of the rings given as known before may still come back, with their alerts


def tell(
    rings: Sequence[Known], before: Sequence[Known], at: int, terms: Terms = _TERMS, left: int = 0
) -> Story:  # fmt: skip
    """Return *rings* with the ids and lineage that follow from those of the run *before*; *at* is now.

    *left* is how many patterns are told nowhere, for better rings took the room.

    Two rings are linked where they have at least `same` of the smaller one in common, the mean of the share of
    accounts, each weighing what it moved, and of payments by value. Of linked ones those closest by the mean weighted
    Jaccard index keep the id, each one once; another is only linked where it has a payment in common. `event` is then
    born, unchanged, dormant, grew or shrank (by value, then accounts, then payments), split (of a ring that is in two now,
    and of a part with a new id, which has most of its money from it and alone) or merged (with payments that only another
    ring held). `former` is the ring from which one with a new id has payments, `absorbed` are those of which this one has
    payments that it had not. `alert` is `new`, `again` with the reason in `why`, or `known`. Again it is for payments that
    are later than all that the run before saw, where since the last alert as much was paid in it, or as many accounts joined
    it by such payments, as the terms say, or where, with no less money than then, it shows another typology or took in
    another ring. What is only drawn anew is no new risk. A ring that is told no more is *silent*: given again as known
    before, it can come back with its id and what it was at its last alert, as long as it is not dormant; `last_told` says
    the end of the ledger of the run that told it last. Of a ring that is told for the first time, `why` says where all its
    payments are of the time that the run before, if it told any, had seen.
    """
    links = _links(rings, before, terms.same)
    heir = _heirs(rings, before, links)  # old ring -> new ring that keeps its id
    keeps = {new: old for old, new in heir.items()}
    used = {old.ring.id for p, old in enumerate(before) if p in heir or old.silent}
    told, changed, into = [], [], set[tuple[int, int]]()  # which ring that is no more is in which
    seen = max((old.until for old in before), default=0)
    for place, known in enumerate(rings):
        old = keeps.get(place)
        mine = [o for new, o in links if new == place]
        linked = [o for o in mine if o == old or known.payments.keys() & before[o].payments.keys()]
        if not linked:
            name = _unused(known.ring.id, used)
            used.add(name)
            why = {"why": _OLD} if known.ring.end < seen else {}
            told.append(replace(known.ring, id=name, lineage={**known.ring.lineage, "alert": "new", **why}))
            changed.append(_changed(known, None, name, "born"))
            continue
        source = old if old is not None else min(linked, key=lambda o: (-links[place, o], before[o].ring.id))
        past, heirs = before[source], rings[heir[source]]  # and who has its id now
        taken = {o: (before[o].payments.keys() - past.payments.keys()) & known.payments.keys() for o in linked}
        gone = [o for o in linked if o not in heir and taken[o]]
        absorbed = sorted(before[o].ring.id for o in gone)
        into |= {(o, place) for o in gone}
        others = [known] if old is None else [rings[n] for n, o in links if o == old and n not in keeps]
        parted = any(_part(n, past, heirs, terms.same) for n in others)
        news = old is not None, bool(gone), parted
        event = _event(known, past, news, at - terms.quiet)
        name = past.ring.id if old is not None else _unused(known.ring.id, used)
        used.add(name)
        change = _changed(known, past, name, event)
        kin = {"absorbed": " ".join(absorbed)} if absorbed else {}
        kin |= {"former": past.ring.id} if old is None else {}
        kin |= {"last_told": to_datetime(past.until).isoformat()} if past.silent else {}
        lineage = {"event": event, "content": known.ring.id, **kin, **_said(known, past, change)}
        more = known.payments.keys() - {payment for o in linked for payment in before[o].payments}
        added = any(time >= past.until for _, _, time, *_ in more)
        lineage |= alert(known, past, (added, bool(more), event == "merged"), terms)
        told.append(replace(known.ring, id=name, lineage={**known.ring.lineage, **lineage}))
        changed.append(change)
    names = {n: ring.id for n, ring in enumerate(told)}
    untold = [p for p in range(len(before)) if p not in heir]
    ended = sorted(_ended(p, before[p], (into, links.keys()), names, left) for p in untold if not before[p].silent)
    inside = {o for o, _ in into}
    silent = (p for p in untold if p not in inside and before[p].ring.end >= at - terms.quiet)
    return Story(tuple(told), tuple(changed), tuple(ended), tuple(silent))


def _heirs(rings: Sequence[Known], before: Sequence[Known], links: Mapping[tuple[int, int], float]) -> dict[int, int]:
    # Each id goes to one ring and each ring gets one id, the closest pairs first.
    heir: dict[int, int] = {}
    for new, old in sorted(links, key=lambda pair: (-links[pair], before[pair[1]].ring.id, rings[pair[0]].ring.id)):
        if old not in heir and new not in heir.values():
            heir[old] = new
    return heir


def _links(rings: Sequence[Known], before: Sequence[Known], same: float) -> dict[tuple[int, int], float]:
    # (new, old) -> closeness, where enough is common.
    where: dict[str, list[int]] = defaultdict(list)
    for place, old in enumerate(before):
        for name in old.accounts:
            where[name].append(place)
    found = {}
    for place, new in enumerate(rings):
        for near in {p for name in new.accounts for p in where.get(name, ())}:
            old = before[near]
            shares = [_shares(a, b) for a, b in ((new.accounts, old.accounts), (new.payments, old.payments))]
            if sum(overlap for overlap, _ in shares) / 2 >= same:
                found[place, near] = sum(jaccard for _, jaccard in shares) / 2
    return found


def _shares(one: Mapping[Any, float], two: Mapping[Any, float]) -> tuple[float, float]:
    # What is common of the smaller one, and weighted Jaccard: the sum of the lesser over the sum of the greater weights.
    common = fsum(min(one[key], two[key]) for key in one.keys() & two.keys())
    first, second = fsum(one.values()), fsum(two.values())
    return common / min(first, second), common / (first + second - common)


def _event(known: Known, past: Known, links: tuple[bool, bool, bool], quiet_since: int) -> str:
    heir, absorbs, parted = links
    if not heir:
        return "split" if parted else "born"
    if absorbs:
        return "merged"
    if parted:
        return "split"
    if known.payments.keys() == past.payments.keys():
        return "dormant" if known.ring.end < quiet_since else "unchanged"
    now, then = ((fsum(one.payments.values()), len(one.accounts), len(one.payments)) for one in (known, past))
    return "grew" if now >= then else "shrank"


def _part(new: Known, old: Known, heir: Known, same: float) -> bool:
    # Whether the new one has most of its money from the old, and the old one's heir has it no more.
    left = old.payments.keys() - heir.payments.keys()
    return fsum(value for payment, value in new.payments.items() if payment in left) >= same * fsum(
        new.payments.values()
    )


def _changed(known: Known, past: Known | None, name: str, event: str) -> Changed:
    accounts, payments = (past.accounts, past.payments) if past else ({}, {})
    lost = past.ids if past else {}
    return Changed(
        name, event,
        tuple(sorted(known.accounts.keys() - accounts.keys())), tuple(sorted(accounts.keys() - known.accounts.keys())),
        tuple(known.ids[p] for p in known.payments if p not in payments),
        tuple(lost[p] for p in payments if p not in known.payments),
    )  # fmt: skip


def _said(known: Known, past: Known, change: Changed) -> dict[str, str]:
    values = [fsum(one.payments.values()) for one in (past, known)]
    money = [f"{values[0]:,.2f} became {values[1]:,.2f}"] if values[0] != values[1] else []
    counts = (
        (change.accounts_more, "account", "more"), (change.accounts_less, "account", "less"),
        (change.payments_more, "payment", "more"), (change.payments_less, "payment", "less"),
    )  # fmt: skip
    parts = [f"{len(what)} {word}{'s' if len(what) > 1 else ''} {way}" for what, word, way in counts if what]
    return {
        "changed": ", ".join([*parts, *money]) or "nothing",
        "last_payment": to_datetime(known.ring.end).isoformat(),
    }


def _unused(name: str, used: set[str]) -> str:
    # A ring can equal what another was when it got its id.
    while name in used:
        name = hashlib.sha256(name.encode()).hexdigest()[:12]
    return name


def _ended(
    place: int, old: Known, found: tuple[Set[tuple[int, int]], Set[tuple[int, int]]], names: Mapping[int, str], left: int
) -> tuple[str, str]:  # fmt: skip
    into, links = found
    heirs, near = [names[n] for o, n in into if o == place], [names[n] for n, o in links if o == place]
    return old.ring.id, _end(heirs, near, left)


def _end(heirs: Sequence[str], near: Sequence[str], left: int) -> str:
    if heirs:
        return f"it is in {' and '.join(sorted(heirs))} now"
    if near:
        return f"it is told no more; what it shares with {' and '.join(sorted(near))}, that had before"
    if not left:
        return "it is found no more"
    return (
        f"it is told no more: no ring that is told now continues it; it can be among the {left:,} patterns that are not "
        "told, for they rank lower or share most of their accounts with one that is"
    )
