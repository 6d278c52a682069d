from pathlib import Path

import pytest

from graphml.config import Config
from graphml.errors import GraphMLError, ParameterError


def test_a_missing_setting_keeps_its_default(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('budget = 0.02\ntypologies = ["cycle"]\n')
    assert Config.load(path) == Config(budget=0.02, typologies=("cycle",))
    assert Config.load(path).digest != Config().digest


def test_rings_told_grow_with_accounts_unless_set() -> None:
    assert [Config().most_rings(n) for n in (30, 5_071, 10**6)] == [100, 507, 5_000]
    assert Config(rings=7).most_rings(10**6) == 7


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("budge = 0.1", "Did you mean budget"),
        ("budget = 2.0", "above 0 and at most 1"),
        ('budget = "much"', "kind of 0.01"),
        ("seed = -1", "negative"),
        ("budget 1", "is not TOML"),
        ("split = [0.5, 0.5]", "three shares that add up to 1"),
        ("split = [0.5, 0.6, -0.1]", "three shares"),
        ("split = [0.5, 0.2, 0.2]", "add up to 1"),
        ("split = [1, 0, 0]", "three shares"),
    ],
)
def test_a_wrong_setting_is_answered_with_the_way_out(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "c.toml"
    path.write_text(text)
    with pytest.raises(GraphMLError, match=words):
        Config.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(GraphMLError, match=r"nowhere\.toml"):
        Config.load(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("line", "said"),
    [("victims = [7]", "names in quotes"), ('victims = "x"', r"should be a list, such as victims = \['x'\]")],
)
def test_what_is_no_list_of_names_is_said(line: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(line)
    with pytest.raises(ParameterError, match=said):
        Config.load(tmp_path / "c.toml")


def test_the_order_of_victims_makes_no_other_run(tmp_path: Path) -> None:
    digests = set()
    for line in ('victims = ["a", "b"]', 'victims = ["b", "a", "b"]'):
        (tmp_path / "c.toml").write_text(line)
        digests.add(Config.load(tmp_path / "c.toml").digest)
    assert len(digests) == 1
