import numpy as np
import pytest

from experiments.features import value, value_result, value_table
from experiments.features.value_cases import CHOOSE, NONE, REPORT, TRAIN, Case, of_world
from experiments.features.value_judge import Judge
from graphml.metrics import average_precision, hits_at
from ingest.world.generate import generate
from ingest.world.preset import Preset

FAMILIES = ["amounts", "rhythm", "taint"]
WORLD = {"preset": "demo", "seeds": [1], "model_seeds": [1, 2], "negatives": 0.2}
ASKED = {"families": FAMILIES, "budgets": [0.01, 0.1], "draws": 20, "threads": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("value")
    made = generate(Preset.of("demo").changed(attempts=60), 20_000, 1, place / "world")
    of_world(made, WORLD, FAMILIES).save(place / "demo-1")
    return place


@pytest.mark.parametrize("seed", range(20))
def test_resamples_are_measured_as_the_plain_metrics_measure(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 60))
    true, score = (rng.random(n) < 0.3).astype(np.int8), rng.integers(0, 8, n).astype(np.float64)
    true[0] = 1
    judge = Judge.of(true, rng.integers(0, 6, n), [0.05, 0.3], 10, seed)
    within = (true == 1) | (rng.random(n) < 0.8)
    for times, found in zip(judge.times, judge.measures(score, within), strict=True):
        again = np.repeat(np.flatnonzero(within), times[judge.cluster[within]])
        positives = int(true[again].sum())
        if not positives:
            assert np.isnan(found).all()
            continue
        most = [max(1, round(share * len(again))) for share in (0.05, 0.3)]
        hits = [hits_at(true[again], score[again], k) for k in most]
        expected = [average_precision(true[again], score[again])]
        expected += [h / positives for h in hits] + [h / k for h, k in zip(hits, most, strict=True)]
        assert found == pytest.approx(expected)
    assert (judge.times[0] == 1).all()


def test_nothing_judged_is_learnt_from_and_all_of_it_is_judged(folder):
    case = Case.load(folder / "demo-1")
    assert case.part.shape == (1, len(case.label))
    assert NONE not in case.part
    order = [np.flatnonzero(case.part[0] == k) for k in (TRAIN, CHOOSE, REPORT)]
    assert order[0].max() < order[1].min() <= order[1].max() < order[2].min()
    counts = case.about["counts"]
    assert counts["report"]["examples"] == len(order[2]) == pytest.approx(4_000, abs=100)
    assert counts["report"]["positives"] == case.true[order[2]].sum()
    assert counts["train"]["positives"] == [case.label[order[0]].sum()]
    assert case.columns(["rhythm"]).tolist() == list(range(*case.about["families"]["rhythm"]["columns"]))
    assert case.about["families"]["taint"]["empty"], "labels come after 30 days"


def test_nothing_is_learnt_from_the_embargo(folder):
    free, kept = (of_world(folder / "world", {**WORLD, "embargo": days}, ["amounts"]) for days in (0, 3))
    assert free.about["counts"]["report"] == kept.about["counts"]["report"]
    learnt = [sum(c.about["counts"][part]["positives"][0] for part in ("train", "choose")) for c in (free, kept)]
    assert 0 < learnt[1] < learnt[0]


def test_every_step_has_its_models():
    models = dict(value.ways(FAMILIES, ahead=True))
    steps = value_result.steps(FAMILIES)
    for family, pair in steps["added"].items():
        assert [*models[pair["without"]], family] == models[pair["with"]]
    for family, pair in steps["left out"].items():
        assert models[pair["with"]] == FAMILIES
        assert models[pair["without"]] == [name for name in FAMILIES if name != family]


def test_the_page_says_what_models_scored(folder):
    rng = np.random.default_rng(0)
    judged = Case.load(folder / "demo-1").true[Case.load(folder / "demo-1").part[0] == REPORT]
    for name, _ in value.ways(FAMILIES, ahead=True):
        for seed in WORLD["model_seeds"]:
            better = judged * 2.0 if name != "without rhythm" else 0.0
            np.save(folder / "demo-1" / f"{name}, {seed}.npy", rng.random(len(judged)) + better)
    found = value_result.summary(folder, "demo", WORLD, ASKED)
    assert found["each"]["1"]["model_seeds"] == [1, 2]
    assert found["laundering"]["models"]["all"]["average_precision"] == [1.0, 1.0, 1.0]
    lost = found["laundering"]["differences"]["left out"]
    assert value_table.verdict(lost["rhythm"]["average_precision"]) == "better"
    assert value_table.verdict(lost["amounts"]["average_precision"]) == "not shown"
    text = value_table.page(
        {
            "settings": ASKED, "worlds": {"demo": found, "other": {}}, "generator": "sha256:0",
            "machine": {"cores": 1, "cpu": "", "python": "3", "lightgbm": "4", "numpy": "2"},
        }
    )  # fmt: skip
    assert "| all but rhythm |" in text
    assert "**" in text
    assert "nan" not in text


def test_a_model_scores_what_is_judged(folder):
    case = Case.load(folder / "demo-1")
    columns = np.asarray(case.values[:, case.columns(["amounts"])])
    one, trees = value.score(case, columns, 1, 1)
    assert len(one) == case.about["counts"]["report"]["examples"]
    assert len(trees) == 1
    assert (value.score(case, columns, 1, 1)[0] == one).all()
