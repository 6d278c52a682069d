"""Keep a sample of normal payments, so that laundering can be as large as normal life and be paid as it is."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from graphml.elementary import power
from ingest.world.economy import Economy, rounded
from ingest.world.payments import Payments
from ingest.world.population import Population
from ingest.world.preset import Preset

__all__ = ["OTHER_WAY", "Usual"]

OTHER_WAY = 0.05  # of payments of an attempt or a normal group, besides those whose ends are paid in other ways

_SAMPLE = 60_000  # payments
_NEAR = 600  # of them, nearly as large as one, among which its format is drawn
_NARROW = 0.88  # of the spread of normal amounts; the payments of one attempt spread too

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Ways:
    """Hold the formats of some payments, so that one can be drawn among those nearly as large as another."""

    usd: Floats  # (S,) ascending
    before: NDArray[np.int64]  # (S + 1, formats) how many of the first payments have each format

    @classmethod
    def of(cls, usd: Floats, how: NDArray[np.integer], formats: int) -> Self:
        order = np.argsort(usd, kind="stable")
        hot = how[order, None] == np.arange(formats)
        return cls(usd[order], np.concatenate([np.zeros((1, formats), np.int64), np.cumsum(hot, 0)]))

    def pick(self, usd: Floats, drawn: Floats) -> NDArray[np.int64]:
        near = min(_NEAR, len(self.usd))
        low = np.clip(np.searchsorted(self.usd, usd) - near // 2, 0, len(self.usd) - near)
        reach = np.cumsum(self.before[low + near] - self.before[low], 1) / near
        how: NDArray[np.int64] = np.minimum((drawn[:, None] >= reach).sum(1), self.before.shape[1] - 1)
        return how


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """Hold how large normal payments are, and how payments of a size are made."""

    preset: Preset
    people: Population
    usd: Floats  # (S,) ascending
    whole: _Ways  # but for what passes over a cash desk or an exchange, as no attempt does
    between: tuple[_Ways, ...]  # by `_ends`: from and to firms or persons; the whole where nobody pays so
    even: Floats  # (formats,) share of round amounts

    @classmethod
    def of(cls, economy: Economy) -> Self:
        """Return what is usual in *economy*."""
        preset, people, found = economy.preset, economy.people, economy.sample(_SAMPLE)
        count, side = len(preset.money.formats), _ends(people, found)
        hot = found.format[:, None] == np.arange(count)
        units = found.usd / np.array(preset.money.rates)[people.currency[found.payer]]
        even = np.abs(units - np.rint(units)) < 1e-6
        among = ~_outside(people, found)
        whole = _Ways.of(found.usd[among], found.format[among], count)
        between = tuple(
            _Ways.of(found.usd[mine], found.format[mine], count) if mine.any() else whole
            for mine in (among & (side == k) for k in range(4))
        )
        share = (hot & even[:, None]).sum(0) / np.maximum(hot.sum(0), 1)
        return cls(preset, people, np.sort(found.usd), whole, between, share)

    def size(self, rank: float) -> float:
        """Return the US dollars that a share *rank* of normal payments stay below."""
        return float(self.usd[int(rank * len(self.usd))])

    def draw(self, k: int, rng: np.random.Generator) -> Floats:
        """Return US dollars (k,) of normal payments."""
        return self.usd[rng.integers(0, len(self.usd), k)]

    def sums(self, rank: Floats) -> Floats:
        """Return the US dollars (k,) in which a group deals whose *rank* (k,) among all groups is in [0, 1).

        They are as large as payments of normal life but for the smallest, and spread less, as the payments of one
        group spread too.
        """
        petty = self.preset.petty
        middle = self.size(0.5 + petty / 2)
        usual = self.usd[((petty + (1 - petty) * rank) * len(self.usd)).astype(int)]
        sums: Floats = middle * power(usual / middle, _NARROW)
        return sums

    def way(self, payments: Payments, drawn: Floats) -> NDArray[np.int64]:
        """Return the format (E,) that *drawn* (E,) in [0, 1) picks among normal payments as large between such ends."""
        how, side = np.zeros(len(payments), np.int64), _ends(self.people, payments)
        for k, ways in enumerate(self.between):
            mine = side == k
            how[mine] = ways.pick(payments.usd[mine], drawn[mine])
        return how

    def for_firms(self, usd: float, drawn: float) -> bool:
        """Say whether a person pays only companies in the format that *drawn* picks for *usd*."""
        money = self.preset.money
        name = money.formats[int(self.whole.pick(np.array([usd]), np.array([drawn]))[0])]
        return name in money.firms or name in money.bulk

    def disguised(self, payments: Payments, drawn: Floats, rng: np.random.Generator) -> Payments:
        """Return *payments* in the formats, and rounded as often, as normal life has for such amounts and ends.

        *drawn* are numbers (E,) in [0, 1) that decide the format; equal numbers give equal formats where they can.
        """
        how = self.possible(payments, self.way(payments, drawn), drawn)
        even = rng.random(len(payments)) < self.even[how]
        usd = rounded(self.preset, self.people.currency[payments.payer], payments.usd, even)
        return Payments(payments.payer, payments.payee, payments.minute, usd, how.astype(np.int8))

    def possible(self, payments: Payments, how: NDArray[np.integer], drawn: Floats) -> NDArray[np.integer]:
        """Return the formats *how* (E,) with others, which *drawn* picks, where they cannot be.

        A person cannot be paid by card, nor in bulk by another; a desk only in cash, an exchange not at a counter; to
        oneself one reinvests.
        """
        money, people = self.preset.money, self.people
        ends = np.stack([payments.payer, payments.payee])
        if "Reinvestment" in money.formats:
            how = np.where(ends[0] == ends[1], money.formats.index("Reinvestment"), how)
        if not self.preset.retail:
            return how
        person = people.kind[people.owner[payments.payee]] == 0
        payer = people.kind[people.owner[payments.payer]] == 0
        firms, bulk = (np.isin(how, [money.formats.index(n) for n in names]) for names in (money.firms, money.bulk))
        desk, exchange = (ends == 2).any(0), ((ends > 2) & (ends < people.institutions)).any(0)
        transfer, coins = (np.searchsorted(money.cumulative[c], drawn, side="right") for c in ("friend", "coins"))
        how = np.where(person & (firms | (bulk & payer)), transfer, how)
        return np.where(desk, money.formats.index("Cash"), np.where(exchange, coins, how))


def _outside(people: Population, payments: Payments) -> NDArray[np.bool_]:
    # (E,) whether an end is a cash desk or an exchange.
    ends = np.stack([payments.payer, payments.payee])
    return np.asarray(((ends >= 2) & (ends < people.institutions)).any(0), np.bool_)


def _ends(people: Population, payments: Payments) -> NDArray[np.int64]:
    # (E,) 0 firm to firm, 1 firm to person, 2 person to firm, 3 person to person.
    person = people.kind[people.owner] == 0
    ends: NDArray[np.int64] = 2 * person[payments.payer].astype(np.int64) + person[payments.payee]
    return ends
