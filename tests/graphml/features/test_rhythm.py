"""Compare rhythm with its definition."""

import math
import statistics
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from graphml.features.rhythm import FAMILY
from graphml.window import DAY, HOUR
from tests import toy
from tests.graphml.features.cases import Past, Pay, accounts, assert_equals

NAN = float("nan")


def when(time: int) -> datetime:
    return datetime.fromtimestamp(time / 1e6, UTC)


def moves(past: Past, account: int) -> list[int]:
    return sorted(p.time for p in past if p.source != p.target and account in (p.source, p.target))


def of_account(past: Past, account: int, at: int) -> list[float]:
    times = moves(past, account)
    gaps = [(b - a, b) for a, b in pairwise(times)]
    lengths = [gap for gap, _ in gaps]
    m, s = (sum(lengths) / len(lengths), statistics.pstdev(lengths)) if lengths else (0.0, 0.0)
    hours = Counter(when(t).hour for t in times)
    return [
        (s - m) / (s + m) if len(times) > 2 and s + m else NAN,
        max((gap / HOUR for gap, end in gaps if end >= at - 8 * DAY), default=NAN),
        max(hours.values()) / len(times) if times else NAN,
        sum(when(t).weekday() > 4 for t in times) / len(times) if times else NAN,
    ]


def surprise(past: Past, account: int, at: int) -> list[float]:
    times = moves(past, account)
    hour, day = (
        sum(when(t).hour == when(at).hour for t in times),
        sum(when(t).weekday() == when(at).weekday() for t in times),
    )
    return [-math.log2((hour + 1) / (len(times) + 24)), -math.log2((day + 1) / (len(times) + 7))]


def of_transaction(past: Past, pay: Pay) -> list[float]:
    ends = (pay.source, pay.target)
    return [x for end in ends for x in of_account(past, end, pay.time)] + [
        x for end in ends for x in surprise(past, end, pay.time)
    ]


def test_equals_its_definition() -> None:
    assert_equals(FAMILY, of_account, of_transaction, 80, n=6, rows=50, days=12)
    assert_equals(FAMILY, of_account, of_transaction, 20, n=4, rows=40, days=60)


def test_a_clock_a_burst_and_a_sleeper() -> None:
    clock = [(0, 3, float(d), 1.0) for d in range(20)]
    burst = [(1, 3, b * 13 + i / 500, 1.0) for b in range(2) for i in range(30)]
    sleeper = [(2, 3, 0.0, 1.0), (2, 3, 1.0, 1.0), (2, 3, 18.0, 1.0)]
    graph = toy.graph([*clock, *burst, *sleeper])
    found = accounts(FAMILY, graph, np.arange(3, dtype=np.int32), np.full(3, toy.START + 20 * DAY, np.int64))
    assert found[0, 0] == -1
    assert found[1, 0] > 0.7
    assert found[:, 1].tolist() == [24, np.float32((13 - 29 / 500) * 24), 17 * 24]
