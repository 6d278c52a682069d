"""Compare contact with its definition."""

import numpy as np

from graphml.features.contact import FAMILY
from graphml.window import DAY, HOUR
from tests import toy
from tests.graphml.features.cases import Past, Pay, assert_equals, transactions

NAN = float("nan")


def gap(past: Past, at: int, unit: int, latest: bool = True) -> float:
    times = [p.time for p in past]
    return (at - (max(times) if latest else min(times))) / unit if times else NAN


def of(past: Past, account: int) -> Past:
    return [p for p in past if account in (p.source, p.target)]


def between(past: Past, payer: int, payee: int) -> Past:
    return [p for p in past if (p.source, p.target) == (payer, payee)]


def first_met(past: Past, account: int, paying: bool) -> dict[int, int]:
    """Return when the account first met each counterparty."""
    first: dict[int, int] = {}
    for p in past:
        own, other = (p.source, p.target) if paying else (p.target, p.source)
        if own == account:
            first[other] = min(first.get(other, p.time), p.time)
    return first


def new(past: Past, account: int, paying: bool, since: int) -> list[float]:
    first = first_met(past, account, paying)
    own = [(p.time, p.target if paying else p.source) for p in past if (p.source if paying else p.target) == account]
    recent = [(t, other) for t, other in own if t >= since]
    fresh = [other != account and first[other] == t for t, other in recent]
    return [
        sum(t >= since for other, t in first.items() if other != account),
        sum(fresh) / len(fresh) if fresh else NAN,
    ]


def of_account(past: Past, account: int, at: int) -> list[float]:
    found = [x for days in (1, 8) for paying in (False, True) for x in new(past, account, paying, at - days * DAY)]
    own = of(past, account)
    return [*found, gap(own, at, HOUR), gap(own, at, DAY, latest=False)]


def port(past: Past, account: int, other: int, at: int, paying: bool) -> int:
    first = first_met(past, account, paying)
    mine = first.get(other, at)
    return 1 + sum(t < mine for t in first.values())


def of_transaction(past: Past, pay: Pay) -> list[float]:
    pair = between(past, pay.source, pay.target)
    return [
        port(past, pay.source, pay.target, pay.time, True),
        port(past, pay.target, pay.source, pay.time, False),
        float(not pair),
        gap(pair, pay.time, HOUR),
        len(pair),
        gap(between(past, pay.target, pay.source), pay.time, HOUR),
        *of_account(past, pay.source, pay.time),
        *of_account(past, pay.target, pay.time),
    ]


def test_equals_its_definition() -> None:
    assert_equals(FAMILY, of_account, of_transaction, 150, n=7, rows=50, days=12)


def test_payees_of_one_first_instant_share_a_port_and_keep_it() -> None:
    graph = toy.graph([(0, 1, 0.0, 1.0), (0, 2, 0.0, 1.0), (0, 3, 1.0, 1.0), (0, 2, 2.0, 1.0), (0, 3, 2.0, 1.0)])
    found = transactions(FAMILY, graph)
    assert found[:, 0].tolist() == [1, 1, 3, 1, 3]
    assert np.isnan(found[:3, 3]).all()
