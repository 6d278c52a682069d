"""Make rings of the instances of typologies: one ring for one alert."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import fsum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.boundary import boundary_reason
from graphml.graph import TransactionGraph
from graphml.joining import Joining, Piece, joined
from graphml.ledger import Ledger
from graphml.limits import Limits
from graphml.networks import NAME
from graphml.ranking import rank
from graphml.ring import Found, Reason, Ring, widest
from graphml.roles import roles_of

__all__ = ["Joining", "Payment", "assemble", "ring_id"]

_USUAL = Joining()

Payment = tuple[str, str, int, str, str]  # payer, payee, microseconds UTC, exact amount, currency


def assemble(
    ledger: Ledger, graph: TransactionGraph, found: Iterable[Found], account_score: NDArray[np.floating],
    transaction_score: NDArray[np.floating], joining: Joining = _USUAL,
) -> tuple[Ring, ...]:  # fmt: skip
    """Return the rings of what typologies *found*, best first; scores are (N,) and (E,), higher is more suspicious.

    Instances that share a payment, or at least `shared` of the smaller one's accounts while they overlap in time,
    are joined up to `most_accounts`; so are pieces with accounts of one owner that overlap in time. One instance above
    `most_accounts` stays whole and says so. Networks of suspicious payments are not joined: what a pattern has beside
    the suspicious payments would dilute them; they take the name of a pattern that has half of their payments. Of two
    rings that share more than half of the smaller one's accounts only the better is reported: one ring for one alert.
    Its lineage names the other as `child` and says in `merged` how much of it is here. A ring's `cut` has the limits of
    its own typologies at its accounts and at those that they paid.
    """
    every = [one for one in found if one.typology != NAME]
    limits = Limits.of(graph, every)
    pieces = joined(ledger, (ring for one in every for ring in one.rings), joining)
    seeded = [ring for one in found if one.typology == NAME for ring in one.rings]
    shaped = _shaped(graph, seeded, [ring for one in every for ring in one.rings])
    rings = _named(ledger, [*(_ring(graph, piece, joining, limits) for piece in pieces), *shaped])
    kept = _apart(rank(ledger, graph, rings, account_score, transaction_score))
    return tuple(replace(ring, reasons=(*ring.reasons, boundary_reason(graph, ring))) for ring in kept)


def ring_id(accounts: Iterable[str], payments: Iterable[Payment]) -> str:
    """Return 12 hex digits of the sorted account names and payments.

    Transaction ids do not count: where a source has none they are FILE:LINE and move with the rows of the files.
    """
    lines = ["\x1f".join(sorted(accounts)), *sorted("\x1f".join(map(str, payment)) for payment in payments)]
    return hashlib.sha256("\x1e".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _ring(graph: TransactionGraph, piece: Piece, joining: Joining, limits: Limits) -> Ring:
    whole = sorted({row for ring in piece.instances for row in ring.rows})
    rows = _pruned(graph, whole, joining.leaf)
    left = set(graph.source[rows].tolist()) | set(graph.target[rows].tolist())
    said: dict[int, list[str]] = defaultdict(list)
    for ring in piece.instances:
        for account, role in ring.roles:
            said[account].append(role)
    moved: dict[str, set[int]] = defaultdict(set)
    for ring in piece.instances:
        moved[ring.typology].update(ring.rows)
    main = min(moved, key=lambda name: (-len(moved[name]), name))
    start, end = int(graph.time[rows[0]]), int(graph.time[rows[-1]])
    own = [cut for ring in piece.instances for cut in ring.cut]
    touched = limits.near(left, (start, end), moved)
    return Ring(
        typology=main, rows=tuple(rows), roles=roles_of(graph, rows, said),
        reasons=_reasons(piece, len(left), joining), start=start, end=end, value=fsum(graph.value[rows].tolist()),
        parts=tuple(sorted(moved)), cut=widest([*own, *touched]),
        lineage=_lineage(piece, len(left), len(piece.accounts - left), joining),
    )  # fmt: skip


def _shaped(graph: TransactionGraph, seeded: Sequence[Ring], instances: Sequence[Ring]) -> list[Ring]:
    # Networks with roles, and with the names of the patterns that have at least half of their payments.
    where: dict[int, list[int]] = defaultdict(list)
    for place, ring in enumerate(instances):
        for row in ring.rows:
            where[row].append(place)
    done = []
    for ring in seeded:
        common = Counter(place for row in ring.rows for place in where.get(row, ()))
        held = {place: n for place, n in common.items() if 2 * n >= len(ring.rows)}
        most: dict[str, int] = {}
        said: dict[int, list[str]] = defaultdict(list)
        for place in sorted(held):
            one = instances[place]
            most[one.typology] = max(most.get(one.typology, 0), held[place])
            for account, role in one.roles:
                said[account].append(role)
        shapes = tuple(
            Reason(f"{n} of the {len(ring.rows)} payments stand in one {name}.", n, len(ring.rows) / 2)
            for name, n in sorted(most.items())
        )
        main = min(most, key=lambda name: (-most[name], name)) if most else NAME
        done.append(
            replace(
                ring, typology=main, roles=roles_of(graph, ring.rows, said), reasons=(*ring.reasons, *shapes),
                parts=tuple(sorted({NAME, *most})),
            )
        )  # fmt: skip
    return done


def _lineage(piece: Piece, accounts: int, leaves: int, joining: Joining) -> dict[str, str]:
    lineage = {"event": "born"}
    if piece.apart:
        lineage["limit"] = (
            f"not joined with {piece.apart} more: together they have above {joining.most_accounts} accounts"
        )
    if accounts > joining.most_accounts:
        lineage["large"] = f"{accounts} accounts in one instance; joins end at {joining.most_accounts}"
    if piece.hubs:
        lineage["hubs"] = (
            f"not joined over {len(piece.hubs)} of its accounts or owners: each stands in more than {joining.hub} patterns"
        )
    if leaves:
        lineage["leaves"] = (
            f"{leaves} account{'s' if leaves > 1 else ''} left out: one payment below {joining.leaf:.0%} of the ring's median"
        )
    return lineage


def _reasons(piece: Piece, accounts: int, joining: Joining) -> tuple[Reason, ...]:
    # Those of each typology's largest instance, the earliest of equals; instances come in canonical order.
    best: dict[str, Ring] = {}
    for ring in sorted(piece.instances, key=lambda ring: (-len(ring.rows), ring.start)):
        best.setdefault(ring.typology, ring)
    kept = [reason for name in sorted(best) for reason in best[name].reasons]
    if accounts > joining.most_accounts:
        said = (
            f"{accounts} accounts stand in one pattern, where rings are joined up to {joining.most_accounts} only: "
            "see first whether its centre is a shop, a payer of wages or another known hub."
        )
        kept.append(Reason(said, accounts, joining.most_accounts))
    return tuple(dict.fromkeys(kept))


def _pruned(graph: TransactionGraph, rows: list[int], leaf: float) -> list[int]:
    degree = Counter(graph.source[rows].tolist()) + Counter(graph.target[rows].tolist())
    least = leaf * float(np.median(graph.value[rows]))
    kept = [
        row for row in rows
        if graph.value[row] >= least or min(degree[int(graph.source[row])], degree[int(graph.target[row])]) > 1
    ]  # fmt: skip
    ends = set(graph.source[kept].tolist()) | set(graph.target[kept].tolist())
    return kept if len(ends) >= 3 else rows


def _named(ledger: Ledger, rings: Sequence[Ring]) -> list[Ring]:
    names = ledger.accounts["name"]
    rows = sorted({row for ring in rings for row in ring.rows})
    table = ledger.transactions[rows]
    payments = zip(
        names.gather(table["source"]), names.gather(table["target"]), table["time"].to_physical(), table["amount"],
        table["currency"].cast(pl.String).fill_null(""), strict=True,
    )  # fmt: skip
    paid = dict(zip(rows, payments, strict=True))
    return [
        replace(ring, id=ring_id(names.gather(list(ring.accounts)), (paid[row] for row in ring.rows))) for ring in rings
    ]


def _apart(ranked: Sequence[Ring]) -> tuple[Ring, ...]:
    kept: list[Ring] = []
    sizes: list[int] = []
    children: dict[int, list[Ring]] = defaultdict(list)
    by_account: dict[int, list[int]] = defaultdict(list)
    for ring in ranked:
        accounts = ring.accounts
        common = Counter(place for account in accounts for place in by_account[account])
        near = [p for p, n in common.items() if 2 * n > min(len(accounts), sizes[p])]
        if near:
            if ring.id != kept[min(near)].id:  # the same payments, found another way
                children[min(near)].append(ring)
            continue
        for account in accounts:
            by_account[account].append(len(kept))
        kept.append(ring)
        sizes.append(len(accounts))
    return tuple(_parent(ring, children[place]) if place in children else ring for place, ring in enumerate(kept))


def _parent(ring: Ring, children: Sequence[Ring]) -> Ring:
    # No account is named here, for lineage is shown as it is where names are masked.
    merged = [
        f"{child.typology} {child.id} with {len(child.accounts)} accounts, "
        f"{len(set(child.accounts) & set(ring.accounts))} of them here, and {len(child.rows)} payments, "
        f"{len(set(child.rows) & set(ring.rows))} of them here"
        for child in children
    ]
    lineage = {"child": " ".join(child.id for child in children), "merged": "; ".join(merged)}
    return replace(
        ring, lineage={**ring.lineage, **lineage}, cut=widest([*ring.cut, *(c for r in children for c in r.cut)])
    )
