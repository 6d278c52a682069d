"""Ask that a hub does not have as many windows as payments, and that none of its payments is forgotten."""

from dataclasses import replace

import numpy as np

from graphml.typologies._windows import apart
from graphml.typologies.fan_in import TYPOLOGY as FAN_IN
from graphml.window import DAY
from tests import toy


def test_crowded_windows_are_kept_apart_and_hold_every_entry() -> None:
    for seed in range(50):
        rng = np.random.default_rng(seed)
        lo = np.sort(rng.choice(60, 20, replace=False))
        hi = np.maximum.accumulate(lo + rng.integers(1, 15, 20))
        slices = np.stack([lo, hi], 1)
        limit = int(rng.integers(1, 10))
        wanted, end = [], 0
        for a, b in slices.tolist():
            if b - a <= limit:
                wanted.append([a, b])
            elif a >= end:
                wanted.append([a, b])
                end = b
        assert apart(slices, limit).tolist() == wanted


def test_a_hub_is_told_once_for_a_window() -> None:
    rows = [(i + 1, 0, i / 10, 10.0 + i) for i in range(100)]  # ten days, a window has 41 payments
    found = replace(FAN_IN, hub_limit=20, window=4 * DAY).find(toy.graph(rows))
    assert len(found.rings) == 2
    assert [(c.account, c.degree, c.kept, c.dropped) for c in found.cuts] == [(0, 41, 20, 21)]
    assert len(replace(FAN_IN, hub_limit=50).find(toy.graph(rows)).rings) == 60
