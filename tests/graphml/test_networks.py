"""Networks are what a person would tie together by hand."""

from dataclasses import replace
from math import log10

import numpy as np
import pytest

from graphml.graph import TransactionGraph
from graphml.networks import Seeding, networks
from graphml.people import People
from graphml.window import DAY
from tests import toy


def owned(owner: list[int], known: list[bool] | None = None) -> People:
    n = len(owner)
    held = np.ones(n, np.bool_) if known is None else np.array(known)
    return People(np.zeros(n, np.int32), np.array(owner, np.int32), held, ())


def slow(
    graph: TransactionGraph, score: np.ndarray, seeding: Seeding, people: People | None = None
) -> set[tuple[int, ...]]:
    """Return the networks that links put together, one by one."""

    def behind(account: int) -> tuple[str, int]:
        if people is None or not people.known[account]:
            return "account", account
        mine = int(people.owner[account])
        many = sum(bool(k) and int(o) == mine for o, k in zip(people.owner, people.known, strict=True))
        return ("owner", mine) if many <= seeding.concern else ("account", account)

    rows = list(range(graph.lo, graph.hi))
    count = round(seeding.share * len(rows))
    if not count:
        return set()
    least = sorted((score[r] for r in rows), reverse=True)[count - 1]
    seeds = [r for r in rows if score[r] >= least and score[r] > min(score[q] for q in rows)]
    ends = {r: {int(graph.source[r]), int(graph.target[r])} for r in seeds}
    who = {r: {behind(x) for x in ends[r]} for r in seeds}
    rarity = {r: log10(len(seeds) / sum(score[q] >= score[r] for q in seeds)) for r in seeds}
    links = []
    for held, aside in ((ends, 0.0), (who, seeding.aside)):
        for a in seeds:
            for b in seeds:
                common = [x for x in held[a] & held[b] if not any(a < c < b and x in held[c] for c in seeds)]
                days = (graph.time[b] - graph.time[a]) / DAY
                if a < b and common and days * DAY <= seeding.gap:
                    links.append((round(seeding.fade * days + aside - min(rarity[a], rarity[b]), 5), b, a))
    groups, made = [{r} for r in seeds], []
    for *_, b, a in sorted(links):
        one = next(g for g in groups if a in g)
        two = next(g for g in groups if b in g)
        if one is not two and len(set().union(*(ends[r] for r in one | two))) <= seeding.most_accounts:
            groups = [g for g in groups if g is not one and g is not two] + [one | two]
            made.append(one | two)
    return {tuple(sorted(g)) for g in made if len(set().union(*(ends[r] for r in g))) >= seeding.fewest}


