"""Place the accounts of a ring in layers, so that money runs from left to right.

The layers are those of Sugiyama, Tagawa and Toda (1981): order that turns the fewest arrows back (Eades, Lin and
Smyth 1993), longest path, an empty slot wherever an arrow passes a layer, barycentres against crossings.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from graphml.evidence import Evidence

__all__ = ["NODE_WIDTH", "Layout", "Pair", "Point"]

Pair = tuple[str, str]  # payer, payee
Point = tuple[float, float]
_Slot = tuple[str, ...]  # (account,) or (payer, payee, layer): an arrow passing by

NODE_WIDTH = 150.0
_NODE_HEIGHT = 44.0
_PORT = 8.0  # pixels between two arrows that end at one account
_TALLEST = 260.0
_PITCH = 28.0  # pixels between two parallel arrows
_LOOP = 30.0  # pixels that a payment to oneself takes above the account
_GAP = 16.0  # pixels between two accounts of a layer
_SWEEPS = 12
_LONGEST = 6  # steps of a round trip that are still drawn in one row
_BULGE = 110.0  # pixels that an arrow between accounts of the last layer takes on their right


@dataclass(frozen=True, slots=True)
class Layout:
    """Hold centres and heights of accounts, and where arrows that pass a layer go through; pixels, y downwards."""

    places: Mapping[str, Point]  # centre of each account
    heights: Mapping[str, float]
    via: Mapping[Pair, tuple[Point, ...]]  # from payer to payee
    leftward: frozenset[Pair]  # pairs whose arrows run against the layers
    width: float
    height: float

    @classmethod
    def of(cls, evidence: Evidence, channel: float = 170.0) -> Self:
        """Return the layout of the ring; *channel* is the room between two layers, in pixels."""
        table = evidence.transactions
        payments = Counter(zip(table["from"], table["to"], strict=True))
        accounts = _in_order(evidence, payments)
        layer, leftward = _layers(accounts, payments, dict(evidence.accounts.select("account", "role").iter_rows()))
        heights = _heights(accounts, payments)
        links = _links(payments, layer)
        columns = _columns(accounts, layer, links)
        size: dict[tuple[str, ...], float] = {(a,): heights[a] + _GAP + 2 * _LOOP * payments[a, a] for a in accounts}
        for (payer, payee), count in payments.items():
            for account in {payer, payee} if payer != payee else ():
                size[account,] = max(size[account,], _PITCH * count + (24 if count > 1 else 4))
        for link in links:
            size |= {slot: _PITCH * payments[slot[0], slot[1]] for slot in link if len(slot) > 1}
        tops = _levels(columns, links, size)
        centre = {
            slot: NODE_WIDTH / 2 + i * (NODE_WIDTH + channel) for i, column in enumerate(columns) for slot in column
        }
        places = {a: (centre[a,], tops[a,]) for a in accounts}
        via = {}
        for (payer, payee), link in zip(_pairs(payments), links, strict=True):
            inner = [(centre[s], tops[s]) for s in link[1:-1]]
            via[payer, payee] = tuple(inner[::-1] if (payer, payee) in leftward else inner)
        height = max((tops[s] + size[s] / 2 for s in tops), default=0.0)
        width = len(columns) * (NODE_WIDTH + channel) - channel
        turned = any(places[p][0] == places[q][0] == width - NODE_WIDTH / 2 for p, q in _pairs(payments))
        return cls(places, heights, via, frozenset(leftward), width + _BULGE * turned, height)


def _pairs(payments: Mapping[Pair, int]) -> list[Pair]:
    return [pair for pair in payments if pair[0] != pair[1]]


def _in_order(evidence: Evidence, payments: Mapping[Pair, int]) -> list[str]:
    """Return all accounts by the time of their first payment, payers first."""
    seen = dict.fromkeys(account for pair in payments for account in pair)
    return [*seen, *(a for a in evidence.accounts["account"] if a not in seen)]


def _layers(
    accounts: Sequence[str], payments: Mapping[Pair, int], role: Mapping[str, str]
) -> tuple[dict[str, int], set[Pair]]:
    rank = {a: {"victim": 0, "source": 0, "cash-out": 2}.get(role.get(a, ""), 1) for a in accounts}
    pairs = _pairs(payments)
    place = {a: i for i, a in enumerate(_least_back(accounts, [(p, q) for p, q in pairs if rank[p] <= rank[q]]))}
    onward = [(p, q) for p, q in pairs if rank[p] <= rank[q] and place[p] < place[q]]
    layer = dict.fromkeys(accounts, 0)
    for payer, payee in sorted(onward, key=lambda pair: place[pair[0]]):
        layer[payee] = max(layer[payee], layer[payer] + 1)
    after: dict[str, list[int]] = defaultdict(list)
    for payer, payee in onward:
        after[payer].append(layer[payee])
    fed = {payee for _, payee in onward}
    last = max(layer.values(), default=0)
    for account in accounts:
        if account not in fed and after[account]:
            layer[account] = min(after[account]) - 1
        elif rank[account] == 2 and not after[account]:
            layer[account] = last
    if last >= _LONGEST and any(layer[p] == last and layer[q] == 0 for p, q in pairs):
        # A long round trip is drawn as a loop: its second half runs back below (or above) the first.
        layer = {account: min(i, last - i) for account, i in layer.items()}
    leftward = {(p, q) for p, q in pairs if layer[p] > layer[q]}
    used = sorted(set(layer.values()))
    return {a: used.index(layer[a]) for a in accounts}, leftward


def _least_back(accounts: Sequence[str], pairs: Sequence[Pair]) -> list[str]:
    ahead: dict[str, set[str]] = {a: set() for a in accounts}
    behind: dict[str, set[str]] = {a: set() for a in accounts}
    for payer, payee in pairs:
        ahead[payer].add(payee)
        behind[payee].add(payer)
    left, first, last = list(accounts), [], []
    while left:
        sink = next((a for a in reversed(left) if not ahead[a]), None)
        if sink is not None:
            account = sink
            last.append(account)
        else:
            account = next((a for a in left if not behind[a]), None) or max(
                left, key=lambda a: len(ahead[a]) - len(behind[a])
            )
            first.append(account)
        left.remove(account)
        for other in ahead.pop(account):
            behind[other].discard(account)
        for other in behind.pop(account):
            ahead[other].discard(account)
    return first + last[::-1]


def _heights(accounts: Sequence[str], payments: Mapping[Pair, int]) -> dict[str, float]:
    out: Counter[str] = Counter()
    into: Counter[str] = Counter()
    for (payer, payee), count in payments.items():
        if payer != payee:
            out[payer] += count
            into[payee] += count
    return {a: min(_TALLEST, max(_NODE_HEIGHT, _PORT * max(out[a], into[a]) + 12)) for a in accounts}


def _links(payments: Mapping[Pair, int], layer: Mapping[str, int]) -> list[list[_Slot]]:
    """Return for each pair its slots from left to right: an account, the arrow in each layer between, an account."""
    links: list[list[_Slot]] = []
    for payer, payee in _pairs(payments):
        left, right = sorted((payer, payee), key=lambda a: layer[a])
        between: list[_Slot] = [(payer, payee, str(i)) for i in range(layer[left] + 1, layer[right])]
        links.append([(left,), *between, (right,)])
    return links


def _columns(accounts: Sequence[str], layer: Mapping[str, int], links: list[list[_Slot]]) -> list[list[_Slot]]:
    columns: list[list[_Slot]] = [[] for _ in range(max(layer.values(), default=0) + 1)]
    for account in accounts:
        columns[layer[account]].append((account,))
    for link in links:
        for slot in link[1:-1]:
            columns[int(slot[2])].append(slot)
    before, after = _neighbours(links)
    best, fewest = columns, _crossings(columns, after)
    for sweep in range(_SWEEPS):
        toward = before if sweep % 2 == 0 else after
        columns = [list(column) for column in columns]
        for i in range(len(columns)) if sweep % 2 == 0 else reversed(range(len(columns))):
            where = {
                slot: k for near in (i - 1, i + 1) if 0 <= near < len(columns) for k, slot in enumerate(columns[near])
            }
            own = {slot: k for k, slot in enumerate(columns[i])}
            columns[i].sort(key=lambda s, w=where, o=own: (_mean([w[n] for n in toward[s] if n in w], o[s]), o[s]))  # type: ignore[misc]
        count = _crossings(columns, after)
        if count < fewest:
            best, fewest = columns, count
    return best


def _neighbours(links: list[list[_Slot]]) -> tuple[dict[_Slot, list[_Slot]], dict[_Slot, list[_Slot]]]:
    before: dict[_Slot, list[_Slot]] = defaultdict(list)
    after: dict[_Slot, list[_Slot]] = defaultdict(list)
    for link in links:
        for one, two in itertools.pairwise(link):
            after[one].append(two)
            before[two].append(one)
    return before, after


def _crossings(columns: list[list[_Slot]], after: Mapping[_Slot, list[_Slot]]) -> int:
    total = 0
    for one, two in itertools.pairwise(columns):
        where = {slot: k for k, slot in enumerate(two)}
        ends = [
            where[n]
            for slot in one
            for n in sorted(after.get(slot, ()), key=lambda n, w=where: w.get(n, -1))
            if n in where
        ]
        total += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return total


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _levels(columns: list[list[_Slot]], links: list[list[_Slot]], size: Mapping[_Slot, float]) -> dict[_Slot, float]:
    """Return the y of each slot: as near to its neighbours as the room allows."""
    before, after = _neighbours(links)
    level: dict[_Slot, float] = {}
    for column in columns:
        y = -sum(size[s] for s in column) / 2
        for slot in column:
            level[slot] = y + size[slot] / 2
            y += size[slot]
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else columns[::-1]:
            wish = [_mean([level[n] for n in before[s] + after[s]], level[s]) for s in column]
            level |= zip(column, _apart(wish, [size[s] for s in column]), strict=True)
    top = min((level[s] - size[s] / 2 for s in level), default=0.0)
    return {slot: y - top for slot, y in level.items()}


def _apart(wish: Sequence[float], size: Sequence[float]) -> list[float]:
    """Return the places nearest to *wish* (least squares) that keep the order and the room: pooled violators."""
    offset = [0.0]
    for one, two in itertools.pairwise(size):
        offset.append(offset[-1] + (one + two) / 2)
    pools: list[tuple[float, int]] = []  # mean, members
    for w, o in zip(wish, offset, strict=True):
        pools.append((w - o, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, m), (b, n) = pools[-2:]
            pools[-2:] = [((a * m + b * n) / (m + n), m + n)]
    flat = [mean for mean, members in pools for _ in range(members)]
    return [f + o for f, o in zip(flat, offset, strict=True)]
