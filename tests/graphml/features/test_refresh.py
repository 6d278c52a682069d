"""Keep the refresh calendar: daily at first, then each time the history has grown by about 12 %."""

from itertools import pairwise

import numpy as np

from graphml.features._refresh import Refresh
from graphml.window import DAY
from tests import toy


def test_days_are_daily_then_grow_and_depend_on_the_first_day_only() -> None:
    days = Refresh().days(toy.START + DAY // 3, toy.START + 720 * DAY)
    number = (days - toy.START) // DAY
    assert number[:8].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert all(1 <= b - a <= max(1, 0.12 * a) for a, b in pairwise(number[7:].tolist()))
    assert 40 < len(days) < 60
    assert Refresh().days(toy.START, toy.START + 300 * DAY).tolist() == days[days <= toy.START + 300 * DAY].tolist()


def test_an_instant_gets_the_latest_day_that_is_not_after_its_own_midnight() -> None:
    graph = toy.graph([(0, 1, 0.5, 1.0), (0, 1, 1.0, 1.0), (2, 1, 1.5, 1.0), (0, 1, 3.5, 1.0)])
    at = toy.START + (np.array([0.9, 1.0, 1.9, 2.0, 3.99]) * DAY).astype(np.int64)
    account = np.array([1, 1, 1, 1, 2], np.int32)
    found = Refresh().values(graph, account, at, lambda k: np.full((len(k.account), 1), float(len(k.value))))
    np.testing.assert_array_equal(found[:, 0], [np.nan, 1, 1, 3, 3])
