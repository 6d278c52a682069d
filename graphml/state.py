"""Go on where the features of a ledger ended, at the cost of the rows that have come since and of one window."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.cores import side_by_side
from graphml.errors import InputError
from graphml.families import Families, Features
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.past import Numbers, Past
from graphml.stream import Stream
from graphml.window import DAY, to_datetime

__all__ = ["HELD", "Held", "State"]

HELD = 30 * DAY  # microseconds, the longest window: rows so young are held
_Coded = tuple[NDArray[np.int16], tuple[str, ...]]  # (E,) codes into names, ascending


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Hold the columns of rows in order of time, as `TransactionGraph` has them, and nothing laid out over them."""

    bank: NDArray[np.int32]  # (N,) number of the account's bank
    source: NDArray[np.int32]
    target: NDArray[np.int32]
    time: NDArray[np.int64]  # microseconds UTC
    value: NDArray[np.float64]
    amount: NDArray[np.float64]
    currency: NDArray[np.int16]  # codes into currencies
    format: NDArray[np.int16]  # codes into formats
    currencies: tuple[str, ...]  # ascending
    formats: tuple[str, ...]  # ascending

    @classmethod
    def of(cls, graph: TransactionGraph, first: int) -> Self:
        """Return the rows of the view from row *first* on."""
        rows = slice(first, graph.hi)
        names = "source", "target", "time", "value", "amount", "currency", "format"
        columns: dict[str, Any] = {name: getattr(graph, name)[rows] for name in names}
        return cls(bank=graph.bank, **columns, currencies=graph.currencies, formats=graph.formats)

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Hold what the next rows need: the rows of the last 30 days, and what is left of those before.

    It grows with the accounts, with the pairs of them that have met, and with those rows, not with all history.
    """

    names: pl.Series  # (N,) of accounts, ascending
    held: Held  # rows that a window can still reach
    past: Past
    rows: int  # of the ledger so far
    digest: str  # of their ends, times and values
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
        return families.tell(stream, at, first), cls.after(ledger, families, stream)

    @classmethod
    def begin(cls, ledger: Ledger, families: Families, state: Self | None = None) -> tuple[Stream, int]:
        """Return the rows that *state* has not seen, as a stream with what it holds, and the row they begin with.

        Raises:
            InputError: as `tell` does.
        """
        if state is None:
            return Stream.of(TransactionGraph.of(ledger)), 0
        return state.stream(ledger, state.check(ledger, families)), state.rows

    @classmethod
    def after(cls, ledger: Ledger, families: Families, stream: Stream) -> Self:
        """Return the state after the last row of *stream*, which is that of *ledger*."""
        graph = stream.graph
        edge = int(np.searchsorted(graph.time[graph.rows], graph.time[graph.hi - 1] + 1 - HELD)) + graph.lo
        jobs: tuple[Callable[[], Any], ...] = (
            lambda: families.forget(stream, edge),
            lambda: _digest(ledger.transactions, np.arange(graph.n, dtype=np.int32)),
        )
        past, digest = side_by_side(lambda job: job(), jobs)
        return cls(
            ledger.accounts["name"], Held.of(graph, edge), past, ledger.transactions.height, digest, families.names
        )

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
        time = ledger.transactions["time"].to_physical()
        place = self._places(ledger)
        found = place >= 0
        number = np.full(ledger.accounts.height, -1, np.int32)
        number[place[found]] = np.flatnonzero(found)
        if len(time) < self.rows or _digest(ledger.transactions[: self.rows], number) != self.digest:
            raise InputError(
                f"The first {self.rows:,} transactions of the ledger are not those that the state was made from. Give "
                "the same ledger with later transactions added, or begin a new state."
            )
        last = int(self.held.time[-1])
        if len(time) > self.rows and time[self.rows] <= last:
            raise InputError(
                f"Transaction {ledger.transactions['id'][self.rows]} is of {to_datetime(last):%Y-%m-%d %H:%M:%S}, the "
                "instant at which the state ended. Add whole instants, or begin a new state."
            )
        missing = self.names.filter(~found)
        if len(missing):
            raise InputError(
                f"The ledger does not know account {missing[0]}, which the state knows ({len(missing):,} in all). Give "
                "the same ledger with later transactions added, or begin a new state."
            )
        return place

    def stream(self, ledger: Ledger, account: NDArray[np.int32]) -> Stream:
        """Return the held rows and, to be told, those of *ledger*, which has numbers for each *account*, that came since."""
        held, new = self.held, TransactionGraph.of(ledger, self.rows)
        bank = np.zeros(int(held.bank.max(initial=-1)) + 1, np.int32)
        bank[held.bank] = new.bank[account]
        currency, paid = _joined((held.currency, held.currencies), (new.currency, new.currencies))
        payment, _ = _joined((held.format, held.formats), (new.format, new.formats))
        both = TransactionGraph.of_columns(
            bank=new.bank,
            source=np.concatenate([account[held.source], new.source]),
            target=np.concatenate([account[held.target], new.target]),
            time=np.concatenate([held.time, new.time]),
            value=np.concatenate([held.value, new.value]),
            amount=np.concatenate([held.amount, new.amount]),
            currency=currency,
            format=payment,
        )
        past = self.past.renumbered(Numbers(new.n, account, bank, paid))
        return Stream.of(both, len(held), past)

    def _places(self, ledger: Ledger) -> NDArray[np.int32]:
        # (N,) the number in *ledger* of each account of the state, -1 where it is not there.
        names = ledger.accounts.select("name", pl.int_range(pl.len(), dtype=pl.Int32).alias("place"))
        found = self.names.alias("name").to_frame().join(names, on="name", how="left", maintain_order="left")
        return found["place"].fill_null(-1).to_numpy()


def _joined(held: _Coded, new: _Coded) -> tuple[_Coded, NDArray[np.int16]]:
    # Codes of the held and the new rows in one alphabetical list of names, and the code there of each held name.
    names = tuple(sorted({*held[1], *new[1]}))
    was, now = (np.array([names.index(name) for name in one[1]], np.int16) for one in (held, new))
    return (np.concatenate([was[held[0]], now[new[0]]]), names), was


def _digest(transactions: pl.DataFrame, number: NDArray[np.int32]) -> str:
    # *number* (N,) are accounts in the order of their names, for later rows can change the numbers of a ledger.
    found = hashlib.sha256()
    for column in ("source", "target"):
        found.update(number[transactions[column].to_numpy()].data)
    for values in (transactions["time"].to_physical(), transactions["value"]):
        found.update(np.ascontiguousarray(values.to_numpy()).data)
    return found.hexdigest()
