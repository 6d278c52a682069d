"""Say in plain Python what maximal means, and which payments a definition may use."""

from dataclasses import dataclass
from typing import Self

from graphml.graph import TransactionGraph

Sets = set[tuple[int, ...]]


@dataclass(frozen=True)
class Plain:
    """Hold a view in lists, for plain Python is slow on numpy's numbers."""

    n: int
    lo: int
    hi: int
    source: list[int]
    target: list[int]
    time: list[int]
    value: list[float]
    format: list[str]

    @classmethod
    def of(cls, g: TransactionGraph) -> Self:
        """Return the lists of *g*."""
        formats = [g.formats[code] for code in g.format]
        return cls(g.n, g.lo, g.hi, g.source.tolist(), g.target.tolist(), g.time.tolist(), g.value.tolist(), formats)


def largest(sets: Sets) -> Sets:
    """Return the sets that no other one holds."""
    return {one for one in sets if not any(set(one) < set(other) for other in sets)}


def usable(g: Plain, new: bool) -> list[int]:
    """Return the rows of the view that are no self-loops, with *new* only those at the first instant of their pair."""
    first: dict[tuple[int, int], int] = {}
    rows = []
    for row in range(g.lo, g.hi):
        pair = (g.source[row], g.target[row])
        earliest = first.setdefault(pair, g.time[row])
        if pair[0] != pair[1] and not (new and g.time[row] > earliest):
            rows.append(row)
    return rows


def quiet(g: Plain, rows: list[int], reach: int, limit: int) -> list[int]:
    """Return those of *rows* whose payer made, and whose payee got, at most *limit* of them in the *reach* before."""
    kept = []
    for row in rows:
        near = [r for r in rows if 0 <= g.time[row] - g.time[r] <= reach]
        paid = sum(g.source[r] == g.source[row] for r in near)
        got = sum(g.target[r] == g.target[row] for r in near)
        if paid <= limit and got <= limit:
            kept.append(row)
    return kept
