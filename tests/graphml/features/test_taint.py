"""Compare taint with its definition, and never use what came to light on the same day or later."""

from dataclasses import replace

import networkx as nx
import numpy as np
import polars as pl

from graphml.features.taint import FAMILY, Taint
from graphml.knowledge import NEVER, Knowledge
from graphml.window import DAY
from tests import toy
from tests.graphml.features.cases import Past, Pay, accounts, assert_equals

NAN = float("nan")


def definitions(since: dict[int, int]):
    def bad(at: int) -> set[int]:
        return {a for a, when in since.items() if when <= at // DAY * DAY}

    def of_account(past: Past, account: int, at: int) -> list[float]:
        known = bad(at)
        moved = [p for p in past if p.source != p.target]
        graph = nx.Graph()
        graph.add_nodes_from([account, *known])
        graph.add_edges_from((p.source, p.target) for p in moved if p.time < at // DAY * DAY)
        far = nx.single_source_shortest_path_length(graph, account)
        nearest = min((far[b] for b in known if b in far), default=9)
        into = [(p.source, p.value) for p in moved if p.target == account]
        out = [(p.target, p.value) for p in moved if p.source == account]
        shares = [
            sum(v for b, v in side if b in known) / sum(v for _, v in side) if side else NAN for side in (into, out)
        ]
        return [nearest if nearest <= 3 else NAN, *shares, len({b for b, _ in [*into, *out]} & known)]

    def of_transaction(past: Past, pay: Pay) -> list[float]:
        return of_account(past, pay.source, pay.time) + of_account(past, pay.target, pay.time)

    return of_account, of_transaction


def test_equals_its_definition() -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        since = np.full(13, NEVER, np.int64)
        for account in rng.choice(12, 4, replace=False):
            since[account] = toy.START + rng.integers(0, 14) * DAY
        known = {a: int(t) for a, t in enumerate(since) if t != NEVER}
        assert_equals(Taint(Knowledge(since)), *definitions(known), 6, n=12, rows=30, days=12)


def test_nothing_is_known_without_labels() -> None:
    of_account, of_transaction = definitions({})
    assert_equals(FAMILY, of_account, of_transaction, 3, n=7, rows=30, days=12)


def labelled(known: list[float | None]) -> Knowledge:
    rows = [(0, 1, 0.25, 10.0), (2, 3, 1.25, 10.0)]
    ledger = toy.ledger(rows, n=5, laundering=[0, 1])
    times = [None if d is None else toy.START + round(d * DAY) for d in known]
    column = pl.Series("known", times, pl.Int64).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return Knowledge.of(replace(ledger, labels=ledger.labels.with_columns(column)))


def test_a_label_may_be_used_from_the_day_after_it_was_known() -> None:
    day = (labelled([3.0, 3.9]).since - toy.START) / DAY
    assert day[:4].tolist() == [4, 4, 4, 4]
    assert labelled([3.0, 3.9]).since[4] == NEVER
    assert ((labelled([None, None]).since[:4] - toy.START) / DAY).tolist() == [31, 31, 32, 32]


def test_what_comes_to_light_on_a_day_is_not_used_on_it() -> None:
    graph = toy.graph([(0, 1, 0.0, 10.0), (2, 1, 0.5, 30.0)])
    since = np.array([toy.START + 4 * DAY, NEVER, NEVER])
    for hours, share in ((95.9, 0.0), (96.0, 0.25)):
        at = np.array([toy.START + round(hours / 24 * DAY)], np.int64)
        assert accounts(Taint(Knowledge(since)), graph, np.array([1], np.int32), at)[0, 1] == share
