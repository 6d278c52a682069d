import subprocess
import sys
from pathlib import Path

import pytest

from cypher import open_store
from cypher.neo4j import credentials
from graphml.errors import StoreError, UnknownName


def test_a_password_in_the_uri_is_refused_and_not_repeated() -> None:
    for uri in ("bolt://neo4j:tops3cret@localhost:7687", "neo4j+s://tops3cret@localhost"):
        with pytest.raises(StoreError, match="NEO4J_PASSWORD") as said:
            open_store(uri)
        assert "tops3cret" not in str(said.value)


def test_an_unknown_scheme_has_the_known_ones() -> None:
    with pytest.raises(UnknownName, match=r"Known: bolt, .*embedded.*neo4j"):
        open_store("https://localhost")


def test_who_we_are_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    assert credentials({"NEO4J_PASSWORD": "a"}) == ("neo4j", "a", None)
    file = tmp_path / "aura.txt"
    file.write_text("# made today\nNEO4J_URI=neo4j+s://x\nNEO4J_USERNAME=ann\nNEO4J_PASSWORD=b=c\nNEO4J_DATABASE=d\n")
    assert credentials({"NEO4J_CREDENTIALS": str(file)}) == ("ann", "b=c", "d")
    assert credentials({"NEO4J_CREDENTIALS": str(file), "NEO4J_USERNAME": "bob"}) == ("bob", "b=c", "d")
    with pytest.raises(StoreError, match="No password"):
        credentials({"NEO4J_USERNAME": "ann"})
    with pytest.raises(StoreError, match="cannot be read"):
        credentials({"NEO4J_CREDENTIALS": str(tmp_path / "none")})


def test_a_server_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_PASSWORD", "tops3cret")
    with pytest.raises(StoreError, match="does not answer") as said:
        open_store("bolt://127.0.0.1:1")
    assert "tops3cret" not in str(said.value)


def test_importing_loads_neither_driver_nor_java_nor_polars() -> None:
    code = (
        "import sys, cypher; cypher.questions(); print([m for m in ('neo4j', 'jpype', 'polars') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.strip() == "[]"
