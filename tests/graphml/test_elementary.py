"""Check exponentials, logarithms and powers against those of the C library, number by number."""

import math

import numpy as np
import pytest

from graphml import elementary

NUMBERS = np.random.default_rng(7).lognormal(0.0, 4.0, 20_000)


@pytest.mark.parametrize("name", ["exp", "expm1", "log", "log10", "log1p"])
def test_a_function_has_the_bits_of_the_c_library(name: str) -> None:
    x = np.minimum(NUMBERS, 700.0)
    found = getattr(elementary, name)(x)
    assert found.dtype == np.float64
    assert found.tolist() == [getattr(math, name)(number) for number in x.tolist()]


def test_a_power_has_the_bits_of_the_c_library() -> None:
    assert elementary.power(NUMBERS, -1 / 1.3).tolist() == [math.pow(x, -1 / 1.3) for x in NUMBERS.tolist()]
    assert elementary.power(10.0, np.arange(-5, 19)).tolist() == [10.0**k for k in range(-5, 19)]


def test_shapes_and_edges() -> None:
    assert elementary.exp(np.zeros((0, 2))).shape == (0, 2)
    assert elementary.exp(np.float32([[1.0]])).dtype == np.float64
    with np.errstate(all="ignore"):
        assert elementary.log(0.0) == -math.inf
        assert elementary.log1p(-1.0) == -math.inf
        assert math.isnan(elementary.log(-1.0))
        assert elementary.exp(1000.0) == math.inf


def test_log_odds_become_probabilities_however_large() -> None:
    odds = np.array([-1e6, -2.0, 0.0, 2.0, 1e6])
    found = elementary.logistic(odds)
    assert found.tolist()[1:4] == [1.0 / (1.0 + math.exp(-x)) for x in (-2.0, 0.0, 2.0)]
    assert 0.0 < found[0] < 1e-200
    assert found[4] == 1.0
