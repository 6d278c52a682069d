from pathlib import Path

import pytest

from graphml.errors import ParameterError
from graphml.folder import new_folder


def test_a_new_folder_takes_the_place_of_an_older_result_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "out"
    for content in ("old", "new"):
        with new_folder(target, "mark") as folder:
            (folder / "mark").write_text(content)
            (folder / content).touch()
    assert sorted(p.name for p in target.iterdir()) == ["mark", "new"]
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_what_is_not_an_older_result_is_never_replaced(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(ParameterError, match=r"thesis\.txt.*would be lost"), new_folder(mine, "mark"):
        raise AssertionError("the block must not begin")
    with pytest.raises(ParameterError, match="is a file"), new_folder(mine / "thesis.txt", "mark"):
        raise AssertionError("the block must not begin")
    assert (mine / "thesis.txt").read_text() == "years of work"


def test_a_fault_leaves_the_old_result_and_no_rest(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with new_folder(target, "mark") as folder:
        (folder / "mark").write_text("old")
    with pytest.raises(FileNotFoundError), new_folder(target, "mark") as folder:
        (folder / "missing" / "mark").write_text("half")
    assert (target / "mark").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_place_where_no_folder_can_be_is_named() -> None:
    place = Path("/proc/none")
    with (
        pytest.raises(ParameterError, match=r"No folder can be made at '/proc/none'.*write"),
        new_folder(place, "mark"),
    ):
        pass
