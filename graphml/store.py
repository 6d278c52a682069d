"""State what a graph store is: an entity graph that loads a ledger, keeps findings and answers saved questions."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from graphml.ledger import Ledger
from graphml.ring import Ring

__all__ = ["GraphStore"]


@runtime_checkable
class GraphStore(Protocol):
    """Keep the entity graph. Opened by `cypher.open_store(URI)`; a context manager."""

    def load(self, ledger: Ledger) -> Mapping[str, int]:
        """Write the ledger's entity graph, idempotently, and return the number of nodes and relationships by label."""
        ...

    def write_back(self, run: str, ledger: Ledger, scores: NDArray[np.float64], flagged: NDArray[np.bool_],
                   rings: Sequence[Ring]) -> None:  # fmt: skip
        """Write scores (N,) and flags (N,) of accounts and ring membership with the run's id, idempotently."""
        ...

    def ask(self, question: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the rows of a saved question, in its total order.

        Raises:
            UnknownName: no question of that name. ParameterError: a parameter is missing or unknown.
        """
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...
