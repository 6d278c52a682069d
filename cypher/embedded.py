"""Keep the entity graph in a folder, with ArcadeDB started in this process."""

import atexit
import fcntl
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, ClassVar, Self

from cypher.bolt import BoltStore, connect
from cypher.bulk import write_database
from cypher.server import DATABASE, Server, databases, start_java
from cypher.work import answer, count
from graphml.errors import StoreError
from graphml.folder import swap
from graphml.ledger import Ledger

if TYPE_CHECKING:
    from neo4j import Driver

__all__ = ["STORE", "Embedded"]


@dataclass(slots=True, eq=False)
class Embedded(BoltStore):
    """Keep the entity graph in a folder that one process holds at a time; its server starts when it is first asked."""

    schemes: ClassVar[tuple[str, ...]] = ("embedded",)
    folder: Path = field(default=Path())
    _lock: IO[str] | None = None
    _server: Server | None = None

    @classmethod
    def opened(cls, uri: str) -> Self:
        """Return the store in the folder that `embedded:DIR` names, made where it is missing.

        Raises:
            StoreError: another process holds it, or the folder is no place for one.
        """
        path = uri.partition(":")[2]
        if not path:
            raise StoreError("An embedded store needs a folder. Write it as embedded:DIR.")
        folder = Path(path).absolute()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = (folder / "lock").open("a+", encoding="utf-8")
        except OSError as fault:
            raise StoreError(f"'{folder}' cannot hold a store: {fault.strerror}. Name another folder.") from fault
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            lock.close()
            raise StoreError(
                f"Another process holds the store in '{folder}'. Let it end, or name another folder."
            ) from fault
        shutil.rmtree(folder / "partial", ignore_errors=True)  # of a load that was killed
        return cls(database=DATABASE, folder=folder, _lock=lock)

    def load(self, ledger: Ledger) -> Mapping[str, int]:
        """Write the ledger's entity graph, idempotently, and return the number of nodes and relationships by label.

        An empty store is written in bulk beside its place and then put there as a whole, so that a killed load leaves the
        empty store; one that holds something is added to over Bolt.

        Raises:
            InputError: two transactions have one id.
            StoreError: the store already holds another ledger's transactions under the same ids.
        """
        if not self._is_empty():
            # Named, for a slotted dataclass is made anew and `super()` would name the one before.
            return BoltStore.load(self, ledger)
        self._stop()
        self._must_be_open()
        start_java(self.folder)
        partial = self.folder / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        write_database(ledger, partial / DATABASE)
        databases(self.folder).mkdir(exist_ok=True)
        swap(partial / DATABASE, databases(self.folder) / DATABASE)
        self._prepared = True
        return self._read(count)

    def close(self) -> None:
        """Stop the server and let go of the folder; closing twice is closing once."""
        self._stop()
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.close()

    def _is_empty(self) -> bool:
        if not (databases(self.folder) / DATABASE).exists():
            return True
        (found,) = self._read(answer, "MATCH (n) RETURN count(n) AS n", {})
        return bool(found["n"] == 0)

    def _connected(self) -> "Driver":
        self._must_be_open()
        if self.driver is None:
            self._server = Server.of(self.folder)
            atexit.register(self._stop)  # for a store that nobody closes
            self.driver = connect(f"bolt://127.0.0.1:{self._server.port}", "root", self._server.password)
        return self.driver

    def _must_be_open(self) -> None:
        if self._lock is None:
            raise StoreError("The store is closed. Open it again with cypher.open_store(URI).")

    def _stop(self) -> None:
        atexit.unregister(self._stop)
        BoltStore.close(self)
        server, self._server = self._server, None
        if server is not None:
            server.stop()


STORE = Embedded
