import json
from collections.abc import Callable
from pathlib import Path

import pytest

from casework.package import write_package
from casework.verify import verify
from graphml.errors import VerifyError
from tests.casework import example


@pytest.fixture
def package(tmp_path: Path) -> Path:
    write_package(example.scatter_gather(), tmp_path / "p")
    return tmp_path / "p"


NAMES = ["accounts.csv", "drawing.svg", "report.html", "ring.gexf", "ring.graphml", "ring.json", "transactions.csv"]


@pytest.mark.parametrize("name", NAMES)
def test_one_changed_byte_is_found(package: Path, name: str) -> None:
    content = bytearray((package / name).read_bytes())
    content[len(content) // 2] ^= 1
    (package / name).write_bytes(content)
    found = verify(package)
    assert found
    assert all(line.startswith(name) for line in found)


def _append(p: Path) -> None:
    (p / "transactions.csv").write_text("x")


def _extra(p: Path) -> None:
    (p / "more").mkdir()
    (p / "more" / "note.txt").write_text("x")


def _link(p: Path) -> None:
    (p / "drawing.svg").rename(p.parent / "drawing.svg")
    (p / "drawing.svg").symlink_to(p.parent / "drawing.svg")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (_append, "transactions.csv: 1 bytes"),
        (lambda p: (p / "accounts.csv").unlink(), "accounts.csv: missing"),
        (_extra, "more/note.txt: not in the manifest"),
        (_link, "drawing.svg: a link"),
    ],
)
def test_each_difference_is_said(package: Path, change: Callable[[Path], None], line: str) -> None:
    change(package)
    (found,) = verify(package)
    assert found.startswith(line)


def test_file_and_manifest_changed_together_still_miss_the_digest(package: Path) -> None:
    import hashlib

    content = (package / "ring.json").read_bytes().replace(b"9800.00", b"9801.00")
    (package / "ring.json").write_bytes(content)
    manifest = json.loads((package / "manifest.json").read_text())
    manifest["files"]["ring.json"] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (package / "manifest.json").write_text(json.dumps(manifest))
    (found,) = verify(package)
    assert "evidence digest" in found


def test_other_provenance_in_the_manifest_is_found(package: Path) -> None:
    manifest = json.loads((package / "manifest.json").read_text())
    manifest["provenance"]["seed"] = 8
    (package / "manifest.json").write_text(json.dumps(manifest))
    assert verify(package) == ["manifest.json: its provenance is not that of ring.json."]


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"files": {"a": {}}, "evidence": ""}', '{"files": 3}'])
def test_without_a_manifest_there_is_no_package(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(VerifyError, match=r"manifest\.json"):
        verify(tmp_path)
