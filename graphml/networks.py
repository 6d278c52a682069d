"""Find networks: suspicious payments that hang together, whatever their shape."""

from collections import defaultdict
from dataclasses import dataclass
from math import fsum
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from graphml.elementary import log10
from graphml.graph import TransactionGraph
from graphml.lists import Lists
from graphml.people import People
from graphml.ring import Found, Reason, Ring
from graphml.window import DAY

__all__ = ["NAME", "Seeding", "networks"]

NAME = "network"
_STEPS = 1 << 20  # strengths are whole numbers of 1 / _STEPS, so that no machine orders them otherwise

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Seeding:
    """Say which payments are seeds and which of them hang together."""

    share: float = 0.05  # of all payments of the view, the most suspicious, are seeds
    gap: int = 30 * DAY  # microseconds between two seeds at one account that still hang together
    fade: float = 0.2  # decades of rarity that a link loses for each day between the two
    fewest: int = 3  # accounts of a network
    concern: int = 20  # most accounts of an owner at whom payments hang together; who has more is a bank or a group
    aside: float = 2.0  # decades of rarity by which a link at an owner is weaker than one at an account
    most_accounts: int = 40  # a link that makes a larger network is not made; stronger ones come first


def networks(
    graph: TransactionGraph, score: NDArray[np.floating], seeding: Seeding = Seeding(), people: People | None = None
) -> Found:
    """Return the networks of the payments with the highest *score* (E,), as rings without roles of their own.

    S are the `share` of the view's payments that score highest, equals of the last one included, but none with the
    lowest score of all. Two payments of S are linked at an account where no other payment of S of that account lies
    between them and they are at most `gap` apart. Where *people* are known, two of S are linked likewise at an owner
    of at most `concern` accounts: what no account ties together can hang together all the same.

    A link is as strong as the lesser of the two is rare, in decades (a tenth of S scores as high: 1), less `fade` for
    each day between them, and less `aside` where only an owner is the same. Links are taken from the strongest on, of
    equals the one whose later payment comes first; one that would put more than `most_accounts` accounts together is
    left out, which `lineage` says of the largest. Whatever a link puts together is a network, with at least `fewest`
    accounts: so a small one of the most suspicious payments is found, and so is the larger one around it (single
    linkage).
    """
    rows = _seeds(graph, score, seeding.share)
    ends = np.sort(np.stack([graph.source[rows], graph.target[rows]], axis=1), axis=1).astype(np.int64)
    as_high = _as_high(score[rows])
    tree = _Tree(*_grown(ends, _links(graph, rows, as_high, seeding, people), seeding.most_accounts))
    start, order = _laid(tree.pair, tree.size, len(rows))
    apart = _apart(tree)
    nodes = np.flatnonzero(tree.accounts >= seeding.fewest)
    spans = np.stack([start[nodes], start[nodes] + tree.size[nodes]], axis=1)
    kept = Lists.slices(order, spans).ascending()

    def told(i: int) -> Ring:
        share = int(as_high[kept[i]].max()) / (graph.hi - graph.lo)
        return _ring(
            graph,
            rows[kept[i]],
            (seeding, people is not None and bool(people.known.any())),
            (share, len(apart.get(int(nodes[i]), ()))),
        )

    return Found.lists(NAME, graph, Lists(kept.start, rows[kept.values]), told)


class _Tree(NamedTuple):
    # Nodes are the K seeds, then what each link made, in order.
    pair: Ints  # (M, 2) the two nodes that a link put together
    size: Ints  # (K + M,) seeds below
    accounts: Ints  # (K + M,) accounts below; 0 where a seed itself
    refused: Ints  # (L, 2) the seeds of a link that was left out
    root: Ints  # (K,) the largest node above each seed


def _seeds(graph: TransactionGraph, score: NDArray[np.floating], share: float) -> Ints:
    view = np.arange(graph.lo, graph.hi)
    count = round(share * len(view))
    if not count:
        return view[:0]
    own = score[view]
    least = np.partition(own, -count)[-count]
    chosen: Ints = view[(own >= least) & (own > own.min())]
    return chosen


def _as_high(own: NDArray[np.floating]) -> Ints:
    # (K,) how many seeds score as high as each.
    return np.asarray(len(own) - np.searchsorted(np.sort(own), own, "left"), np.int64)


def _links(
    graph: TransactionGraph, rows: Ints, as_high: Ints, seeding: Seeding, people: People | None
) -> Ints:  # fmt: skip
    # (L, 2) the earlier and the later seed by their place in *rows*, the strongest link first.
    rarity = np.rint(log10(len(rows) / as_high) * _STEPS).astype(np.int64)
    places = [(np.arange(graph.n), 0.0)]
    if people is not None:
        places.append((people.behind(seeding.concern), seeding.aside))
    found = []
    for who, aside in places:
        first, second = _next(graph, rows, who)
        apart = graph.time[rows[second]] - graph.time[rows[first]]
        near = apart <= seeding.gap
        first, second, apart = first[near], second[near], apart[near]
        lost = np.rint((seeding.fade * apart / DAY + aside) * _STEPS).astype(np.int64)
        found.append((first, second, np.minimum(rarity[first], rarity[second]) - lost))
    first, second, strength = (np.concatenate(columns) for columns in zip(*found, strict=True))
    strongest = np.lexsort((first, second, -strength))
    return np.stack([first, second], axis=1)[strongest]


