"""Compare ranks among peers with their definition in plain Python."""

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from graphml.features.peers import FAMILY
from graphml.graph import TransactionGraph
from graphml.people import People
from tests import toy
from tests.graphml.features.cases import Past, Pay, accounts, assert_equals
from tests.graphml.features.schedule import refreshes, seen

NAN = float("nan")
KIND, BORN, TRADE = [1, 1, 2, 1, 0], [1990, 2001, 0, 1990, 0], [1, 1, 2, 0, 0]
BANDS = [18, 25, 35, 45, 55, 65, 75]


def people(n: int) -> People:
    columns = (np.array([column[i // 3 % 5] for i in range(n)], np.int32) for column in (KIND, BORN, TRADE))
    return People(np.zeros(n, np.int32), np.zeros(n, np.int32), np.ones(n, np.bool_), (), *columns)


def holder(account: int, known: bool) -> tuple[int, int, int]:
    """Return kind, age band and trade; START is in 2020."""
    if not known:
        return 0, 0, 0
    i = account // 3 % 5
    return KIND[i], 1 + sum(2020 - BORN[i] >= age for age in BANDS) if BORN[i] else 0, TRADE[i]


def of_account_with(least: int, known_people: bool):  # type: ignore[no-untyped-def]
    def of_account(past: Past, account: int, at: int) -> list[float]:
        days = refreshes(past, at)
        names = seen(days[-1]) if days else []
        if account not in names:
            return [NAN] * 7
        pays = [p for p in days[-1] if p.source != p.target]
        own = {a: compared(pays, a) for a in names}
        tenth = {a: sum(own[b][0] < own[a][0] for b in names) * 10 // len(names) for a in names}
        for width in range(5):
            group = [a for a in names if a != account and peer(a, account, width, tenth, known_people)]
            if len(group) >= least:
                break
        ranks = []
        for column in range(5):
            mine, others = own[account][column], [own[a][column] for a in group]
            below = sum(v < mine for v in others) + sum(v == mine for v in others) / 2
            ranks.append(below / len(others) if others else NAN)
        return [*ranks, float(len(group)), float(width)]

    return of_account


def peer(a: int, b: int, width: int, tenth: dict[int, int], known: bool) -> bool:
    one, other = holder(a, known), holder(b, known)
    if width == 4:
        return True
    holders = [one == other, one == other, one[0] == other[0], True][width]
    return tenth[a] == tenth[b] and holders and (width > 0 or a % 3 == b % 3)


def compared(pays: Past, account: int) -> tuple[float, ...]:
    got, paid = [p for p in pays if p.target == account], [p for p in pays if p.source == account]
    inward, turnover = sum(p.value for p in got), sum(p.value for p in got + paid)
    others = {p.source for p in got} | {p.target for p in paid}
    return turnover, len(got), len(paid), len(others), inward / turnover if turnover else 0.5


@pytest.mark.parametrize(("least", "known"), [(1, False), (1, True), (3, True), (20, False)])
def test_equals_its_definition(least: int, known: bool) -> None:
    family = replace(FAMILY, least=least, people=people(32) if known else None)
    of_account = of_account_with(least, known)

    def of_transaction(past: Past, pay: Pay) -> list[float]:
        return of_account(past, pay.source, pay.time) + of_account(past, pay.target, pay.time)

    assert_equals(family, of_account, of_transaction, 8, n=31, rows=90, days=6)


def test_asks_a_ledger_who_holds_an_account() -> None:
    ledger = toy.ledger([(a, (a + 1) % 5, 0.0, 10.0) for a in range(5)])
    parties = pl.DataFrame(
        {
            "party": ["P1", "P2", "P3"], "name": ["", "", ""], "kind": ["person", "company", "company"],
            "country": [None] * 3, "born": [dt.date(1990, 5, 1), None, None],
            "occupation": ["nurse", "transport", None], "expected_turnover": [None] * 3,
        },
        schema_overrides={"country": pl.String, "expected_turnover": pl.Float64},
    )  # fmt: skip
    own = pl.DataFrame(
        {"party": ["P1", "P2", "P3", "P9", "P8"], "account": [0, 1, 2, 3, 4], "role": ["owner"] * 5},
        schema_overrides={"account": pl.Int32},
    )
    found = People.of(replace(ledger, parties=parties, ownership=own))
    assert found.kind.tolist() == [2, 1, 1, 0, 0]
    assert found.born.tolist() == [1990, 0, 0, 0, 0]
    assert found.occupation.tolist() == [1, 2, 0, 0, 0]
    graph = TransactionGraph.of(ledger)
    at = np.full(5, graph.time[-1] + 10**12)
    values = accounts(replace(FAMILY, people=found, least=1), graph, np.arange(5, dtype=np.int32), at)
    assert values[:, 5].tolist() == [4, 1, 1, 1, 1]
