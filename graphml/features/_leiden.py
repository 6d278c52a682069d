"""Find communities by the Leiden algorithm, beginning from those of the day before."""

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.prefetch import SOON, ahead, prefetch
from graphml.stream import Accounts, Ints

__all__ = ["leiden", "numbered", "singles"]

_TOWARDS, _TOTAL, _CUT = range(
    3
)  # columns of `sums`: weight towards the node, of all its nodes, towards the rest of its community
_NEAR = 1e-9  # of an account's weight: a gain below it is rounding, and moves nothing


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def leiden(start: Ints, other: Accounts, weight: NDArray[np.float32], member: Accounts) -> Accounts:
    """Return (K,) int32, the community of each of K accounts, numbered in order of their first account.

    Modularity is raised by the Leiden algorithm (Traag, Waltman and van Eck, 2019): single accounts move, communities
    are refined into parts that hang together, the parts become the accounts of the next round. *start* (K+1,), *other*
    (P,) int32 and *weight* (P,) float32 are a symmetric matrix in CSR without diagonal; *member* (K,) int32 the
    communities to begin with, below K. Accounts take their turns in order of number and a part joins the one that
    gains most (randomness 0), so the result depends on the arguments only.
    """
    n = len(start) - 1
    strength = np.zeros(n)
    for v in range(n):
        for e in range(start[v], start[v + 1]):
            strength[v] += weight[e]
    both = strength.sum()
    place = np.arange(n).astype(np.int32)
    member, count = numbered(member)
    if both == 0.0:
        return member
    scale = 1.0 / both
    while True:
        _move(start, other, weight, strength, member, scale)
        member, count = numbered(member)
        if count == len(member):
            break
        part, parts = numbered(_refine(start, other, weight, strength, member, scale))
        if parts == len(member):
            break
        start, other, weight, strength, member = _merge(start, other, weight, strength, member, part, parts)
        for v in range(n):
            place[v] = part[place[v]]
    found = np.empty(n, np.int32)
    for v in range(n):
        found[v] = member[place[v]]
    member, _ = numbered(found)
    return member


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def numbered(label: Accounts) -> tuple[Accounts, int]:
    """Return labels 0, 1, ... in order of first appearance, and how many there are; labels are below their number."""
    number = np.full(len(label), -1, np.int32)
    found = np.empty(len(label), np.int32)
    count = 0
    for v in range(len(label)):
        if number[label[v]] < 0:
            number[label[v]] = count
            count += 1
        found[v] = number[label[v]]
    return found, count


@numba.njit(cache=True, nogil=True)
def _move(start, other, weight, strength, member, scale):  # type: ignore[no-untyped-def]
    # Each node goes to the community that gains most, or to an empty one, until none of the queue wants to.
    n = len(member)
    sums, size = np.zeros((n, 2)), np.zeros(n, np.int32)  # of each community
    for v in range(n):
        sums[member[v], _TOTAL] += strength[v]
        size[member[v]] += 1
    free = np.empty(n, np.int32)
    frees = 0
    for c in range(n):
        if size[c] == 0:
            free[frees] = c
            frees += 1
    touched = np.empty(len(other) + 1, np.int32)
    queue, queued = np.arange(n).astype(np.int32), np.ones(n, np.bool_)
    head, waiting = 0, n
    while waiting > 0:
        v = queue[head]
        _before_turn(start, other, weight, member, queue, head)
        head = head + 1 if head + 1 < n else 0
        waiting -= 1
        queued[v] = False
        own, k = member[v], strength[v]
        found = 0
        for e in range(start[v], start[v + 1]):
            c = member[other[e]]
            touched[found] = c
            found += sums[c, _TOWARDS] == 0.0
            sums[c, _TOWARDS] += weight[e]
        sums[own, _TOTAL] -= k
        best = own
        gain = sums[own, _TOWARDS] - k * sums[own, _TOTAL] * scale + _NEAR * k
        sums[own, _TOWARDS] = 0.0
        for i in range(found):
            c = touched[i]
            other_gain = sums[c, _TOWARDS] - k * sums[c, _TOTAL] * scale
            sums[c, _TOWARDS] = 0.0
            if c != own and other_gain > gain:
                best, gain = c, other_gain
        if (gain < 0.0 or k == 0.0) and size[own] > 1:
            frees -= 1
            best = free[frees]
        sums[best, _TOTAL] += k
        if best == own:
            continue
        member[v] = best
        size[own] -= 1
        size[best] += 1
        if size[own] == 0:
            free[frees] = own
            frees += 1
        for e in range(start[v], start[v + 1]):
            u = other[e]
            if not queued[u] and member[u] != best:
                queued[u] = True
                tail = head + waiting
                queue[tail if tail < n else tail - n] = u
                waiting += 1


