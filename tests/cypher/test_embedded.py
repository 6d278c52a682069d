import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cypher import open_store
from graphml.errors import StoreError
from tests import toy

ROOT = Path(__file__).parents[2]
USE = """
import sys
from cypher import open_store
from tests import toy
store = open_store(sys.argv[1])
store.load(toy.ledger([(0, 1, 1.0, 10.0)]))
assert store.ask("forward_trail", {"account": "B0:A0"})
"""


def use(code: str, store: Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, f"embedded:{store}"]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, timeout=90, check=False)


def test_it_is_silent_leaves_nothing_elsewhere_and_lets_python_end_even_when_not_closed(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    for ending in ("", "\nstore.close(); store.close()", "\nraise SystemExit(3)"):
        done = use(USE + ending, tmp_path / "store", tmp_path / "here")
        assert (done.returncode, done.stdout, done.stderr) == (3 if "3" in ending else 0, "", "")
    assert list((tmp_path / "here").iterdir()) == []
    assert "Bolt" in (tmp_path / "store" / "log" / "store.log").read_text()


def test_it_can_be_moved_and_only_its_owner_reads_the_password(tmp_path: Path) -> None:
    ledger = toy.ledger([(0, 1, 1.0, 10.0)])
    with open_store(f"embedded:{tmp_path / 'a'}") as store:
        counts = store.load(ledger)
        password = tmp_path / "a" / "password"
        assert stat.S_IMODE(password.stat().st_mode) == 0o600
        assert len(password.read_text()) >= 24
    (tmp_path / "a").rename(tmp_path / "b")
    with open_store(f"embedded:{tmp_path / 'b'}") as store:
        assert store.ask("forward_trail", {"account": "B0:A0"})[0]["transactions"] == ["t0"]
        assert store.load(ledger) == counts
    for file in (tmp_path / "b" / "log").iterdir():
        assert (tmp_path / "b" / "password").read_text() not in file.read_text()


def test_it_listens_on_this_machine_only(tmp_path: Path) -> None:
    with open_store(f"embedded:{tmp_path}") as store:
        store.load(toy.ledger([(0, 1, 1.0, 10.0)]))
        links = [os.readlink(fd) for fd in Path("/proc/self/fd").iterdir() if os.path.lexists(fd)]
        heard = []
        for file in ("/proc/self/net/tcp", "/proc/self/net/tcp6"):
            for line in Path(file).read_text().splitlines()[1:]:
                cell = line.split()
                if cell[3] == "0A" and f"socket:[{cell[9]}]" in links:
                    heard.append(cell[1].rsplit(":", 1)[0])
    loopback = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
    assert heard
    assert set(heard) <= loopback


def test_a_second_holder_is_told_so(tmp_path: Path) -> None:
    with open_store(f"embedded:{tmp_path}"), pytest.raises(StoreError, match="Another process holds"):
        open_store(f"embedded:{tmp_path}")
    open_store(f"embedded:{tmp_path}").close()


def test_a_place_that_cannot_be_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="Name another folder"):
        open_store(f"embedded:{tmp_path / 'file'}")
    with pytest.raises(StoreError, match="embedded:DIR"):
        open_store("embedded:")


def test_what_a_killed_load_left_is_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "partial" / "graph").mkdir(parents=True)
    (tmp_path / "partial" / "graph" / "schema.json").write_text("{")
    with open_store(f"embedded:{tmp_path}") as store:
        assert store.load(toy.ledger([(0, 1, 1.0, 10.0)]))["Transaction"] == 1
    assert not (tmp_path / "partial" / "graph").exists()
