"""Prepare a ledger for questions about its money: what each account had before each payment."""

from dataclasses import dataclass
from typing import Self

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ledger import Ledger

__all__ = ["Books"]

_GONE = ("external", "cash")  # kinds of account where money has left the books

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Books:
    """Hold balances, which depend on no seed: made once, asked often.

    A balance is the stated opening balance (else 0) plus what came minus what went since the ledger began; a payment
    above it is completed with outside money. At one instant all payments are debited before any is credited. Read
    backward, money runs from payee to payer and balances begin with those at the end of the view.
    """

    graph: TransactionGraph
    gone: NDArray[np.bool_]  # (N,) external or cash
    before: Floats  # (E,) of the payee just before a row is credited, reference currency
    before_back: Floats  # (E,) of the payer just before a row is credited to him, read backward

    @classmethod
    def of(cls, ledger: Ledger, graph: TransactionGraph) -> Self:
        """Return the books of the view *graph* of *ledger*; rows outside the view do not count."""
        opening = ledger.accounts["opening_balance"].fill_null(0.0).to_numpy().astype(np.float64)
        gone = ledger.accounts["kind"].is_in(_GONE).to_numpy()
        rows = np.arange(graph.lo, graph.hi)
        before, closing = _balances((rows, graph.source, graph.target, graph.time, graph.value), opening)
        back, _ = _balances((rows[::-1].copy(), graph.target, graph.source, graph.time, graph.value), closing)
        return cls(graph, gone, before, back)


@numba.njit(cache=True)
def _balances(columns, opening):  # type: ignore[no-untyped-def]
    rows, payer, payee, time, value = columns
    balance, before = opening.copy(), np.zeros(len(time))
    i = 0
    while i < len(rows):
        j = i
        while j < len(rows) and time[rows[j]] == time[rows[i]]:
            row = rows[j]
            balance[payer[row]] = max(0.0, balance[payer[row]] - value[row])
            j += 1
        for k in range(i, j):
            row = rows[k]
            before[row] = balance[payee[row]]
            balance[payee[row]] += value[row]
        i = j
    return before, balance
