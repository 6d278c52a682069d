"""Ask a Neo4j of our own, started for it and stopped after, what we answer ourselves."""

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import neo4j
import pytest

from cypher import open_store
from graphml.ledger import Ledger
from tests.cypher.neo4j_server import PASSWORD, running

__all__ = ["Absent", "Peer", "peer"]

Absent = pytest.skip.Exception  # raised where Neo4j's jars or Java are not there


class Peer:
    """Hold a running Neo4j with a ledger in it."""

    def __init__(self, driver: neo4j.Driver, loading: float) -> None:
        """Ask over *driver*; *loading* are the seconds that writing the ledger took."""
        self._driver, self.loading = driver, loading

    def ask(
        self, text: str, parameters: Mapping[str, Any], limit: float
    ) -> tuple[list[dict[str, Any]] | None, float]:  # fmt: skip
        """Return the rows that *text* gives, None where they are not there after *limit* seconds, and the seconds."""
        start = time.perf_counter()
        try:
            with self._driver.session() as session:
                work = neo4j.unit_of_work(timeout=limit)(lambda tx: tx.run(text, dict(parameters)).data())
                rows: list[dict[str, Any]] | None = session.execute_read(work)
        except (neo4j.exceptions.ClientError, neo4j.exceptions.TransientError):
            rows = None
        return rows, time.perf_counter() - start

    @property
    def version(self) -> str:
        """Return the version of the server."""
        return str(self._driver.get_server_info().agent)


@contextmanager
def peer(ledger: Ledger, heap: str = "4g", pages: str = "4g") -> Iterator[Peer]:
    """Yield a Neo4j that holds the entity graph of *ledger*, with our indexes.

    Raises:
        Absent: Neo4j is not installed.
    """
    os.environ.setdefault("NEO4J_PASSWORD", PASSWORD)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "home", heap, pages) as uri:
        start = time.perf_counter()
        with open_store(uri) as store:
            store.load(ledger)
        loading = time.perf_counter() - start
        with neo4j.GraphDatabase.driver(uri, auth=("neo4j", PASSWORD)) as driver:
            with driver.session() as session:
                session.run("CALL db.awaitIndexes(600)").consume()
            yield Peer(driver, loading)
