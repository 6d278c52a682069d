"""Follow money first in, first out: each account is a queue of parcels, traced or not."""

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["follow_parcels"]

Legs = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]


def follow_parcels(
    columns: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]],
    marked: NDArray[np.bool_], kind: NDArray[np.int8], opening: NDArray[np.float64],
) -> tuple[Legs, NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Return legs (row, traced amount, hop), what accounts hold (N,) and what stopped at them (N,).

    Args:
        columns: rows in order of time, and payer, payee, value, time of all rows.
        marked: which rows are seeds.
        kind: 0 where money goes on, else it stops.
        opening: balances (N,) before the first row.
    """
    legs, held, stopped = _follow(columns, marked, kind, opening)
    return legs, held, stopped


@numba.njit(cache=True)
def _follow(columns, marked, kind, opening):  # type: ignore[no-untyped-def]
    rows, payer, payee, value, time = columns
    n = len(opening)
    balance = opening.copy()  # of accounts without a queue
    head, tail = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    queued = np.zeros(n, np.bool_)  # has a queue: traced money came once
    hop, stopped = np.zeros(n, np.int64), np.zeros(n)
    size, traced, after = [0.0 for _ in range(0)], [False for _ in range(0)], [np.int64(0) for _ in range(0)]
    out_rows, out_taint = [np.int64(0) for _ in range(0)], [0.0 for _ in range(0)]
    out_hop = [np.int64(0) for _ in range(0)]
    i = 0
    while i < len(rows):
        j = i
        # What each payment of the instant carries, in order; parcels of row k are begins[k - i] to begins[k - i + 1].
        parts, flags = [0.0 for _ in range(0)], [False for _ in range(0)]
        begins, level = [0 for _ in range(0)], [np.int64(0) for _ in range(0)]
        while j < len(rows) and time[rows[j]] == time[rows[i]]:
            row = rows[j]
            a, amount = payer[row], value[row]
            begins.append(len(parts))
            level.append(np.int64(1) if marked[row] else hop[a] + 1)
            left = amount
            while queued[a] and left > 0.0 and head[a] >= 0:
                first = head[a]
                took = min(left, size[first])
                parts.append(took)
                flags.append(traced[first])
                left -= took
                if took >= size[first]:
                    head[a] = after[first]
                    if head[a] < 0:
                        tail[a] = -1
                else:
                    size[first] -= took
            if not queued[a]:
                balance[a] = max(0.0, balance[a] - amount)
            if left > 0.0:
                parts.append(left)
                flags.append(marked[row])
            j += 1
        begins.append(len(parts))
        for k in range(i, j):
            row = rows[k]
            b = payee[row]
            carried = 0.0
            for p in range(begins[k - i], begins[k - i + 1]):
                if flags[p]:
                    carried += parts[p]
            if carried > 0.0:
                out_rows.append(row)
                out_taint.append(carried)
                out_hop.append(level[k - i])
            if kind[b] != 0:
                stopped[b] += carried
                balance[b] += value[row]
                continue
            if carried > 0.0:
                if hop[b] == 0 or level[k - i] < hop[b]:
                    hop[b] = level[k - i]
                if not queued[b]:
                    queued[b] = True
                    if balance[b] > 0.0:
                        size.append(balance[b])
                        traced.append(False)
                        after.append(np.int64(-1))
                        head[b] = tail[b] = len(size) - 1
            if not queued[b]:
                balance[b] += value[row]
                continue
            for p in range(begins[k - i], begins[k - i + 1]):
                last = tail[b]
                if last >= 0 and traced[last] == flags[p]:
                    size[last] += parts[p]
                    continue
                size.append(parts[p])
                traced.append(flags[p])
                after.append(np.int64(-1))
                if last >= 0:
                    after[last] = np.int64(len(size) - 1)
                else:
                    head[b] = len(size) - 1
                tail[b] = len(size) - 1
        i = j
    held = np.zeros(n)
    for a in range(n):
        parcel = head[a]
        while parcel >= 0:
            if traced[parcel]:
                held[a] += size[parcel]
            parcel = after[parcel]
    return (np.array(out_rows, np.int64), np.array(out_taint), np.array(out_hop, np.int64)), held, stopped
