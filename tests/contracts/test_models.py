"""What every scorer promises, over the registry."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from graphml import registry
from graphml.examples import task
from graphml.graph import TransactionGraph
from graphml.scorer import Examples, Fitted, Scorer
from graphml.window import DAY
from tests import toy

HOME = "graphml.models"
NAMES = registry.names(HOME)
COLUMNS = ("in_count_8d", "out_count_8d", "in_sum_8d", "out_sum_8d")


def world(seed: int = 3) -> tuple[TransactionGraph, Examples, list[toy.Row]]:
    # In order of time, for the toy's payment formats depend on the place in the list.
    rows = sorted(toy.random_rows(seed, n=60, rows=1_500, days=10), key=lambda r: r[2])
    bad = [i for i, r in enumerate(rows) if r[3] == 950.0 and r[0] % 3 == 0]
    ledger = toy.ledger(rows, n=60, laundering=bad)
    graph = TransactionGraph.of(ledger)
    return graph, featured(graph, task(ledger, graph)), rows


def featured(graph: TransactionGraph, examples: Examples) -> Examples:
    values = []
    for account, at in zip(examples.account, examples.at, strict=True):
        view = graph.before(int(at))
        into, out = view.paid_to(int(account)), view.paid_by(int(account))
        values.append((len(into), len(out), graph.value[into].sum(), graph.value[out].sum()))
    return replace(examples, features=np.array(values, np.float32), names=COLUMNS)


def small(name: str) -> Scorer:
    scorer = registry.plugin(HOME, name, "SCORER")
    return replace(scorer, epochs=2, batch=128) if name == "gnn" else scorer


def fit(scorer: Scorer) -> tuple[Fitted, TransactionGraph, Examples]:
    graph, examples, _ = world()
    days = np.unique(examples.at)
    train, choose = (
        examples.take(examples.at <= days[5]),
        examples.take((examples.at > days[5]) & (examples.at <= days[7])),
    )
    return scorer.fit(graph, train, choose, 7), graph, examples


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("name", NAMES)
def test_scores_are_suspicions_and_survive_saving_to_the_byte(name: str, tmp_path: Path) -> None:
    fitted, graph, examples = fit(small(name))
    scores = fitted.score(graph, examples)
    assert scores.shape == (len(examples),)
    assert scores.dtype == np.float64
    assert scores.min() >= 0
    assert scores.max() <= 1
    assert len(np.unique(scores)) > 1
    fitted.save(tmp_path)
    assert not [p for p in content(tmp_path) if p.endswith((".pkl", ".pickle", ".pt", ".joblib"))]
    assert small(name).load(tmp_path).score(graph, examples).tobytes() == scores.tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    written = []
    for turn in ("one", "two"):
        (tmp_path / turn).mkdir()
        fit(small(name))[0].save(tmp_path / turn)
        written.append(content(tmp_path / turn))
    assert written[0]
    assert written[0] == written[1]


@pytest.mark.parametrize("name", NAMES)
def test_no_examples_give_no_scores(name: str) -> None:
    fitted, graph, examples = fit(small(name))
    assert fitted.score(graph, examples.take(np.zeros(len(examples), np.bool_))).shape == (0,)


def futures(rows: list[toy.Row], day: int) -> dict[str, list[toy.Row]]:
    past, later = [r for r in rows if r[2] < day], [r for r in rows if r[2] >= day]
    assert past
    assert later
    moved = [(b, a, t, v + 1) for a, b, t, v in later]
    return {"deleted": past, "changed": past + moved, "added": rows + moved}


def assert_blind_to_the_future(fitted: Fitted) -> None:
    graph, examples, rows = world()
    day = 6
    now = examples.take(examples.at == toy.START + day * DAY)
    assert len(now) > 20
    before = fitted.score(graph, now).tobytes()
    for name, changed in futures(rows, day).items():
        assert fitted.score(toy.graph(changed, n=60), now).tobytes() == before, name


@pytest.mark.parametrize("name", NAMES)
def test_what_happens_later_does_not_change_a_score(name: str) -> None:
    assert_blind_to_the_future(fit(small(name))[0])


class Leaky:
    """Count payments up to the end of the judged day, one moment too far."""

    def score(self, graph: TransactionGraph, examples: Examples) -> NDArray[np.float64]:
        paid = [
            len(graph.before(int(t) + 1).paid_by(int(a))) for a, t in zip(examples.account, examples.at, strict=True)
        ]
        return np.array(paid) / 10_000

    def save(self, folder: Path) -> None: ...


def test_a_model_that_looks_one_moment_ahead_is_caught() -> None:
    with pytest.raises(AssertionError):
        assert_blind_to_the_future(Leaky())
