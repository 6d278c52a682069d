"""Find networks: suspicious payments that hang together, whatever their shape."""

from collections import defaultdict
from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ring import Found, Reason, Ring
from graphml.window import DAY

__all__ = ["NAME", "Seeding", "networks"]

NAME = "network"


@dataclass(frozen=True, slots=True)
class Seeding:
    """Say which payments are seeds and which of them hang together."""

    share: float = 0.005  # of all payments of the view, the most suspicious, are seeds
    gap: int = 30 * DAY  # microseconds between two seeds at one account that still hang together
    fewest: int = 3  # accounts of a network
    most_accounts: int = 40  # a link that makes a larger network is not made; stronger ones come first


def networks(graph: TransactionGraph, score: NDArray[np.floating], seeding: Seeding = Seeding()) -> Found:
    """Return the networks of the payments with the highest *score* (E,), as rings without roles of their own.

    S are the `share` of the view's payments that score highest, equals of the last one included, but none with the
    lowest score of all. Two payments of S are linked at an account where no other payment of S of that account lies
    between them and they are at most `gap` apart. Links are taken from the strongest on, by the lesser score of the two;
    a link that would put more than `most_accounts` accounts together is left out, which `lineage` says. A network is
    what is then connected, with at least `fewest` accounts. Links of equal strength are taken by time, then by row.
    """
    rows = _seeds(graph, score, seeding.share)
    parent = {row: row for row in rows.tolist()}
    accounts = {row: {int(graph.source[row]), int(graph.target[row])} for row in parent}

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    refused: list[tuple[int, int]] = []
    for _, first, second in sorted(_links(graph, rows, score, seeding.gap)):
        one, two = root(first), root(second)
        if one != two and len(accounts[one] | accounts[two]) > seeding.most_accounts:
            refused.append((first, second))
        elif one != two:
            parent[max(one, two)] = min(one, two)
            accounts[min(one, two)] |= accounts.pop(max(one, two))
    members: dict[int, list[int]] = defaultdict(list)
    for row in rows.tolist():
        members[root(row)].append(row)
    apart: dict[int, set[int]] = defaultdict(set)
    for first, second in refused:
        if root(first) != root(second):  # a later link can have put them together after all
            apart[root(first)].add(root(second))
            apart[root(second)].add(root(first))
    large = [place for place in members if len(accounts[place]) >= seeding.fewest]
    return Found.of(NAME, (_ring(graph, members[place], seeding, len(apart[place])) for place in large))


def _seeds(graph: TransactionGraph, score: NDArray[np.floating], share: float) -> NDArray[np.int64]:
    view = np.arange(graph.lo, graph.hi)
    count = round(share * len(view))
    if not count:
        return view[:0]
    own = score[view]
    least = np.partition(own, -count)[-count]
    chosen: NDArray[np.int64] = view[(own >= least) & (own > own.min())]
    return chosen


def _links(
    graph: TransactionGraph, rows: NDArray[np.int64], score: NDArray[np.floating], gap: int
) -> list[tuple[tuple[float, int, int], int, int]]:
    # (order, earlier row, later row), the strongest first when sorted, then the earliest.
    ends = np.concatenate([graph.source[rows], graph.target[rows]])
    both = np.concatenate([rows, rows])
    order = np.lexsort((both, ends))
    account, row = ends[order], both[order]
    near = (account[1:] == account[:-1]) & (row[1:] != row[:-1])
    near &= graph.time[row[1:]] - graph.time[row[:-1]] <= gap
    pairs = zip(row[:-1][near].tolist(), row[1:][near].tolist(), strict=True)
    return [((-float(min(score[a], score[b])), int(graph.time[b]), b), a, b) for a, b in pairs]


def _ring(graph: TransactionGraph, rows: list[int], seeding: Seeding, apart: int) -> Ring:
    ends = sorted({int(a) for row in rows for a in (graph.source[row], graph.target[row])})
    value = fsum(graph.value[rows].tolist())
    limit = f"not tied to {apart} more: together they have above {seeding.most_accounts} accounts"
    said = (
        f"{len(rows)} payments of {value:,.2f} in all between {len(ends)} accounts hang together, each among the "
        f"{seeding.share:.1%} that the model finds most suspicious (next one at the same account within "
        f"{seeding.gap // DAY} days)."
    )
    return Ring(
        typology=NAME, rows=tuple(rows), roles=tuple((a, "mule") for a in ends),
        reasons=(Reason(said, len(rows), seeding.share),), start=int(graph.time[rows[0]]), end=int(graph.time[rows[-1]]),
        value=value, parts=(NAME,), lineage={"event": "born", **({"limit": limit} if apart else {})},
    )  # fmt: skip
