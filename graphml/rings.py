"""Make rings of what typologies and networks found: one ring for one alert."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import fsum
from typing import NamedTuple

import numba
import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.boundary import boundary
from graphml.candidates import LEAF, Candidates
from graphml.choosing import Chosen, choose
from graphml.graph import TransactionGraph
from graphml.histories import Histories
from graphml.ledger import Ledger
from graphml.likeness import Alike, Likeness
from graphml.limits import Limits
from graphml.networks import NAME
from graphml.people import People
from graphml.ranking import Columns, counter_evidence, evidence, rarities, rarity, said, score
from graphml.ring import Found, Reason, Ring, widest
from graphml.roles import roles_of
from graphml.shapes import measured

__all__ = ["Payment", "Rings", "Scores", "assemble", "ring_id"]


_LARGE = 40  # accounts, above which a pattern is more often trade than a gang

Payment = tuple[str, str, int, str, str]  # payer, payee, microseconds UTC, exact amount, currency


class Scores(NamedTuple):
    """Hold what models say of accounts and payments; higher is more suspicious."""

    account: NDArray[np.floating]  # (N,)
    transaction: NDArray[np.floating]  # (E,)
    since: int | None = None  # microseconds UTC; rings learn from patterns that ended before, None: from none
    seed: int = 0  # of what is learned


@dataclass(frozen=True, slots=True, eq=False)
class Rings:
    """Hold rings, best first, and how they came about."""

    rings: tuple[Ring, ...]
    left: int  # candidates that are told nowhere, for better rings took the room
    likeness: Likeness | None  # what was learned of patterns that launder, None: too little is labelled


def assemble(
    ledger: Ledger, graph: TransactionGraph, found: Iterable[Found], scores: Scores, most: int = 5_000,
    people: People | None = None,
) -> Rings:  # fmt: skip
    """Return the rings of what was *found*, best first, at *most* so many.

    Each instance of a typology and each network is a candidate. `ranking.score` says how good it is, by what models say
    of its accounts and payments and by its likeness to patterns that laundered; `choose` says which are told, and
    at which the others stand in `lineage` (`merged`). A network has the name of the pattern with which it shares most
    payments, more than half of its own and of the pattern's; else its own. Its `cut` has the limits of its typologies at its accounts and at
    those that they paid. *people* are those of the ledger, where they are at hand.
    """
    every, people = list(found), people or People.of(ledger)
    with ThreadPoolExecutor(1) as aside:  # what is known of payments does not wait for what is made of them
        known = aside.submit(Histories.of, graph, people)
        columns = aside.submit(Columns.of, graph, people, scores.account, scores.transaction)
        candidates = Candidates.of(ledger, graph, every)
        sums = evidence(candidates.rows, candidates.accounts, columns.result())
    shapes = measured(known.result(), candidates.rows, candidates.accounts)
    traits = np.column_stack([shapes, rarities(sums).astype(np.float32)])
    likeness = None if scores.since is None else Likeness.of(ledger, candidates, traits, scores.since, scores.seed)
    judged = None if likeness is None else likeness.judged(traits, candidates.kind, candidates.end)
    worth = score(sums, None if judged is None else rarity(*judged))
    chosen = choose(candidates.accounts, worth, most)
    limits = Limits.of(graph, every)
    rings = [_ring(graph, group, limits, people) for group in _groups(candidates, chosen)]
    taken = chosen.rings
    active = int(graph.active.sum())
    alike: list[tuple[Reason, ...]] = [()] * len(rings)
    if likeness is not None and judged is not None:
        own = Alike(judged.probability[taken], judged.model[taken])
        alike = likeness.reasons(traits[taken], candidates.kind[taken], own)
    borders = [boundary(graph, ring.accounts, ring.start, ring.end) for ring in rings]
    told = [
        replace(
            ring, score=round(one, 9), figures={**border.figures, **counter_evidence(found)},
            reasons=(*ring.reasons, *like, *said(found, active, len(graph)), border.reason),
        )
        for ring, one, like, found, border in zip(rings, worth[taken].tolist(), alike, sums[taken], borders, strict=True)
    ]  # fmt: skip
    named = sorted(_named(ledger, told), key=lambda ring: (-ring.score, ring.id))
    return Rings(tuple(named), int(np.count_nonzero(chosen.told < 0)), likeness)


def ring_id(accounts: Iterable[str], payments: Iterable[Payment]) -> str:
    """Return 12 hex digits of the sorted account names and payments.

    Transaction ids do not count: where a source has none they are FILE:LINE and move with the rows of the files.
    """
    lines = ["\x1f".join(sorted(accounts)), *sorted("\x1f".join(map(str, payment)) for payment in payments)]
    return hashlib.sha256("\x1e".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class _Group:
    ring: Ring
    rows: tuple[int, ...]  # without those to leaves
    alike: Mapping[str, int]  # how many of each typology are told at it
    # Those but for networks that share most of its and of their payments; how many, and of how many.
    inside: tuple[tuple[Ring, int, int], ...]


def _groups(candidates: Candidates, chosen: Chosen) -> list[_Group]:
    others = np.flatnonzero(chosen.told >= 0)
    others = others[~np.isin(others, chosen.rings)]
    place, rows = chosen.told[others], candidates.rows
    common = _common(place, others, chosen.rings, (rows.start, rows.values))
    size, kinds = np.diff(rows.start), candidates.kinds
    most = 2 * common > np.maximum(size[chosen.rings][place], size[others])
    most &= np.array(kinds)[candidates.kind[others]] != NAME
    inside: list[list[tuple[Ring, int, int]]] = [[] for _ in chosen.rings]
    for at, one, n in zip(place[most].tolist(), others[most].tolist(), common[most].tolist(), strict=True):
        inside[at].append((candidates.ring(one), n, int(size[one])))
    alike: list[dict[str, int]] = [{} for _ in chosen.rings]
    both, count = np.unique(np.stack([place, candidates.kind[others]]), axis=1, return_counts=True)
    for at, kind, n in zip(*both.tolist(), count.tolist(), strict=True):
        alike[at][kinds[kind]] = alike[at].get(kinds[kind], 0) + n
    return [
        _Group(candidates.ring(one), tuple(rows[one].tolist()), alike[at], tuple(inside[at]))
        for at, one in enumerate(chosen.rings.tolist())
    ]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _common(place, others, rings, lists) -> NDArray[np.int64]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # (others,) how many rows each shares with the ring of its place; both ascend.
    start, rows = lists
    common = np.zeros(len(others), np.int64)
    for k in range(len(others)):
        i, j = start[others[k]], start[rings[place[k]]]
        while i < start[others[k] + 1] and j < start[rings[place[k]] + 1]:
            common[k] += rows[i] == rows[j]
            step = rows[i] <= rows[j]
            j += rows[j] <= rows[i]
            i += step
    return common


def _ring(graph: TransactionGraph, group: _Group, limits: Limits, people: People) -> Ring:
    rows, one, shapes = group.rows, group.ring, group.inside
    roles: dict[int, list[str]] = defaultdict(list)
    for account, role in one.roles if one.typology != NAME else ():
        roles[account].append(role)
    for other, *_ in shapes:
        for account, role in other.roles:
            roles[account].append(role)
    best: dict[str, tuple[int, int]] = {}  # of each typology, most payments in common, and of how many
    for other, n, of in sorted(shapes, key=lambda shape: (-shape[1], shape[0].typology, shape[2])):
        best.setdefault(other.typology, (n, of))
    name = next(iter(best), NAME) if one.typology == NAME else one.typology
    also = [Reason(f"{n} of the {len(rows)} payments stand in one {kind} of {of} payments.", n, len(rows) / 2)
            for kind, (n, of) in sorted(best.items()) if kind != one.typology]  # fmt: skip
    if dropped := sorted(set(one.rows) - set(rows)):
        also.append(
            Reason(f"The ring leaves out {len(dropped)} payment{'s' if len(dropped) > 1 else ''} of the pattern "
                   f"({fsum(graph.value[dropped].tolist()):,.2f} in all): at its edge, each below {LEAF:.0%} of its median.",
                   len(dropped))
        )  # fmt: skip
    ends = set(graph.source[list(rows)].tolist()) | set(graph.target[list(rows)].tolist())
    if len(ends) > _LARGE:
        also.append(
            Reason(
                f"{len(ends)} accounts: see first whether its centre is a shop or a payer of wages.", len(ends), _LARGE
            )
        )
    also += [
        Reason(f"{len(held)} of its {len(ends)} accounts belong to one owner, some of them to companies of which that owner "
               "holds more than half.", len(held), 2)
        for held in people.under_control(sorted(ends)).values()
    ]  # fmt: skip
    if defrauded := len(ends & people.victims):
        also.append(Reason(f"The settings name {defrauded} of its {len(ends)} accounts as a victim's.", defrauded))
    parts = tuple(sorted({one.typology, *best}))
    start, end = int(graph.time[rows[0]]), int(graph.time[rows[-1]])
    return Ring(
        typology=name, rows=rows, roles=roles_of(graph, rows, roles, people), reasons=(*one.reasons, *also), start=start,
        end=end, value=fsum(graph.value[list(rows)].tolist()), parts=parts,
        cut=widest([*one.cut, *limits.near(ends, (start, end), parts)]), lineage=_lineage(group, ends),
    )  # fmt: skip


def _lineage(group: _Group, ends: set[int]) -> dict[str, str]:
    # No account is named here, for lineage is shown as it is where names are masked.
    lineage = {"event": "born", **group.ring.lineage}
    if leaves := len(set(group.ring.accounts) - ends):
        some = "account" if leaves == 1 else "accounts"
        lineage["leaves"] = f"{leaves} {some} left out: one payment below {LEAF:.0%} of the pattern's median"
    if group.alike:
        told = ", ".join(f"{n} {name}" for name, n in sorted(group.alike.items(), key=lambda kind: (-kind[1], kind[0])))
        lineage["merged"] = f"stands also for patterns with more than half of the smaller one's accounts: {told}"
    return lineage


def _named(ledger: Ledger, rings: Sequence[Ring]) -> list[Ring]:
    names = ledger.accounts["name"].to_list()
    rows = sorted({row for ring in rings for row in ring.rows})
    table = ledger.transactions[rows]
    payments = zip(
        (names[a] for a in table["source"]), (names[a] for a in table["target"]), table["time"].to_physical(),
        table["amount"], table["currency"].cast(pl.String).fill_null(""), strict=True,
    )  # fmt: skip
    paid = dict(zip(rows, payments, strict=True))
    return [
        replace(ring, id=ring_id((names[a] for a in ring.accounts), (paid[row] for row in ring.rows))) for ring in rings
    ]
