"""Keep the refresh calendar, and compare what a refresh day knows with plain sums."""

import weakref
from itertools import pairwise, takewhile

import numpy as np
import pytest

from graphml.features._known import Known, KnownDays
from graphml.features._refresh import Course, Refresh, Table
from graphml.stream import Stream
from graphml.window import DAY
from tests import toy
from tests.graphml.features.cases import Past, graphs, pays
from tests.graphml.features.schedule import SCHEDULE, refreshes, seen


class Noted:
    """Note what is known on each refresh day, and tell how many payments that is."""

    def __init__(self) -> None:
        self.known: list[Known] = []

    def __call__(self, known: Known) -> Table:
        self.known.append(known)
        k = len(known.account)
        return Table(np.full((k, 1), known.paid.sum(), np.float32), np.empty((k, 0), np.int32))

    def carried(self) -> dict[str, np.ndarray]:
        return {}

    def resume(self, carried: dict[str, np.ndarray]) -> None:
        pass


def days(first: int, last: int) -> list[int]:
    return list(takewhile(lambda day: day <= last, Refresh().days(first)))


def test_days_are_daily_then_grow_and_depend_on_the_first_day_only() -> None:
    found = np.array(days(toy.START + DAY // 3, toy.START + 720 * DAY))
    number = ((found - toy.START) // DAY).tolist()
    assert number[: len(SCHEDULE)] == SCHEDULE
    assert all(1 <= b - a <= min(60, max(1, 0.34 * a)) for a, b in pairwise(number))
    assert max(b - a for a, b in pairwise(number)) == 60
    assert days(toy.START, toy.START + 300 * DAY) == found[found <= toy.START + 300 * DAY].tolist()


def test_an_instant_gets_the_latest_day_that_is_not_after_its_own_midnight() -> None:
    graph = toy.graph([(0, 1, 0.5, 1.0), (0, 1, 1.0, 1.0), (2, 1, 1.5, 1.0), (0, 1, 3.5, 1.0)])
    at = toy.START + (np.array([0.9, 1.0, 1.9, 2.0, 3.99]) * DAY).astype(np.int64)
    account = np.array([1, 1, 1, 1, 2], np.int32)
    out, noted = np.zeros((5, 1), np.float32), Noted()
    course = Course(Refresh(), Stream.of(graph), "noted", noted)
    Refresh().accounts(course, (account, at), out)
    np.testing.assert_array_equal(out[:, 0], [np.nan, 1, 1, 3, 3])
    # Nothing is added on the second day, so there is nothing to compute on the third, and nothing twice.
    Refresh().accounts(course, (account, at), out)
    assert [(known.day - toy.START) // DAY for known in noted.known] == [1, 2]


def test_a_day_is_let_go_when_all_have_read_it() -> None:
    graph = toy.graph(toy.random_rows(3, rows=60))
    first, second = (toy.START + day * DAY for day in (2, 4))
    rows = [int(np.searchsorted(graph.time, day)) for day in (first, second)]
    days = KnownDays(Stream.of(graph), readers=2)
    one = days.before(first, rows[0])
    later = days.before(second, rows[1])
    assert days.before(first, rows[0]) is one
    assert later.paid.sum() > one.paid.sum() > 0
    gone = weakref.ref(one.paid)
    del one
    assert gone() is None
    with pytest.raises(RuntimeError, match="asked for 3 times, by 2 families"):
        days.before(first, rows[0])
    assert days.before(second, rows[1]) is later


def test_what_is_known_equals_plain_sums() -> None:
    for graph in graphs(60, n=9, rows=60, days=14):
        rows, noted = pays(graph), Noted()
        last = rows[-1].time if rows else 0
        list(Course(Refresh(), Stream.of(graph), "noted", noted).tables(last))
        wanted = refreshes(rows, last)
        assert len(noted.known) == len(wanted)
        for known, past in zip(noted.known, wanted, strict=True):
            same(known, past)


def same(known: Known, past: Past) -> None:
    names = seen(past)
    assert known.account.tolist() == names
    assert [int(known.number[a]) for a in names] == list(range(len(names)))
    assert (known.number >= 0).sum() == len(names)
    apart = [p for p in past if p.source != p.target]
    for k, a in enumerate(names):
        others = sorted({p.source + p.target - a for p in apart if a in (p.source, p.target)})
        span = slice(known.start[k], known.start[k + 1])
        assert known.account[known.other[span]].tolist() == others
        assert known.paid[span].tolist() == [sum(p[:2] == (a, b) for p in apart) for b in others]
        assert known.got[span].tolist() == [sum(p[:2] == (b, a) for p in apart) for b in others]
        assert known.value[span].tolist() == [sum(p.value for p in apart if {a, b} == {*p[:2]}) for b in others]
        got, paid = [p for p in apart if p.target == a], [p for p in apart if p.source == a]
        assert known.count[k].tolist() == [len(got), len(paid)]
        assert known.money[k].tolist() == [sum(p.value for p in got), sum(p.value for p in paid)]
