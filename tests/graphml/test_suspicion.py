"""Judge small worlds."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

pytest.importorskip("graphml.catalogue")

from graphml.config import Config
from graphml.errors import UnknownName
from graphml.examples import build
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.models.lightgbm import SCORER
from graphml.protocol import plan
from graphml.suspicion import Suspicion, judge
from tests import toy


def rows() -> tuple[list[toy.Row], list[int]]:
    found = sorted(toy.random_rows(0, n=80, rows=1_000, days=10), key=lambda r: r[2])
    bad = []
    for day in range(10):
        hub = 10 + day
        for k in range(5):
            bad.append(len(found))
            found.append((30 + (day * 5 + k) % 50, hub, day + 0.1 * k + 0.05, 9_000.0 + k))
    return found, bad


def judged(ledger: Ledger, model: str = "stack") -> Suspicion:
    return judge(ledger, TransactionGraph.of(ledger), Config(model=model, seed=1, budget=0.05))


@pytest.fixture(scope="module")
def labelled() -> tuple[Ledger, Suspicion]:
    found, bad = rows()
    ledger = toy.ledger(found, n=81, laundering=bad)  # account 80 never moves money
    return ledger, judged(ledger)


def test_all_models_are_compared_on_the_report_part(labelled: tuple[Ledger, Suspicion]) -> None:
    ledger, found = labelled
    models = found.metrics["models"]
    assert sorted(models) == ["gnn", "lightgbm", "rules", "stack"]
    assert {m["base_rate"] for m in models.values()} == {found.metrics["base_rate"]}
    assert found.metrics["counts"]["report"] == models["stack"]["examples"]
    assert found.sentence.startswith("Temporal")
    assert sorted(found.fitted) == sorted(models)
    assert found.transaction_score.shape == (ledger.transactions.height,)


def test_trees_learn_from_all_that_comes_before_the_report(labelled: tuple[Ledger, Suspicion]) -> None:
    ledger, found = labelled
    graph = TransactionGraph.of(ledger)
    examples = build(ledger, graph)
    part = plan(ledger, graph, examples, Config().split).parts[0]
    before, train = examples.take(part.train | part.choose), examples.take(part.train)
    text = found.fitted["lightgbm"].booster.model_to_string()
    assert text == SCORER.fit(graph, before, before, 1).booster.model_to_string()
    assert text != SCORER.fit(graph, train, before, 1).booster.model_to_string()
    assert found.fitted["stack"].bases["lightgbm"] is found.fitted["lightgbm"]
    assert found.fitted["stack"].bases["gnn"] is found.fitted["gnn"]


def test_flags_keep_the_budget_and_have_reasons(labelled: tuple[Ledger, Suspicion]) -> None:
    _, found = labelled
    assert found.flagged.sum() == 4  # 5 % of 80 active accounts
    assert found.score[found.flagged].min() >= found.score[~found.flagged].max()
    assert sorted(found.reasons) == np.flatnonzero(found.flagged).tolist()
    assert all(found.reasons.values())
    assert found.score[80] == 0
    assert not found.reported[80]


def test_equal_input_gives_equal_bytes(labelled: tuple[Ledger, Suspicion]) -> None:
    ledger, found = labelled
    again = judged(ledger)
    assert again.score.tobytes() == found.score.tobytes()
    assert again.transaction_score.tobytes() == found.transaction_score.tobytes()
    assert again.metrics == found.metrics


def test_without_labels_rules_rank_and_nothing_is_measured() -> None:
    found = judged(toy.ledger(rows()[0], n=81))
    assert found.metrics == {}
    assert sorted(found.fitted) == ["anomaly", "rules"]
    assert "no labels" in found.sentence
    assert found.flagged.any()


def test_account_labels_are_judged_out_of_fold() -> None:
    rng = np.random.default_rng(0)
    ends = [(g * 4 + int(a), g * 4 + int(b), float(t), 100.0 + 9_000 * (a == 0)) for g in range(30)
            for a, b, t in zip(rng.integers(0, 4, 30), rng.integers(0, 4, 30), rng.random(30), strict=True)]  # fmt: skip
    labels = pl.DataFrame({"account": np.arange(120, dtype=np.int32), "laundering": np.arange(120) % 4 == 0})
    found = judged(replace(toy.ledger(ends, n=120), account_labels=labels), "lightgbm")
    assert "NOT temporal" in found.sentence
    assert found.metrics["counts"]["report"] == 120
    assert found.reported.all()


def test_an_unknown_model_is_named() -> None:
    ledger = toy.ledger(rows()[0])
    with pytest.raises(UnknownName, match="lightgbm"):
        judged(ledger, "lightbgm")
