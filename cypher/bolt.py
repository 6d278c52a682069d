"""Speak Bolt: load, write back and ask, in managed transactions, the same on every store."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from cypher.faults import named_faults
from cypher.findings import Findings
from cypher.questions import question as saved
from cypher.questions import statements
from cypher.rows import LINKS, NODES, batches, rows
from cypher.work import answer, change, count, load_transactions
from graphml.errors import ParameterError, StoreError, UnknownName
from graphml.ledger import Ledger
from graphml.ring import Ring

if TYPE_CHECKING:
    from neo4j import Driver

__all__ = ["BoltStore", "connect"]

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")
_NAMED = {
    "account": "MATCH (n:Account {accountNumber: $name}) RETURN count(n) AS n",
    "ring": "MATCH (n:Ring {ringId: $name}) RETURN count(n) AS n",
}
_TRIES = 5  # of a batch that another writer's node of the same key made fail; the driver retries only transient errors


def connect(uri: str, user: str, password: str) -> "Driver":
    """Return a driver that has reached the server at *uri*.

    Raises:
        StoreError: the server does not answer or refuses the user.
    """
    from neo4j import GraphDatabase

    with named_faults():
        # Hints about missing labels and the like are about our own texts, not for the user's terminal.
        driver = GraphDatabase.driver(uri, auth=(user, password), notifications_min_severity="OFF")
        try:
            driver.verify_connectivity()
        except BaseException:
            driver.close()
            raise
        return driver


@dataclass(slots=True, eq=False)
class BoltStore:
    """Keep the entity graph in a server that speaks Bolt: a `graphml.store.GraphStore` and a context manager."""

    driver: "Driver | None" = None
    database: str | None = None  # None: the server's default
    batch: int = 10_000  # rows in one transaction
    _prepared: bool = field(default=False)

    def load(self, ledger: Ledger) -> Mapping[str, int]:
        """Write the ledger's entity graph, idempotently, and return the number of nodes and relationships by label.

        Raises:
            InputError: two transactions have one id.
            StoreError: the store already holds another ledger's transactions under the same ids.
        """
        table = rows(ledger, "transaction")
        self._prepare()
        for part in (*NODES, *LINKS):
            texts = statements(f"load/{part.file}.cypher")
            for batch in batches(rows(ledger, part.file), self.batch):
                for text in texts:
                    self._write(change, text, {"rows": batch})
        for number, batch in enumerate(batches(table, self.batch), 1):
            self._write(load_transactions, batch)
            _LOG.info("loaded %d of %d transactions", min(number * self.batch, table.height), table.height)
        return self._read(count)

    def write_back(self, run: str, ledger: Ledger, scores: NDArray[np.float64], flagged: NDArray[np.bool_],
                   rings: Sequence[Ring]) -> None:  # fmt: skip
        """Write scores (N,) and flags (N,) of accounts and ring membership with the run's id, idempotently.

        What an earlier write-back of the same run left and this one lacks is taken out; other runs keep theirs.

        Raises:
            ParameterError: the run has no id, the arrays are not one value an account, or a ring has no id of its own.
        """
        if not run:
            raise ParameterError("A run without an id cannot be written back. Name it, for example 'run-1'.")
        found = Findings.of(ledger, scores, flagged, rings)
        self._prepare()
        kept = {"rings": [r["ringId"] for r in found.rings], "flagged": [f["account"] for f in found.flags]}
        for text in statements("write/stale.cypher"):
            self._write(change, text, {"run": run, **kept})
        for file in ("scores", "flags", "rings", "former", "members", "alerts"):
            (text,) = statements(f"write/{file}.cypher")
            content = getattr(found, file)
            for at in range(0, len(content), self.batch):
                self._write(change, text, {"run": run, "rows": content[at : at + self.batch]})

    def ask(self, question: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the rows of a saved question, in its total order; dates and durations are milliseconds or text.

        Raises:
            UnknownName: no question of that name. ParameterError: a parameter is missing, unknown or out of bounds.
        """
        asked = saved(question)
        bound = asked.bind(parameters)
        self._prepare()
        for parameter in asked.parameters:
            self._must_be_there(parameter.type, bound[parameter.name])
        return self._read(answer, asked.text, bound)

    def close(self) -> None:
        """Let go of the store; closing twice is closing once."""
        driver, self.driver = self.driver, None
        if driver is not None:
            driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _must_be_there(self, kind: str, name: str) -> None:
        # Without this an unknown account would look like one without findings.
        if kind in _NAMED and not self._read(answer, _NAMED[kind], {"name": name})[0]["n"]:
            raise UnknownName(f"The store has no {kind} '{name}'. Write it as the ledger or the run does.")

    def _connected(self) -> "Driver":
        if self.driver is None:
            raise StoreError("The store is closed. Open it again with cypher.open_store(URI).")
        return self.driver

    def _prepare(self) -> None:
        if not self._prepared:
            for text in statements("schema/entities.cypher"):
                self._write(change, text, {})
            self._prepared = True

    def _read(self, work: Callable[..., _T], *given: Any) -> _T:
        with named_faults(), self._connected().session(database=self.database) as session:
            return session.execute_read(work, *given)

    def _write(self, work: Callable[..., _T], *given: Any) -> _T:
        from neo4j.exceptions import ConstraintError

        for left in reversed(range(_TRIES)):
            try:
                with named_faults(), self._connected().session(database=self.database) as session:
                    return session.execute_write(work, *given)
            except ConstraintError as fault:
                # Another writer made the same node between our look and our commit: on the next try it is found.
                if not left:
                    raise StoreError(
                        f"The store refused a batch {_TRIES} times: {fault.message}. Load one at a time."
                    ) from fault
        raise AssertionError("the last try returns or raises")
