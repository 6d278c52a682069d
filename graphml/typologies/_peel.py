"""Peel a three-part flow down to its densest block, greedily, as FlowScope does."""

import heapq

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["densest"]

Ints = NDArray[np.int64]


def densest(
    ends: tuple[Ints, Ints], value: NDArray[np.float64], parts: NDArray[np.int8], penalty: float, middles: int
) -> tuple[NDArray[np.bool_], float]:  # fmt: skip
    """Return (nodes,) which nodes the densest block met has, and its density; none and 0 where no block is positive.

    *ends* are the numbers of the payers' and payees' nodes, *parts* (nodes,) is 0 for sources, 1 for middles, 2 for
    sinks; an edge leads from 0 to 1 or from 1 to 2. The density of a block S is the sum over its middles of
    (1 + penalty) * f - penalty * q, over |S|, with f the lesser and q the greater of what the middle gets and gives in
    S (Li et al., FlowScope, AAAI 2020, equation 2). The node with the least weight goes first: of a middle its term of that
    sum, of another node what it moves. Only blocks with at least *middles* middles count. A heuristic: the greatest
    density is not always met.
    """
    both = np.concatenate(ends)
    order = np.argsort(both, kind="stable")
    start = np.searchsorted(both[order], np.arange(len(parts) + 1))
    gone_at, best, density = _peel((*ends, value), parts, (order % len(value), start), penalty, middles)
    return gone_at >= best, density


@numba.njit(cache=True, nogil=True)
def _weight(node, part, flow, penalty):  # type: ignore[no-untyped-def]
    if part != 1:
        return flow[0, node] + flow[1, node]
    least, most = min(flow[0, node], flow[1, node]), max(flow[0, node], flow[1, node])
    return (1 + penalty) * least - penalty * most


@numba.njit(cache=True, nogil=True)
def _peel(edges, parts, lists, penalty, middles):  # type: ignore[no-untyped-def]
    source, target, value = edges
    by_node, start = lists
    n = len(parts)
    flow = np.zeros((2, n), np.float64)  # in, out
    for e in range(len(value)):
        flow[0, target[e]] += value[e]
        flow[1, source[e]] += value[e]
    gone_at, lives = np.full(n, n, np.int64), np.ones(n, np.bool_)
    heap = [(_weight(v, parts[v], flow, penalty), v) for v in range(n)]
    heapq.heapify(heap)
    weight = np.array([_weight(v, parts[v], flow, penalty) for v in range(n)])
    total, left, between = 0.0, n, 0
    for v in range(n):
        if parts[v] == 1:
            total += weight[v]
            between += 1
    best, density = n, 0.0
    if between >= middles and total / left > density:
        best, density = 0, total / left
    step = 0
    while heap and between >= middles:
        w, v = heapq.heappop(heap)
        if not lives[v] or w != weight[v]:
            continue
        lives[v], gone_at[v] = False, step
        step, left = step + 1, left - 1
        if parts[v] == 1:
            total, between = total - weight[v], between - 1
        for k in range(start[v], start[v + 1]):
            e = by_node[k]
            other = target[e] if source[e] == v else source[e]
            if not lives[other]:
                continue
            flow[0 if target[e] == other else 1, other] -= value[e]
            now = _weight(other, parts[other], flow, penalty)
            if parts[other] == 1:
                total += now - weight[other]
            weight[other] = now
            heapq.heappush(heap, (now, other))
        if left and between >= middles and total / left > density:
            best, density = step, total / left
    return gone_at, best, density
