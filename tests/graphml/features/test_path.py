"""Compare path with its definition, way by way, with and without a limit that bites."""

from functools import lru_cache

import numpy as np
import pytest

from graphml.features._path_ahead import known_of_accounts
from graphml.features.path import FAMILY, Path
from graphml.stream import Stream
from graphml.window import DAY
from tests import toy
from tests.graphml.features.cases import Past, Pay, assert_equals, transactions

Way = tuple[Pay, ...]
OF = {f.name: i for i, f in enumerate(FAMILY.of_transactions)}


def grain(value: float) -> float:
    return round(min(value, 2.0**36) * 1024) / 1024


class World:
    """Hold the payments of a view up to some instant, and say what each follows."""

    def __init__(self, past: Past, limit: int) -> None:
        self.past, self.limit = [p for p in past if p.source != p.target], limit
        self.followed = lru_cache(None)(self._followed)
        self.kept = lru_cache(None)(self._kept)
        self.chain = lru_cache(None)(self._chain)
        self.near = lru_cache(None)(self._near)
        self.closes = lru_cache(None)(self._closes)

    def could(self, pay: Pay) -> Past:
        if pay.source == pay.target:
            return []
        return [p for p in self.past if p.target == pay.source and pay.time - 4 * DAY <= p.time < pay.time]

    def _followed(self, pay: Pay) -> Past:
        could, chosen = self.could(pay), []
        for instant in sorted({p.time for p in could}, reverse=True):
            more = [p for p in could if p.time == instant]
            if len(chosen) + len(more) > self.limit:
                break
            chosen += more
        return chosen

    def ways(self, pay: Pay, length: int) -> list[Way]:
        """Return the ways of *length* payments that end with *pay*."""
        if length == 1:
            return [(pay,)]
        return [(*way, pay) for p in self.followed(pay) for way in self.ways(p, length - 1)]

    def _kept(self, pay: Pay, length: int, origin: int | None = None) -> float:
        """Return what ways of *length* keep; those from *origin* that do not pass it again, or all."""
        if length == 1:
            return grain(pay.value) if origin in (None, pay.source) else 0.0
        if origin == pay.source:
            return 0.0
        return min(grain(pay.value), sum(self.kept(p, length - 1, origin) for p in self.followed(pay)))

    def _chain(self, pay: Pay) -> int:
        steady = [p for p in self.followed(pay) if keeps(p, pay) and p.source != pay.target]
        return min(6, 1 + max((self.chain(p) for p in steady), default=0))

    def _near(self, pay: Pay) -> int:
        if len(self.followed(pay)) < len(self.could(pay)):
            return 1
        nearest = min((n for p in self.followed(pay) if (n := self.near(p))), default=5)
        return nearest + 1 if nearest < 5 else 0

    def returns(self, pay: Pay) -> list[Way]:
        found, open_ways = [], [(pay,)]
        for _ in range(5):
            longer = [(p, *way) for way in open_ways for p in self.followed(way[0])]
            found += [way for way in longer if way[0].source == pay.target]
            open_ways = [way for way in longer if way[0].source != pay.target]
        return found

    def scatter_gather(self, pay: Pay, steady: bool) -> int:
        window = [p for p in self.past if p.target == pay.target and pay.time - 8 * DAY <= p.time < pay.time]
        most = 0
        for origin in {p.source for p in self.followed(pay) if keeps(p, pay) or not steady} - {pay.target}:
            before = [(p, q) for q in window for p in self.followed(q) if p.source == origin]
            over = {q.source for p, q in before if keeps(p, q) or not steady}
            most = max(most, len(over | {pay.source}))
        return most if most > 1 else 0

    def gather_scatter(self, pay: Pay) -> int:
        if not self.followed(pay):
            return 0
        window = [p for p in self.past if pay.time - 8 * DAY <= p.time < pay.time]
        sources = {p.source for p in window if p.target == pay.source}
        targets = {p.target for p in window if p.source == pay.source and self.followed(p)} | {pay.target}
        fewer = min(len(sources), len(targets))
        return fewer if fewer > 1 else 0

    def _closes(self, pay: Pay) -> list[float]:
        if pay.source == pay.target:
            return [0.0] * 14
        two, three, back = self.ways(pay, 2), self.ways(pay, 3), self.returns(pay)
        least = [max((least_of(way) for way in some), default=0.0) for some in (two, three, back)]
        return [
            len(two), len(three), self.kept(pay, 2), self.kept(pay, 3), least[0], least[1],
            len(back), min(map(len, back), default=0), least[2],
            self.scatter_gather(pay, False), self.scatter_gather(pay, True), self.gather_scatter(pay), self.chain(pay), self.near(pay),
        ]  # fmt: skip

    def lost(self, account: int, at: int) -> int:
        """Return how many of the payments one and two on from *account* were dropped by a limit in the window."""
        own = [p for p in self.past if p.source == account]
        second = [q for q in self.past if q.target != account and any(p in self.followed(q) for p in own)]
        count = 0
        for p in own + second:
            dropped = [q.time for q in self.past if p in self.could(q) and p not in self.followed(q)]
            count += bool(dropped) and at - 8 * DAY <= min(dropped) < at
        return count

    def state(self, account: int, at: int) -> list[float]:
        recent = [p for p in self.past if at - 8 * DAY <= p.time < at]
        into, out = [self.closes(p) for p in recent if p.target == account], []
        for length in (2, 3):
            ways = [w for p in recent for w in self.ways(p, length) if w[0].source == account]
            out.append(float(sum(all(p.source != account for p in way[1:]) for way in ways)))
        out += [sum(self.kept(p, length, account) for p in recent) for length in (2, 3)]
        sums = [sum(c[i] for c in into) for i in (0, 1, 2, 3, 6, 8)]
        most = [max((c[i] for c in into), default=0) for i in (9, 10, 12)]
        scattered = max((self.closes(p)[11] for p in recent if p.source == account), default=0)
        cut = sum(c[13] > 0 for c in into)
        return [*sums[:4], *out, *sums[4:], most[0], most[1], scattered, most[2], cut, self.lost(account, at)]


