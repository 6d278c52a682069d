"""The candidates that are told are those that a person with sets would choose."""

import numpy as np
import pytest

from graphml.choosing import choose
from graphml.lists import Lists


def alike(one: set[int], two: set[int]) -> bool:
    """Return whether they share more than half of the smaller one."""
    return 2 * len(one & two) > min(len(one), len(two))


def slow(accounts: list[set[int]], score: list[float], most: int) -> tuple[list[int], list[int]]:
    """Return those taken, and where each is told."""
    taken: list[int] = []
    told = [-1] * len(accounts)
    for one in sorted(range(len(accounts)), key=lambda c: (-score[c], c)):
        near = [place for place, other in enumerate(taken) if alike(accounts[one], accounts[other])]
        if near:
            told[one] = near[0]
        elif len(taken) < most:
            told[one] = len(taken)
            taken.append(one)
    return taken, told


@pytest.mark.parametrize("part", range(4))
def test_those_told_are_those_of_the_definition(part: int) -> None:
    seen = set()
    for seed in range(part * 500, part * 500 + 500):
        rng = np.random.default_rng(seed)
        accounts = [
            set(rng.choice(12, int(rng.integers(1, 7)), replace=False).tolist())
            for _ in range(int(rng.integers(0, 18)))
        ]
        score = (rng.integers(0, 6, len(accounts)) / 6).tolist()
        most = (2, 50)[seed % 4 > 0]
        found = choose(Lists.of([sorted(one) for one in accounts]), np.array(score), most)
        taken, told = slow(accounts, score, most)
        assert (found.rings.tolist(), found.told.tolist()) == (taken, told)
        for place, one in enumerate(taken):
            assert not any(alike(accounts[one], accounts[other]) for other in taken[:place])
        seen |= {-1 in told, len(set(told)) < len(told)}
    assert seen == {True, False}


def test_half_in_common_is_not_much_the_same() -> None:
    found = choose(Lists.of([[0, 1, 2, 3], [2, 3, 4, 5], [1, 2, 3]]), np.array([0.9, 0.8, 0.7]), 10)
    assert found.rings.tolist() == [0, 1]
    assert found.told.tolist() == [0, 1, 0]  # of two that it is like the better
