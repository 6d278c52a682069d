"""See a ledger as a directed temporal multigraph in columns."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.by_account import by_account
from graphml.cores import at_once, side_by_side
from graphml.elementary import log1p
from graphml.ledger import Ledger
from graphml.meetings import meetings
from graphml.window import Window

if TYPE_CHECKING:
    import networkx as nx
    from torch_geometric.data import Data

__all__ = ["Codes", "TransactionGraph"]


@dataclass(frozen=True, eq=False)
class TransactionGraph:
    """Hold transactions as edges: edge i is row i of the ledger, accounts are 0..N-1.

    A view (`before`, `window`) shares every array with its parent and differs only in `lo` and `hi`:
    rows outside [lo, hi) do not exist in it. Row numbers never change, so a finding in a view names ledger rows.
    The CSR lists `out_rows` and `in_rows` are sorted by account, then row, hence by time.
    """

    n: int  # N accounts
    lo: int  # first row of the view
    hi: int  # one past the last row of the view
    source: NDArray[np.int32]  # (E,) payer
    target: NDArray[np.int32]  # (E,) payee
    time: NDArray[np.int64]  # (E,) microseconds since 1970 UTC, ascending
    value: NDArray[np.float64]  # (E,) reference currency
    amount: NDArray[np.float64]  # (E,) as paid, in the currency of the row
    currency: NDArray[np.int16]  # (E,) codes into currencies
    format: NDArray[np.int16]  # (E,) codes into formats
    currencies: tuple[str, ...]  # ascending
    formats: tuple[str, ...]  # ascending
    bank: NDArray[np.int32]  # (N,) number of the account's bank
    out_start: NDArray[np.int64]  # (N+1,) out_rows[out_start[a]:out_start[a+1]] are the rows that a pays
    out_rows: NDArray[np.int64]  # (E,)
    in_start: NDArray[np.int64]  # (N+1,)
    in_rows: NDArray[np.int64]  # (E,)

    @classmethod
    def of(cls, ledger: Ledger, first: int = 0) -> Self:
        """Return the graph of the transactions of *ledger* from row *first* on, by default of all.

        Currencies and formats are numbered as in the whole ledger.
        """
        every, table = ledger.transactions, ledger.transactions[first:]
        currencies, formats = Codes.of(every["currency"]), Codes.of(every["format"])
        amount, currency, payment, time, value, source, target = at_once(
            lambda: table["amount"].cast(pl.Float64).to_numpy(),
            lambda: currencies(table["currency"]),
            lambda: formats(table["format"]),
            lambda: table["time"].to_physical().to_numpy().astype(np.int64),
            lambda: table["value"].to_numpy().astype(np.float64),
            lambda: table["source"].to_numpy().astype(np.int32),
            lambda: table["target"].to_numpy().astype(np.int32),
        )
        return cls.of_columns(
            bank=ledger.accounts["bank"].rank("dense").to_numpy().astype(np.int32) - 1,
            source=source, target=target, time=time, value=value, amount=amount,
            currency=(currency, currencies.names), format=(payment, formats.names),
        )  # fmt: skip

    @classmethod
    def of_columns(
        cls,
        *,
        bank: NDArray[np.int32],
        source: NDArray[np.int32],
        target: NDArray[np.int32],
        time: NDArray[np.int64],
        value: NDArray[np.float64],
        amount: NDArray[np.float64],
        currency: tuple[NDArray[np.int16], tuple[str, ...]],
        format: tuple[NDArray[np.int16], tuple[str, ...]],  # noqa: A002
    ) -> Self:
        """Return the graph of rows in order of time; *bank* (N,) says how many accounts there are."""
        n = len(bank)
        (out_start, out_rows), (in_start, in_rows) = side_by_side(lambda end: by_account(end, n), (source, target))
        return cls(
            n=n, lo=0, hi=len(time), source=source, target=target, time=time, value=value, amount=amount,
            currency=currency[0], format=format[0], currencies=currency[1], formats=format[1], bank=bank,
            out_start=out_start, out_rows=out_rows, in_start=in_start, in_rows=in_rows,
        )  # fmt: skip

    def __len__(self) -> int:
        return self.hi - self.lo

    @property
    def rows(self) -> slice:
        """Return the rows of the view, to index the (E,) columns with."""
        return slice(self.lo, self.hi)

    @property
    def active(self) -> NDArray[np.bool_]:
        """Return (N,) which accounts pay or are paid in the view."""
        active = np.zeros(self.n, np.bool_)
        active[self.source[self.rows]] = active[self.target[self.rows]] = True
        return active

    @cached_property
    def new(self) -> NDArray[np.bool_]:
        """Return (E,) which rows of the view are at the first instant of their pair in it, and no self-loops."""
        new: NDArray[np.bool_] = meetings(self.target, self.time, (self.out_start, self.out_rows), (self.lo, self.hi))
        return new

    @property
    def span(self) -> Window:
        """Return the window from the first row of the view to just after its last."""
        return Window.of(int(self.time[self.lo]), int(self.time[self.hi - 1]) + 1) if len(self) else Window(0, 0)

    def before(self, at: int) -> Self:
        """Return the view of the rows strictly earlier than *at* (microseconds UTC)."""
        return replace(self, hi=max(self.lo, min(self.hi, int(np.searchsorted(self.time, at, "left")))))

    def window(self, window: Window) -> Self:
        """Return the view of the rows inside *window*."""
        lo, hi = (int(row) for row in np.searchsorted(self.time, [window.start, window.end], "left"))
        lo = max(self.lo, lo)
        return replace(self, lo=lo, hi=max(lo, min(self.hi, hi)))

    def paid_by(self, account: int) -> NDArray[np.int64]:
        """Return the rows of the view that *account* pays, ascending; shares memory."""
        return self._own(self.out_start, self.out_rows, account)

    def paid_to(self, account: int) -> NDArray[np.int64]:
        """Return the rows of the view that *account* receives, ascending; shares memory."""
        return self._own(self.in_start, self.in_rows, account)

    def _own(self, start: NDArray[np.int64], rows: NDArray[np.int64], account: int) -> NDArray[np.int64]:
        own = rows[start[account] : start[account + 1]]
        lo, hi = np.searchsorted(own, [self.lo, self.hi], "left")
        return own[lo:hi]

    def to_networkx(self) -> "nx.MultiDiGraph[int]":
        """Return a networkx MultiDiGraph; the key of an edge is its row, with `time`, `value`, `currency`, `format`."""
        import networkx as nx

        graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
        graph.add_nodes_from(range(self.n))
        # networkx has no column form: one edge a row is its own interface.
        for row in range(self.lo, self.hi):
            graph.add_edge(
                int(self.source[row]), int(self.target[row]), key=row,
                time=int(self.time[row]), value=float(self.value[row]),
                currency=self.currencies[self.currency[row]], format=self.formats[self.format[row]],
            )  # fmt: skip
        return graph

    def to_pyg(self) -> "Data":
        """Return a PyG Data: `edge_index` (2, E), `edge_time` (E,) int64, `edge_attr` (E, 3) log value, currency, format."""
        import torch
        from torch_geometric.data import Data

        rows = self.rows
        attr = np.stack([log1p(self.value[rows]), self.currency[rows], self.format[rows]], axis=1)
        ends = np.stack([self.source[rows], self.target[rows]]).astype(np.int64)
        return Data(
            num_nodes=self.n,
            edge_index=torch.from_numpy(ends),
            edge_time=torch.from_numpy(self.time[rows].copy()),
            edge_attr=torch.from_numpy(attr.astype(np.float32)),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """Number the names of a column in alphabetical order; the codes of a categorical depend on the order of reading."""

    names: tuple[str, ...]  # ascending; null counts as ""
    place: NDArray[np.int16] | None  # of each code of a categorical column; the last is that of null. None: of text

    @classmethod
    def of(cls, column: pl.Series) -> Self:
        """Return the numbers of what *column* holds."""
        values = column.unique()
        said = values.cast(pl.String).fill_null("").to_list()
        names = tuple(sorted(set(said)))
        if column.dtype != pl.Categorical:
            return cls(names, None)
        own = values.to_physical().fill_null(-1).to_numpy()
        place = np.zeros(int(own.max(initial=-1)) + 2, np.int16)
        place[own] = [names.index(name) for name in said]
        return cls(names, place)

    def __call__(self, column: pl.Series) -> NDArray[np.int16]:
        """Return (E,) the numbers of *column*, which is a part of the one that they are of."""
        if self.place is None:
            return (
                column.cast(pl.String).fill_null("").cast(pl.Enum(self.names)).to_physical().to_numpy().astype(np.int16)
            )
        found: NDArray[np.int16] = self.place[column.to_physical().fill_null(-1).to_numpy()]
        return found
