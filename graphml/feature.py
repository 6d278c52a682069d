"""State what a feature is: a number with a unit, a window and a sentence."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph

__all__ = ["Family", "Feature"]


@dataclass(frozen=True, slots=True)
class Feature:
    """Describe one column."""

    name: str  # snake_case, unique over all families
    unit: str  # count, USD-like "reference currency", hours, share, rank, ...
    window: str  # "1d", "4d", "8d", "all", "day" (state as of the start of the day)
    sentence: str  # with {value}: "received from {value} different accounts in the last 8 days"


@runtime_checkable
class Family(Protocol):
    """Compute features that belong together. A file in `graphml/features` has one, with defaults, as `FAMILY`."""

    @property
    def name(self) -> str:
        """Return the name of the family."""
        ...

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return the columns of `accounts`."""
        ...

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the columns of `transactions`."""
        ...

    def accounts(
        self, graph: TransactionGraph, account: NDArray[np.int32], at: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return (M, F): for each pair (account, instant) the values from rows strictly earlier than the instant.

        The instants come ascending. A value depends on the rows before its own instant and on nothing else.
        """
        ...

    def transactions(self, graph: TransactionGraph) -> NDArray[np.float64]:
        """Return (E, F) for the rows of the view: values from rows strictly earlier than each row's own instant."""
        ...
