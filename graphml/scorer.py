"""State what a model is: it is fitted on examples and scores accounts as of an instant."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph

__all__ = ["UNKNOWN", "Examples", "Fitted", "Scorer"]

UNKNOWN = -1  # a label that nobody gave


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Hold (account, instant) pairs: what was known strictly before the instant, and the truth if there is one."""

    account: NDArray[np.int32]  # (M,)
    at: NDArray[np.int64]  # (M,) microseconds UTC, ascending; only earlier rows may be used
    label: NDArray[np.int8]  # (M,) 1 laundering, 0 not, -1 unknown
    known: NDArray[np.int64]  # (M,) instant at which a label 1 became known, microseconds UTC; else 0
    features: NDArray[np.float32]  # (M, F) account features as of `at`
    names: tuple[str, ...]  # F names of the columns
    group: NDArray[np.int32]  # (M,) examples of one group never stand on both sides of a split

    def __len__(self) -> int:
        return len(self.account)

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> Self:
        """Return the examples at *index* (positions ascending, or a mask)."""
        return replace(
            self, account=self.account[index], at=self.at[index], label=self.label[index], known=self.known[index],
            features=self.features[index], group=self.group[index],
        )  # fmt: skip

    def as_known(self, until: int) -> Self:
        """Return the same as a bank saw them at *until* (microseconds UTC): what came to light later was clean then."""
        return replace(self, label=np.where((self.label == 1) & (self.known > until), 0, self.label).astype(np.int8))


@runtime_checkable
class Fitted(Protocol):
    """Score examples with what was learnt."""

    def score(self, graph: TransactionGraph, examples: Examples) -> NDArray[np.float64]:
        """Return (M,) suspicion in [0, 1]; uses rows of the view strictly earlier than each example's instant."""
        ...

    def save(self, folder: Path) -> None:
        """Write what was learnt into *folder* (which exists), in safe formats, never pickle."""
        ...


@runtime_checkable
class Scorer(Protocol):
    """Learn. A file in `graphml/models` has one, with defaults, as `SCORER`."""

    @property
    def name(self) -> str:
        """Return the name of the model."""
        ...

    @property
    def needs_labels(self) -> bool:
        """Return whether `fit` needs labels of both kinds."""
        ...

    @property
    def chooses(self) -> bool:
        """Return whether `fit` chooses something on *choose*; who does not may learn from it as well."""
        ...

    def fit(self, graph: TransactionGraph, train: Examples, choose: Examples, seed: int) -> Fitted:
        """Return the model fitted on *train*; what must be chosen (rounds, epochs, weights) is chosen on *choose*."""
        ...

    def load(self, folder: Path) -> Fitted:
        """Return what `Fitted.save` wrote."""
        ...
