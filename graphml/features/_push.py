"""Find who is near an account by pushing what is left of walks (Andersen, Chung and Lang, 2006), and sum it up."""

from typing import Any

import numba
import numpy as np

from graphml.exact import fixed, less, plus
from graphml.stream import Out

__all__ = ["describe", "heaviest", "push"]

Pack = tuple[Any, ...]  # of arrays, as the docstring says


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def heaviest(inward: Pack, outward: Pack, most: int) -> Pack:
    """Return (N+1,) start, other and chance of the *most* heaviest counterparties of each account, and (N,) how many it has."""
    n = len(inward[0]) - 1
    total, touched = np.zeros((n, 2)), np.empty(n, np.int32)
    mark = np.full(n, -1, np.int64)
    start, degree = np.zeros(n + 1, np.int64), np.zeros(n, np.int64)
    room = 0
    for a in range(n):
        room += min(most, inward[0][a + 1] - inward[0][a] + outward[0][a + 1] - outward[0][a])
    other, chance = np.empty(room, np.int32), np.empty(room)
    top = 0
    for a in range(n):
        found = 0
        for way in range(2):
            side = inward if way == 0 else outward
            for e in range(side[0][a], side[0][a + 1]):
                b = side[1][e]
                if mark[b] != a:
                    mark[b] = a
                    total[b] = 0.0
                    touched[found] = b
                    found += 1
                total[b, 0], total[b, 1] = plus(total[b, 0], total[b, 1], fixed(side[3][e]))
        own = np.sort(touched[:found])
        weight = np.empty(found)
        for i in range(found):
            weight[i] = total[own[i], 0]
        degree[a] = found
        if found > most:
            own_order = np.argsort(-weight, kind="mergesort")[:most]
            own, weight = own[own_order], weight[own_order]
        high = low = 0.0
        for i in range(len(own)):
            high, low = plus(high, low, weight[i])
        for i in range(len(own)):
            if weight[i] > 0.0:
                other[top], chance[top] = own[i], weight[i] / (high + low)
                top += 1
        start[a + 1] = top
    return start, other[:top].copy(), chance[:top].copy(), degree


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def push(near: Pack, seed: int, damping: float, rest: float, room: Pack) -> int:
    """Fill the rank and what is left of *room* (zeros), list the accounts touched in it, and return how many they are.

    *room* holds (N,) rank, left, touched and whether an account has been touched; *near* is what `heaviest` gives.
    """
    start, other, chance = near
    rank, left, touched, known = room
    queue = [np.int64(seed)]
    left[seed] = 1.0
    touched[0] = seed
    known[seed] = True
    found, head = 1, 0
    while head < len(queue):
        v = queue[head]
        head += 1
        first, last = start[v], start[v + 1]
        amount = left[v]
        left[v] = 0.0
        if first == last:
            rank[v] += amount
            continue
        rank[v] += (1.0 - damping) * amount
        for e in range(first, last):
            u = np.int64(other[e])
            if not known[u]:
                known[u] = True
                touched[found] = u
                found += 1
            enough = rest * max(start[u + 1] - start[u], 1)
            waiting = left[u] > enough
            left[u] += damping * amount * chance[e]
            if left[u] > enough and not waiting:
                queue.append(u)
    return found


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def describe(near: Pack, sides: Pack, who: Pack, limits: Pack, out: Out) -> None:
    """Fill *out* (S, 9) for the seeds in *who* (bank of all accounts, seeds); *limits* are damping, rest, share, most."""
    inward, outward = sides
    bank, seeds = who
    n = len(bank)
    rank, left, touched, known = np.zeros(n), np.zeros(n), np.empty(n, np.int32), np.zeros(n, np.bool_)
    inside, bank_seen = np.zeros(n, np.bool_), np.full(bank.max() + 1 if n else 1, -1, np.int64)
    for s in range(len(seeds)):
        seed = seeds[s]
        found = push(near[:3], seed, limits[0], limits[1], (rank, left, touched, known))
        greatest = 0.0
        for i in range(found):
            greatest = max(greatest, rank[touched[i]])
        for i in range(found):
            inside[touched[i]] = rank[touched[i]] >= limits[2] * greatest or touched[i] == seed
        size = banks = sources = sinks = payments = cut = 0
        kept_high = kept_low = all_high = all_low = 0.0
        for i in range(found):
            a = touched[i]
            if not inside[a]:
                continue
            got, paid = inward[0][a + 1] - inward[0][a], outward[0][a + 1] - outward[0][a]
            size += 1
            sources += paid > 0 and got == 0
            sinks += got > 0 and paid == 0
            cut += near[3][a] > limits[3]
            banks += bank_seen[bank[a]] != s
            bank_seen[bank[a]] = s
            for e in range(outward[0][a], outward[0][a + 1]):
                v = fixed(outward[3][e])
                all_high, all_low = plus(all_high, all_low, v)
                if inside[outward[1][e]]:
                    payments += 1
                    kept_high, kept_low = plus(kept_high, kept_low, v)
            for e in range(inward[0][a], inward[0][a + 1]):
                if not inside[inward[1][e]]:
                    all_high, all_low = plus(all_high, all_low, fixed(inward[3][e]))
        total = less(all_high, all_low, 0.0, 0.0)
        out[s, 0], out[s, 1], out[s, 2], out[s, 3], out[s, 4] = size, banks, sources, sinks, payments
        out[s, 5] = total
        out[s, 6] = less(kept_high, kept_low, 0.0, 0.0) / total if total > 0.0 else np.nan
        out[s, 7], out[s, 8] = rank[seed], cut
        for i in range(found):
            a = touched[i]
            rank[a] = left[a] = 0.0
            known[a] = inside[a] = False
