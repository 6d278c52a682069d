"""Draw who lives in the world: persons and companies, their accounts, and the banks that keep them."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.world.money import CURRENCIES, SHARES

__all__ = ["ENTITY_KINDS", "Group", "Population"]

ENTITY_KINDS = ("Individual", "Sole Proprietorship", "Partnership", "Corporation")
_KIND_SHARES = (0.72, 0.14, 0.05, 0.09)

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Group:
    """Hold accounts of one kind by currency, so that partners can be drawn from near by."""

    rows: Ints  # accounts, in order of currency
    first: Ints  # (15,) where a currency begins in `rows`
    count: Ints  # (15,) how many it has

    @classmethod
    def of(cls, rows: Ints, currency: Ints) -> Self:
        """Return the group of the accounts *rows*, given the currency (N,) of all accounts."""
        ordered = rows[np.argsort(currency[rows], kind="stable")]
        count = np.bincount(currency[rows], minlength=len(CURRENCIES)).astype(np.int64)
        return cls(ordered, np.cumsum(count) - count, count)

    def near(self, currency: Ints, skew: float, rng: np.random.Generator) -> Ints:
        """Return an account for each of *currency*, 85 % from the same one; *skew* 1 is even, more favours a few."""
        count = self.count[currency]
        far = (count == 0) | (rng.random(len(currency)) < 0.15)
        span = np.where(far, len(self.rows), count)
        base = np.where(far, 0, self.first[currency])
        # Even when far: the group is in order of currency, so skew would send everyone abroad to the first currency.
        rank = rng.random(len(currency)) ** np.where(far, 1.0, skew)
        place: Ints = base + (span * rank).astype(np.int64)
        return np.take(self.rows, place)

    def other(self, account: Ints, rng: np.random.Generator) -> Ints:
        """Return for each of *account* any account of the group but itself."""
        place = rng.integers(0, len(self.rows), len(account))
        place = np.where(self.rows[place] == account, (place + 1) % len(self.rows), place)
        return np.take(self.rows, place)


@dataclass(frozen=True, slots=True)
class Population:
    """Hold accounts in columns; accounts of one owner are neighbours. Account 0 is the super-hub, 1 the pension fund."""

    owner: Ints  # (N,) entity
    bank: Ints  # (N,)
    currency: Ints  # (N,) place in CURRENCIES
    number: Ints  # (N,) unique together with the bank only
    kind: Ints  # (M,) of entities, place in ENTITY_KINDS
    home: Ints  # (banks,) currency of the bank's country
    weight: NDArray[np.float64]  # (N,) how busy an account is, heavy-tailed
    persons: Group
    companies: Group

    @classmethod
    def of(cls, n: int, rng: np.random.Generator) -> Self:
        """Return a population of *n* accounts, at least 20."""
        held = np.minimum(rng.geometric(0.62, n), 8)
        held[:2] = 1
        owner = np.repeat(np.arange(n), held)[:n]
        m = int(owner[-1]) + 1
        kind = rng.permutation(np.searchsorted(np.cumsum(_KIND_SHARES), (np.arange(m) + 0.5) / m))
        kind[:2] = len(ENTITY_KINDS) - 1
        country = rng.choice(len(SHARES), m, p=SHARES)
        country[:2] = 0
        abroad = rng.random(n) < 0.08
        abroad[:2] = False
        currency = np.where(abroad, rng.choice(len(SHARES), n, p=SHARES), country[owner])
        home = np.concatenate([np.arange(len(SHARES)), rng.choice(len(SHARES), max(5, n // 25), p=SHARES)])
        banks = Group.of(np.arange(len(home)), home)
        bank = banks.near(currency, 3.0, rng)
        rows, person = np.arange(n), kind[owner] == 0
        return cls(
            owner, bank, currency, _numbers(bank, rng), kind, home, _weights(n, rng),
            Group.of(rows[person], currency), Group.of(rows[~person & (rows > 1)], currency),
        )  # fmt: skip


def _weights(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    # Pareto with infinite variance, cut where one account would rival the super-hub.
    return np.minimum((1.0 - rng.random(n)) ** (-1 / 1.3), min(300.0, n / 20))


def _numbers(bank: Ints, rng: np.random.Generator) -> Ints:
    # One account in a hundred has the number of another bank's account, as in the real files: the bank is needed.
    n = len(bank)
    number = np.cumsum(rng.integers(1, max(2, 2 * 0x0FFFFFF // n), n)).astype(np.int64)
    twin = np.flatnonzero(rng.random(n) < 0.01)
    twin = twin[(twin > 1) & (twin % 2 == 1)]
    twin = twin[bank[twin] != bank[twin - 1]]
    number[twin] = number[twin - 1]
    return number
