"""Join instances of typologies into rings: one ring for one alert."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.ranking import rank
from graphml.ring import ROLES, Cut, Reason, Ring

__all__ = ["Joining", "assemble", "ring_id"]

_ORDER = {role: place for place, role in enumerate(ROLES)}


@dataclass(frozen=True, slots=True)
class Joining:
    """Say when instances become one ring."""

    most_accounts: int = 40  # a join that makes more accounts is not made
    shared: float = 0.5  # share of the smaller one's accounts that joins two that overlap in time
    leaf: float = 0.01  # an account with one payment below this share of the ring's largest is left out
    reasons: int = 12  # most reasons kept, of each typology first


@dataclass(slots=True)
class _Piece:
    accounts: set[int]
    instances: list[Ring]
    start: int
    end: int
    refused: set[int] = field(default_factory=set)  # pieces not joined because of the size limit


def assemble(
    ledger: Ledger, graph: TransactionGraph, instances: Iterable[Ring], account_score: NDArray[np.floating],
    transaction_score: NDArray[np.floating], joining: Joining = Joining(),
) -> tuple[Ring, ...]:  # fmt: skip
    """Return the rings of *instances*, best first; scores are (N,) and (E,), higher is more suspicious.

    Instances that share a payment, or at least `shared` of the smaller one's accounts while they overlap in time,
    are joined up to `most_accounts`; so are pieces with accounts of one owner that overlap in time. Of two rings
    that share more than half of their accounts the better is reported and names the other in its lineage as `child`.
    """
    found = sorted(instances, key=lambda ring: (ring.start, ring.rows, ring.typology))
    pieces = _owned(ledger, _joined(found, joining), joining)
    names = ledger.accounts["name"].to_list()
    ids = ledger.transactions["id"].to_list()
    rings = [_named(_ring(graph, piece, joining), names, ids) for piece in pieces]
    ranked = rank(ledger, graph, rings, account_score, transaction_score)
    return _apart(ranked)


def ring_id(names: Iterable[str], ids: Iterable[str]) -> str:
    """Return 12 hex digits of the sorted account names and transaction ids."""
    text = "\x1e".join("\x1f".join(sorted(part)) for part in (names, ids))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _joined(instances: Sequence[Ring], joining: Joining) -> list[_Piece]:
    pieces: list[_Piece] = []
    by_row: dict[int, int] = {}
    by_account: dict[int, set[int]] = defaultdict(set)
    for ring in instances:
        accounts = set(ring.accounts)
        by_rows = Counter(by_row[row] for row in ring.rows if row in by_row)
        common = Counter(place for a in accounts for place in by_account[a])
        near = {
            place
            for place, n in common.items()
            if n >= joining.shared * min(len(accounts), len(pieces[place].accounts))
            and pieces[place].start <= ring.end
            and ring.start <= pieces[place].end
        }
        order = sorted(set(by_rows) | near, key=lambda place: (-by_rows[place], -common[place], place))
        fits = [p for p in order if len(accounts | pieces[p].accounts) <= joining.most_accounts]
        if fits:
            place = fits[0]
        else:
            place = len(pieces)
            pieces.append(_Piece(set(), [], ring.start, ring.end, set(order)))
        piece = pieces[place]
        piece.accounts |= accounts
        piece.instances.append(ring)
        piece.start, piece.end = min(piece.start, ring.start), max(piece.end, ring.end)
        for row in ring.rows:
            by_row.setdefault(row, place)
        for account in accounts:
            by_account[account].add(place)
    return pieces


def _owned(ledger: Ledger, pieces: list[_Piece], joining: Joining) -> list[_Piece]:
    parties: dict[int, set[str]] = defaultdict(set)
    for party, account in ledger.ownership.select("party", "account").iter_rows():
        parties[account].add(party)
    if not parties:
        return pieces
    whole: list[_Piece] = []
    of_party: dict[str, set[int]] = defaultdict(set)
    for piece in pieces:
        owners = {party for account in piece.accounts for party in parties.get(account, ())}
        near = sorted({place for party in owners for place in of_party[party]})
        place = next((p for p in near if _may_join(whole[p], piece, joining)), len(whole))
        if place == len(whole):
            whole.append(piece)
        else:
            kept = whole[place]
            kept.accounts |= piece.accounts
            kept.instances.extend(piece.instances)
            kept.start, kept.end = min(kept.start, piece.start), max(kept.end, piece.end)
        for party in owners:
            of_party[party].add(place)
    return whole


def _may_join(one: _Piece, other: _Piece, joining: Joining) -> bool:
    fits = len(one.accounts | other.accounts) <= joining.most_accounts
    return fits and one.start <= other.end and other.start <= one.end


def _ring(graph: TransactionGraph, piece: _Piece, joining: Joining) -> Ring:
    rows = sorted({row for ring in piece.instances for row in ring.rows})
    rows = _pruned(graph, rows, joining.leaf)
    left = set(graph.source[rows].tolist()) | set(graph.target[rows].tolist())
    said: dict[int, list[str]] = defaultdict(list)
    for ring in piece.instances:
        for account, role in ring.roles:
            said[account].append(role)
    roles = tuple((account, _role(said[account])) for account in sorted(left))
    parts = Counter(ring.typology for ring in piece.instances)
    main = min(parts, key=lambda name: (-len({r for i in piece.instances if i.typology == name for r in i.rows}), name))
    lineage = {"event": "born"} | ({"limit": f"{joining.most_accounts} accounts"} if piece.refused else {})
    cut = {c.account: c for ring in piece.instances for c in ring.cut}
    return Ring(
        typology=main, rows=tuple(rows), roles=roles, reasons=_reasons(piece, joining.reasons),
        start=int(graph.time[rows[0]]), end=int(graph.time[rows[-1]]), value=float(graph.value[rows].sum()),
        parts=tuple(sorted(parts)), cut=_cuts(cut), lineage=lineage,
    )  # fmt: skip


def _cuts(cut: dict[int, Cut]) -> tuple[Cut, ...]:
    return tuple(cut[account] for account in sorted(cut))


def _role(roles: Sequence[str]) -> str:
    # An account that both sends first and receives last passes money on: it is a mule.
    counts = Counter(roles)
    if {"source", "cash-out"} <= set(counts):
        return "mule"
    return min(counts, key=lambda role: (-counts[role], _ORDER[role]))


def _reasons(piece: _Piece, most: int) -> tuple[Reason, ...]:
    best: dict[str, Ring] = {}
    for ring in sorted(piece.instances, key=lambda ring: (-len(ring.rows), ring.start, ring.rows)):
        best.setdefault(ring.typology, ring)
    kept = [reason for name in sorted(best) for reason in best[name].reasons]
    return tuple(dict.fromkeys(kept))[:most]


def _pruned(graph: TransactionGraph, rows: list[int], leaf: float) -> list[int]:
    degree = Counter(graph.source[rows].tolist()) + Counter(graph.target[rows].tolist())
    least = leaf * float(graph.value[rows].max())
    kept = [
        row for row in rows
        if graph.value[row] >= least or min(degree[int(graph.source[row])], degree[int(graph.target[row])]) > 1
    ]  # fmt: skip
    ends = set(graph.source[kept].tolist()) | set(graph.target[kept].tolist())
    return kept if len(ends) >= 3 else rows


def _named(ring: Ring, names: Sequence[str], ids: Sequence[str]) -> Ring:
    return replace(ring, id=ring_id([names[a] for a in ring.accounts], [ids[row] for row in ring.rows]))


def _apart(ranked: Sequence[Ring]) -> tuple[Ring, ...]:
    kept: list[Ring] = []
    children: dict[int, list[str]] = defaultdict(list)
    by_account: dict[int, list[int]] = defaultdict(list)
    for ring in ranked:
        common = Counter(place for account in ring.accounts for place in by_account[account])
        near = [p for p, n in common.items() if 2 * n > min(len(ring.accounts), len(kept[p].accounts))]
        if near:
            children[min(near)].append(ring.id)
            continue
        for account in ring.accounts:
            by_account[account].append(len(kept))
        kept.append(ring)
    return tuple(
        replace(ring, lineage={**ring.lineage, "child": " ".join(children[place])}) if place in children else ring
        for place, ring in enumerate(kept)
    )
