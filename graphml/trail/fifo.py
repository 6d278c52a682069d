"""Follow money first in, first out: each account is a queue of parcels, traced or not."""

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.trail._instants import Floats, Rows, Traced, concerned

__all__ = ["follow_parcels"]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def follow_parcels(columns: Rows, marked: NDArray[np.bool_], kind: NDArray[np.int8], before: Floats) -> Traced:
    """Return traced amount and hop of each row, what accounts hold (N,) and what stopped at them (N,).

    Args:
        columns: rows in order of time, and payer, payee, value, time of all rows.
        marked: (E,) which rows are seeds.
        kind: (N,) 0 where money goes on, else it stops.
        before: (E,) balance of the payee just before the row is credited.
    """
    rows, payer, n = columns[0], columns[1], len(kind)
    carried, level = np.zeros(len(rows)), np.zeros(len(rows), np.int64)
    hop, stopped = np.zeros(n, np.int64), np.zeros(n)  # who has a hop has a queue
    queues = np.zeros((2, n), np.int64)  # first and last parcel of each; 0: none
    parcels = ([0.0], [False], [0])  # size, traced, next
    i = 0
    while i < len(rows):
        j, any_concerned = concerned(columns, marked, hop, i)
        if any_concerned:
            chains = np.zeros((2, j - i), np.int64)  # first and last parcel that each payment carries
            for k in range(i, j):
                level[k] = 1 if marked[rows[k]] else hop[payer[rows[k]]] + 1
                _debit(columns, rows[k], marked[rows[k]], (queues, chains, k - i), parcels)
                carried[k] = _traced(chains[0, k - i], parcels)
            for k in range(i, j):
                _credit(columns, k, (kind, before), (carried, level, hop, stopped), (queues, chains[:, k - i]), parcels)
        i = j
    held = np.zeros(n)
    for account in np.flatnonzero(queues[0]):
        held[account] = _traced(queues[0, account], parcels)
    return carried, level, held, stopped


@numba.njit(cache=True)
def _debit(columns, row, seed, ends, parcels):  # type: ignore[no-untyped-def]
    # Move what *row* carries from its payer's queue to its chain.
    queues, chains, place = ends
    size, traced, after = parcels
    a, left = columns[1][row], columns[3][row]
    while left > 0.0 and queues[0, a] > 0:
        parcel = queues[0, a]
        if size[parcel] <= left:
            queues[0, a] = after[parcel]
            if after[parcel] == 0:
                queues[1, a] = 0
            left -= size[parcel]
            after[parcel] = 0
            _join(chains, place, parcel, parcel, parcels)
        else:
            size[parcel] -= left
            part = _new(left, traced[parcel], parcels)
            _join(chains, place, part, part, parcels)
            left = 0.0
    if left > 0.0:  # all of a seed, for who pays a seed has no queue; else outside money that completes the payment
        rest = _new(left, seed, parcels)
        _join(chains, place, rest, rest, parcels)


@numba.njit(cache=True)
def _credit(columns, k, given, found, ends, parcels):  # type: ignore[no-untyped-def]
    # Put the chain of a payment behind its payee's queue, unless the money stops there.
    kind, before = given
    carried, level, hop, stopped = found
    queues, chain = ends
    row = columns[0][k]
    b = columns[2][row]
    if carried[k] > 0.0:
        if kind[b] != 0:
            stopped[b] += carried[k]
            return
        if hop[b] == 0 and before[row] > 0.0:
            had = _new(before[row], False, parcels)
            _join(queues, b, had, had, parcels)
        if hop[b] == 0 or level[k] < hop[b]:
            hop[b] = level[k]
    if hop[b] > 0 and chain[0] > 0:  # a payment of nothing carries no parcel
        _join(queues, b, chain[0], chain[1], parcels)


@numba.njit(cache=True)
def _new(amount, flag, parcels):  # type: ignore[no-untyped-def]
    size, traced, after = parcels
    size.append(amount)
    traced.append(flag)
    after.append(0)
    return len(size) - 1


@numba.njit(cache=True)
def _join(ends, place, first, last, parcels):  # type: ignore[no-untyped-def]
    # Put the parcels from *first* to *last* at an end; neighbours of one kind become one, so that queues stay short.
    size, traced, after = parcels
    end = ends[1, place]
    if end == 0:
        ends[0, place], ends[1, place] = first, last
        return
    if traced[end] == traced[first]:
        size[end] += size[first]
        if first == last:
            return
        first = after[first]
    after[end] = first
    ends[1, place] = last


@numba.njit(cache=True)
def _traced(parcel, parcels):  # type: ignore[no-untyped-def]
    size, traced, after = parcels
    total = 0.0
    while parcel > 0:
        if traced[parcel]:
            total += size[parcel]
        parcel = after[parcel]
    return total
