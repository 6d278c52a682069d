"""What comes to light after models were made changes no score."""

from dataclasses import replace

import numpy as np
import polars as pl

from graphml.config import Config
from graphml.ledger import Ledger
from graphml.pipeline import Findings, find
from graphml.stages import Stages
from graphml.window import DAY
from tests import toy
from tests.graphml.test_suspicion import rows

LONG = toy.START + 400 * DAY  # after the last payment


def ledger(late: int, told: bool) -> Ledger:
    """Return a world in which each *late*-th laundering payment comes to light after the end, if *told* at all."""
    found, bad = rows()
    made = toy.ledger(found, n=81, laundering=bad)
    hidden = made.labels["laundering"] & (pl.int_range(made.labels.height, eager=True) % late == 0)
    known = pl.select(pl.when(hidden).then(LONG).cast(pl.Datetime("us", "UTC")).alias("known"))["known"]
    labels = made.labels.with_columns(known, laundering=made.labels["laundering"] & (told | ~hidden))
    return replace(made, labels=labels)


def found(of: Ledger) -> Findings:
    return find(of, Config(seed=1, typologies=("fan-in", "gather-scatter")), Stages(lambda *_: None))


def test_what_comes_to_light_later_changes_no_score() -> None:
    with_it, without = found(ledger(2, told=True)), found(ledger(2, told=False))
    assert with_it.ledger.labels["laundering"].sum() > without.ledger.labels["laundering"].sum()
    one, other = with_it.suspicion, without.suspicion
    for name in ("score", "transaction_score", "flagged", "reported"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert [(ring.id, ring.score) for ring in with_it.rings] == [(ring.id, ring.score) for ring in without.rings]
    assert "was known by" in one.sentence
    thresholds = [
        {name: told["threshold"] for name, told in s.metrics["models"].items()}  # type: ignore[index,attr-defined]
        for s in (one, other)
    ]
    assert thresholds[0] == thresholds[1]
    # It is the truth that is reported.
    assert one.metrics["counts"]["report_positives"] > other.metrics["counts"]["report_positives"]  # type: ignore[index]
