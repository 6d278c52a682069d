"""Go on where the features of a ledger ended, at the cost of new rows, of one window, and of a look at all rows."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.cores import at_once
from graphml.errors import InputError
from graphml.families import Families, Features
from graphml.graph import Codes, TransactionGraph
from graphml.ledger import Ledger
from graphml.past import Numbers, Past
from graphml.stream import Stream
from graphml.window import DAY

__all__ = ["HELD", "State"]

_BLOCK = 1 << 16  # rows
HELD = 30 * DAY  # microseconds, the longest window: rows so young are read once more


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Hold what the next rows need of those that no window reaches any more; the others are read from the ledger.

    It grows with the accounts, with the pairs of them that have met, and with what families remember. What it says of
    people and banks on days that are over is what the ledger said then; later changes of these are not looked for.
    """

    names: pl.Series  # (N,) of accounts, ascending
    bank: NDArray[np.int32]  # (N,) number of the account's bank
    currencies: tuple[str, ...]  # ascending
    past: Past
    held_from: int  # first row that a window can still reach
    rows: int  # of the ledger so far
    digest: str  # of their columns
    families: tuple[str, ...]

    @classmethod
    def tell(
        cls, ledger: Ledger, families: Families, state: Self | None = None, at: int | None = None
    ) -> tuple[Features, Self]:
        """Return the features of the rows that *state* has not seen, all where there is none, and the state after them.

        Accounts are told as of *at* (microseconds UTC), by default just after the last row. The values are those of a
        computation over the whole ledger, to the byte.

        Raises:
            InputError: the ledger does not go on from where the state ended, or the state is of other families.
        """
        stream, first = cls.begin(ledger, families, state)
        return families.tell(stream, at, first, keep=True), cls.after(ledger, families, stream)

    @classmethod
    def begin(cls, ledger: Ledger, families: Families, state: Self | None = None) -> tuple[Stream, int]:
        """Return the rows that *state* has not seen, as a stream with what it holds, and the row they begin with.

        Raises:
            InputError: as `tell` does.
        """
        if state is None:
            return Stream.of(TransactionGraph.of(ledger)), 0
        place, graph = at_once(
            lambda: state.check(ledger, families), lambda: TransactionGraph.of(ledger, state.held_from)
        )
        return state.stream(graph, place), state.rows

    @classmethod
    def after(cls, ledger: Ledger, families: Families, stream: Stream) -> Self:
        """Return the state after the last row of *stream*, which is that of *ledger*."""
        graph, rows = stream.graph, ledger.transactions.height
        edge = int(np.searchsorted(graph.time[graph.rows], graph.time[graph.hi - 1] + 1 - HELD)) + graph.lo
        past, digest = at_once(
            lambda: families.forget(stream, edge),
            lambda: _digest(ledger.transactions, np.arange(graph.n, dtype=np.int32)),
        )
        first = rows - graph.hi + edge
        return cls(ledger.accounts["name"], graph.bank, graph.currencies, past, first, rows, digest, families.names)

    def check(self, ledger: Ledger, families: Families) -> NDArray[np.int32]:
        """Return (N,) the number in *ledger* of each account of the state.

        Raises:
            InputError: *ledger* and *families* do not go on from this state.
        """
        if families.names != self.families:
            raise InputError(
                f"The state is of the families {', '.join(self.families)}; asked for are {', '.join(families.names)}. "
                "Ask for the same, or begin a new state."
            )
        place, number = self._places(ledger), np.full(ledger.accounts.height, -1, np.int32)
        there = place >= 0
        number[place[there]] = np.flatnonzero(there)
        time = ledger.transactions["time"]
        if 0 < len(time) < self.rows:
            raise InputError(
                f"The state ended after {self.rows:,} transactions, and the ledger, as far as it is looked at, has {len(time):,}, the last of "
                f"{time[-1]:%Y-%m-%d %H:%M:%S}. Look from a later day, give the same ledger with later transactions added, "
                "or begin a new state."
            )
        if len(time) < self.rows or _digest(ledger.transactions[: self.rows], number) != self.digest:
            raise InputError(
                f"The first {self.rows:,} transactions of the ledger are not those that the state was made from. Give "
                "the same ledger with later transactions added, or begin a new state."
            )
        if len(time) > self.rows and time[self.rows] == time[self.rows - 1]:
            raise InputError(
                f"Transaction {ledger.transactions['id'][self.rows]} is of {time[self.rows]:%Y-%m-%d %H:%M:%S}, the "
                "instant at which the state ended. Add whole instants, or begin a new state."
            )
        missing = self.names.filter(~there)
        if len(missing):
            raise InputError(
                f"The ledger does not know account {missing[0]}, which the state knows ({len(missing):,} in all). Give "
                "the same ledger with later transactions added, or begin a new state."
            )
        return place

    def stream(self, graph: TransactionGraph, account: NDArray[np.int32]) -> Stream:
        """Return the rows of *graph*, those held and, to be told, those since; it has numbers for each *account*."""
        bank = np.zeros(int(self.bank.max(initial=-1)) + 1, np.int32)
        bank[self.bank] = graph.bank[account]
        currency = np.array([graph.currencies.index(name) for name in self.currencies], np.int16)
        past: Past
        stream: Stream
        past, stream = at_once(
            lambda: self.past.renumbered(Numbers(graph.n, account, bank, currency)),
            lambda: Stream.of(graph, self.rows - self.held_from),
        )
        return replace(stream, past=past)

    def _places(self, ledger: Ledger) -> NDArray[np.int32]:
        # (N,) the number in *ledger* of each account of the state, -1 where it is not there.
        names = ledger.accounts.select("name", pl.int_range(pl.len(), dtype=pl.Int32).alias("place"))
        found = self.names.alias("name").to_frame().join(names, on="name", how="left", maintain_order="left")
        return found["place"].fill_null(-1).to_numpy()


def _digest(transactions: pl.DataFrame, number: NDArray[np.int32]) -> str:
    # *number* (N,) are accounts in the order of their names, for later rows can change the numbers of a ledger.
    found = hashlib.sha256()
    for column in ("source", "target"):
        for part in _blocks(transactions[column]):
            found.update(number[part.to_numpy()].data)
    for column in ("time", "value", "amount"):
        for part in _blocks(transactions[column]):
            values = part.cast(pl.Float64) if column == "amount" else part.to_physical()
            found.update(np.ascontiguousarray(values.to_numpy()).data)
    for column in ("currency", "format"):
        codes = Codes.of(transactions[column])
        found.update("\x1f".join(codes.names).encode())
        for part in _blocks(transactions[column]):
            found.update(codes(part).data)
    return found.hexdigest()


def _blocks(column: pl.Series) -> Iterator[pl.Series]:
    # So that what is made of a column takes no more memory than a cache has.
    for first in range(0, len(column), _BLOCK):
        yield column[first : first + _BLOCK]
