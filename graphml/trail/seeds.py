"""Say where a trail begins: given transactions, or those of accounts in a window."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from graphml.errors import InputError, ParameterError, UnknownName
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.window import Window

__all__ = ["Seeds"]


@dataclass(frozen=True, slots=True)
class Seeds:
    """Hold the rows that a trail begins with, and its direction."""

    rows: tuple[int, ...]  # ascending, each once
    backward: bool = False  # whether to look for where the money came from

    def __post_init__(self) -> None:
        """Raise ParameterError where there are none."""
        if not self.rows:
            raise ParameterError("A trail needs a transaction or an account to begin with; none was given.")

    @classmethod
    def of_transactions(cls, ledger: Ledger, ids: Sequence[str], backward: bool = False) -> Self:
        """Return the seeds that are the transactions *ids*.

        Raises:
            UnknownName: no transaction has such an id.
            ParameterError: *ids* is empty.
        """
        wanted = set(ids)
        found = ledger.transactions.select("id").with_row_index("row").filter(pl.col("id").is_in(wanted))
        lost = sorted(wanted - set(found["id"]))
        if lost:
            raise UnknownName(
                f"No transaction has the id '{lost[0]}'. Ids are the source's own, or FILE:LINE such as "
                f"'{ledger.transactions['id'][0]}'."
            )
        return cls(tuple(sorted(found["row"].to_list())), backward)

    @classmethod
    def of_accounts(
        cls, ledger: Ledger, graph: TransactionGraph, names: Sequence[str], window: Window, backward: bool = False
    ) -> Self:
        """Return the seeds that are the outgoing transactions of the accounts *names* in *window*; backward: incoming.

        Raises:
            UnknownName: there is no such account.
            InputError: one of the accounts has no such transaction in the window.
        """
        rows: set[int] = set()
        way, idle = "received" if backward else "paid", []
        for name, place in zip(names, ledger.numbers(names), strict=True):
            own = graph.paid_to(place) if backward else graph.paid_by(place)
            lo, hi = np.searchsorted(graph.time[own], [window.start, window.end], "left")
            rows.update(own[lo:hi].tolist())
            if lo == hi:
                idle.append(name)
        if idle:
            out = "so there is no trail to follow" if not rows else "so no trail begins there. Leave such accounts out"
            raise InputError(f"{', '.join(idle)} {way} nothing in that window, {out}.")
        return cls(tuple(sorted(rows)), backward)
