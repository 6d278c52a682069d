from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from graphml.examples import task
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.protocol import plan
from graphml.window import DAY
from tests import toy


def planned(ledger: Ledger, split: tuple[float, ...] = (0.6, 0.2, 0.2)):
    graph = TransactionGraph.of(ledger)
    examples = task(ledger, graph)
    return graph, examples, plan(ledger, graph, examples, split)


def test_later_examples_are_never_in_an_earlier_part() -> None:
    rows = toy.random_rows(0, n=30, rows=600, days=10)
    graph, examples, protocol = planned(toy.ledger(rows, laundering=range(0, 600, 20)))
    assert protocol.kind == "temporal"
    (part,) = protocol.parts
    assert examples.at[part.train].max() < examples.at[part.choose].min()
    assert examples.at[part.choose].max() < examples.at[part.report].min()
    assert (part.train.astype(int) + part.choose + part.report == 1).all()
    share = [(graph.time < cut).mean() for cut in protocol.cuts]
    assert abs(share[0] - 0.6) < 0.06
    assert abs(share[1] - 0.8) < 0.06
    assert (examples.label[part.choose] == 1).any()


def test_the_split_is_the_users() -> None:
    rows = toy.random_rows(0, n=30, rows=600, days=10)
    graph, _, protocol = planned(toy.ledger(rows, laundering=range(0, 600, 20)), (0.3, 0.2, 0.5))
    share = [(graph.time < cut).mean() for cut in protocol.cuts]
    assert share == pytest.approx([0.3, 0.5], abs=0.1)  # one of ten periods


def test_parts_to_learn_from_have_laundering_that_was_known_then() -> None:
    rows = sorted(toy.random_rows(0, n=30, rows=600, days=10), key=lambda row: row[2])
    ledger = toy.ledger(rows, laundering=range(0, 600, 20))
    time, never = ledger.transactions["time"], pl.lit(toy.START + 99 * DAY).cast(pl.Datetime("us", "UTC"))
    hidden = (time.cast(pl.Int64) - toy.START) // DAY >= 5  # what laundered from day 5 on comes to light after the end
    known = pl.select(pl.when(hidden).then(never).alias("known"))["known"]
    _, examples, protocol = planned(replace(ledger, labels=ledger.labels.with_columns(known)))
    (part,) = protocol.parts
    assert (examples.label[part.choose] == 1).sum() > (protocol.seen(examples).label[part.choose] == 1).sum() > 0
    assert "the others count as clean" in protocol.sentence


def test_positives_only_late_leave_no_protocol_and_say_so() -> None:
    rows = toy.random_rows(0, n=30, rows=600, days=10)
    late = max(range(600), key=lambda i: rows[i][2])
    _, _, protocol = planned(toy.ledger(rows, laundering=[late]))
    assert protocol.kind == "none"
    assert "too few" in protocol.sentence


def test_no_labels_are_said_plainly() -> None:
    _, _, protocol = planned(toy.ledger(toy.random_rows(0)))
    assert protocol.parts == ()
    assert "no labels" in protocol.sentence


def test_account_labels_give_folds_that_keep_communities_whole() -> None:
    rng = np.random.default_rng(0)
    rows = [(g * 4 + int(a), g * 4 + int(b), float(t), 5.0) for g in range(20)
            for a, b, t in zip(rng.integers(0, 4, 30), rng.integers(0, 4, 30), rng.random(30), strict=True)]  # fmt: skip
    labels = pl.DataFrame({"account": np.arange(80, dtype=np.int32), "laundering": np.arange(80) % 8 == 0})
    _, examples, protocol = planned(replace(toy.ledger(rows, n=80), account_labels=labels))
    assert protocol.kind == "folds"
    assert "NOT temporal" in protocol.sentence
    assert (sum(p.report.astype(int) for p in protocol.parts) == 1).all()
    for part in protocol.parts:
        assert not set(examples.group[part.report]) & set(examples.group[part.train | part.choose])
        assert not set(examples.group[part.choose]) & set(examples.group[part.train])
        assert not (part.train & part.choose).any()
