"""What speaks for a ring and against it is counted as said."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.lists import Lists
from graphml.people import People
from graphml.ranking import ONE, Columns, Weights, comparable, evidence, rarity, said, score
from tests import toy


def _columns(ledger: Ledger, accounts: np.ndarray, payments: np.ndarray) -> Columns:
    return Columns.of(TransactionGraph.of(ledger), People.of(ledger), accounts, payments)


def test_rarity_tells_the_best_from_the_best_hundredth_and_says_nothing_of_equal_scores() -> None:
    rows = [(i % 7, 7 + i % 5, i / 1000, 1.0) for i in range(10_000)]
    ledger = toy.ledger(rows)
    rarity = _columns(ledger, np.zeros(12), np.arange(10_000.0)).payment / ONE
    assert rarity[-1] == pytest.approx(1.0)
    assert rarity[-1000] == pytest.approx(0.25, abs=1e-3)
    assert rarity[-1] - rarity[-100] > 0.4
    assert np.all(np.diff(rarity) >= 0)
    assert len(set(rarity.tolist())) > 9_900
    same = _columns(ledger, np.full(12, 0.3), np.full(10_000, 0.3))
    assert len({*same.payment.tolist()}) == len({*same.account.tolist()}) == 1


def test_a_share_of_scores_has_the_same_rarity_by_its_rank() -> None:
    ledger = toy.ledger([(0, 1, i, 1.0) for i in range(4)])
    payment = _columns(ledger, np.zeros(2), np.array([0.1, 0.7, 0.7, 0.9])).payment / ONE
    share = np.array([3 + 0.5 + 0.5, 1 + 1 + 0.5, 1 + 1 + 0.5, 0.5 + 0.5]) / 4
    assert payment == pytest.approx(np.log(share) / np.log(1 / 4), abs=1 / ONE)


def test_accounts_that_never_moved_money_change_nothing() -> None:
    rows = toy.random_rows(5, n=6, rows=30)
    found = []
    for n in (6, 60):
        ledger = toy.ledger(rows, n=n)
        score = np.concatenate([np.linspace(0.1, 0.9, 6), np.full(n - 6, 0.5)])
        found.append(_columns(ledger, score, np.linspace(0, 1, 30)))
    assert found[0].account.tolist() == found[1].account[:6].tolist()
    assert not found[1].account[6:].any()


def test_a_view_knows_nothing_of_what_lies_outside() -> None:
    ledger = toy.ledger([(0, 1, 0, 5.0), (0, 1, 1, 5.0), (0, 1, 2, 5.0), (1, 2, 3, 7.0)])
    graph = replace(TransactionGraph.of(ledger), lo=1)
    columns = Columns.of(graph, People.of(ledger), np.array([0.1, 0.2, 0.3]), np.array([9.0, 1.0, 2.0, 3.0]))
    assert columns.rhythm.tolist() == [0, 0, 0, 0]  # three times only with the first
    assert columns.payment[0] == 0
    alone = toy.ledger([(0, 1, 1, 5.0), (0, 1, 2, 5.0), (1, 2, 3, 7.0)])
    same = _columns(alone, np.array([0.1, 0.2, 0.3]), np.array([1.0, 2.0, 3.0]))
    assert columns.payment[1:].tolist() == same.payment.tolist()


def test_an_amount_repeats_where_one_pair_pays_it_three_times() -> None:
    rows = [
        (0, 1, 0, 5.0),
        (0, 1, 0, 7.0),
        (1, 0, 0, 5.0),
        (0, 1, 1, 5.0),
        (0, 1, 2, 5.0),
        (2, 1, 3, 5.0),
        (0, 1, 4, 7.0),
    ]
    ledger = toy.ledger(rows)
    rhythm = _columns(ledger, np.zeros(3), np.zeros(7)).rhythm
    assert rhythm.tolist() == [1, 0, 0, 1, 1, 0, 0]


def test_one_owner_is_known_and_stands_on_both_sides() -> None:
    ledger = toy.ledger([(0, 1, 0, 1.0), (1, 2, 1, 1.0), (2, 3, 2, 1.0), (3, 3, 3, 1.0)])
    kinds = ledger.ownership.schema
    owned = pl.DataFrame({"party": ["P", "P", "Q"], "account": [0, 1, 2], "role": ["owner"] * 3}, schema=kinds)
    owner = _columns(replace(ledger, ownership=owned), np.zeros(4), np.zeros(4)).owner
    assert owner.tolist() == [1, 0, 0, 0]


def test_the_score_is_the_formula_of_its_doc() -> None:
    columns = Columns(
        np.array([ONE // 2, ONE // 4, 0]),
        np.array([ONE, ONE // 2, 0, 0]),
        np.array([1, 0, 0, 0]),
        np.array([1, 1, 0, 0]),
        np.array([1, 1, 1, 0]),
    )
    found = evidence(Lists.of([[0, 1, 2, 3]]), Lists.of([[0, 1, 2]]), columns)
    assert found.tolist() == [[ONE * 3 // 2, ONE * 3 // 4, 4, 3, 1, 2, 3]]
    known = (3 / 8 + 1 / 4) / 2 * 4 / 6 * (1 - 0.5 / 4) * (1 - 0.5 / 2)
    assert score(found) == pytest.approx([known])
    assert score(found, None, Weights(0.0, 0.0, 0.0)) == pytest.approx([(3 / 8 + 1 / 4) / 2])
    assert score(found, None, Weights(0.0, 1.0, 0.0)) == pytest.approx([(3 / 8 + 1 / 4) / 2 * 3 / 4])
    assert score(found, None, Weights(0.0, 0.0, 1.0)) == pytest.approx([(3 / 8 + 1 / 4) / 2 / 2])
    assert score(found, np.array([0.2])) == pytest.approx([known**0.75 * 0.2**0.25])
    assert score(found, np.array([0.2]), Weights(likeness=0.0)) == pytest.approx([known])


def test_reasons_say_how_rare_the_scores_are_and_what_speaks_against() -> None:
    said_ = said(np.array([ONE * 3, ONE, 4, 2, 1, 0, 0]), 100, 10_000)
    assert [reason.sentence for reason in said_] == [
        "Against it: 25% of its payments repeat one amount between the same two, as wages or rent do.",
        "The model finds payments as suspicious as these once in 1,000, and accounts as suspicious as these once in 10.",
    ]
    assert said_[1].value == 0.75
    (calm,) = said(np.array([ONE * 3, ONE, 5, 2, 1, 1, 1]), 100, 10_000)
    assert "once in" in calm.sentence
    against = said(np.array([ONE, ONE, 2, 2, 0, 1, 0]), 100, 100)[0]
    assert (against.sentence, against.value, against.threshold) == (
        "Against it: 50% of its payments are between accounts of one owner.", 0.5, 0.25,
    )  # fmt: skip
    shops = said(np.array([ONE, ONE, 2, 2, 0, 0, 2]), 100, 100)[0]
    assert (shops.sentence, shops.value) == (
        "Against it: 100% of its payments go to merchants, or to accounts that 30 others or more had paid before, as shops are.",
        1.0,
    )  # fmt: skip


def test_scores_are_compared_among_those_of_one_model_only() -> None:
    score, by = np.array([0.9, 0.8, 0.8, 0.7, 0.02, 0.01, 0.0]), np.array([0, 0, 0, 0, 1, 1, 1])
    assert comparable(score, by).tolist() == [0.75, 0.25, 0.25, 0.0, 2 / 3, 1 / 3, 0.0]
    rare = rarity(score, by)
    assert rare[[0, 4]] == pytest.approx([1.0, 1.0])  # one of four, and one of three, is the rarest there can be
    assert rare[1] == rare[2] == pytest.approx(np.log(2.5 / 4) / np.log(1 / 4), abs=1 / ONE)
    assert comparable(score * 7, by).tolist() == comparable(score, by).tolist()


def test_a_shop_is_a_merchant_or_was_paid_by_thirty_others_before() -> None:
    rng, shops = np.random.default_rng(3), 0
    for kind in ("internal", "cash", "external") * 7:
        rows = [(int(a), int(b), int(t) / 4, 1.0) for a, b, t in zip(
            rng.integers(0, 60, 300), np.where(rng.random(300) < 0.5, 0, rng.integers(0, 60, 300)),
            rng.integers(0, 40, 300), strict=True)]  # fmt: skip
        ledger = toy.ledger(rows, n=60)
        kinds = ledger.accounts.with_columns(kind=pl.Series([kind] + ["internal"] * 58 + ["merchant"]))
        ledger = replace(ledger, accounts=kinds)
        graph = replace(TransactionGraph.of(ledger), lo=10, hi=290)
        shop = Columns.of(graph, People.of(ledger), np.zeros(60), np.zeros(300)).shop
        for row in range(10, 290):
            to = graph.target[row]
            before = {int(graph.source[r]) for r in range(10, 290)
                      if graph.target[r] == to and graph.time[r] < graph.time[row]} - {int(to)}  # fmt: skip
            visited = len(before) >= 30 and (to != 0 or kind == "internal")  # where money leaves the books is no shop
            assert shop[row] == (visited or to == 59), row
        shops += int(shop.sum())
    assert shops > 500
