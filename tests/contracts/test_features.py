"""Ask of every family what the port promises: first of all that it does not look ahead."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from graphml import registry
from graphml.feature import Family, Feature
from graphml.graph import TransactionGraph
from graphml.stream import Stream
from graphml.window import DAY
from tests import toy
from tests.graphml.features.cases import accounts, transactions

NAMES = registry.names("graphml.features")
CUT = toy.START + 9 * DAY + DAY // 2
Rows = list[toy.Row]


def family(name: str) -> Family:
    found = registry.plugin("graphml.features", name, "FAMILY")
    assert isinstance(found, Family)
    assert found.name == name
    return found


def pairs(graph: TransactionGraph, last: int) -> tuple[np.ndarray, np.ndarray]:
    instants = np.unique([*graph.time[graph.time < last][::5], last - DAY // 3, last])
    return np.tile(np.arange(9, dtype=np.int32), len(instants)), np.repeat(instants, 9).astype(np.int64)


def later(rows: Rows, day: float) -> list[Rows]:
    """Return *rows* with all from *day* on deleted, with other amounts, with other ends, and with more of them."""
    early, late = [r for r in rows if r[2] < day], [r for r in rows if r[2] >= day]
    amounts = [(a, b, t, v * 7 + 1) for a, b, t, v in late]
    ends = [(b, (a + 3) % 9, t, v) for a, b, t, v in late]
    more = [((a + 1) % 9, b + 4, t + 0.1, v / 2) for a, b, t, v in late]
    same_day = [(a, 10 + b, day + 0.001 * i, 33.0) for i, (a, b, _, _) in enumerate(late)]
    return [early, early + amounts, early + ends, rows + more, rows + same_day]


def assert_does_not_look_ahead(probe: Family) -> None:
    """Assert that what is known before an instant, and at it, is the same to the byte whatever comes later."""
    day = (CUT - toy.START) / DAY
    for seed in range(12):
        rows = toy.random_rows(seed, n=9, rows=90, days=16)
        whole = toy.graph(rows, n=20)
        known = int(np.searchsorted(whole.time, CUT))
        account, at = pairs(whole, CUT)
        early, rows_before = accounts(probe, whole, account, at).tobytes(), transactions(probe, whole)[:known].tobytes()
        for variant in later(rows, day):
            graph = toy.graph(variant, n=20)
            assert accounts(probe, graph, account, at).tobytes() == early, "an account sees later rows"
            assert transactions(probe, graph)[:known].tobytes() == rows_before, "a row sees later rows"
        view = whole.before(CUT)
        assert accounts(probe, view, account, at).tobytes() == early, "a view differs from its rows"
        assert transactions(probe, view).tobytes() == rows_before, "a view differs from its rows"


def assert_rows_of_an_instant_do_not_see_each_other(probe: Family) -> None:
    """Assert that a row has the same values when the others of its instant are gone."""
    for seed in range(8):
        whole = toy.graph(toy.random_rows(seed, n=6, rows=60, days=6), n=9)
        found = transactions(probe, whole)
        for row in range(0, len(whole), 3):
            keep = (whole.time < whole.time[row]) | (np.arange(len(whole)) == row)
            alone = transactions(probe, rearranged(whole, np.flatnonzero(keep)))
            assert alone[-1].tobytes() == found[row].tobytes(), "a row sees others of its instant"


def rearranged(graph: TransactionGraph, order: np.ndarray) -> TransactionGraph:
    """Return the graph of the rows *order*, in that order."""
    rows = [(int(graph.source[r]), int(graph.target[r]), int(graph.time[r]), float(graph.value[r])) for r in order]
    table = toy.ledger([(a, b, 0.0, 1.0) for a, b, _, _ in rows], n=graph.n)
    made = TransactionGraph.of(table)
    source, target, time, value = (np.array(c) for c in zip(*rows, strict=True))
    out, into = np.argsort(source, kind="stable"), np.argsort(target, kind="stable")
    edges = [np.searchsorted(np.sort(c), np.arange(graph.n + 1)).astype(np.int64) for c in (source, target)]
    return replace(
        made, source=source.astype(np.int32), target=target.astype(np.int32), time=time.astype(np.int64), value=value,
        amount=value,
        out_start=edges[0], out_rows=out.astype(np.int64), in_start=edges[1], in_rows=into.astype(np.int64),
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_value_depends_on_later_rows(name: str) -> None:
    assert_does_not_look_ahead(family(name))


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_an_instant_do_not_see_each_other(name: str) -> None:
    assert_rows_of_an_instant_do_not_see_each_other(family(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_rows_of_an_instant_does_not_matter(name: str) -> None:
    probe = family(name)
    for seed in range(12):
        whole = toy.graph(toy.random_rows(seed, n=7, rows=80, days=5), n=9)
        rng = np.random.default_rng(seed)
        order = np.lexsort((rng.random(len(whole)), whole.time))
        other = rearranged(whole, order)
        account, at = pairs(whole, int(whole.time[-1]) + DAY)
        assert accounts(probe, other, account, at).tobytes() == accounts(probe, whole, account, at).tobytes()
        assert transactions(probe, other).tobytes() == transactions(probe, whole)[order].tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_an_account_that_comes_later_between_the_others_changes_nothing(name: str) -> None:
    probe = family(name)
    for seed in range(6):
        rows = toy.random_rows(seed, n=9, rows=90, days=16)
        moved = [(a + (a > 3), b + (b > 3), t, v) for a, b, t, v in rows]
        late = [(4, b, t + 20, v) for _, b, t, v in moved[:10]]
        one = toy.graph(rows, n=9)
        other = replace(toy.graph(moved + late, n=10), bank=np.insert(one.bank, 4, 0))
        account, at = pairs(one, CUT)
        shifted = (account + (account > 3)).astype(np.int32)
        assert accounts(probe, one, account, at).tobytes() == accounts(probe, other, shifted, at).tobytes()
        assert transactions(probe, one).tobytes() == transactions(probe, other)[: len(one)].tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_a_value_depends_on_its_own_pair_only(name: str) -> None:
    probe = family(name)
    whole = toy.graph(toy.random_rows(4, n=9, rows=90, days=16), n=9)
    account, at = pairs(whole, CUT)
    together = accounts(probe, whole, account, at)
    for i in range(0, len(account), 11):
        alone = accounts(probe, whole, account[i : i + 1], at[i : i + 1])
        assert alone.tobytes() == together[i].tobytes()
    assert accounts(probe, whole, account[:0], at[:0]).shape == (0, len(probe.of_accounts))


@pytest.mark.parametrize("name", NAMES)
def test_rows_outside_a_view_do_not_exist(name: str) -> None:
    probe = family(name)
    rows = toy.random_rows(8, n=9, rows=90, days=16)
    whole = toy.graph(rows, n=9)
    window = type(whole.span).of(toy.START + 3 * DAY, toy.START + 12 * DAY)
    inside = [r for r in rows if 3 <= r[2] < 12]
    alone, view = toy.graph(inside, n=9), whole.window(window)
    assert 0 < view.lo < view.hi < len(whole)
    account, at = pairs(alone, window.end)
    assert accounts(probe, view, account, at).tobytes() == accounts(probe, alone, account, at).tobytes()
    assert transactions(probe, view).tobytes() == transactions(probe, alone).tobytes()


@dataclass(frozen=True, slots=True)
class Leaky:
    """Count the payments of an account in a wrong way."""

    way: str
    name: str = "leaky"
    of_accounts: tuple[Feature, ...] = (Feature("n", "count", "all", "{value}"),)
    of_transactions: tuple[Feature, ...] = (Feature("m", "count", "all", "{value}"),)

    def accounts(self, stream: Stream, account: np.ndarray, at: np.ndarray, out: np.ndarray) -> None:
        out[:, 0] = [self.count(stream.graph, int(a), int(t)) for a, t in zip(account, at, strict=True)]

    def transactions(self, stream: Stream, out: np.ndarray) -> None:
        rows = stream.graph.rows
        self.accounts(stream, stream.graph.source[rows], stream.graph.time[rows], out)

    def count(self, graph: TransactionGraph, account: int, at: int) -> float:
        paid = graph.time[graph.paid_by(account)]
        if self.way == "same instant":
            return float(np.searchsorted(paid, at, "right"))
        if self.way == "whole ledger":
            return float(len(paid))
        if self.way == "share of all":
            return float(np.searchsorted(paid, at, "left")) / len(graph)
        if self.way == "same day":
            return float(np.searchsorted(paid, at // DAY * DAY + DAY, "left"))
        if self.way == "ignores the view":
            return float(np.searchsorted(graph.time, at, "left")) * (len(graph.time) > graph.hi)
        return float(np.searchsorted(paid, at, "left"))


@pytest.mark.parametrize("way", ["same instant", "whole ledger", "share of all", "same day", "ignores the view"])
def test_a_family_that_looks_ahead_is_caught(way: str) -> None:
    with pytest.raises(AssertionError, match=r"sees|differs"):  # noqa: PT012
        assert_does_not_look_ahead(Leaky(way))
        assert_rows_of_an_instant_do_not_see_each_other(Leaky(way))


def test_a_family_that_does_not_look_ahead_passes() -> None:
    assert_does_not_look_ahead(Leaky("none"))
    assert_rows_of_an_instant_do_not_see_each_other(Leaky("none"))
