"""Fill parts with no more in memory than there is room for."""

import threading

import numpy as np
import pytest

from graphml import cores, parts
from graphml.feature import Feature, Part
from graphml.parts import over_parts

ROWS = 10


@pytest.fixture(autouse=True)
def _two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores.os, "cpu_count", lambda: 2)


def made(widths: list[int]) -> list[Part]:
    return [
        Part(
            sum(widths[:k]),
            tuple(Feature(f"f{k}.{i}", "count", "all", "{value}") for i in range(width)),
            lambda out, k=k: out.fill(k),
        )
        for k, width in enumerate(widths)
    ]


@pytest.mark.parametrize("widths", [[], [3], [1, 1, 1, 1], [5, 1, 2, 3, 4], [1, 9, 1, 1, 6, 6, 1]])
@pytest.mark.parametrize("columns", [1, 3, 6, 7, 100])
def test_each_part_is_filled_once_and_no_more_is_held_than_there_is_room_for(widths: list[int], columns: int) -> None:
    lock, held, most = threading.Lock(), [0], [0]

    def use(part: Part, values: np.ndarray) -> tuple[int, float, tuple[int, ...]]:
        with lock:
            held[0] += values.shape[1]
            most[0] = max(most[0], held[0])
        threading.Event().wait(0.002)
        with lock:
            held[0] -= values.shape[1]
        return part.first, float(values.mean()), values.shape

    found = over_parts(use, made(widths), ROWS, 4 * ROWS * columns)
    assert found == [(sum(widths[:k]), k, (ROWS, width)) for k, width in enumerate(widths)]
    assert most[0] <= max([columns, *widths])


def test_columns_are_written_over_those_of_a_part_that_is_done() -> None:
    where = over_parts(lambda _, values: values.ctypes.data, made([1, 4, 2, 4, 3, 1]), ROWS)
    span = 4 * ROWS * 8  # bytes of the two widest
    assert len(where) == 6
    assert max(where) < min(where) + span


def test_parts_for_which_there_is_room_are_filled_side_by_side() -> None:
    both = threading.Barrier(2, timeout=20)
    assert sorted(over_parts(lambda *_: both.wait(), made([2, 2]), ROWS, 4 * ROWS * 4)) == [0, 1]
    apart = parts._together([80, 80], 4 * ROWS * 3)
    assert list(apart) == [range(1), range(1, 2)]