def keeps(one: Pay, other: Pay) -> bool:
    return 0.8 * grain(one.value) <= grain(other.value) <= 1.25 * grain(one.value)


def least_of(way: Way) -> float:
    return min(grain(p.value) for p in way)


def check(family: Path, count: int, **shape: int) -> None:
    worlds: dict[tuple[Pay, ...], World] = {}

    def world(past: Past) -> World:
        key = tuple(past)
        if key not in worlds:
            worlds[key] = World(past, family.hub_limit)
        return worlds[key]

    def of_transaction(past: Past, pay: Pay) -> list[float]:
        now = world(past)
        return [*now.state(pay.source, pay.time), *now.state(pay.target, pay.time), *now.closes(pay)]

    assert_equals(family, lambda past, account, at: world(past).state(account, at), of_transaction, count, **shape)


@pytest.mark.parametrize("limit", [1, 2, 4, 64])
def test_equals_its_definition(limit: int) -> None:
    family = FAMILY if limit == 64 else Path(hub_limit=limit)
    check(family, 25, n=6, rows=40, days=12)
    check(family, 12, n=4, rows=25, days=5)
    check(family, 10, n=12, rows=50, days=10)


def ring(length: int) -> list[tuple[int, int, float, float]]:
    return [(i, (i + 1) % length, float(i), 9.0 - i / 4) for i in range(length)]


def test_a_ring_of_six_is_closed_by_its_last_payment_and_one_of_seven_is_not() -> None:
    for length in range(2, 7):
        told = transactions(FAMILY, toy.graph(ring(length)))[:, OF["closes_return"] : OF["closes_return_kept"] + 1]
        assert not told[:-1].any()
        assert told[-1].tolist() == [1, length, 9.0 - (length - 1) / 4]
    assert not transactions(FAMILY, toy.graph(ring(7)))[:, OF["closes_return"]].any()


def test_a_return_keeps_the_smallest_of_its_amounts_wherever_that_is() -> None:
    for length in range(2, 7):
        for small in range(length):
            rows = [(i, (i + 1) % length, float(i), 5.0 if i == small else 9.0) for i in range(length)]
            assert transactions(FAMILY, toy.graph(rows))[-1, OF["closes_return_kept"]] == 5


def test_the_last_way_of_a_scatter_gather_tells_its_intermediaries() -> None:
    rows = [(0, i, 0.1 * i, 5.0) for i in range(2, 6)] + [(i, 1, 1 + 0.1 * i, 5.0) for i in range(2, 6)]
    told = transactions(FAMILY, toy.graph([*rows, (9, 2, 1.9, 5.0), (2, 1, 2.0, 5.0)]))
    assert told[:, OF["closes_scatter_gather"]].tolist() == [0, 0, 0, 0, 0, 2, 3, 4, 0, 4]


