"""State what a feature is: a number with a unit, a window and a sentence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from graphml.past import Memory
from graphml.stream import Stream

__all__ = ["Family", "Feature", "InParts", "Part", "Remembers", "Serial", "Shares", "Together", "both_ends"]


@dataclass(frozen=True, slots=True)
class Feature:
    """Describe one column."""

    name: str  # snake_case, unique over all families
    unit: str  # count, USD-like "reference currency", hours, share, rank, ...
    window: str  # "1d", "4d", "8d", "all", "day" (state as of the start of the day)
    sentence: str  # with {value}: "received from {value} different accounts in the last 8 days"


@runtime_checkable
class Family(Protocol):
    """Compute features that belong together. A file in `graphml/features` has one, with defaults, as `FAMILY`.

    Values are written in place, for a family is as wide as memory lets it be.
    """

    @property
    def name(self) -> str:
        """Return the name of the family."""
        ...

    @property
    def cost(self) -> str:
        """Return what the work grows with, and what limits it."""
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
        self, stream: Stream, account: NDArray[np.int32], at: NDArray[np.int64], out: NDArray[np.float32]
    ) -> None:
        """Fill *out* (M, F): for each pair (account, instant) the values from rows strictly earlier than the instant.

        A value depends on the rows before its own instant and on nothing else.
        """
        ...

    def transactions(self, stream: Stream, out: NDArray[np.float32]) -> None:
        """Fill *out* (E, F) for the rows of the view: values from rows strictly earlier than each row's instant."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """Hold some columns of transactions and what fills them."""

    first: int  # place of the first of them: in `InParts.parts` among the family's, in `Families.parts` among all
    features: tuple[Feature, ...]
    fill: Callable[[NDArray[np.float32]], None]  # an (E, F) array


@runtime_checkable
class InParts(Protocol):
    """Fill the columns of transactions part by part, for a family that is too wide to be held at once."""

    def parts(self, stream: Stream) -> Iterator[Part]:
        """Yield the parts; side by side they are `of_transactions`."""
        ...


@runtime_checkable
class Serial(Protocol):
    """Make of a stream what one core is long at and no other can help with: begun early, it has others beside it."""

    @property
    def serial(self) -> str:
        """Return what that is."""
        ...


@runtime_checkable
class Shares(Protocol):
    """Make once for a stream what others use as well: all families of which `shares` is equal."""

    @property
    def shares(self) -> object:
        """Return what tells it from what other families make."""
        ...


@runtime_checkable
class Together(Protocol):
    """Fill the columns of accounts and of transactions in one walk, for a family to which a walk is dear."""

    def tell(
        self, stream: Stream, account: NDArray[np.int32], at: NDArray[np.int64], out: NDArray[np.float32],
        rows: NDArray[np.float32], keep: bool,
    ) -> None:  # fmt: skip
        """Fill *out* (M, F) as `accounts` does and *rows* (E, F) as `transactions` does."""
        ...


@runtime_checkable
class Remembers(Protocol):
    """Keep what a family needs of rows that will be gone; a family that reads no further back than 30 days need not."""

    def remember(self, stream: Stream, until: int) -> Memory:
        """Return what counts of the rows before row *until*, those that the stream's past stands for among them.

        The stream that goes on holds the rows from *until* on, and tells those after the last of this one.
        """
        ...


def both_ends(features: tuple[Feature, ...]) -> tuple[Feature, ...]:
    """Return the account features twice, for the payer and for the payee of a transaction."""
    return tuple(
        Feature(f"{end}_{f.name}", f.unit, f.window, f"the {end} {f.sentence}")
        for end in ("payer", "payee")
        for f in features
    )