@pytest.mark.parametrize("seed", range(40))
def test_networks_are_those_of_their_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = toy.graph(toy.random_rows(seed, n=14, rows=70), n=14)
    if seed % 3 == 0:
        graph = graph.window(type(graph.span).of(toy.START + DAY, toy.START + 5 * DAY))
    score = rng.integers(0, 30, len(graph.time)) / 30
    seeding = Seeding(
        share=float(rng.choice([0.1, 0.3, 0.6])),
        gap=int(rng.choice([1, 3]) * DAY // 2),
        fade=float(rng.choice([0.0, 0.25])),
        most_accounts=int(rng.choice([4, 6, 40])),
    )
    people = owned(rng.integers(0, 8, 14).tolist(), (rng.random(14) < 0.7).tolist()) if seed % 2 else None
    seeding = replace(seeding, concern=int(rng.choice([1, 2, 20])), aside=float(rng.choice([0.0, 0.3])))
    found = networks(graph, score, seeding, people)
    assert {ring.rows for ring in found.rings} == slow(graph, score, seeding, people)
    assert [tuple(one.tolist()) for one in found.rows] == [ring.rows for ring in found.rings]
    assert [tuple(one.tolist()) for one in found.accounts] == [ring.accounts for ring in found.rings]
    for ring in found.rings:
        assert seeding.fewest <= len(ring.accounts) <= seeding.most_accounts


def test_where_nothing_stands_out_there_is_no_network() -> None:
    graph = toy.graph(toy.random_rows(1, rows=60))
    assert networks(graph, np.zeros(60), Seeding(share=0.5)).rings == ()
    assert networks(graph, np.linspace(0, 1, 60), Seeding(share=0.001)).rings == ()


def test_a_later_payment_with_a_low_score_changes_no_network() -> None:
    rows = toy.random_rows(3, n=14, rows=70)
    graph = toy.graph(rows, n=15)
    score = np.random.default_rng(3).random(70)
    more = toy.graph([*rows, *[(14, i, 30.0, 5.0) for i in range(10)]], n=15)
    longer = np.concatenate([score, np.zeros(10)])
    one = networks(graph, score, Seeding(share=0.2))
    two = networks(more, longer, Seeding(share=14 / 80))
    assert [r.rows for r in one.rings] == [r.rows for r in two.rings]
    assert replace(one.rings[0], reasons=()) == replace(two.rings[0], reasons=())


def test_a_link_left_out_is_told_by_both_sides() -> None:
    graph = toy.graph([(0, 1, 0.0, 9.0), (1, 2, 0.1, 9.0), (2, 3, 0.2, 9.0), (3, 4, 0.3, 9.0), (7, 8, 0.4, 9.0)])
    score = np.array([0.9, 0.9, 0.5, 0.8, 0.1])
    found = networks(graph, score, Seeding(share=0.8, most_accounts=3, fewest=2))
    assert [ring.rows for ring in found.rings] == [(0, 1), (2, 3)]
    said = "not tied to 1 more: together they have above 3 accounts"
    assert [ring.lineage["limit"] for ring in found.rings] == [said, said]
    every = networks(graph, score, Seeding(share=0.8)).rings
    assert [ring.rows for ring in every] == [(0, 1), (0, 1, 2), (0, 1, 2, 3)]
    assert not any("limit" in ring.lineage for ring in every)


def test_a_network_says_how_suspicious_the_least_of_its_payments_is() -> None:
    graph = toy.graph([(0, 1, 0.0, 9.0), (1, 2, 0.1, 9.0), (2, 3, 0.2, 9.0), (7, 8, 0.4, 9.0)])
    core, whole = networks(graph, np.array([0.9, 0.8, 0.5, 0.1]), Seeding(share=0.75)).rings
    assert "each among the 50 % most suspicious of those that the same model judged" in core.reasons[0].sentence
    assert "each among the 75 % most suspicious of those that the same model judged" in whole.reasons[0].sentence
    assert (core.reasons[0].value, core.reasons[0].threshold) == (0.5, 0.75)


def test_payments_of_one_owner_hang_together_where_no_account_ties_them() -> None:
    graph = toy.graph([(0, 1, 0.0, 9.0), (2, 3, 0.1, 9.0), (4, 5, 0.2, 9.0), (7, 8, 0.4, 9.0)])
    score = np.array([0.9, 0.8, 0.7, 0.1])
    people = owned([0, 1, 2, 0, 4, 5, 6, 7, 8])  # 0 and 3 have one owner
    assert networks(graph, score, Seeding(share=0.75)).rings == ()
    (ring,) = networks(graph, score, Seeding(share=0.75), people).rings
    assert ring.rows == (0, 1)
    assert "(next one at the same account, or at one of the same owner, within 30 days)" in ring.reasons[0].sentence
    assert ring.reasons[1].sentence == (
        "Accounts alone leave it in 2 parts; what ties these is that owners have accounts in more than one."
    )
    nobody = owned([0, 1, 2, 0, 4, 5, 6, 7, 8], [False] * 9)
    assert networks(graph, score, Seeding(share=0.75), nobody).rings == ()
    assert networks(graph, score, Seeding(share=0.75, concern=1), people).rings == ()
