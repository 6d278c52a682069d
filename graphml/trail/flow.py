"""Follow the money of seed transactions through every later payment, instant by instant."""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.errors import ParameterError, UnknownName
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.ring import Cut
from graphml.trail.fifo import follow_parcels
from graphml.trail.seeds import Seeds
from graphml.window import DAY

__all__ = ["RULES", "End", "Flow", "Leg", "follow"]

RULES = ("fifo", "pro_rata", "poison")
_GONE = ("external", "cash")  # kinds of account where money has left the books
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
    seeds: tuple[int, ...]  # rows, those in the window
    legs: tuple[Leg, ...]  # by row
    ends: tuple[End, ...]  # largest first, then by account
    traced: float  # amount of the seeds, reference currency
    cut: tuple[Cut, ...] = ()  # no limit stops this search


def follow(
    ledger: Ledger, graph: TransactionGraph, seeds: Seeds, rule: str = "pro_rata", window: int = 30 * DAY
) -> Flow:
    """Return the flow of the seeds through the view, until *window* microseconds after the first seed, inclusive.

    Rows are taken instant by instant: payers are debited in row order, and what arrives is credited after the whole
    instant. A balance is the stated opening balance (else 0) plus what came minus what went since the ledger began; a
    payment above it is completed with untraced outside money. `pro_rata`: a payment carries the traced share of its
    payer's balance. `fifo`: it carries the oldest parcels of its payer's queue, in order. `poison`: every payment of
    who was touched is traced whole, an upper bound. Traced money that reaches an external party or cash has left, that
    reaches a payer of a seed has returned, and both stop.

    Backward is the mirror image: time runs from the end of the view, money from payee to payer, and the balance begins
    with what the account has at the end.

    Raises:
        UnknownName: there is no such rule.
        ParameterError: the window is negative.
    """
    if rule not in RULES:
        raise UnknownName.of("rule", rule, RULES)
    if window < 0:
        raise ParameterError("The window cannot be negative. Write it as 30d.")
    rows = np.arange(graph.lo, graph.hi)
    payer, payee, time = graph.source, graph.target, graph.time
    opening = ledger.accounts["opening_balance"].fill_null(0.0).to_numpy().astype(np.float64)
    if seeds.backward:
        opening = _balances(rows, payer, payee, graph.value, time, opening.copy())
        rows, payer, payee, time = rows[::-1].copy(), payee, payer, -time
    first = int(min(time[row] for row in seeds.rows))
    until = int(np.searchsorted(time[rows], first + window, "right"))
    inside = tuple(row for row in seeds.rows if time[row] <= first + window)
    marked = np.zeros(graph.hi, np.bool_)
    marked[list(inside)] = True
    kind = np.zeros(graph.n, np.int8)
    kind[np.flatnonzero(ledger.accounts["kind"].is_in(_GONE).to_numpy())] = 1
    kind[np.unique(payer[list(inside)])] = 2
    columns = (rows[:until], payer, payee, graph.value, time)
    legs, held, stopped = (
        follow_parcels(columns, marked, kind, opening)
        if rule == "fifo"
        else _follow(columns, marked, kind, opening, rule == "poison")
    )
    order = np.argsort(legs[0], kind="stable")
    found = tuple(Leg(int(legs[0][i]), float(legs[1][i]), int(legs[2][i])) for i in order)
    traced = float(graph.value[list(inside)].sum())
    return Flow(rule, inside, found, _ends(held, stopped, kind), traced)


def _ends(held: Floats, stopped: Floats, kind: NDArray[np.int8]) -> tuple[End, ...]:
    ends = [End(int(a), HELD, float(held[a])) for a in np.flatnonzero(held > 0)]
    ends += [End(int(a), RETURNED if kind[a] == 2 else LEFT, float(stopped[a])) for a in np.flatnonzero(stopped > 0)]
    return tuple(sorted(ends, key=lambda end: (-end.amount, end.account, end.how)))


@numba.njit(cache=True)
def _balances(rows, payer, payee, value, time, balance):  # type: ignore[no-untyped-def]
    i, n = 0, len(rows)
    while i < n:
        j = i
        while j < n and time[rows[j]] == time[rows[i]]:
            balance[payer[rows[j]]] = max(0.0, balance[payer[rows[j]]] - value[rows[j]])
            j += 1
        for k in range(i, j):
            balance[payee[rows[k]]] += value[rows[k]]
        i = j
    return balance


@numba.njit(cache=True)
def _follow(columns, marked, kind, opening, poison):  # type: ignore[no-untyped-def]
    rows, payer, payee, value, time = columns
    balance, taint = opening.copy(), np.zeros(len(opening))
    hop = np.zeros(len(opening), np.int64)  # of the payment that first brought traced money; 0: untouched
    stopped = np.zeros(len(opening))
    carried, level = np.zeros(len(rows)), np.zeros(len(rows), np.int64)
    out_rows = [np.int64(0) for _ in range(0)]
    out_taint = [0.0 for _ in range(0)]
    out_hop = [np.int64(0) for _ in range(0)]
    i, n = 0, len(rows)
    while i < n:
        j = i
        while j < n and time[rows[j]] == time[rows[i]]:
            row = rows[j]
            a, amount = payer[row], value[row]
            moved = 0.0
            if marked[row]:
                moved, level[j] = amount, 1
            elif hop[a] > 0:
                level[j] = hop[a] + 1
                if poison:
                    moved = amount
                elif amount >= balance[a]:
                    moved = taint[a]
                else:
                    moved = taint[a] * (amount / balance[a])
            if not marked[row] and not poison:
                taint[a] -= moved
            balance[a] = max(0.0, balance[a] - amount)
            carried[j] = moved
            j += 1
        for k in range(i, j):
            row = rows[k]
            b = payee[row]
            balance[b] += value[row]
            if carried[k] > 0.0:
                out_rows.append(row)
                out_taint.append(carried[k])
                out_hop.append(level[k])
                if kind[b] != 0:
                    stopped[b] += carried[k]
                else:
                    taint[b] += carried[k]
                    if hop[b] == 0 or level[k] < hop[b]:
                        hop[b] = level[k]
        i = j
    if poison:
        for a in range(len(taint)):
            taint[a] = balance[a] if hop[a] > 0 else 0.0
    return (np.array(out_rows, np.int64), np.array(out_taint), np.array(out_hop, np.int64)), taint, stopped
