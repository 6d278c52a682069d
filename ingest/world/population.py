"""Draw who lives in the world: persons and companies, their accounts, and the banks that keep them."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from graphml.elementary import exp, power
from ingest.world.draws import Alias, stream, unit
from ingest.world.preset import Preset

__all__ = ["ENTITY_KINDS", "FAMILY", "FAR", "Group", "Population", "together"]

ENTITY_KINDS = ("Individual", "Sole Proprietorship", "Partnership", "Corporation")
_KIND_SHARES = (0.72, 0.14, 0.05, 0.09)
_ABROAD, FAR = 0.08, 0.15  # accounts in another currency than their owner's; partners from anywhere
_ASLEEP = 0.01  # accounts that nobody uses
_SHELL = 0.08  # companies that hold and pass on, and trade little

FAMILY = 3  # neighbours in the population that can live together

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Hold accounts of one kind by currency, so that partners can be drawn from near by, and payers by activity."""

    rows: Ints  # accounts, in order of currency
    first: Ints  # (currencies,) where a currency begins in `rows`
    count: Ints  # (currencies,) how many it has
    busy: Alias  # over `rows`, by activity

    @classmethod
    def of(cls, rows: Ints, currency: Ints, weight: NDArray[np.float64], currencies: int) -> Self:
        """Return the group of the accounts *rows*, given currency and activity (N,) of all accounts.

        Earlier rows are met more often (`near`), so rows in order of number would let numbers tell who is busy.
        """
        ordered = rows[np.argsort(currency[rows], kind="stable")].astype(np.int32)
        count = np.bincount(currency[rows], minlength=currencies)
        return cls(ordered, (np.cumsum(count) - count).astype(np.int32), count.astype(np.int32), Alias(weight[ordered]))

    def payers(self, k: int, rng: np.random.Generator) -> Ints:
        """Return *k* accounts drawn by activity."""
        return self.rows[self.busy.draw(k, rng)]

    def near(self, currency: Ints, skew: float, far: NDArray[np.float64], rank: NDArray[np.float64]) -> Ints:
        """Return an account for each of *currency*, 85 % from the same one; *skew* 1 is even, more favours a few.

        *far* and *rank* are numbers in [0, 1) that decide.
        """
        count = self.count[currency]
        away = (count == 0) | (far < FAR)
        span = np.where(away, len(self.rows), count)
        # Even when far: the group is in order of currency, so skew would send all abroad to the first currency.
        place = (span * np.where(away, rank, power(rank, skew))).astype(np.int32) + np.where(
            away, 0, self.first[currency]
        )
        return self.rows[place]

    def any(self, currency: Ints, skew: float, rng: np.random.Generator) -> Ints:
        """Return an account for each of *currency*, drawn afresh."""
        return self.near(currency, skew, rng.random(len(currency)), rng.random(len(currency)))


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Hold accounts and entities in columns; accounts of one owner are neighbours.

    The first accounts are institutions: 0 the super-hub, 1 the pension fund, in `uk-retail` 2 the cash desk and 3 to 5
    crypto exchanges.
    """

    owner: Ints  # (N,) entity
    bank: Ints  # (N,)
    currency: Ints  # (N,) place in the world's currencies
    number: NDArray[np.int64]  # (N,) unique together with the bank only
    opened: Ints  # (N,) days before the world began
    weight: NDArray[np.float64]  # (N,) how busy an account is, heavy-tailed; 0: asleep
    scale: NDArray[np.float64]  # (N,) how large its payments are, 1 is usual
    kind: NDArray[np.int8]  # (M,) of entities, place in ENTITY_KINDS
    shell: NDArray[np.bool_]  # (M,)
    born: Ints  # (M,) year; of companies, of their founding
    country: Ints  # (M,) place in the world's countries
    home: Ints  # (banks,) currency of the bank's country
    institutions: int
    persons: Group
    companies: Group
    seed: int

    @classmethod
    def of(cls, preset: Preset, n: int, seed: int) -> Self:
        """Return a population of *n* accounts, at least 20."""
        rng = stream(seed, 0)
        special = 6 if preset.retail else 2
        shares = preset.money.shares
        held = np.minimum(rng.geometric(0.62, n), 8)
        held[:special] = 1
        owner = np.repeat(np.arange(n), held)[:n].astype(np.int32)
        m = int(owner[-1]) + 1
        kind = rng.permutation(np.searchsorted(np.cumsum(_KIND_SHARES), (np.arange(m) + 0.5) / m)).astype(np.int8)
        kind[:special] = len(ENTITY_KINDS) - 1
        shell = (rng.random(m) < _SHELL) & (kind > 0)
        shell[:special] = False
        country = rng.choice(len(shares), m, p=shares)
        country[:special] = 0
        abroad = rng.random(n) < (_ABROAD if len(shares) > 1 else 0)
        abroad[:special] = False
        currency = np.where(abroad, rng.choice(len(shares), n, p=shares), country[owner]).astype(np.int32)
        home = np.concatenate([np.arange(len(shares)), rng.choice(len(shares), _banks(n, preset), p=shares)])
        homes = Group.of(np.arange(len(home), dtype=np.int32), home.astype(np.int32), np.ones(len(home)), len(shares))
        bank = homes.any(currency, 3.0, rng)
        # Pareto with infinite variance, truncated where one account would rival the super-hub.
        share = 1.0 - math.pow(min(300.0, max(n / 20, 2.0)), -1.3)
        weight = power(1.0 - share * rng.random(n), -1 / 1.3) * np.where(shell[owner], 0.2, 1.0)
        weight[rng.random(n) < _ASLEEP] = 0.0
        usable = (np.arange(n) >= special) & (weight > 0)
        person = kind[owner] == 0
        if not (usable & person).any() or not (usable & ~person).any():
            usable = np.arange(n) >= special  # a tiny world, in which nobody sleeps
            weight = np.maximum(weight, 1.0)
        persons, companies = (
            Group.of(rng.permutation(np.flatnonzero(usable & mine)).astype(np.int32), currency, weight, len(shares))
            for mine in (person, ~person)
        )
        born = np.where(
            kind == 0, int(preset.start[:4]) - 17 - (rng.beta(1.6, 1.9, m) * 70), 2020 - rng.exponential(14.0, m)
        ).astype(np.int32)
        age = int(preset.start[:4]) - born[owner]
        opened = np.minimum(rng.exponential(1500.0, n), np.maximum(age - 1, 1) * 365).astype(np.int32) + 1
        scale = exp(rng.normal(0.0, 0.55, m))[owner]
        return cls(
            owner, bank, currency, _numbers(bank, rng), opened, weight, scale, kind, shell, born,
            country.astype(np.int32), home.astype(np.int32), special, persons, companies, seed,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.owner)

    def partner(self, payer: Ints, group: Group, habit: int, slot: Ints, skew: float) -> Ints:
        """Return the fixed partner number *slot* of each payer for a *habit*; slot 0 is met most often."""
        key = np.uint64(habit) * np.uint64(64) + slot.astype(np.uint64)
        return self.apart(
            payer,
            group.near(self.currency[payer], skew, unit(self.seed, 11, payer, key), unit(self.seed, 12, payer, key)),
        )

    def siblings(self, account: int) -> list[int]:
        """Return the neighbours of *account* that its owner has too."""
        both = (account + 1, account - 1)
        return [n for n in both if 0 <= n < len(self) and self.owner[n] == self.owner[account]]

    def apart(self, payer: Ints, payee: Ints) -> Ints:
        """Return *payee*, with some company in place of each that is the payer itself."""
        same = payer == payee
        if not same.any():
            return payee
        rows = self.companies.rows
        place = (unit(self.seed, 13, payer[same]) * len(rows)).astype(np.int64)
        place = np.where(rows[place] == payer[same], (place + 1) % len(rows), place)
        payee = payee.copy()
        payee[same] = rows[place]
        return payee


def together(seed: int, home: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return whether the persons of each *home* live at one address."""
    lives: NDArray[np.bool_] = unit(seed, 54, home) < 0.5
    return lives


def _banks(n: int, preset: Preset) -> int:
    return max(5, min(n // 3000 + 10, 60)) if preset.retail else max(5, n // 25)


def _numbers(bank: Ints, rng: np.random.Generator) -> NDArray[np.int64]:
    # One account in a hundred has the number of another bank's account, as in the real files: the bank is needed.
    n = len(bank)
    number = np.cumsum(rng.integers(1, max(2, 2 * 0x0FFFFFF // n), n)).astype(np.int64)
    twin = np.flatnonzero(rng.random(n) < 0.01)
    twin = twin[(twin > 6) & (twin % 2 == 1)]
    twin = twin[bank[twin] != bank[twin - 1]]
    number[twin] = number[twin - 1]
    return number