@pytest.mark.parametrize(("day", "size"), [(9.0, 2), (9.001, 0)])
def test_the_ways_of_a_scatter_gather_are_within_eight_days(day: float, size: int) -> None:
    graph = toy.graph([(0, 2, 0.0, 5.0), (2, 1, 1.0, 5.0), (0, 3, 8.5, 5.0), (3, 1, day, 5.0)])
    told = transactions(FAMILY, graph)[-1, [OF["closes_scatter_gather"], OF["closes_steady_scatter_gather"]]]
    assert told.tolist() == [size, size]


def test_the_payments_out_of_a_gather_scatter_tell_its_size() -> None:
    rows = [(i, 1, 0.1 * i, 5.0) for i in range(2, 6)] + [(1, 5 + i, 1 + 0.1 * i, 5.0) for i in range(2, 8)]
    told = transactions(FAMILY, toy.graph(rows))
    assert told[:, OF["closes_gather_scatter"]].tolist() == [0, 0, 0, 0, 0, 2, 3, 4, 4, 4]


def test_a_chain_is_steady_within_its_bounds_and_does_not_go_back() -> None:
    amounts = [100.0, 80.0, 100.0, 79.0, 63.0, 63.0]
    rows = [(i, i + 1, float(i), v) for i, v in enumerate(amounts)]
    assert transactions(FAMILY, toy.graph(rows))[:, OF["closes_steady_chain"]].tolist() == [1, 2, 3, 1, 1, 2]
    pong = [(i % 2, (i + 1) % 2, float(i), 5.0) for i in range(5)]
    assert transactions(FAMILY, toy.graph(pong))[:, OF["closes_steady_chain"]].tolist() == [1] * 5


def test_the_limit_is_told() -> None:
    rows = [(0, i, 0.01 * i, 1.0) for i in range(2, 80)] + [(i, 1, 1 + 0.02 * i, 1.0) for i in range(2, 80)]
    told = transactions(FAMILY, toy.graph([*rows, (1, 0, 3.0, 1.0)]))[-1]
    assert told[[OF["closes_return"], OF["closes_cut"], OF["payee_out_paths_cut"]]].tolist() == [64, 1, 0]


def test_the_limit_is_told_five_payments_on() -> None:
    rows = [(9, 0, 0.0, 1.0), (8, 0, 0.5, 1.0)] + [(i, i + 1, 1.0 + i, 1.0) for i in range(7)]
    told = transactions(Path(hub_limit=1), toy.graph(rows))
    assert told[:, OF["closes_cut"]].tolist() == [0, 0, 1, 2, 3, 4, 5, 0, 0]


def test_an_instant_beyond_the_limit_counts_not_at_all() -> None:
    rows = [(i, 1, 0.0, 1.0) for i in range(2, 70)] + [(0, 1, 1.0, 1.0), (1, 0, 2.0, 1.0)]
    told = transactions(FAMILY, toy.graph(rows))[-1]
    assert told[[OF["closes_paths_2"], OF["closes_return"], OF["closes_cut"]]].tolist() == [1, 1, 1]


def test_values_do_not_depend_on_how_accounts_are_numbered_nor_on_the_order_inside_an_instant() -> None:
    family = Path(hub_limit=3)
    for seed in range(20):
        rows = toy.random_rows(seed, n=8, rows=90, days=8)
        number = np.random.default_rng(seed).permutation(9).tolist()
        renamed = [(number[a], number[b], t, v) for a, b, t, v in rows]
        one, other = transactions(family, toy.graph(rows, n=9)), transactions(family, toy.graph(renamed, n=9))
        first, second = (sorted(range(90), key=lambda i: (r[i][2], *r[i][:2], r[i][3])) for r in (rows, renamed))
        assert one[np.argsort(first)].tobytes() == other[np.argsort(second)].tobytes()


def test_the_number_of_cores_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = toy.random_rows(1, n=40, rows=900, days=20)
    graph = toy.graph(rows, n=41)
    assert Stream.of(graph).graph.n == 41
    alone = transactions(FAMILY, graph)
    monkeypatch.setattr("graphml.cores._SMALL", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 5)
    assert transactions(FAMILY, graph).tobytes() == alone.tobytes()


def test_more_accounts_than_marks_can_tell_apart_are_refused() -> None:
    with pytest.raises(OverflowError, match=r"at most 268435455 accounts apart, and these are 268435456"):
        known_of_accounts(1 << 28)
