"""Many lists of numbers in two columns."""

import random

import numpy as np
import pytest

from graphml import lists
from graphml.lists import Lists


@pytest.mark.parametrize("part", [1, 3, 10**6])
def test_sets_are_those_of_each_list_however_they_are_shared_out(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "_PART", part)
    draw = random.Random(part)
    for _ in range(300):
        every = [[draw.randrange(6) for _ in range(draw.randrange(5))] for _ in range(draw.randrange(8))]
        start = np.cumsum([0, *map(len, every)])
        found = Lists(start, np.array([x for one in every for x in one], np.int64)).sets()
        assert [one.tolist() for one in found] == [sorted(set(one)) for one in every]
