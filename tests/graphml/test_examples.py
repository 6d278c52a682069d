from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from graphml.errors import ParameterError
from graphml.examples import choose_step, communities, task
from graphml.graph import TransactionGraph
from graphml.window import DAY, Window
from tests import toy


@pytest.mark.parametrize("seed", range(5))
def test_examples_equal_a_scan_of_the_rows(seed: int) -> None:
    rows = toy.random_rows(seed)
    ledger = toy.ledger(rows, laundering=range(0, 40, 7))
    graph = TransactionGraph.of(ledger)
    bad = set(ledger.labels.filter(ledger.labels["laundering"])["row"])
    expected: dict[tuple[int, int], int] = {}
    for row, (a, b, t) in enumerate(zip(graph.source, graph.target, graph.time, strict=True)):
        end = toy.START + ((int(t) - toy.START) // DAY + 1) * DAY
        for account in (int(a), int(b)):
            expected[end, account] = max(expected.get((end, account), 0), int(row in bad))
    found = task(ledger, graph)
    pairs = list(zip(found.at.tolist(), found.account.tolist(), strict=True))
    assert pairs == sorted(expected)
    assert found.label.tolist() == [expected[p] for p in pairs]


def test_without_labels_nothing_is_known() -> None:
    ledger = toy.ledger(toy.random_rows(0))
    assert set(task(ledger, TransactionGraph.of(ledger)).label) == {-1}


def test_the_step_follows_the_span_and_must_be_positive() -> None:
    assert [choose_step(Window(0, days * DAY)) // DAY for days in (1, 31, 32, 366, 367)] == [1, 1, 7, 7, 30]
    ledger = toy.ledger(toy.random_rows(0))
    with pytest.raises(ParameterError, match="not positive"):
        task(ledger, TransactionGraph.of(ledger), 0)


def test_two_cliques_are_two_communities() -> None:
    pairs = [(a, b) for base in (0, 5) for a in range(base, base + 5) for b in range(base, base + 5) if a < b]
    found = communities(toy.graph([(a, b, 0.1 * i, 1.0) for i, (a, b) in enumerate([*pairs, (0, 5)])], n=11))
    assert len(set(found[:5])) == 1
    assert len(set(found[5:10])) == 1
    assert len(np.unique(found)) == 3


def test_a_label_counts_from_the_day_on_which_the_first_of_its_payments_was_known() -> None:
    ledger = toy.ledger([(0, 1, 0.1, 1.0), (0, 2, 0.2, 1.0), (0, 3, 0.3, 1.0), (1, 4, 1.5, 1.0)], laundering=[0, 1, 3])
    known = pl.Series([40, 30, 20, None]) * DAY + toy.START  # the third is clean
    labels = ledger.labels.with_columns(known=known.cast(pl.Datetime("us", "UTC")))
    found = task(replace(ledger, labels=labels), TransactionGraph.of(ledger))
    days = [(int(k) - toy.START) / DAY for k in found.known]
    of = list(zip(found.account.tolist(), found.label.tolist(), days, strict=True))
    never = -toy.START / DAY
    assert of == [(0, 1, 30), (1, 1, 40), (2, 1, 30), (3, 0, never), (1, 1, 1.5), (4, 1, 1.5)]
    assert found.as_known(toy.START + 30 * DAY).label.tolist() == [1, 0, 1, 0, 1, 1]
    assert found.as_known(toy.START + 30 * DAY - 1).label.tolist() == [0, 0, 0, 0, 1, 1]
