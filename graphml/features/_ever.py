"""Keep what an account did on one side in rows that are gone, so that `all` can still mean all."""

from dataclasses import dataclass
from typing import Self

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.exact import fixed, fixed_product, plus
from graphml.past import Memory
from graphml.stream import Floats, Ints, Side, Stream

__all__ = ["Ever", "add"]


@dataclass(frozen=True, slots=True, eq=False)
class Ever:
    """Hold the totals of one side before the rows of a stream."""

    count: Ints  # (N,) payments
    total: Floats  # (N, 4) value and squared value, each a double-double
    extremes: Floats  # (N, 2) largest, smallest; -inf and inf where there was no payment
    distinct: Ints  # (N, 3) parties, banks, currencies
    known: NDArray[np.bool_]  # (P, 3) whether party, bank and currency of each entry had been met before

    @classmethod
    def of(cls, stream: Stream, outward: bool) -> Self:
        """Return what the past of *stream* holds of one side."""
        side, graph, past = stream.outward if outward else stream.inward, stream.graph, stream.past
        known = np.zeros((len(side.rows), 3), np.bool_)
        if not len(past.pairs):
            none = np.tile([-np.inf, np.inf], (graph.n, 1))
            return cls(
                np.zeros(graph.n, np.int64), np.zeros((graph.n, 4)), none, np.zeros((graph.n, 3), np.int64), known
            )
        way, memory = _way(outward), past.memory["activity"]
        own = side.own.astype(np.int64)
        apart = past.pairs.payer != past.pairs.payee
        ends = past.pairs.payer if outward else past.pairs.payee
        distinct = [np.bincount(ends[apart], minlength=graph.n)]
        known[:, 0] = stream.met(outward) >= 0
        for k, (name, size, of_entry) in enumerate(_kinds(stream, side)):
            account, kind = memory.lists[f"{way}_{name}"]
            distinct.append(np.bincount(account, minlength=graph.n))
            known[:, k + 1] = np.isin(own * size + of_entry, account.astype(np.int64) * size + kind)
        count, total, extremes = (memory.dense[f"{way}_{name}"] for name in ("count", "total", "extremes"))
        extremes = np.where(count[:, None] > 0, extremes, [-np.inf, np.inf])
        return cls(count, total, extremes, np.stack(distinct, axis=1), known)

    def with_rows(self, stream: Stream, outward: bool, until: int) -> Memory:
        """Return the totals of one side with the rows of the stream before row *until* added."""
        side, way = stream.outward if outward else stream.inward, _way(outward)
        gone = side.rows < until
        own = side.own[gone]
        count, total, extremes = self.count.copy(), self.total.copy(), self.extremes.copy()
        add(own, side.value[gone], (count, total, extremes))
        lists = {}
        for name, size, of_entry in _kinds(stream, side):
            key = own.astype(np.int64) * size + of_entry[gone]
            if len(stream.past.pairs):
                account, kind = stream.past.memory["activity"].lists[f"{way}_{name}"]
                key = np.concatenate([key, account.astype(np.int64) * size + kind])
            key = np.unique(key)
            lists[f"{way}_{name}"] = ((key // size).astype(np.int32), (key % size).astype(np.int32))
        return Memory({f"{way}_count": count, f"{way}_total": total, f"{way}_extremes": extremes}, lists)


def _way(outward: bool) -> str:
    return "out" if outward else "in"


def _kinds(stream: Stream, side: Side) -> tuple[tuple[str, int, NDArray[np.int64]], ...]:
    # Name, number of kinds, and (P,) the kind of each entry.
    graph = stream.graph
    banks = int(graph.bank.max(initial=0)) + 1
    return (
        ("bank", banks, graph.bank[side.other].astype(np.int64)),
        ("currency", len(graph.currencies) + 1, graph.currency[side.rows].astype(np.int64)),
    )


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def add(own: NDArray[np.int32], value: Floats, totals: tuple[Ints, Floats, Floats]) -> None:
    """Add each *value* to the totals of the account *own*: count (N,), total (N, 4), extremes (N, 2) of `Ever`."""
    count, total, extremes = totals
    for i in range(len(own)):
        a, v = own[i], fixed(value[i])
        count[a] += 1
        total[a, 0], total[a, 1] = plus(total[a, 0], total[a, 1], v)
        total[a, 2], total[a, 3] = plus(total[a, 2], total[a, 3], fixed_product(v, v))
        extremes[a, 0] = max(extremes[a, 0], value[i])
        extremes[a, 1] = min(extremes[a, 1], value[i])
