from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from graphml import schema
from graphml.hits import evaluate, hit_any, is_hit
from graphml.ledger import Ledger
from graphml.lists import Lists
from graphml.ring import Ring
from graphml.window import DAY
from tests import toy


def test_a_hit_needs_half_of_the_attempt_and_a_jaccard_index_of_three_tenths() -> None:
    true = frozenset(range(6))
    assert is_hit(frozenset({0, 1, 2}), true)
    assert not is_hit(frozenset({0, 1}), true)
    assert is_hit(frozenset({0, 1, 2, 10, 11, 12, 13}), true)  # 3 of 10
    assert not is_hit(frozenset({0, 1, 2, 10, 11, 12, 13, 14}), true)  # 3 of 11


def test_only_true_attempts_of_three_accounts_count() -> None:
    rows = [
        ("a", True, 0),
        ("a", True, 1),
        ("a", True, 2),
        ("b", False, 3),
        ("b", False, 4),
        ("b", False, 5),
        ("c", True, 6),
    ]
    table = pl.DataFrame(
        [(name, "cycle", bad, account, "") for name, bad, account in rows], schema=schema.ATTEMPTS, orient="row"
    )
    ledger = replace(toy.ledger([(0, 1, 0, 1.0)], 8), attempts=table)
    rings = [Ring("cycle", (0,), tuple((a, "mule") for a in group), (), 0, 0, 1.0) for group in ((3, 4, 5), (0, 1, 2))]
    report = evaluate(ledger, rings)
    assert (report["attempts"], report["ring_recall"], report["precision_at_10"]) == (1, 1.0, 0.1)


def _case() -> tuple[Ledger, list[Ring]]:
    # Attempts a (4 accounts), b (3), c (3, of two accounts only: does not count) and d (3, begins before day 2).
    members = {"a": (0, 1, 2, 3), "b": (4, 5, 6), "c": (7, 8), "d": (9, 10, 11)}
    kinds = {"a": "cycle", "b": "fan-in", "c": "cycle", "d": None}
    table = pl.DataFrame(
        [(name, kinds[name], True, account, "") for name, group in members.items() for account in group],
        schema=schema.ATTEMPTS, orient="row",
    )  # fmt: skip
    ledger = toy.ledger([(0, 1, 2, 1.0), (4, 5, 3, 1.0), (9, 10, 1, 1.0), (9, 10, 5, 1.0)], 20)
    labels = pl.DataFrame(
        [(0, True, None, "d"), (1, True, None, "a"), (2, True, None, "b"), (3, True, None, "d")],
        schema={name: schema.LABELS[name] for name in ("row", "laundering", "typology", "attempt")}, orient="row",
    )  # fmt: skip
    groups = [(12, 13, 14, 15, 16), (0, 1, 17), (4, 5, 6), (0, 1, 2, 18), (9, 10, 11)]
    rings = [
        Ring("cycle", (i % 4,), tuple((a, "mule") for a in group), (), 0, 0, 1.0, id=str(i))
        for i, group in enumerate(groups)
    ]
    return replace(ledger, attempts=table, labels=labels), rings


def test_every_number_of_the_report_on_a_case_done_by_hand() -> None:
    report = evaluate(*_case())
    assert report["attempts"] == 3
    assert report["rings"] == 5
    assert report["ring_recall"] == 1
    assert report["precision_at_10"] == 0.4  # rings 1, 2, 3 and 4 hit; ring 1 has two of a's four, of five in all
    assert report["precision_at_20"] == 0.2
    assert report["precision_at_50"] == 0.08
    assert report["containment"] == pytest.approx((3 / 4 + 1 + 1) / 3)
    assert report["dilution"] == pytest.approx((1 / 4 + 0 + 0) / 3)
    assert report["per_typology"] == {
        "cycle": {"attempts": 1, "ring_recall": 1, "containment": 0.75, "dilution": 0.25},
        "fan-in": {"attempts": 1, "ring_recall": 1, "containment": 1, "dilution": 0},
        "unnamed": {"attempts": 1, "ring_recall": 1, "containment": 1, "dilution": 0},
    }
    assert report["funnel"] == {"attempts": 3, "touched": 3, "half_contained": 3, "hit": 3, "hit_in_top_50": 3}


def test_a_ring_counts_by_its_middle_payment_and_not_where_it_hits_an_earlier_attempt() -> None:
    ledger, rings = _case()
    since = toy.START + 2 * DAY
    early, stray, even = (replace(rings[2], rows=rows) for rows in ((0, 0, 2), (0, 1, 2), (0, 2)))
    counts = [evaluate(ledger, [ring], since=since) for ring in (early, stray, even)]
    assert [(c["rings"], c["ring_recall"]) for c in counts] == [(0, 0), (1, 0.5), (1, 0.5)]
    of_d = replace(rings[4], rows=(3,))
    assert evaluate(ledger, [of_d, *rings[1:4]], since=since)["precision_at_10"] == 0.3
    assert evaluate(ledger, [of_d, *rings[1:4]], since=since)["rings"] == 3
    both = replace(of_d, roles=tuple((a, "mule") for a in (9, 10, 11, 4, 5, 6)))  # hits b as well
    assert evaluate(ledger, [both], since=since)["precision_at_10"] == 0.1


