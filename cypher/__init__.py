"""Keep the entity graph in a store that speaks Cypher over Bolt."""

from importlib import import_module
from typing import TYPE_CHECKING

from cypher.questions import bind, questions
from graphml.errors import UnknownName
from graphml.registry import names

if TYPE_CHECKING:
    from cypher.bolt import BoltStore

__all__ = ["bind", "open_store", "questions"]


def open_store(uri: str) -> "BoltStore":
    """Return the open store that *uri* names, a `graphml.store.GraphStore` and context manager.

    `embedded:DIR` starts ArcadeDB in this process, reachable from this machine only. `bolt://HOST:PORT` and
    `neo4j://HOST:PORT` (also `+s`, `+ssc`) speak to a server; user, password and database come from
    NEO4J_USERNAME, NEO4J_PASSWORD and NEO4J_DATABASE or from the file that NEO4J_CREDENTIALS names.

    A new kind of store is a new file of this package whose `STORE` has `schemes` and `opened(uri)`.

    Raises:
        UnknownName: no store has the URI's scheme.
        StoreError: the store is not there, is held by another process, or the URI holds a password.
    """
    scheme = uri.partition(":")[0]
    known: list[str] = []
    for name in names(__name__):
        store = getattr(import_module(f"{__name__}.{name.replace('-', '_')}"), "STORE", None)
        if store is None:
            continue
        if scheme in store.schemes:
            opened: BoltStore = store.opened(uri)
            return opened
        known += store.schemes
    raise UnknownName.of("kind of store", scheme, known)