@numba.njit(cache=True, nogil=True)
def _before_turn(start, other, weight, group, nodes, turn):  # type: ignore[no-untyped-def]
    # Begin to load what those need whose turns come next: where their lists are, the lists, what groups are in them.
    if turn + 3 < len(nodes):
        v, u, w = nodes[turn + 3], nodes[turn + 2], nodes[turn + 1]
        prefetch(start, v)
        prefetch(other, start[u])
        prefetch(weight, start[u])
        for e in range(start[w], min(start[w] + SOON, start[w + 1])):
            prefetch(group, other[e])


@numba.njit(cache=True, nogil=True)
def _refine(start, other, weight, strength, member, scale):  # type: ignore[no-untyped-def]
    # Inside each community nodes that are well connected to it join the well connected part that gains most.
    n = len(member)
    total = np.zeros(n)
    for v in range(n):
        total[member[v]] += strength[v]
    part, alone = np.arange(n).astype(np.int32), np.ones(n, np.bool_)
    sums = np.zeros((n, 4))  # of each part; the fourth column only keeps a row within one line of the cache
    for v in range(n):
        cut = 0.0
        for e in range(start[v], start[v + 1]):
            ahead(member, other, e)
            cut += weight[e] if member[other[e]] == member[v] else 0.0
        sums[v, _TOTAL], sums[v, _CUT] = strength[v], cut
    touched = np.empty(len(other) + 1, np.int32)
    for v in range(n):
        k, whole = strength[v], total[member[v]]
        if not alone[v] or sums[v, _CUT] < k * (whole - k) * scale:
            continue
        found = 0
        for e in range(start[v], start[v + 1]):
            ahead(member, other, e)
            ahead(part, other, e)
            if member[other[e]] == member[v]:
                c = part[other[e]]
                touched[found] = c
                found += sums[c, _TOWARDS] == 0.0
                sums[c, _TOWARDS] += weight[e]
        best, gain, bound = v, _NEAR * k, 0.0
        for i in range(found):
            c = touched[i]
            other_gain = sums[c, _TOWARDS] - k * sums[c, _TOTAL] * scale
            if other_gain > gain and sums[c, _CUT] >= sums[c, _TOTAL] * (whole - sums[c, _TOTAL]) * scale:
                best, gain, bound = c, other_gain, sums[c, _TOWARDS]
            sums[c, _TOWARDS] = 0.0
        if best != v:
            part[v] = best
            sums[best, _TOTAL] += k
            sums[best, _CUT] += sums[v, _CUT] - 2.0 * bound
            alone[best] = alone[v] = False
    return part


@numba.njit(cache=True, nogil=True)
def _merge(start, other, weight, strength, member, part, parts):  # type: ignore[no-untyped-def]
    # The graph of the parts, without diagonal, and the community of each.
    n = len(member)
    first = np.zeros(parts + 1, np.int64)
    for v in range(n):
        first[part[v] + 1] += 1
    for p in range(parts):
        first[p + 1] += first[p]
    place, nodes = first[:parts].copy(), np.empty(n, np.int32)
    new_strength, new_member = np.zeros(parts), np.empty(parts, np.int32)
    for v in range(n):
        p = part[v]
        nodes[place[p]] = v
        place[p] += 1
        new_strength[p] += strength[v]
        new_member[p] = member[v]
    new_start = np.zeros(parts + 1, np.int64)
    new_other, new_weight = np.empty(len(other), np.int32), np.empty(len(other), np.float32)
    near, touched = np.zeros(parts), np.empty(len(other) + 1, np.int32)
    top = 0
    for p in range(parts):
        found = 0
        for i in range(first[p], first[p + 1]):
            v = nodes[i]
            _before_turn(start, other, weight, part, nodes, i)
            for e in range(start[v], start[v + 1]):
                c = part[other[e]]
                if c != p:
                    touched[found] = c
                    found += near[c] == 0.0
                    near[c] += weight[e]
        for i in range(found):
            new_other[top], new_weight[top] = touched[i], near[touched[i]]
            near[touched[i]] = 0.0
            top += 1
        new_start[p + 1] = top
    return new_start, new_other[:top], new_weight[:top], new_strength, new_member


def singles(count: int) -> NDArray[np.int32]:
    """Return (K,): everyone alone."""
    return np.arange(count, dtype=np.int32)
