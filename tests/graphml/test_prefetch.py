"""What is asked of memory ahead of its use changes nothing that is read."""

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from graphml.kernel import kernel
from graphml.prefetch import SOON, ahead, prefetch

STEP = np.dtype([("time", "i8"), ("first", "i4"), ("last", "i4")], align=True)


@kernel
def taken(array, index):  # type: ignore[no-untyped-def]
    total = 0.0
    for i, place in enumerate(index):
        ahead(array, index, i)
        total += array[place]
    return total


@kernel
def taken_at(array, index):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(len(index)):
        prefetch(array, (index[min(i + SOON, len(index) - 1)], 2))
        total += array[index[i], 2]
    return total


@kernel
def taken_of_steps(steps, index):  # type: ignore[no-untyped-def]
    total = 0
    for i, place in enumerate(index):
        ahead(steps, index, i)
        total += steps[place].first
    return total


@pytest.mark.parametrize("size", [0, 1, SOON, SOON + 1, 1000])
@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_the_same_is_read(size: int, kind: type) -> None:
    rng = np.random.default_rng(size)
    values: NDArray[np.float64] = rng.integers(0, 100, (50, 3)).astype(np.float64)
    index = rng.integers(0, 50, size).astype(kind)
    steps = np.zeros(50, STEP)
    steps["first"] = values[:, 1]
    assert taken(np.ascontiguousarray(values[:, 0]), index) == values[index, 0].sum()
    assert taken(values[:, 0], index) == values[index, 0].sum()  # strided
    assert taken_at(values, index) == values[index, 2].sum()
    assert taken_of_steps(steps, index) == values[index, 1].sum()


def test_the_processor_is_asked() -> None:
    for work, array in ((taken, np.zeros(9)), (taken_at, np.zeros((9, 3))), (taken_of_steps, np.zeros(9, STEP))):
        fresh = numba.njit(_nrt=False)(work.py_func)  # what comes from the cache cannot be looked at
        fresh(array, np.zeros(3, np.int64))
        assert all("llvm.prefetch" in code for code in fresh.inspect_llvm().values())
