"""Compute families side by side, bind them to a ledger, and look ahead only where that is asked for by name."""

import gc
import weakref
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from graphml import registry
from graphml.errors import UnknownName
from graphml.families import Families
from graphml.feature import Part
from graphml.graph import TransactionGraph
from graphml.knowledge import Knowledge
from graphml.parts import over_parts
from graphml.stream import Stream
from graphml.window import DAY
from tests import toy
from tests.graphml.features import cases


def test_columns_stand_beside_their_features_in_the_order_asked_for() -> None:
    graph = toy.graph(toy.random_rows(1))
    account, at = np.arange(graph.n, dtype=np.int32), np.full(graph.n, graph.span.end)
    families = Families.of(("flow", "activity"))
    values, rows = families.accounts(graph, account, at), families.transactions(graph)
    assert values.dtype == rows.dtype == np.float32
    assert values.shape == (graph.n, len(families.of_accounts))
    assert rows.shape == (len(graph), len(families.of_transactions))
    for name in ("flow", "activity"):
        family = registry.plugin("graphml.features", name, "FAMILY")
        columns = [i for i, f in enumerate(families.of_accounts) if f in family.of_accounts]
        np.testing.assert_array_equal(values[:, columns], cases.accounts(family, graph, account, at))
        columns = [i for i, f in enumerate(families.of_transactions) if f in family.of_transactions]
        np.testing.assert_array_equal(rows[:, columns], cases.transactions(family, graph))
    assert Families.of(()).accounts(graph, account, at).shape == (graph.n, 0)


@pytest.mark.parametrize("keep", [False, True])
def test_parts_fill_what_is_told_at_once_and_let_go_what_only_they_need(keep: bool) -> None:
    graph = toy.graph(toy.random_rows(3, rows=120))
    families, at = Families.of(), graph.span.end - DAY
    expected = families.tell(Stream.of(graph), at)
    stream, made = Stream.of(graph), []
    accounts = np.full(expected.accounts.shape, cases.UNWRITTEN, np.float32)
    rows = np.full(expected.transactions.shape, cases.UNWRITTEN, np.float32)

    def use(part: Part, values: np.ndarray) -> None:
        rows[:, part.first : part.first + len(part.features)] = values
        made.extend(f.name for f in part.features)

    over_parts(use, families.parts(stream, accounts, at, keep=keep), len(graph))
    assert sorted(made) == sorted(f.name for f in families.of_transactions)
    assert rows.tobytes() == expected.transactions.tobytes()
    assert accounts.tobytes() == expected.accounts.tobytes()
    assert bool(stream.made) == keep
    if keep:
        assert families.forget(stream, graph.hi).memory.keys() >= {"path", "flow", "centrality"}


def test_parts_begin_with_a_family_that_shares_and_one_that_does_not() -> None:
    graph = toy.graph(toy.random_rows(3, rows=120))
    names = ["activity", "amounts", "centrality", "community", "contact", "flow", "peers", "taint"]
    columns = {f.name: family.name for family in Families.of(names).chosen for f in family.of_transactions}
    parts = Families.of(names).parts(Stream.of(graph))
    turns = list(dict.fromkeys(columns[part.features[0].name] for part in parts))
    assert turns == ["centrality", "flow", "community", "peers", "taint", "amounts", "contact", "activity"]
    for alone in (["peers", "centrality"], ["taint", "amounts"], ["community", "taint"]):
        first = next(iter(Families.of(alone).parts(Stream.of(graph)))).features[0].name
        assert columns[first] == {"peers": "peers", "taint": "taint", "community": "community"}[alone[0]]


def test_what_is_made_of_a_stream_goes_with_it() -> None:
    families, stream = Families.of(), Stream.of(toy.graph(toy.random_rows(4)))
    gc.collect()
    gc.disable()  # arrays in a circle of references would wait for the collector
    try:
        families.tell(stream)
        made = {name: weakref.ref(one) for name, one in stream.made.items()}
        del stream
        assert {"flow", "centrality", "community", "peers"} <= made.keys()
        assert [name for name, one in made.items() if one() is not None] == []
    finally:
        gc.enable()


def test_every_column_of_every_family_is_written() -> None:
    graph = toy.graph(toy.random_rows(2, rows=80))
    every = Families.of()
    account, at = np.arange(graph.n, dtype=np.int32), np.full(graph.n, graph.span.end)
    for family in every.chosen:
        for found in (cases.accounts(family, graph, account, at), cases.transactions(family, graph)):
            assert not (found == cases.UNWRITTEN).any(), family.name


def test_a_sum_beyond_float32_stays_finite() -> None:
    graph = toy.graph([(0, 1, 0.0, 1e300), (1, 0, 1.0, 1e300), (0, 1, 2.0, 1.0)])
    at = np.full(2, graph.span.end, np.int64)
    for name in ("activity", "flow", "amounts"):
        assert not np.isinf(Families.of((name,)).accounts(graph, np.arange(2, dtype=np.int32), at)).any(), name
        assert not np.isinf(Families.of((name,)).transactions(graph)).any(), name


def test_an_unknown_family_is_named_with_near_ones() -> None:
    with pytest.raises(UnknownName, match=r"'activty'.*Did you mean activity"):
        Families.of(("activty",))


def test_a_family_asked_for_twice_is_told_once() -> None:
    assert Families.of(("contact", "flow", "contact")).names == ("contact", "flow")
    assert Families.of("contact").names == ("contact",)


def test_nothing_is_known_of_a_payment_before_it_is_made() -> None:
    ledger = toy.ledger([(0, 1, 0.0, 5.0), (1, 2, 9.0, 5.0)], laundering=[1])
    early = pl.lit(toy.START, pl.Int64).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    since = Knowledge.of(replace(ledger, labels=ledger.labels.with_columns(early.alias("known")))).since
    assert since[2] >= toy.START + 10 * DAY


def test_a_ledger_tells_its_families_who_is_known_to_launder() -> None:
    ledger = toy.ledger([(0, 1, 0.0, 5.0), (1, 2, 3.0, 5.0)], laundering=[0])
    known = (
        pl.Series("known", [toy.START + DAY, toy.START], pl.Int64).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    )
    ledger = replace(ledger, labels=ledger.labels.with_columns(known))
    graph = TransactionGraph.of(ledger)
    names = [f.name for f in Families.of(("taint",)).of_transactions]
    column = names.index("payer_taint_distance")
    assert Families.of(("taint",), ledger).transactions(graph)[:, column].tolist()[1] == 0
    assert np.isnan(Families.of(("taint",)).transactions(graph)[:, column]).all()


def test_looking_ahead_gives_each_row_what_its_ends_have_become() -> None:
    graph = toy.graph(toy.random_rows(3))
    families = Families.of(("activity", "contact"))
    found = families.look_ahead(graph)
    names = [f.name for f in families.of_look_ahead]
    assert found.shape == (len(graph), len(names))
    assert all(name.startswith("look_ahead_") for name in names)
    column = found[:, names.index("look_ahead_payer_out_count_all")]
    assert column.tolist() == np.bincount(graph.source)[graph.source].tolist()
    honest = families.transactions(graph)[:, [f.name for f in families.of_transactions].index("payer_out_count_all")]
    assert (column > honest).all()
