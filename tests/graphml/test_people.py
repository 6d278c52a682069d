"""Who is behind accounts, as a ledger says it."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from graphml.config import Config
from graphml.errors import UnknownName
from graphml.ledger import TABLES, Ledger
from graphml.people import People, controllers
from graphml.pipeline import find
from graphml.stages import Stages
from tests import toy


def owned(owners: dict[int, str], holdings: list[tuple[str, str, float]]) -> Ledger:
    made = toy.ledger([(a, a + 1, float(a), 10.0) for a in range(6)])
    names = sorted({*owners.values(), *(name for a, b, _ in holdings for name in (a, b))})
    parties = pl.DataFrame({"party": names}).with_columns(
        pl.lit(None).cast(kind).alias(name) for name, kind in TABLES["parties"].items() if name != "party"
    )
    tables = {name: getattr(made, name) for name in TABLES} | {
        "parties": parties,
        "ownership": pl.DataFrame(
            {"party": list(owners.values()), "account": list(owners), "role": ["owner"] * len(owners)},
            schema=TABLES["ownership"],
        ),
        "holdings": pl.DataFrame(holdings, schema=TABLES["holdings"], orient="row"),
    }
    return Ledger.of(tables, made.meta)


def test_accounts_of_companies_stand_under_who_holds_more_than_half_of_them() -> None:
    holdings = [("ann", "shell", 0.51), ("ann", "shop", 0.5), ("bob", "shop", 0.5), ("shell", "deep", 1.0)]
    people = People.of(owned({0: "ann", 1: "shell", 2: "shop", 3: "deep", 4: "bob", 5: "bob"}, holdings))
    under = people.under_control(range(7))
    assert list(under.values()) == [
        [0, 1, 3]
    ]  # nobody holds more than half of the shop; Bob's accounts are of one party
    assert next(iter(under)) == people.owner[0]
    assert people.under_control([1, 2, 4, 5]) == {}
    assert list(people.under_control([1, 3]).values()) == [[1, 3]]  # who controls them need not stand there


def test_a_circle_of_holdings_stands_under_its_first_company_whoever_leads_to_it() -> None:
    held = [("c", "b", 1.0), ("d", "c", 1.0), ("b", "d", 1.0), ("b", "a", 0.9), ("stranger", "e", 0.9)]
    ledger = owned({0: "a", 1: "b", 2: "c", 3: "d", 4: "e"}, held)
    assert controllers(ledger) == {"a": "b", "b": "b", "c": "b", "d": "b", "e": "stranger"}
    assert list(People.of(ledger).under_control(range(5)).values()) == [[0, 1, 2, 3]]


def test_companies_of_one_whom_no_table_describes_stand_together() -> None:
    ledger = owned({0: "a", 1: "b"}, [("stranger", "a", 0.9), ("stranger", "b", 0.9)])
    undescribed = replace(ledger, parties=ledger.parties.filter(pl.col("party") != "stranger"))
    assert list(People.of(undescribed).under_control(range(2)).values()) == [[0, 1]]


def test_an_owner_of_many_accounts_stands_behind_none() -> None:
    people = People.of(owned({0: "ann", 1: "ann", 2: "bob", 3: "bob", 4: "bob"}, []))
    behind = people.behind(2)
    assert behind[0] == behind[1] >= 7
    assert behind[2:].tolist() == [2, 3, 4, 5, 6]
    assert len(np.unique(people.behind(3))) == 4


def test_victims_are_those_that_are_named_and_known_by_then() -> None:
    ledger = owned({0: "ann"}, [])
    names = ledger.accounts["name"].to_list()
    assert People.of(ledger).with_victims(ledger, [names[3], names[1]]).victims == {1, 3}
    assert People.of(ledger).with_victims(ledger, ["nobody"]).victims == frozenset()
    with pytest.raises(UnknownName, match=f"victims: Unknown account '{names[3]}x'. Did you mean .*{names[3]}"):
        find(ledger, Config(victims=(f"{names[3]}x",)), Stages(lambda *_: None))
