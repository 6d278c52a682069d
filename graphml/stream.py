"""Lay out a graph view for kernels that walk each account once in order of time."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.cores import side_by_side
from graphml.graph import TransactionGraph
from graphml.past import Accounts, Floats, Ints, Past
from graphml.side import Columns, Side

__all__ = ["Accounts", "Asked", "Columns", "Floats", "Ints", "Out", "Side", "Stream", "by_end"]

T = TypeVar("T")
Out = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Hold the instants at which accounts are looked at, by account, then instant, and the output row of each."""

    start: Ints  # (N+1,)
    at: Ints  # (Q,) microseconds UTC, ascending inside an account
    row: Ints  # (Q,) row of the output

    @classmethod
    def of(cls, n: int, account: Accounts, at: Ints) -> Self:
        """Return the pairs (account, instant), each written to its own place."""
        order = np.lexsort((at, account)).astype(np.int64)
        start = np.zeros(n + 1, np.int64)
        np.cumsum(np.bincount(account, minlength=n), out=start[1:])
        return cls(start, at[order], order)

    @classmethod
    def rows(cls, side: Side, new: int) -> Self:
        """Return the accounts of *side* at the instants of their rows from *new* on, each written to row - new."""
        if not len(side.rows) or side.rows.min() >= new:
            return cls(side.start, side.time, side.rows - new if new else side.rows)
        keep = side.rows >= new
        position = np.zeros(len(keep) + 1, np.int64)
        np.cumsum(keep, out=position[1:])
        return cls(position[side.start], side.time[keep], side.rows[keep] - new)

    @classmethod
    def both(cls, one: Self, other: Self) -> Self:
        """Return what two ask, *one* in rows 0, 2, 4 ... of the output, the *other* in those between."""
        return cls(one.start + other.start, *_merged(one.columns, other.columns))

    @property
    def columns(self) -> tuple[Ints, Ints, Ints]:
        """Return (start, at, row)."""
        return self.start, self.at, self.row


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """Hold what every family reads: the view, its two sides, laid out once, and what is left of the rows before it.

    Rows from `new` on are to be told; those before it are only held because a window reaches over them.
    """

    graph: TransactionGraph
    inward: Side
    outward: Side
    new: int  # first row that is to be told
    past: Past
    made: dict[str, "Future[Any]"]  # what has been made of it already, by name
    asked: dict[str, "Future[Any]"]  # the same, of what every family asks
    readers: int = 0  # families that share what is made of it, 0: not known

    @classmethod
    def of(cls, graph: TransactionGraph, new: int | None = None, past: Past | None = None) -> Self:
        """Return the stream of a view; by default all its rows are told and nothing was before them."""
        inward, outward = side_by_side(lambda side: Side.of(graph, side), ("in", "out"))
        past = Past.none(graph.n) if past is None else past
        return cls(graph, inward, outward, graph.lo if new is None else new, past, {}, {})

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what *make* gives, which is asked only once for each *name*."""
        return _once(self.made, name, make)

    def view(self, readers: int = 0) -> Self:
        """Return the same for so many *readers*; nothing has been made of it yet, and what is made goes when it goes."""
        return replace(self, made={}, readers=readers)

    @property
    def told(self) -> slice:
        """Return the rows that are to be told."""
        return slice(self.new, self.graph.hi)

    @property
    def sides(self) -> tuple[Columns, Columns]:
        """Return the columns in and out."""
        return self.inward.columns, self.outward.columns

    @property
    def payers(self) -> Asked:
        """Return the payer of each row that is to be told, at the row's instant."""
        return _once(self.asked, "payers", lambda: Asked.rows(self.outward, self.new))

    @property
    def payees(self) -> Asked:
        """Return the payee of each row that is to be told, at the row's instant."""
        return _once(self.asked, "payees", lambda: Asked.rows(self.inward, self.new))

    @property
    def ends(self) -> Asked:
        """Return payer and payee of each row that is to be told, at the row's instant, in turn; it goes with the view."""
        return self.once("ends", lambda: Asked.both(self.payers, self.payees))

    @property
    def first(self) -> int | None:
        """Return the instant of the first row ever, microseconds UTC; None where there is none."""
        if self.past.first is not None:
            return self.past.first
        return int(self.graph.time[self.graph.lo]) if len(self.graph) else None

    def ever(self, outward: bool) -> Columns:
        """Return the columns of a side with what is gone before them: two entries a pair, at the beginning of time.

        Their values are the two parts of the pair's sum, so nothing of it is lost.
        """
        side, pairs = self.outward if outward else self.inward, self.past.pairs
        if not len(pairs):
            return side.columns
        own, other = (pairs.payer, pairs.payee) if outward else (pairs.payee, pairs.payer)
        twice = np.repeat(np.stack([own, other]), 2, axis=1)
        order = np.argsort(np.concatenate([twice[0], side.own]), kind="stable")
        early = np.full(2 * len(pairs), np.iinfo(np.int64).min)
        start = np.concatenate([[0], np.cumsum(np.bincount(twice[0], minlength=self.graph.n))]) + side.start
        return (
            start,
            np.concatenate([twice[1], side.other])[order],
            np.concatenate([early, side.time])[order],
            np.concatenate([pairs.value.ravel(), side.value])[order],
        )

    def met(self, outward: bool) -> Accounts:
        """Return (P,) for each entry of a side the place in the past's pairs of payer and payee, else -1."""
        return self._places(outward, f"met {outward}", lambda payer, payee: self.past.pairs.find(payer, payee))

    def met_back(self, outward: bool) -> Accounts:
        """Return (P,) the same for the way back, from payee to payer."""
        return self._places(outward, f"met back {outward}", lambda payer, payee: self.past.pairs.find(payee, payer))

    def _places(self, outward: bool, name: str, find: Callable[[Accounts, Accounts], Accounts]) -> Accounts:
        graph, rows = self.graph, (self.outward if outward else self.inward).rows
        if not len(self.past.pairs):
            return np.full(len(rows), -1, np.int32)
        return self.once(name, lambda: find(graph.source[rows], graph.target[rows]))


def _once(done: "dict[str, Future[Any]]", name: str, make: Callable[[], T]) -> T:
    made: Future[T] = Future()
    found = done.setdefault(name, made)  # of two threads one makes, the other waits
    if found is made:
        try:
            made.set_result(make())
        except BaseException as fault:
            made.set_exception(fault)
            raise
    result: T = found.result()
    return result


def by_end(out: Out, ends: int) -> NDArray[np.float32]:
    """Return *out* (E, ends x F) as (E, ends, F), not copied: what `ends` asks for stands in its row and end in turn."""
    return out.reshape((len(out), ends, out.shape[1] // ends), copy=False)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _merged(one: tuple[Ints, Ints, Ints], other: tuple[Ints, Ints, Ints]) -> tuple[Ints, Ints]:
    # Instants ascending inside an account, and twice the row of the one, one more than twice that of the other.
    (start, at, row), (start_2, at_2, row_2) = one, other
    found, place = np.empty(len(at) + len(at_2), np.int64), np.empty(len(at) + len(at_2), np.int64)
    top = 0
    for own in range(len(start) - 1):
        i, j = start[own], start_2[own]
        while i < start[own + 1] or j < start_2[own + 1]:
            if j == start_2[own + 1] or (i < start[own + 1] and at[i] <= at_2[j]):
                found[top], place[top] = at[i], 2 * row[i]
                i += 1
            else:
                found[top], place[top] = at_2[j], 2 * row_2[j] + 1
                j += 1
            top += 1
    return found, place
