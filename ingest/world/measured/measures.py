"""Hold what was measured: samples, shares and numbers, each by name, and compare two holdings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import ks_2samp

__all__ = ["Measures", "statistic", "summary"]

_LEAST = 5  # values on each side, for a statistic
_MOST = 200_000  # values of a sample that are kept


@dataclass(slots=True)
class Measures:
    """Collect measures by name; a name is `GROUP: WHAT`."""

    samples: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    shares: dict[str, tuple[int, int]] = field(default_factory=dict)  # how many of how many
    numbers: dict[str, float] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)  # of samples of which only quantiles are kept

    def values(self, name: str, values: ArrayLike) -> None:
        """Add a sample of a continuous quantity; of a long one evenly spaced values are kept, extremes included."""
        found = np.sort(np.asarray(values, np.float64))
        if len(found) > _MOST:
            self.sizes[name] = len(found)
            found = found[np.linspace(0, len(found) - 1, _MOST).round().astype(np.int64)]
        self.samples[name] = found

    def share(self, name: str, true: Sequence[bool]) -> None:
        """Add a share of yes among answers."""
        self.shares[name] = (int(np.sum(true)), len(true))

    def add(self, other: "Measures") -> None:
        """Take over all of *other*."""
        self.samples |= other.samples
        self.shares |= other.shares
        self.numbers |= other.numbers
        self.sizes |= other.sizes

    def summaries(self) -> dict[str, dict[str, float]]:
        """Return each measure as numbers with names, in the order of their names' first mention."""
        found = {name: summary(v) for name, v in self.samples.items() if len(v)}
        for name, size in self.sizes.items():
            found[name]["n"] = size
        found |= {name: {"share": k / n, "k": k, "n": n} for name, (k, n) in self.shares.items() if n}
        return found | {name: {"value": v} for name, v in self.numbers.items()}


def summary(values: NDArray[np.float64]) -> dict[str, float]:
    """Return size, mean, greatest value and percentiles of a sample."""
    p10, p50, p90, p99 = np.quantile(values, [0.1, 0.5, 0.9, 0.99])
    found = {"n": len(values), "mean": values.mean(), "p10": p10, "p50": p50, "p90": p90, "p99": p99}
    return {name: float(f"{v:.6g}") for name, v in (found | {"max": values.max()}).items()}


def statistic(one: Measures, other: Measures) -> Mapping[str, dict[str, Any]]:
    """Return the Kolmogorov-Smirnov statistic with p value and sizes for each sample that both hold."""
    found = {}
    for name, mine in one.samples.items():
        theirs = other.samples.get(name, np.zeros(0))
        if min(len(mine), len(theirs)) >= _LEAST:
            test = ks_2samp(mine, theirs)
            found[name] = {
                "ks": round(float(test.statistic), 4), "p": float(f"{test.pvalue:.3g}"),
                "n": [len(mine), len(theirs)],
            }  # fmt: skip
    return found
