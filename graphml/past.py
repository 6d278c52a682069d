"""Keep what is needed of rows that are no longer held: who had paid whom, and what each family remembers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.exact import fixed, plus
from graphml.graph import TransactionGraph

__all__ = ["Accounts", "Floats", "Ints", "Memory", "Numbers", "Pairs", "Past"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Accounts = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Say how accounts, banks and currencies are numbered now; accounts keep their order."""

    n: int  # accounts now
    account: NDArray[np.int32]  # (old N,) ascending
    bank: NDArray[np.int32]  # (old banks,)
    currency: NDArray[np.int16]  # (old currencies,)


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """Hold what one family remembers of rows that are gone."""

    dense: Mapping[str, NDArray[Any]] = field(default_factory=dict)  # (N, ...) by account, zeros: nothing
    lists: Mapping[str, tuple[NDArray[Any], ...]] = field(default_factory=dict)  # (M,) columns, by account, the first
    numbers: Mapping[str, int] = field(default_factory=dict)

    def renumbered(self, to: "Numbers") -> "Memory":
        """Return the memory in the new numbers; a second column of a list named `..._bank` or `..._currency` too."""
        dense = {name: _moved(old, to) for name, old in self.dense.items()}
        lists = {}
        for name, (account, *columns) in self.lists.items():
            for kind, number in (("_bank", to.bank), ("_currency", to.currency)):
                if name.endswith(kind):
                    columns[0] = number[columns[0]]
            lists[name] = (to.account[account], *columns)
        return Memory(dense, lists, self.numbers)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Hold each payer and payee that had met, by payer, then payee; who paid itself is a pair as well."""

    n: int  # accounts
    payer: Accounts  # (M,)
    payee: Accounts  # (M,)
    count: Ints  # (M,) payments
    value: Floats  # (M, 2) reference currency, a double-double
    last: Ints  # (M,) microseconds UTC, of the latest
    port: Ints  # (M, 2) of the payee among the payer's payees, of the payer among the payee's payers

    @classmethod
    def none(cls, n: int) -> Self:
        """Return no pairs of *n* accounts."""
        who, many = np.zeros(0, np.int32), np.zeros(0, np.int64)
        return cls(n, who, who, many, np.zeros((0, 2)), many, np.zeros((0, 2), np.int64))

    def __len__(self) -> int:
        return len(self.payer)

    def find(self, payer: Accounts, payee: Accounts) -> Accounts:
        """Return (K,) the place of each pair, -1 where it had not met."""
        wanted = payer.astype(np.int64) * self.n + payee
        if not len(self):
            return np.full(len(wanted), -1, np.int32)
        known = self.payer.astype(np.int64) * self.n + self.payee
        place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        return np.where(known[place] == wanted, place, -1).astype(np.int32)

    def known(self) -> Ints:
        """Return (N, 2) how many payees and how many payers each account had met, itself among them."""
        return np.stack([np.bincount(end, minlength=self.n) for end in (self.payer, self.payee)], axis=1)

    def with_rows(self, graph: TransactionGraph, until: int) -> Self:
        """Return the pairs with the rows of the view before row *until* added."""
        rows = slice(graph.lo, until)
        key = graph.source[rows].astype(np.int64) * self.n + graph.target[rows]
        own = self.payer.astype(np.int64) * self.n + self.payee
        both = np.union1d(own, key)
        size = len(both)
        mine, place = np.searchsorted(both, own), np.searchsorted(both, key)
        payer, payee = (both // max(self.n, 1)).astype(np.int32), (both % max(self.n, 1)).astype(np.int32)
        count, value, last = np.zeros(size, np.int64), np.zeros((size, 2)), np.zeros(size, np.int64)
        first, port = np.full(size, np.iinfo(np.int64).max), np.zeros((size, 2), np.int64)
        count[mine], value[mine], last[mine], port[mine] = self.count, self.value, self.last, self.port
        _add(place, graph.value[rows], graph.time[rows], (count, value, last, first))
        met = self.known()
        fresh = np.flatnonzero(port[:, 0] == 0)
        for side, end in enumerate((payer, payee)):
            order = fresh[np.lexsort((first[fresh], end[fresh]))]
            new_account = np.append(True, end[order][1:] != end[order][:-1])
            new = new_account | np.append(True, first[order][1:] != first[order][:-1])
            at = np.arange(len(order))
            begin = np.maximum.accumulate(np.where(new_account, at, 0))
            port[order, side] = 1 + met[end[order], side] + np.maximum.accumulate(np.where(new, at, 0)) - begin
        return type(self)(self.n, payer, payee, count, value, last, port)

    def renumbered(self, to: Numbers) -> Self:
        """Return the pairs in the new numbers; their order stays, for that of accounts does."""
        columns = self.count, self.value, self.last, self.port
        return type(self)(to.n, to.account[self.payer], to.account[self.payee], *columns)


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Hold what is left of all rows before those that a stream holds."""

    pairs: Pairs
    first: int | None = None  # instant of the first row ever, microseconds UTC; None: there was none
    memory: Mapping[str, Memory] = field(default_factory=dict)  # by family

    @classmethod
    def none(cls, n: int) -> Self:
        """Return no past of *n* accounts."""
        return cls(Pairs.none(n))

    def renumbered(self, to: Numbers) -> Self:
        """Return the past in the new numbers."""
        memory = {family: one.renumbered(to) for family, one in self.memory.items()}
        return type(self)(self.pairs.renumbered(to), self.first, memory)

    def dense(self, family: str, name: str, shape: tuple[int, ...], kind: type = np.float64) -> NDArray[Any]:
        """Return (N, *shape) of what *family* remembers under *name*, zeros where it remembers nothing."""
        found = self.memory.get(family, Memory()).dense.get(name)
        return np.zeros((self.pairs.n, *shape), kind) if found is None else found


def _moved(old: NDArray[Any], to: Numbers) -> NDArray[Any]:
    # What an account has is moved in one piece, which NumPy does far faster than row by row.
    if to.n == len(old):
        return old
    new = np.zeros((to.n, *old.shape[1:]), old.dtype)
    if not old.size:
        return new
    piece = np.dtype((np.void, new[:1].nbytes))
    new.reshape(to.n, -1).view(piece)[to.account, 0] = np.ascontiguousarray(old).reshape(len(old), -1).view(piece)[:, 0]
    return new


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _add(place: Ints, worth: Floats, time: Ints, columns: tuple[Ints, Floats, Ints, Ints]) -> None:
    count, value, last, first = columns
    for i in range(len(place)):
        p = place[i]
        count[p] += 1
        value[p, 0], value[p, 1] = plus(value[p, 0], value[p, 1], fixed(worth[i]))
        last[p] = time[i]
        first[p] = min(first[p], time[i])
