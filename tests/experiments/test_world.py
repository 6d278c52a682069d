import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from typer.testing import CliRunner

from casework.cli import app
from experiments.world import page
from experiments.world.examples import Examples
from experiments.world.interval import change, interval
from experiments.world.judge import Judged
from graphml.metrics import average_precision
from ingest.world.generate import generate
from ingest.world.measured import attempts, background
from ingest.world.measured.measures import Measures, statistic
from ingest.world.measured.report import report

PATTERNS = """BEGIN LAUNDERING ATTEMPT - CYCLE:  Max 2 hops
2022/09/02 08:00,01,A,02,B,100.00,Euro,100.00,Euro,ACH,1
2022/09/02 20:00,02,B,01,A,90.00,Euro,90.00,Euro,Wire,1
END LAUNDERING ATTEMPT - CYCLE

BEGIN LAUNDERING ATTEMPT - BIPARTITE
2022/09/01 10:00,01,A,02,C,5.00,US Dollar,5.00,US Dollar,ACH,1
2022/09/03 12:00,01,D,02,E,5.00,Yen,5.00,US Dollar,ACH,1
END LAUNDERING ATTEMPT - BIPARTITE
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return generate("demo", 20_000, 1, tmp_path_factory.mktemp("made") / "world", ["one-format", "label-delay=30"])


def test_the_page_equals_the_results():
    assert page.PAGE.read_text(encoding="utf-8") == page.page()


def test_attempts_are_measured_as_worked_out_by_hand(tmp_path):
    path = tmp_path / "Patterns.txt"
    path.write_text(PATTERNS)
    found = attempts.read(path)
    assert [a.typology for a in found] == ["cycle", "bipartite"]
    assert [a.span for a in found] == [12.0, 50.0]
    assert [a.connected for a in found] == [True, False]
    m = attempts.measure(found)
    assert m.samples["cycle: hours held"].tolist() == [12.0]
    assert m.samples["cycle: amount out / in"].tolist() == pytest.approx(
        [0.9, 1 / 0.9]
    )  # both accounts got and paid once
    assert m.samples["attempts: first day"].tolist() == pytest.approx([10 / 24, 32 / 24])
    assert m.shares["attempts: within 24 h"] == (1, 2)
    assert m.shares["attempts: accounts in more than one"] == (1, 5)
    assert m.shares["attempts: payments that change the currency"] == (1, 4)


def test_a_world_is_measured_whole(folder):
    m = background.measure(background.Folder.of(folder))
    assert m.numbers["world: rows"] == 20_000
    for end in ("made", "received"):
        sample = m.samples[f"world: payments that an account {end}"]
        assert sample.sum() == 20_000
        assert len(sample) == m.numbers["world: accounts"]
    assert sum(k for name, (k, _) in m.shares.items() if name.startswith("hour: ")) == 20_000
    assert sum(k for name, (k, _) in m.shares.items() if name.startswith("format: ")) == 20_000


def test_examples_know_the_truth_and_when_labels_come(folder):
    made = Examples.of(folder, ["contact"])
    answers = json.loads((folder / "answers.json").read_text())
    assert (made.attempt >= 0).sum() == sum(len(a["transactions"]) for a in answers["attempts"])
    assert made.true.sum() == (made.attempt >= 0).sum() + len(answers["integration"]) + len(answers["transitive"])
    assert (made.true == made.label).all()
    last = len(made.time) - 1
    assert made.labels_at(last).sum() < made.label.sum()


def test_a_ranking_is_measured_as_worked_out_by_hand():
    score = np.array([5.0, 4.0, 4.0, 2.0, 1.0])
    judged = Judged(score, np.array([1, 1, 0, 0, 1], np.int8), np.array([7, -1, -1, -1, 8]), 50)
    found = judged.measures()
    assert found["auc"] == pytest.approx((2 + 1.5 + 0) / 6)
    assert found["auc_attempts"] == pytest.approx((2 + 0) / 4)
    assert found["lift"] == pytest.approx(average_precision(judged.true, score) / 0.6)
    assert found["recall"] == found["touched"] == 0.0, "one row in a hundred is none of five"


def test_the_interval_of_a_mean_is_students():
    mean, low, high = interval([1.0, 2.0, 3.0])
    assert (mean, low, high) == pytest.approx((2.0, 2 - 4.303 / 3**0.5, 2 + 4.303 / 3**0.5), abs=0.001)
    assert change([2.0, 4.0], [1.0, 3.0]) == pytest.approx((1.0, 1.0, 1.0)), "pairs, not means"


def test_a_statistic_needs_values_on_both_sides():
    one, other = Measures(), Measures()
    one.values("a: b", range(20))
    other.values("a: b", range(3))
    assert statistic(one, other) == {}
    other.values("a: b", range(20))
    assert statistic(one, other)["a: b"]["ks"] == 0.0


def test_the_report_is_one_page_without_network(tmp_path):
    asked = ["generate", "hi-small", "--transactions", "20000", "--out", str(tmp_path / "w"), "--report", "--json"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    text = (tmp_path / "w" / "world.html").read_text()
    drawn = [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", text)]  # noqa: S314
    assert len(drawn) > 15
    assert all(list(svg.iter("{http://www.w3.org/2000/svg}text")) for svg in drawn)
    assert not re.search(r"\bnan\b|\binf\b", "".join(re.findall(r"<svg.*?</svg>", text)))
    assert "<script" not in text
    assert "src=" not in text
    assert "@import" not in text


def test_the_report_of_a_world_with_none_of_the_eight_typologies_says_so(tmp_path):
    generate("hi-small", 20_000, 1, tmp_path / "w")
    (tmp_path / "w" / "HI-Small_Patterns.txt").write_text("")
    answers = json.loads((tmp_path / "w" / "answers.json").read_text())
    answers["attempts"] = [{**attempt, "typology": "structuring"} for attempt in answers["attempts"]]
    (tmp_path / "w" / "answers.json").write_text(json.dumps(answers))
    assert "Drawn are the 0 attempts" in report(tmp_path / "w")
    assert f"the other {len(answers['attempts'])} are counted" in report(tmp_path / "w")


def test_the_report_says_where_genuine_attempts_are_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("MULETRAIL_DATA", str(tmp_path / "nowhere"))
    text = report(generate("hi-small", 20_000, 1, tmp_path / "w"))
    assert "HI-Small_Patterns.txt was not found" in text
    assert "Red is" not in text


def test_the_report_of_british_banking_names_what_is_drawn_and_its_money(tmp_path):
    page_ = report(generate("uk-retail", 20_000, 1, tmp_path / "w"))
    assert "Red is" not in page_
    assert "Grey is" not in page_
    assert "Nothing was published" in page_
    assert "was not found" not in page_
    assert page_.count("US dollars (1 UK Pound = 1.2917)") == 2
