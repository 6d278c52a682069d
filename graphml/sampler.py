"""Sample what a seed could see: neighbourhoods strictly before the seed's own instant, never shared between seeds."""

import warnings
from dataclasses import dataclass, field

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph

with warnings.catch_warnings():  # importing torch_geometric uses torch.jit, which torch has deprecated
    warnings.simplefilter("ignore")
    import torch
    from torch_geometric.sampler import BaseSampler, NodeSamplerInput, SamplerOutput

__all__ = ["TemporalSampler"]


@dataclass(slots=True, eq=False)
class TemporalSampler(BaseSampler):  # type: ignore[misc]
    """Sample for PyG's NodeLoader; a node of a batch is (seed, account), so no seed sees through another's clock.

    Edge id e < E is row e, from payer to payee; E + e is the same row backwards, from payee to payer. A sampled edge
    points from the neighbour towards the account that was expanded.
    """

    graph: TransactionGraph
    fan_out: tuple[int, ...] = (5, 3)  # neighbours per hop and direction
    recent: bool = True  # take the latest; else without replacement at random (Floyd, 1987)
    seed: int = 0
    _fan: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self._fan = np.array(self.fan_out, np.int64)

    @property
    def edge_permutation(self) -> None:
        """Return None: edge ids are rows already."""
        return

    def bound(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the first row that a seed judged at each instant (microseconds UTC) must not see."""
        rows = np.searchsorted(self.graph.time[: self.graph.hi], at, "left")
        return np.maximum(rows, self.graph.lo).astype(np.int64)

    def sample_from_nodes(self, index: NodeSamplerInput, **_: object) -> SamplerOutput:
        """Return the sampled neighbourhoods; the first nodes are the seeds, `batch` names each node's seed."""
        seeds, at = index.node.numpy().astype(np.int64), index.time.numpy().astype(np.int64)
        g = self.graph
        ends = (g.in_start, g.in_rows, g.out_start, g.out_rows, g.source, g.target)
        salt = np.uint64(self.seed)
        node, batch, row, col, edge = _sample(seeds, at, self.bound(at), g.lo, ends, (self._fan, self.recent, salt))
        tensors = [torch.from_numpy(part) for part in (node, row, col, edge, batch)]
        return SamplerOutput(*tensors, metadata=(index.input_id, index.time))

    def sample_from_edges(self, *_: object, **__: object) -> SamplerOutput:
        """Raise: examples are accounts."""
        raise NotImplementedError("Only accounts are sampled from; use sample_from_nodes.")


@numba.njit(cache=True)
def _mix(x):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    # splitmix64 (Steele et al., 2014): a good 64-bit hash of a counter, the same on every machine.
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@numba.njit(cache=True)
def _pick(n, k, state, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    # Floyd's k of n without replacement, into out[:k].
    for count in range(k):
        j = n - k + count
        state = _mix(state)
        t = np.int64(state % np.uint64(j + 1))
        for i in range(count):
            if out[i] == t:
                t = j
                break
        out[count] = t
    return state


@numba.njit(cache=True)
def _sample(seeds, at, bound, lo, ends, how):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    fan, recent, salt = how
    in_start, in_rows, out_start, out_rows, source, target = ends
    cap, level = 1, 1
    for k in fan:
        level *= 2 * k
        cap += level
    b_count, rows = len(seeds), len(source)
    node = np.empty(b_count * cap, np.int64)
    batch = np.empty(b_count * cap, np.int64)
    row, col, edge = (
        np.empty(b_count * cap, np.int64),
        np.empty(b_count * cap, np.int64),
        np.empty(b_count * cap, np.int64),
    )
    node[:b_count] = seeds
    batch[:b_count] = np.arange(b_count)
    nodes, edges = b_count, 0
    own = np.empty(cap, np.int64)
    chosen = np.empty(max(fan.max(), 1), np.int64)
    for b in range(b_count):
        own[0] = b
        first, last, size = 0, 1, 1
        for k in fan:
            for p in range(first, last):
                v = node[own[p]]
                # The draw depends on seed account, instant and expanded account only, not on the batch.
                state = _mix(_mix(_mix(salt ^ np.uint64(seeds[b])) ^ np.uint64(at[b])) ^ np.uint64(v))
                for way in range(2):
                    start, listed = (in_start, in_rows) if way == 0 else (out_start, out_rows)
                    mine = listed[start[v] : start[v + 1]]
                    a = np.searchsorted(mine, lo)
                    z = np.searchsorted(mine, bound[b])
                    n = z - a
                    take = min(n, k)
                    if take > 0 and not recent:
                        state = _pick(n, take, state, chosen)
                    for i in range(take):
                        e = mine[z - 1 - i] if recent else mine[a + chosen[i]]
                        u = source[e] if way == 0 else target[e]
                        where = -1
                        for q in range(size):
                            if node[own[q]] == u:
                                where = own[q]
                                break
                        if where < 0:
                            where = nodes
                            node[nodes] = u
                            batch[nodes] = b
                            own[size] = nodes
                            size += 1
                            nodes += 1
                        row[edges] = where
                        col[edges] = own[p]
                        edge[edges] = e + way * rows
                        edges += 1
            first, last = last, size
    return node[:nodes].copy(), batch[:nodes].copy(), row[:edges].copy(), col[:edges].copy(), edge[:edges].copy()
