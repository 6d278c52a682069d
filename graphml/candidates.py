"""Hold what rings are made of: instances of typologies and networks, in columns and in one order."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numba
import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.lists import Lists
from graphml.ring import Found, Ring

__all__ = ["LEAF", "Candidates"]

LEAF = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Hold what could be a ring, C sets of payments, in an order that neither numbering nor the order of finding changes.

    They stand by first payment, number of payments, what they are, and typology.
    """

    found: tuple[Found, ...]  # by typology
    kind: NDArray[np.int64]  # (C,) place in `found`
    place: NDArray[np.int64]  # (C,) which instance of it
    end: NDArray[np.int64]  # (C,) microseconds UTC of the last payment, to a leaf or not
    rows: Lists  # of each candidate, ascending, without those to its leaves
    accounts: Lists  # of each candidate, ascending, without its leaves

    @classmethod
    def of(cls, ledger: Ledger, graph: TransactionGraph, found: Iterable[Found], leaf: float = LEAF) -> Self:
        """Return what was *found* in *ledger*; an account with one payment, below *leaf* of the median, is a leaf."""
        every = tuple(sorted(found, key=lambda one: one.typology))
        kind = np.repeat(np.arange(len(every)), [len(one) for one in every])
        place = np.concatenate([np.zeros(0, np.int64), *(np.arange(len(one)) for one in every)])
        rows = Lists.joined(one.rows for one in every)
        paid = _places(ledger, rows.values)
        least = np.minimum.reduceat(paid, rows.start[:-1]) if len(rows) else paid
        which = Lists(rows.start, paid).sums(_noise(int(paid.max(initial=-1)) + 1))
        order = np.lexsort((kind, which, np.diff(rows.start), least))
        rows, accounts = rows.take(order), Lists.joined(one.accounts for one in every).take(order)
        end = graph.time[rows.values[rows.start[1:] - 1]]
        ends = graph.source, graph.target, graph.value
        rows_kept, accounts_kept = _kept((rows.start, rows.values), (accounts.start, accounts.values), ends, leaf)
        return cls(every, kind[order], place[order], end, rows.only(rows_kept), accounts.only(accounts_kept))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the names of the typologies."""
        return tuple(one.typology for one in self.found)

    def ring(self, i: int) -> Ring:
        """Return candidate *i* as its typology tells it, leaves and all."""
        one: Found = self.found[self.kind[i]]
        return one.told(int(self.place[i]))


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _kept(rows, accounts, ends, leaf) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # Which places of *rows* and *accounts*, each start and values of lists, are no leaves; a candidate of which less
    # than three accounts would be left stays whole.
    (row_start, row), (account_start, account), (source, target, value) = rows, accounts, ends
    row_kept, account_kept = np.ones(len(row), np.bool_), np.ones(len(account), np.bool_)
    for one in range(len(row_start) - 1):
        own = row[row_start[one] : row_start[one + 1]]
        low, high = np.inf, 0.0
        for k in own:
            low, high = min(low, value[k]), max(high, value[k])
        if low >= leaf * high:  # which is the median at least
            continue
        held = account[account_start[one] : account_start[one + 1]]
        least = leaf * np.median(value[own])
        if low >= least:
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
    used = np.flatnonzero(np.bincount(rows, minlength=1))
    names = ledger.accounts["name"].rank("dense").to_numpy().astype(np.int64)
    told = ledger.transactions.select("time", "source", "target", "amount")[used]
    pair = names[told["source"].to_numpy()] * (int(names.max(initial=0)) + 1) + names[told["target"].to_numpy()]
    order, alike = _ordered(told["time"].to_physical().to_numpy(), pair, told["amount"].cast(pl.Float64).to_numpy())
    # Few are alike in all of these, and only for them what else there is decides.
    some = order[alike]
    order[alike] = some[_exact(ledger.transactions[used[some]], names)]
    place = np.zeros(int(rows.max(initial=-1)) + 1, np.int64)
    place[used[order]] = np.arange(len(used))
    return np.asarray(place[rows], np.int64)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _ordered(time, pair, amount) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # The places by time, which ascends, then pair, then amount, and which are like the one before or after in all.
    order, alike = np.empty(len(time), np.int64), np.zeros(len(time), np.bool_)
    lo = 0
    while lo < len(time):
        hi = lo + 1
        while hi < len(time) and time[hi] == time[lo]:
            hi += 1
        order[lo:hi] = lo + np.argsort(pair[lo:hi])  # equals in any order: those of one pair come by amount
        first = lo
        for i in range(lo + 1, hi + 1):
            if i == hi or pair[order[i]] != pair[order[first]]:
                if i - first > 1:  # those of one pair by amount
                    own = order[first:i].copy()
                    order[first:i] = own[np.argsort(amount[own])]  # in any order, too: those are `alike`
                first = i
        for i in range(lo + 1, hi):
            same = pair[order[i]] == pair[order[i - 1]] and amount[order[i]] == amount[order[i - 1]]
            alike[i - 1], alike[i] = alike[i - 1] or same, same
        lo = hi
    return order, alike


def _exact(table: pl.DataFrame, names: NDArray[np.integer]) -> NDArray[np.int64]:
    keys = table.select(
        "time", "amount", pl.col("amount").cast(pl.Float64).alias("units"), pl.col("currency").cast(pl.String), "id"
    ).with_columns(
        pl.Series("payer", names[table["source"].to_numpy()]), pl.Series("payee", names[table["target"].to_numpy()])
    )
    order = keys.select(pl.arg_sort_by("time", "payer", "payee", "units", "amount", "currency", "id"))
    return order.to_series().to_numpy().astype(np.int64)


def _noise(size: int) -> NDArray[np.int64]:
    # Numbers whose sum tells one set of places from another; sums may pass 2^63 and come round.
    return np.random.default_rng(0).integers(np.iinfo(np.int64).max, size=size)
