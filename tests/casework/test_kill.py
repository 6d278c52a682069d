"""Kill the command at several instants: the next one completes and equals an undisturbed one."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from casework.run import Run
from graphml.ledger import Ledger
from ingest import world

MULETRAIL = [sys.executable, "-c", "from casework.cli import main; main()"]
ENV = os.environ | {"OMP_NUM_THREADS": "2"}


def call(*words: object) -> None:
    done = subprocess.run([*MULETRAIL, *map(str, words)], capture_output=True, text=True, env=ENV, check=False)
    assert done.returncode == 0, done.stderr


def kill_when(said: str, *words: object) -> None:
    """Kill the command as soon as its log says that a stage is done."""
    child = subprocess.Popen(
        [*MULETRAIL, "--verbose", *map(str, words)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=ENV,
    )
    assert child.stderr is not None
    for line in child.stderr:
        if said in line:
            os.kill(child.pid, signal.SIGKILL)
            break
    child.stderr.close()
    assert child.wait() == -signal.SIGKILL, f"the command ended before it said {said}"


def kill_after(seconds: float, *words: object) -> None:
    child = subprocess.Popen(
        [*MULETRAIL, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENV
    )
    time.sleep(seconds)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()


def content(run: Path) -> dict[str, object]:
    """Return what must be equal between two runs: the digests of the files, less times."""
    manifest = Run.load(run).manifest
    files = {name: digest for name, digest in manifest["files"].items() if name != "report.html"}
    return {"run": manifest["run"], "files": files, "counts": manifest["counts"], "provenance": manifest["provenance"]}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("kill")
    world.generate("demo", 6_000, 3, home / "world")
    call("ingest", "ibm_aml", home / "world", "--out", home / "ledger")
    return home / "ledger"


@pytest.fixture(scope="module")
def unlabelled(ledger: Path) -> Path:
    """Return the ledger without labels: no model is fitted, which is most of the time and writes nothing."""
    whole, place = Ledger.load(ledger), ledger.parent / "unlabelled"
    replace(whole, labels=whole.labels.clear(), attempts=whole.attempts.clear()).save(place)
    return place


@pytest.mark.slow
def test_a_killed_run_leaves_the_old_run_or_nothing_and_the_next_equals_an_undisturbed_one(
    unlabelled: Path, tmp_path: Path
) -> None:
    call("run", unlabelled, "--out", tmp_path / "undisturbed")
    for stage in ("features", "files", "entity graph"):
        kill_when(f"graphml.stages: {stage}:", "run", unlabelled, "--out", tmp_path / "run")
        assert not (tmp_path / "run").exists()
    call("run", unlabelled, "--out", tmp_path / "run")
    assert content(tmp_path / "run") == content(tmp_path / "undisturbed")
    before = json.dumps(content(tmp_path / "run"))
    kill_when("graphml.stages: files:", "run", unlabelled, "--out", tmp_path / "run")
    assert json.dumps(content(tmp_path / "run")) == before


@pytest.mark.slow
def test_a_killed_ingest_leaves_nothing_and_the_next_completes(ledger: Path, tmp_path: Path) -> None:
    source = ledger.parent / "world"
    for wait in (0.05, 0.2, 0.4, 0.6):
        kill_after(wait, "ingest", "ibm_aml", source, "--out", tmp_path / "l")
    call("ingest", "ibm_aml", source, "--out", tmp_path / "l")
    for file in sorted(ledger.iterdir()):
        assert (tmp_path / "l" / file.name).read_bytes() == file.read_bytes()
