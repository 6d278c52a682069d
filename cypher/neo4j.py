"""Open a Neo4j server, or any other that speaks Bolt."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from cypher.bolt import BoltStore, connect
from graphml.errors import StoreError

__all__ = ["STORE", "Neo4j", "credentials"]

_NAMES = ("NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE")


class Neo4j:
    """Open stores whose URI names a Bolt server."""

    schemes: ClassVar[tuple[str, ...]] = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")

    @classmethod
    def opened(cls, uri: str) -> BoltStore:
        """Return the store at *uri*, with the user, password and database of the environment.

        Raises:
            StoreError: the URI has a user or password in it, none is stated elsewhere, or the server refuses.
        """
        parts = urlsplit(uri)
        if "@" in parts.netloc:
            # The URI itself is not repeated: it has the password in it, and messages end in logs.
            raise StoreError(
                f"A {parts.scheme} URI with a user or password ends in histories and logs. Write {parts.scheme}://HOST:PORT and "
                "set NEO4J_USERNAME and NEO4J_PASSWORD, or NEO4J_CREDENTIALS to a file that has them."
            )
        user, password, database = credentials(os.environ)
        return BoltStore(connect(uri, user, password), database)


def credentials(environment: Mapping[str, str]) -> tuple[str, str, str | None]:
    """Return user, password and database (None: the server's default); the environment goes before the file.

    The file that NEO4J_CREDENTIALS names has lines `NEO4J_PASSWORD=...` and so on, as Neo4j Aura hands them out.

    Raises:
        StoreError: no password is stated, or the file cannot be read.
    """
    stated: dict[str, str] = {}
    file = environment.get("NEO4J_CREDENTIALS")
    if file:
        try:
            lines = Path(file).read_text(encoding="utf-8").splitlines()
        except OSError as fault:
            raise StoreError(f"NEO4J_CREDENTIALS names '{file}', which cannot be read: {fault.strerror}.") from fault
        pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
        stated = {key.strip(): value.strip() for key, value in pairs}
    stated |= {name: environment[name] for name in _NAMES if environment.get(name)}
    if not stated.get("NEO4J_PASSWORD"):
        raise StoreError(
            "No password for the store. Set NEO4J_PASSWORD (and NEO4J_USERNAME, else 'neo4j'), or NEO4J_CREDENTIALS to a file "
            "with the line NEO4J_PASSWORD=..."
        )
    return stated.get("NEO4J_USERNAME") or "neo4j", stated["NEO4J_PASSWORD"], stated.get("NEO4J_DATABASE") or None


STORE = Neo4j
