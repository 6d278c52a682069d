"""Draw numbers from what is asked, not from when: an account always has the same partner, in any order of asking."""

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Alias", "stream", "unit"]


def stream(seed: int, *part: int) -> np.random.Generator:
    """Return the random numbers of one *part* of a world; a change in one part leaves the others as they were."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=part)))


def unit(seed: int, what: int, one: ArrayLike, other: ArrayLike = 0) -> NDArray[np.float64]:
    """Return a number in [0, 1) for each pair of *one* and *other*, always the same for a seed and a question *what*.

    Source: the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
    """
    key = np.uint64((seed * 0x9E3779B97F4A7C15 + what * 0xD1B54A32D192ED03) % 2**64)
    one, other = np.asarray(one, np.uint64), np.asarray(other, np.uint64)
    drawn: NDArray[np.float64] = _unit(key, one, other)
    return drawn


@numba.vectorize(["float64(uint64, uint64, uint64)"], cache=True)
def _unit(key, one, other):  # type: ignore[no-untyped-def]
    x = key ^ (one * np.uint64(0xBF58476D1CE4E5B9) + other * np.uint64(0x94D049BB133111EB) + np.uint64(1))
    for _ in range(2):
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return float(x >> np.uint64(11)) * (1.0 / 9007199254740992.0)


class Alias:
    """Draw places by weight in constant time (Walker, 1977; Vose, 1991)."""

    __slots__ = ("_other", "_share")

    def __init__(self, weight: NDArray[np.float64]) -> None:
        self._share, self._other = _table(np.ascontiguousarray(weight, np.float64))

    def draw(self, k: int, rng: np.random.Generator) -> NDArray[np.int32]:
        """Return *k* places, each with the probability of its weight."""
        place = rng.integers(0, len(self._share), k, dtype=np.int32)
        return np.where(rng.random(k) < self._share[place], place, self._other[place])


@numba.njit(cache=True)
def _table(weight):  # type: ignore[no-untyped-def]
    n = len(weight)
    share = weight * (n / weight.sum())
    other = np.arange(n, dtype=np.int32)
    small, large = np.empty(n, np.int64), np.empty(n, np.int64)
    low = high = 0
    for i in range(n):
        if share[i] < 1.0:
            small[low] = i
            low += 1
        else:
            large[high] = i
            high += 1
    while low and high:
        low -= 1
        i, j = small[low], large[high - 1]
        other[i] = j
        share[j] -= 1.0 - share[i]
        if share[j] < 1.0:
            high -= 1
            small[low] = j
            low += 1
    for i in range(low):
        share[small[i]] = 1.0
    for i in range(high):
        share[large[i]] = 1.0
    return share, other
