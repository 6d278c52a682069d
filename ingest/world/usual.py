"""Keep a sample of normal payments, so that laundering can be as large as normal life and be paid as it is."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.world.economy import Economy, rounded
from ingest.world.payments import Payments
from ingest.world.population import Population
from ingest.world.preset import Preset

__all__ = ["Usual"]

_SAMPLE = 60_000  # payments
_NEAR = 600  # of them, nearly as large as one, among which its format is drawn

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """Hold how large normal payments are, and how payments of a size are made."""

    preset: Preset
    people: Population
    usd: Floats  # (S,) ascending
    formats: NDArray[np.int64]  # (S + 1, formats) how many of the first payments have each format
    even: Floats  # (formats,) share of round amounts

    @classmethod
    def of(cls, economy: Economy) -> Self:
        """Return what is usual in *economy*."""
        preset, people, found = economy.preset, economy.people, economy.sample(_SAMPLE)
        found = found.take(np.argsort(found.usd, kind="stable"))
        hot = found.format[:, None] == np.arange(len(preset.money.formats))
        units = found.usd / np.array(preset.money.rates)[people.currency[found.payer]]
        even = np.abs(units - np.rint(units)) < 1e-6
        reach = np.concatenate([np.zeros((1, hot.shape[1]), np.int64), np.cumsum(hot, 0)])
        return cls(preset, people, found.usd, reach, (hot & even[:, None]).sum(0) / np.maximum(hot.sum(0), 1))

    def size(self, rank: float) -> float:
        """Return the US dollars that a share *rank* of normal payments stay below."""
        return float(self.usd[int(rank * len(self.usd))])

    def draw(self, k: int, rng: np.random.Generator) -> Floats:
        """Return US dollars (k,) of normal payments."""
        return self.usd[rng.integers(0, len(self.usd), k)]

    def disguised(
        self, payments: Payments, drawn: Floats, pushed: NDArray[np.bool_], rng: np.random.Generator
    ) -> Payments:
        """Return *payments* in the formats, and rounded as often, as normal life has for such amounts.

        *drawn* are numbers (E,) in [0, 1) that decide the format; equal numbers give equal formats where they can.
        *pushed* (E,) are transfers in retail banking, whoever is paid.
        """
        k, money, people = len(payments), self.preset.money, self.people
        near = min(_NEAR, len(self.usd))
        low = np.clip(np.searchsorted(self.usd, payments.usd) - near // 2, 0, len(self.usd) - near)
        reach = np.cumsum(self.formats[low + near] - self.formats[low], 1) / near
        how = np.minimum((drawn[:, None] >= reach).sum(1), len(money.formats) - 1)
        if self.preset.retail:
            ends = np.stack([payments.payer, payments.payee])
            desk, exchange = (ends == 2).any(0), ((ends > 2) & (ends < people.institutions)).any(0)
            transfer = np.searchsorted(money.cumulative["friend"], drawn, side="right")
            how = np.where(pushed | exchange | (how == money.formats.index("Cash")), transfer, how)
            how = np.where(desk, money.formats.index("Cash"), how)
        usd = rounded(self.preset, people.currency[payments.payer], payments.usd, rng.random(k) < self.even[how])
        return Payments(payments.payer, payments.payee, payments.minute, usd, how.astype(np.int8))
