"""Compare flow with its definition, played lot by lot."""

from collections import defaultdict

import numpy as np
import pytest

from graphml.features.flow import FAMILY
from graphml.window import DAY, HOUR
from tests import toy
from tests.graphml.features.cases import Past, Pay, accounts, assert_equals, transactions

NAN = float("nan")


class Lot:
    """Hold what an account got at one instant, and what left of it: (how much, hours held)."""

    def __init__(self, time: int) -> None:
        self.time, self.value, self.hops, self.origin = time, 0.0, 0.0, 0.0
        self.left: list[tuple[float, float]] = []

    def free(self) -> float:
        return self.value - sum(part for part, _ in self.left)


def draw(lots: list[Lot], now: int, wanted: float) -> list[tuple[Lot, float]]:
    """Return what a payment of *wanted* takes from which lot, the oldest first."""
    found = []
    for lot in lots:
        if now - 8 * DAY <= lot.time < now and wanted > 1e-9 and lot.free() > 1e-9:
            found.append((lot, min(wanted, lot.free())))
            wanted -= found[-1][1]
    return found


class Books:
    """Play payments instant by instant."""

    def __init__(self, past: Past) -> None:
        self.lots: dict[int, list[Lot]] = defaultdict(list)
        self.drawn: dict[int, list[tuple[int, bool]]] = defaultdict(list)  # instant, whether it met a lot
        self.told: dict[int, list[float]] = {}
        moved = [p for p in past if p.source != p.target]
        for instant in sorted({p.time for p in moved}):
            rows = [p for p in moved if p.time == instant]
            for p in rows:
                self.told[p.row] = self.tell(p)
            for payer in {p.source for p in rows}:
                total = sum(p.value for p in rows if p.source == payer)
                taken = draw(self.lots[payer], instant, total)
                for lot, part in taken:
                    lot.left.append((part, (instant - lot.time) / HOUR))
                self.drawn[payer].append((instant, bool(taken)))
            for payee in {p.target for p in rows}:
                lot = Lot(instant)
                for p in rows:
                    if p.target == payee:
                        lot.value += p.value
                        lot.hops += p.value * self.told[p.row][2]
                        lot.origin += p.value * (instant / HOUR - self.told[p.row][3])
                lot.hops /= lot.value
                lot.origin /= lot.value
                self.lots[payee].append(lot)

    def tell(self, p: Pay) -> list[float]:
        taken = draw(self.lots[p.source], p.time, p.value)
        used = sum(part for _, part in taken)
        if not used:
            return [0.0, NAN, 0.0, 0.0]
        now = p.time / HOUR
        return [
            used / p.value,
            sum(part * (now - lot.time / HOUR) for lot, part in taken) / used,
            sum(part * (1 + lot.hops) for lot, part in taken) / p.value,
            sum(part * (now - lot.origin) for lot, part in taken) / p.value,
        ]


def of_account(past: Past, account: int, at: int) -> list[float]:
    books = Books(past)
    lots = [lot for lot in books.lots[account] if lot.time >= at - 8 * DAY]
    came = sum(lot.value for lot in lots)
    left = [part for lot in lots for part in lot.left]
    gone = sum(p for p, _ in left)
    within = [sum(p for p, hours in left if hours <= limit) / came if came else NAN for limit in (24, 96, 192)]
    got = sum(p.value for p in past if p.target == account != p.source)
    paid = sum(p.value for p in past if p.source == account != p.target)
    held = sum(lot.free() for lot in lots)
    recent = [p for p in past if p.target == account != p.source and p.time >= at - 8 * DAY]
    worth = sum(p.value for p in recent)
    return [
        *within,
        sum(p * hours for p, hours in left) / gone if gone else NAN,
        (got - paid) / max(got, paid) if got or paid else NAN,
        got - paid,
        got + paid,
        sum(lot.free() * (at - lot.time) / HOUR for lot in lots) / held if held > 1e-6 else NAN,
        sum(not lot.left for lot in lots),
        sum(bool(lot.left) for lot in lots),
        sum(not met for when, met in books.drawn[account] if when >= at - 8 * DAY),
        sum(p.value * books.told[p.row][2] for p in recent) / worth if worth else NAN,
    ]


def of_transaction(past: Past, pay: Pay) -> list[float]:
    own = Books([*past, pay]).told[pay.row] if pay.source != pay.target else [NAN] * 4
    return of_account(past, pay.source, pay.time) + of_account(past, pay.target, pay.time) + own


def test_equals_its_definition() -> None:
    assert_equals(FAMILY, of_account, of_transaction, 60, n=6, rows=50, days=14)
    assert_equals(FAMILY, of_account, of_transaction, 30, n=3, rows=40, days=30)


@pytest.mark.parametrize(("days", "share"), [(0.0, 0.0), (0.5, 0.6), (8.0, 0.6), (8.01, 0.0)])
def test_money_is_passed_on_after_the_instant_it_came_and_within_eight_days(days: float, share: float) -> None:
    graph = toy.graph([(0, 1, 1.0, 100.0), (1, 2, 1.0 + days, 60.0), (2, 0, 9.005, 1.0)])
    names = [f.name for f in FAMILY.of_transactions]
    row = int(np.flatnonzero(graph.value == 60.0)[0])
    assert transactions(FAMILY, graph)[row, names.index("covered_share")] == np.float32(1.0 if share else 0.0)
    found = accounts(FAMILY, graph, np.array([1], np.int32), np.array([toy.START + 9 * DAY], np.int64))
    if days < 8:
        assert found[0, 2] == np.float32(share)


def test_a_chain_of_accounts_counts_as_many_hops() -> None:
    graph = toy.graph([(i, i + 1, float(i), 100.0) for i in range(6)])
    found = transactions(FAMILY, graph)
    assert found[:, -2].tolist() == [0, 1, 2, 3, 4, 5]
    assert found[:, -1].tolist() == [0, 24, 48, 72, 96, 120]
