"""Start Neo4j from its published jars, on a free port, and stop it by its process id."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import neo4j
import pytest

ROOT = Path(__file__).parents[2]
PASSWORD = "only-for-this-test-1"
OPENED = ["java.base/java.nio", "java.base/java.io", "java.base/sun.nio.ch"]


def jars() -> str:
    """Return the class path of Neo4j's jars, or skip."""
    lib = Path(os.environ.get("MULETRAIL_NEO4J_LIB", ROOT / ".cache" / "neo4j" / "lib"))
    if not shutil.which("java") or not list(lib.glob("neo4j-server-*.jar")):
        pytest.skip("Neo4j's jars or Java are absent: install Java 17 and run .ci/neo4j/fetch.")
    return f"{lib}/*"


@contextmanager
def running(home: Path, heap: str = "1g", pages: str = "128m") -> Iterator[str]:
    """Yield the URI of a Neo4j whose files are in *home*; *heap* and *pages* are the memory it may use."""
    path = jars()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (home / "conf").mkdir(parents=True)
    (home / "conf" / "neo4j.conf").write_text(
        f"server.bolt.listen_address=127.0.0.1:{port}\nserver.http.enabled=false\nserver.https.enabled=false\n"
        f"dbms.usage_report.enabled=false\nserver.memory.heap.max_size={heap}\nserver.memory.pagecache.size={pages}\n"
    )
    opened = [f"--add-opens={name}=ALL-UNNAMED" for name in OPENED]
    admin = [
        "java",
        "-cp",
        path,
        "org.neo4j.server.startup.Neo4jAdminCommand",
        "dbms",
        "set-initial-password",
        PASSWORD,
    ]
    subprocess.run(admin, check=True, capture_output=True, env=os.environ | {"NEO4J_HOME": str(home)})
    command = ["java", f"-Xmx{heap}", *opened, "-cp", path, "org.neo4j.server.CommunityEntryPoint"]
    with (home / "terminal.log").open("wb") as log:
        places = [f"--home-dir={home}", f"--config-dir={home / 'conf'}"]
        process = subprocess.Popen([*command, *places], stdout=log, stderr=subprocess.STDOUT)
    try:
        wait(f"bolt://127.0.0.1:{port}", process)
        yield f"bolt://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait(uri: str, process: "subprocess.Popen[bytes]") -> None:
    """Return when the server at *uri* answers."""
    limit = time.monotonic() + 90
    while time.monotonic() < limit and process.poll() is None:
        try:
            with neo4j.GraphDatabase.driver(uri, auth=("neo4j", PASSWORD)) as driver:
                driver.verify_connectivity()
                return
        except neo4j.exceptions.ServiceUnavailable:
            time.sleep(0.3)
    raise AssertionError("Neo4j did not start; see terminal.log in its home")