def test_only_what_begins_at_or_after_a_day_counts() -> None:
    ledger, rings = _case()
    report = evaluate(ledger, rings, since=toy.START + 2 * DAY)
    assert (report["attempts"], report["rings"]) == (2, 3)  # d began before; rings 0 and 4 are of day 1
    assert evaluate(ledger, rings, since=toy.START + 2 * DAY + 1)["attempts"] == 1  # a began at that moment
    assert evaluate(ledger, rings, since=toy.START + 9 * DAY)["rings"] == 0
    unknown = replace(ledger, labels=ledger.labels.head(0))
    assert evaluate(unknown, rings, since=toy.START + 9 * DAY)["attempts"] == 3


def test_days_to_alert_go_from_the_first_payment_to_the_end_of_the_ring_that_ends_first() -> None:
    ledger, rings = _case()
    days = (9, 8, 5, 4, 7)  # rings 1 and 3 hit a (first paid on day 2), 2 hits b (day 3), 4 hits d (day 1)
    ended = [replace(ring, end=toy.START + day * DAY) for ring, day in zip(rings, days, strict=True)]
    report = evaluate(ledger, ended)
    assert report["days_to_alert"] == {"p50": 2, "p90": pytest.approx(5.2)}  # of 2, 2, 6
    # An attempt without known payments has no beginning.
    assert evaluate(replace(ledger, labels=ledger.labels.head(0)), ended)["days_to_alert"] == {}
    assert evaluate(ledger, [replace(rings[1], end=toy.START)])["days_to_alert"] == {"p50": 0, "p90": 0}


def test_a_miss_is_counted_through_the_funnel() -> None:
    ledger, rings = _case()
    # a is touched by one of four; b is half contained but lost among others; d is not touched
    groups = [(0, 17, 18), (4, 5, 12, 13, 14, 15, 16)]
    near = [replace(rings[0], roles=tuple((a, "mule") for a in group)) for group in groups]
    report = evaluate(ledger, near)
    assert report["funnel"] == {"attempts": 3, "touched": 2, "half_contained": 1, "hit": 0, "hit_in_top_50": 0}
    assert report["containment"] == pytest.approx((1 / 4 + 2 / 3 + 0) / 3)
    assert report["dilution"] == pytest.approx((2 / 3 + 5 / 7) / 2)  # of those touched


def test_of_rings_that_contain_as_much_the_purer_is_the_best() -> None:
    ledger, rings = _case()
    wide, pure = ((4, 5, 6, 17), (4, 5, 6)), ((4, 5, 6), (4, 5, 6, 17))
    for groups in (wide, pure):
        both = [replace(rings[0], roles=tuple((a, "mule") for a in group)) for group in groups]
        report = evaluate(ledger, both)
        assert report["per_typology"]["fan-in"]["dilution"] == 0  # type: ignore[index]


def test_other_orders_are_the_largest_first_and_one_by_seed() -> None:
    ledger, _ = _case()
    miss = [
        Ring("cycle", (0,), tuple((a, "mule") for a in range(12, 15)), (), toy.START, 0, 1.0, id=f"m{i:02}")
        for i in range(55)
    ]
    large = Ring("cycle", (0,), tuple((a, "mule") for a in (0, 1, 2, 3)), (), toy.START, 0, 1.0, id="z")
    report = evaluate(ledger, [*miss, large], seed=3)
    assert report["precision_at_50"] == 0
    assert (report["recall_at_100"], report["recall_at_1000"]) == (1 / 3, 1 / 3)
    assert evaluate(ledger, [*miss, *miss, large], seed=3)["recall_at_100"] == 0
    assert report["size_only"] == {"precision_at_10": 0.1, "precision_at_20": 0.05, "precision_at_50": 0.02}
    assert report["funnel"]["hit_in_top_50"] == 0  # type: ignore[index]
    assert report["funnel"]["hit"] == 1  # type: ignore[index]
    first = [evaluate(ledger, [*miss, large], seed=s)["random"] for s in range(40)]
    assert first == [evaluate(ledger, [*miss, large], seed=s)["random"] for s in range(40)]
    assert 0.7 < sum(r["precision_at_50"] > 0 for r in first) / 40 < 1  # type: ignore[index]  # 50 of 56
    # ties in size go by id
    tied = [
        replace(large, id="b"),
        *(replace(m, id=f"a{i}", roles=(*m.roles, (16, "mule"))) for i, m in enumerate(miss[:10])),
    ]
    assert evaluate(ledger, tied)["size_only"]["precision_at_10"] == 0  # type: ignore[index]


def test_without_attempts_and_rings_all_is_nought() -> None:
    report = evaluate(toy.ledger([(0, 1, 0, 1.0)]), [])
    assert (report["ring_recall"], report["containment"], report["dilution"]) == (0, 0, 0)
    assert report["precision_at_10"] == 0


def test_hits_of_many_sets_are_those_of_each() -> None:
    rng = np.random.default_rng(3)
    found, true = (
        [sorted(set(rng.integers(0, 30, rng.integers(3, most)).tolist())) for _ in range(count)]
        for most, count in ((14, 400), (9, 25))
    )
    said = hit_any(Lists.of(found), Lists.of(true), 30)
    slow = [any(is_hit(frozenset(one), frozenset(other)) for other in true) for one in found]
    assert said.tolist() == slow
    assert 20 < sum(slow) < 380
    assert not hit_any(Lists.of(found), Lists.of([]), 30).any()
