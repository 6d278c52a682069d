"""What crosses a ring's border is what a count by hand says."""

import random

import pytest

from graphml.boundary import boundary
from graphml.window import DAY
from tests import toy


@pytest.mark.parametrize("seed", range(20))
def test_a_boundary_is_what_one_counts_row_by_row(seed: int) -> None:
    rng = random.Random(seed)
    graph = toy.graph(toy.random_rows(seed, n=9, rows=80), n=9)
    if seed % 2:
        graph = graph.window(type(graph.span).of(toy.START + DAY, toy.START + 5 * DAY))
    accounts = rng.sample(range(9), rng.randint(1, 5))
    start, end = sorted(toy.START + rng.randrange(7) * DAY for _ in range(2))
    came, went = [], []
    for row in range(graph.lo, graph.hi):
        if start <= graph.time[row] <= end:
            inside = int(graph.source[row]) in accounts, int(graph.target[row]) in accounts
            if inside == (False, True):
                came.append(float(graph.value[row]))
            if inside == (True, False):
                went.append(float(graph.value[row]))
    found = boundary(graph, accounts, start, end)
    assert (found.received, found.received_payments) == (pytest.approx(sum(came)), len(came))
    assert (found.paid, found.paid_payments) == (pytest.approx(sum(went)), len(went))


def said(rows: list[toy.Row]) -> str:
    graph = toy.graph(rows)
    return boundary(graph, (1, 2), int(graph.time[0]), int(graph.time[-1])).reason.sentence


def test_the_sentence_says_what_was_kept() -> None:
    assert said([(0, 1, 0.0, 100.0), (1, 2, 1.0, 90.0), (2, 3, 2.0, 80.0)]) == (
        "From its first to its last payment 100.00 in 1 payment came in from outside and 80.00 in 1 went out; it kept 20%."
    )
    assert said([(0, 1, 0.0, 100.0), (2, 3, 2.0, 180.0)]).endswith("; more went out than came in.")
    assert said([(1, 2, 0.0, 100.0), (2, 3, 2.0, 180.0)]).endswith(
        "nothing came in from outside and 180.00 in 1 went out."
    )
    assert said([(0, 1, 0.0, 100.0), (1, 2, 2.0, 180.0)]).endswith("and nothing went out; it kept 100%.")
