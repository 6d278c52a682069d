"""Follow money by the definitions in plain Python: every sequence tried, every purse counted."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np

Row = tuple[int, int, int, int, float]  # row, payer, payee, time, value


def all_paths(rows: list[Row], seeds: set[int], terms, backward: bool) -> set[tuple[int, ...]]:
    """Return every sequence of rows that is a path and begins (backward: ends) with a seed."""
    found = set()

    def right(path: list[Row]) -> bool:
        if any(a[2] != b[1] or not a[3] < b[3] <= a[3] + terms.max_gap for a, b in pairwise(path)):
            return False
        if any(not terms.keep * a[4] <= b[4] <= terms.most * a[4] for a, b in pairwise(path)):
            return False
        if path[-1][3] - path[0][3] > terms.window:
            return False
        met = [path[0][1], *(r[2] for r in path)]
        inner = met[:-1]
        return len(set(inner)) == len(inner) and (met[-1] not in inner[1:])

    def grow(path: list[Row]) -> None:
        if not right(path):
            return
        found.add(tuple(r[0] for r in path))
        if len(path) < terms.hops:
            for row in rows:
                grow([row, *path] if backward else [*path, row])

    for row in rows:
        if row[0] in seeds:
            grow([row])
    return found


@dataclass
class Said:
    """Hold what a rule found."""

    legs: dict[int, float]
    held: dict[int, float]
    left: dict[int, float]
    returned: dict[int, float]


def flow(
    rows: list[Row], opening: dict[int, float], seeds: set[int], kinds: dict[int, str], until: int, rule: str
) -> Said:
    """Return what became of the money of the seeds; rows are in order, *until* is inclusive."""
    purses: dict[int, list[tuple[float, bool]]] = defaultdict(list)  # oldest parcel first
    mixed: dict[int, float] = defaultdict(float)  # traced money, for pro_rata
    money: dict[int, float] = defaultdict(float)
    for account, amount in opening.items():
        money[account] = amount
        if amount:
            purses[account].append((amount, False))
    touched: set[int] = set()
    payers = {r[1] for r in rows if r[0] in seeds and r[3] <= until}
    said = Said({}, {}, defaultdict(float), defaultdict(float))
    for moment, together in groupby(rows, key=lambda r: r[3]):
        if moment > until:
            break
        arrives = []
        for row, payer, payee, _, value in list(together):
            taken, need = [], value
            while need > 0 and purses[payer]:
                size, bad = purses[payer].pop(0)
                took = min(size, need)
                taken.append((took, bad))
                need -= took
                if took < size:
                    purses[payer].insert(0, (size - took, bad))
            if need > 0:
                taken.append((need, False))
            share = min(1.0, value / money[payer]) if money[payer] > 0 else 1.0
            part = mixed[payer] * share
            if row in seeds:
                taken, part = [(value, True)], value
            else:
                mixed[payer] -= part
            money[payer] = max(0.0, money[payer] - value)
            if rule == "fifo":
                amount = sum(size for size, bad in taken if bad)
            elif rule == "pro_rata":
                amount = part
            else:
                amount = value if row in seeds or payer in touched else 0.0
            arrives.append((row, payee, value, taken, amount))
        for row, payee, value, taken, amount in arrives:
            money[payee] += value
            if amount > 0:
                said.legs[row] = amount
                if payee in payers:
                    said.returned[payee] += amount
                    taken, amount = [(size, False) for size, _ in taken], 0.0
                elif kinds.get(payee) in ("external", "cash"):
                    said.left[payee] += amount
                    taken, amount = [(size, False) for size, _ in taken], 0.0
                else:
                    touched.add(payee)
            purses[payee] += taken
            mixed[payee] += amount
    accounts = set(money) | set(purses)
    for account in accounts:
        if rule == "fifo":
            held = sum(size for size, bad in purses[account] if bad)
        elif rule == "pro_rata":
            held = mixed[account]
        else:
            held = money[account] if account in touched else 0.0
        if held > 1e-12:
            said.held[account] = held
    return said


def rows_of(graph) -> list[Row]:
    """Return the rows of a graph."""
    columns = (np.arange(graph.lo, graph.hi), graph.source, graph.target, graph.time, graph.value)
    return [(int(r), int(a), int(b), int(t), float(v)) for r, a, b, t, v in zip(*columns, strict=True)]
