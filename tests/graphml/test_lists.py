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


def test_numbers_of_any_sign_and_size_are_sorted_inside_their_list() -> None:
    draw = random.Random(7)
    for span in (1, 10, 2**40):
        every = [[draw.randrange(-span, span) for _ in range(draw.randrange(40))] for _ in range(50)]
        found = Lists.of(every)
        assert [one.tolist() for one in found.ascending()] == [sorted(one) for one in every]
        assert [one.tolist() for one in found.sets()] == [sorted(set(one)) for one in every]


def test_numbers_too_far_apart_to_be_sorted_together_are_refused() -> None:
    with pytest.raises(OverflowError, match="2 lists of numbers from 0 to 9223372036854775807"):
        Lists.of([[0, 2**63 - 1], [1]]).sets()
