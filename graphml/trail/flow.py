"""Follow the money of seed transactions through every later payment, instant by instant."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphml.errors import ParameterError, UnknownName
from graphml.graph import TransactionGraph
from graphml.ring import Cut
from graphml.trail._reach import concerned_rows
from graphml.trail.books import Books
from graphml.trail.fifo import follow_parcels
from graphml.trail.seeds import Seeds
from graphml.trail.shares import follow_shares
from graphml.window import DAY, LONGEST

__all__ = ["RULES", "End", "Flow", "Leg", "follow"]

RULES = ("fifo", "pro_rata", "poison")
HELD, LEFT, RETURNED = "held", "left", "returned"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Leg:
    """Hold one payment that carries traced money."""

    row: int
    tainted: float  # how much of it is traced, reference currency
    hop: int  # 1 for a seed; the fewest payments from a seed that brought its payer traced money, plus 1


@dataclass(frozen=True, slots=True)
class End:
    """Say where traced money is when the window ends."""

    account: int
    how: str  # held, left (external or cash) or returned (to a payer of a seed)
    amount: float  # reference currency


@dataclass(frozen=True, slots=True)
class Flow:
    """Hold what became of the money of the seeds; under fifo and pro_rata the ends add up to what was traced."""

    rule: str
    seeds: tuple[int, ...]  # rows
    legs: tuple[Leg, ...]  # by row
    ends: tuple[End, ...]  # largest first, then by account
    traced: float  # amount of the seeds, reference currency
    cut: tuple[Cut, ...] = ()  # no limit stops this search


def follow(books: Books, seeds: Seeds, rule: str = "pro_rata", window: int = 30 * DAY) -> Flow:
    """Return the flow of the seeds through the view, until *window* microseconds after the last seed, inclusive.

    Rows are taken instant by instant: payers are debited in row order, and what arrives is credited after the whole
    instant. Balances are those of *books*. `pro_rata`: a payment carries the traced share of its payer's balance.
    `fifo`: it carries the oldest parcels of its payer's queue, in order. `poison`: every payment of who was touched is
    traced whole, an upper bound. Traced money that reaches an external party or cash has left, that reaches a payer of
    a seed has returned, and both stop.

    Backward is the mirror image: time runs from the end of the view, and money from payee to payer.

    Raises:
        UnknownName: there is no such rule.
        ParameterError: the window is negative or above 1,000 years.
    """
    if rule not in RULES:
        raise UnknownName.of("rule", rule, RULES)
    if not 0 <= window <= LONGEST:
        raise ParameterError("The window lies between 0 and 1,000 years. Write it as 30d.")
    graph = books.graph
    payer, payee, time, before = graph.source, graph.target, graph.time, books.before
    lists = (graph.out_start, graph.out_rows), (graph.in_start, graph.in_rows)
    if seeds.backward:
        payer, payee, time, before, lists = payee, payer, -time, books.before_back, lists[::-1]
    moments = [int(time[row]) for row in seeds.rows]
    begin, last = min(moments), max(moments) + window
    marked = np.zeros(len(time), np.bool_)
    marked[list(seeds.rows)] = True
    kind = books.gone.astype(np.int8)
    kind[np.unique(payer[list(seeds.rows)])] = 2
    span = _span(graph, (begin, last), seeds.backward)
    rows = concerned_rows(lists, (payee, time), np.array(seeds.rows), kind, span)
    columns = (rows[::-1].copy() if seeds.backward else rows, payer, payee, graph.value, time)
    carried, level, held, stopped = (
        follow_parcels(columns, marked, kind, before)
        if rule == "fifo"
        else follow_shares(columns, marked, kind, before, rule == "poison")
    )
    legs = [Leg(int(columns[0][k]), float(carried[k]), int(level[k])) for k in np.flatnonzero(carried)]
    legs.sort(key=lambda leg: leg.row)
    traced = float(graph.value[list(seeds.rows)].sum())
    return Flow(rule, seeds.rows, tuple(legs), _ends(held, stopped, kind), traced)


def _span(graph: TransactionGraph, moments: tuple[int, int], backward: bool) -> tuple[int, int]:
    # The first and the last row of the view from one moment to the other, as money runs.
    first, last = (-moments[1], -moments[0]) if backward else moments
    lo, hi = np.searchsorted(graph.time, first, "left"), np.searchsorted(graph.time, last, "right")
    return max(graph.lo, int(lo)), min(graph.hi, int(hi)) - 1


def _ends(held: Floats, stopped: Floats, kind: NDArray[np.int8]) -> tuple[End, ...]:
    ends = [End(int(a), HELD, float(held[a])) for a in np.flatnonzero(held > 0)]
    ends += [End(int(a), RETURNED if kind[a] == 2 else LEFT, float(stopped[a])) for a in np.flatnonzero(stopped > 0)]
    return tuple(sorted(ends, key=lambda end: (-end.amount, end.account, end.how)))
