"""Hold what rings are made of: instances of typologies and networks, in columns and in one order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

import numba
import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.ring import Found, Ring

__all__ = ["LEAF", "Candidates", "Lists"]

LEAF = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Hold lists of numbers, one after the other."""

    start: NDArray[np.int64]  # (lists + 1,)
    values: NDArray[np.int64]  # list i is values[start[i]:start[i + 1]]

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> Self:
        """Return *lists* in columns."""
        start = np.zeros(len(lists) + 1, np.int64)
        np.cumsum([len(one) for one in lists], out=start[1:])
        return cls(start, np.fromiter(chain.from_iterable(lists), np.int64, int(start[-1])))

    def __len__(self) -> int:
        return len(self.start) - 1

    def holders(self, size: int) -> Self:
        """Return for each number below *size* the lists that hold it, ascending."""
        owner = np.repeat(np.arange(len(self)), np.diff(self.start))
        start = np.zeros(size + 1, np.int64)
        np.cumsum(np.bincount(self.values, minlength=size), out=start[1:])
        return type(self)(start, owner[np.argsort(self.values, kind="stable")])

    def only(self, kept: NDArray[np.bool_]) -> Self:
        """Return the lists with the values that are *kept* (values,)."""
        before = np.zeros(len(kept) + 1, np.int64)
        np.cumsum(kept, out=before[1:])
        return type(self)(before[self.start], self.values[kept])

    def sums(self, of: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each list the sum of the values *of* its numbers."""
        total = np.zeros(len(self.values) + 1, np.int64)
        np.cumsum(of[self.values], out=total[1:])
        return np.diff(total[self.start])


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Hold what could be a ring, in an order that neither numbering nor the order of finding changes."""

    rings: tuple[Ring, ...]  # C of them, by first payment, number of payments, what they are, and typology
    rows: Lists  # of each candidate, ascending, without those to its leaves
    accounts: Lists  # of each candidate, ascending, without its leaves

    @classmethod
    def of(cls, ledger: Ledger, graph: TransactionGraph, found: Iterable[Found], leaf: float = LEAF) -> Self:
        """Return what was *found* in *ledger*; an account with one payment, below *leaf* of the median, is a leaf."""
        every = [ring for one in found for ring in one.rings]
        rows = Lists.of([ring.rows for ring in every])
        place = _places(ledger, rows.values)
        least = np.minimum.reduceat(place, rows.start[:-1]) if every else place
        kind = np.unique(np.array([ring.typology for ring in every], np.str_), return_inverse=True)[1]
        which = Lists(rows.start, place).sums(_noise(int(place.max(initial=-1)) + 1))
        order = np.lexsort((kind, which, np.diff(rows.start), least)).tolist()
        rings = tuple(every[i] for i in order)
        rows, accounts = Lists.of([ring.rows for ring in rings]), Lists.of([ring.accounts for ring in rings])
        ends = graph.source, graph.target, graph.value
        rows_kept, accounts_kept = _kept((rows.start, rows.values), (accounts.start, accounts.values), ends, leaf)
        return cls(rings, rows.only(rows_kept), accounts.only(accounts_kept))

    def __len__(self) -> int:
        return len(self.rings)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _kept(rows, accounts, ends, leaf) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # Which places of *rows* and *accounts*, each start and values of lists, are no leaves; a candidate of which less
    # than three accounts would be left stays whole.
    (row_start, row), (account_start, account), (source, target, value) = rows, accounts, ends
    row_kept, account_kept = np.ones(len(row), np.bool_), np.ones(len(account), np.bool_)
    for one in range(len(row_start) - 1):
        own = row[row_start[one] : row_start[one + 1]]
        held = account[account_start[one] : account_start[one + 1]]
        least = leaf * np.median(value[own])
        if value[own].min() >= least:
            continue
        payers, payees = source[own], target[own]
        small = np.flatnonzero(value[own] < least)
        lost, leaves = np.zeros(len(own), np.bool_), np.zeros(len(held), np.bool_)
        for place in small:
            for end in (payers[place], payees[place]):
                if (payers == end).sum() + (payees == end).sum() == 1:
                    lost[place] = True
                    leaves[np.searchsorted(held, end)] = True
        if len(held) - leaves.sum() >= 3:
            row_kept[row_start[one] : row_start[one + 1]] = ~lost
            account_kept[account_start[one] : account_start[one + 1]] = ~leaves
    return row_kept, account_kept


def _places(ledger: Ledger, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    # Of each row its place by what the payment is: time, names, amount; the numbers of rows and accounts do not count.
    used = np.unique(rows)
    names, table = ledger.accounts["name"].rank("dense"), ledger.transactions[used]
    keys = table.select("time", "amount", pl.col("currency").cast(pl.String), "id").with_columns(
        names.gather(table["source"]).alias("payer"), names.gather(table["target"]).alias("payee")
    )
    order = keys.select(pl.arg_sort_by("time", "payer", "payee", "amount", "currency", "id")).to_series().to_numpy()
    place = np.empty(len(used), np.int64)
    place[order] = np.arange(len(used))
    return place[np.searchsorted(used, rows)]


def _noise(size: int) -> NDArray[np.int64]:
    # Numbers whose sum tells one set of places from another; sums may pass 2^63 and come round.
    return np.random.default_rng(0).integers(np.iinfo(np.int64).max, size=size)
