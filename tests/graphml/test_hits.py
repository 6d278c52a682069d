from dataclasses import replace

import polars as pl

from graphml import schema
from graphml.hits import evaluate, is_hit
from graphml.ring import Ring
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