def _next(graph: TransactionGraph, rows: Ints, who: Ints) -> tuple[Ints, Ints]:
    # Each seed and the next one of the same number in *who* (N,), by their place in *rows*.
    places = np.tile(np.arange(len(rows)), 2)
    ends = who[np.concatenate([graph.source[rows], graph.target[rows]])]
    order = np.lexsort((places, ends))
    end, place = ends[order], places[order]
    first, second = place[:-1], place[1:]
    same = (end[1:] == end[:-1]) & (first != second)
    return first[same], second[same]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _grown(ends: Ints, links: Ints, most: int) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    # The fields of _Tree: sets of accounts are ascending lists of at most *most*, kept at the root's first seed.
    k = len(ends)
    above, node = np.arange(k), np.arange(k)
    held, count = np.empty((k, max(most, 2)), np.int64), np.empty(k, np.int64)
    for i in range(k):
        held[i, 0], held[i, 1] = ends[i]
        count[i] = 1 if ends[i, 0] == ends[i, 1] else 2
    pair, refused = np.empty((k, 2), np.int64), np.empty((len(links), 2), np.int64)
    size, accounts = np.ones(2 * k, np.int64), np.zeros(2 * k, np.int64)
    both = np.empty(2 * max(most, 2), np.int64)
    made, left = 0, 0
    for a, b in links:
        one, two = _root(above, a), _root(above, b)
        if one == two:
            continue
        n = _merged(held[one, : count[one]], held[two, : count[two]], both)
        if n > most:
            refused[left] = a, b
            left += 1
            continue
        pair[made] = node[one], node[two]
        size[k + made], accounts[k + made] = size[node[one]] + size[node[two]], n
        above[two], node[one], count[one] = one, k + made, n
        held[one, :n] = both[:n]
        made += 1
    root = np.array([node[_root(above, i)] for i in range(k)], np.int64)
    return pair[:made], size[: k + made], accounts[: k + made], refused[:left], root


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _root(above: Ints, i: int) -> int:
    while above[i] != i:
        above[i] = above[above[i]]
        i = above[i]
    return i


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _merged(one: Ints, two: Ints, out: Ints) -> int:
    # How many different values the two ascending lists have; they are written to *out*, ascending.
    i, j, n = 0, 0, 0
    while i < len(one) or j < len(two):
        if j == len(two) or (i < len(one) and one[i] < two[j]):
            out[n] = one[i]
            i += 1
        else:
            i += i < len(one) and one[i] == two[j]
            out[n] = two[j]
            j += 1
        n += 1
    return n


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _laid(pair: Ints, size: Ints, k: int) -> tuple[Ints, Ints]:
    # (K + M,) start of each node's seeds in the (K,) order of seeds: those of a node stand together.
    start = np.full(k + len(pair), -1)
    used = 0
    for i in range(k + len(pair) - 1, -1, -1):
        if start[i] < 0:
            start[i] = used
            used += size[i]
        if i >= k:
            one, two = pair[i - k]
            start[one], start[two] = start[i], start[i] + size[one]
    order = np.empty(k, np.int64)
    for i in range(k):
        order[start[i]] = i
    return start, order


def _apart(tree: _Tree) -> dict[int, set[int]]:
    # The largest nodes that links left out would have tied to others; a later link can have done so after all.
    apart: dict[int, set[int]] = defaultdict(set)
    for one, two in tree.root[tree.refused].tolist():
        if one != two:
            apart[one].add(two)
            apart[two].add(one)
    return apart


def _ring(graph: TransactionGraph, rows: Ints, how: tuple[Seeding, bool], told: tuple[float, int]) -> Ring:
    seeding, owners = how
    share, apart = told  # of all payments those as suspicious as each of its own; networks that are not tied to it
    accounts = sorted({*graph.source[rows].tolist(), *graph.target[rows].tolist()})
    value = fsum(graph.value[rows].tolist())
    limit = f"not tied to {apart} more: together they have above {seeding.most_accounts} accounts"
    owner = ", or at one of the same owner," if owners else ""
    said = (
        f"{len(rows)} payments of {value:,.2f} in all between {len(accounts)} accounts hang together, each among the "
        f"{100 * share:.3g} % most suspicious of those that the same model judged (next one at the same account{owner} within {seeding.gap // DAY} "
        f"days)."
    )
    parts = _parts(graph, rows)
    tied = Reason(
        f"Accounts alone leave it in {parts} parts; what ties these is that owners have accounts in more than one.",
        parts,
        1,
    )
    return Ring(
        typology=NAME, rows=tuple(rows.tolist()), roles=tuple((a, "mule") for a in accounts),
        reasons=(Reason(said, share, seeding.share), *([tied] if parts > 1 else [])), start=int(graph.time[rows[0]]), end=int(graph.time[rows[-1]]),
        value=value, parts=(NAME,), lineage={"event": "born", **({"limit": limit} if apart else {})},
    )  # fmt: skip


def _parts(graph: TransactionGraph, rows: Ints) -> int:
    # Into how many parts the payments fall where only accounts tie them.
    _, ends = np.unique(np.concatenate([graph.source[rows], graph.target[rows]]), return_inverse=True)
    half = len(rows)
    edges = coo_array((np.ones(half), (ends[:half], ends[half:])), shape=(ends.max() + 1, ends.max() + 1))
    return int(connected_components(edges, directed=False, return_labels=False))
