"""Run ArcadeDB in this process, reachable from this machine only, with a password of its own and its logs in a file."""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from graphml.errors import MissingLibrary, StoreError

__all__ = ["DATABASE", "Server", "databases", "start_java"]

DATABASE = "graph"
_BOLT = "Bolt:com.arcadedb.bolt.BoltProtocolPlugin"
_HEAP = "2g"
_QUIET = ("--sun-misc-unsafe-memory-access=allow", "-XX:-PrintWarnings")  # Java says these to the terminal at any time
_LOGGING = """handlers = java.util.logging.FileHandler
.level = INFO
java.util.logging.FileHandler.pattern = {file}
java.util.logging.FileHandler.formatter = java.util.logging.SimpleFormatter
java.util.logging.FileHandler.append = true
java.util.logging.FileHandler.limit = 20000000
java.util.logging.FileHandler.count = 1
"""


def databases(folder: Path) -> Path:
    """Return where the server in *folder* keeps its databases."""
    return folder / "databases"


def start_java(folder: Path) -> None:
    """Start the Java machine, once in a process, and send all that it says to `folder/log`.

    Raises:
        MissingLibrary: the embedded store is not installed.
        StoreError: Java does not start.
    """
    try:
        import jpype  # type: ignore[import-untyped]
        from arcadedb_embedded.exceptions import ArcadeDBError
        from arcadedb_embedded.jvm import start_jvm
    except ModuleNotFoundError as fault:
        raise MissingLibrary(
            f"The embedded store needs {fault.name}. Install it with: pip install arcadedb-embedded"
        ) from fault
    log = folder / "log"
    log.mkdir(parents=True, exist_ok=True)
    if not jpype.isJVMStarted():
        with _terminal_to(log / "java.log"):
            try:
                start_jvm(heap_size=_HEAP, jvm_args=[f"-XX:ErrorFile={log / 'crash-%p.log'}", *_QUIET])
            except ArcadeDBError as fault:
                raise StoreError(f"The embedded store does not start: {fault}. See {log / 'java.log'}.") from fault
    system = jpype.JClass("java.lang.System")
    said = jpype.JClass("java.io.PrintStream")(jpype.JClass("java.io.FileOutputStream")(str(log / "java.log"), True))
    system.setOut(said)
    system.setErr(said)
    # The engine reads this property when it is first used; a later store of the same process is sent to its own file by hand.
    settings = log / "logging.properties"
    settings.write_text(_LOGGING.format(file=log / "store.log"), encoding="utf-8")
    system.setProperty("java.util.logging.config.file", str(settings))
    stream = jpype.JClass("java.io.FileInputStream")(str(settings))
    jpype.JClass("java.util.logging.LogManager").getLogManager().readConfiguration(stream)
    stream.close()


@dataclass(slots=True, eq=False)
class Server:
    """Hold a running server; Java's threads keep Python from ending until it is stopped."""

    java: Any
    port: int
    password: str

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Start a server on the databases in *folder* and return it when it answers.

        Raises:
            StoreError: it does not start.
        """
        start_java(folder)
        from arcadedb_embedded.exceptions import ArcadeDBError
        from arcadedb_embedded.server import ArcadeDBServer

        password = _password(folder / "password")
        fault: ArcadeDBError | None = None
        for _ in range(3):  # another process may take a free port before the server does
            bolt, http = _free_ports()
            # HTTP cannot be switched off; like Bolt it listens on loopback only and asks for the password.
            settings = {
                "host": "127.0.0.1", "mode": "production", "server_plugins": _BOLT, "bolt_port": bolt, "http_port": http,
                "bolt_defaultDatabase": DATABASE, "serverMetrics": "false", "server_logsDirectory": str(folder / "log"),
            }  # fmt: skip
            java = ArcadeDBServer(str(folder), password, settings)
            try:
                java.start()
                java.create_database(DATABASE)
            except ArcadeDBError as problem:
                fault = problem
                java.stop()
                continue
            return cls(java, bolt, password)
        raise StoreError(
            f"The embedded store in '{folder}' does not start: {fault}. See {folder / 'log' / 'store.log'}."
        )

    def stop(self) -> None:
        """Stop the server; whoever speaks to it has gone before, for it would wait for them."""
        self.java.stop()


def _password(file: Path) -> str:
    if not file.exists():
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(secrets.token_urlsafe(24))
    return file.read_text(encoding="utf-8")


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


@contextmanager
def _terminal_to(file: Path) -> Iterator[None]:
    # Java writes a warning to file descriptor 2 before any Java code can redirect it.
    kept = os.dup(2)
    with file.open("ab") as out:
        os.dup2(out.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
