"""Say a driver's faults in this project's words: what went wrong and the way out, without any secret."""

from collections.abc import Iterator
from contextlib import contextmanager

from graphml.errors import StoreError

__all__ = ["named_faults"]


@contextmanager
def named_faults() -> Iterator[None]:
    """Raise StoreError for what the driver raises, except a broken constraint, which a writer tries again.

    Raises:
        StoreError: the server is not there, refuses the user, or cannot do what it was asked.
    """
    from neo4j.exceptions import (
        AuthError,
        ConfigurationError,
        ConstraintError,
        DriverError,
        Neo4jError,
        ServiceUnavailable,
    )

    try:
        yield
    except ConstraintError:
        raise
    except AuthError as fault:
        raise StoreError(
            "The store refused the user or the password. Set NEO4J_USERNAME and NEO4J_PASSWORD, or NEO4J_CREDENTIALS to a "
            "file that has them."
        ) from fault
    except ServiceUnavailable as fault:
        raise StoreError(f"The store does not answer: {fault}. Start it, or mend HOST:PORT of the URI.") from fault
    except ConfigurationError as fault:
        raise StoreError(f"The store's URI cannot be used: {fault}. Write it as bolt://HOST:PORT.") from fault
    except (DriverError, Neo4jError) as fault:
        raise StoreError(f"The store could not do it: {fault}. The server's own log says more.") from fault
