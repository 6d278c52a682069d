"""Bring in the proceeds of crime before an attempt, and spend or invest what comes out of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.world.attempts import Attempt
from ingest.world.calendar import DAY
from ingest.world.economy import spend
from ingest.world.payments import Payments
from ingest.world.population import Ints, Population

__all__ = ["Placement", "integrate", "place"]

_SOURCES = {  # crime -> who pays, payments to one account, US dollars each (nine sources: Altman et al., 2023, section 3.4)
    "extortion": ("companies", 4, 2500.0), "loan sharking": ("persons", 5, 700.0), "gambling": ("persons", 8, 150.0),
    "prostitution": ("persons", 8, 200.0), "kidnapping": ("persons", 1, 60000.0), "robbery": ("persons", 2, 4000.0),
    "embezzlement": ("companies", 2, 15000.0), "drugs": ("persons", 8, 250.0), "smuggling": ("companies", 3, 9000.0),
}  # fmt: skip
_FRAUD = "authorised push payment fraud"
_MOST = 3  # accounts of an attempt that proceeds come to
_ONWARD = 0.25  # of integration, paid on by who was paid


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Hold the payments by which proceeds of crime come to the accounts that an attempt starts from."""

    payments: Payments
    attempt: NDArray[np.int64]  # (E,)
    crime: tuple[str, ...]  # of each attempt


def place(attempts: Sequence[Attempt], people: Population, retail: bool, rng: np.random.Generator) -> Placement:
    """Return the placement before each of *attempts*; in retail banking victims of fraud pay the mules."""
    parts, owner, crimes = [], [], []
    by_gang: dict[int, str] = {}
    for number, attempt in enumerate(attempts):
        crime = by_gang.setdefault(attempt.gang, _FRAUD if retail else str(rng.choice(list(_SOURCES))))
        crimes.append(crime)
        who, often, usd = ("persons", 2, 4200.0) if crime == _FRAUD else _SOURCES[crime]
        pay = attempt.payments
        begins: dict[int, int] = {}
        for i in range(len(pay)):
            if attempt.phase[i] == 0:
                begins.setdefault(int(pay.payer[i]), int(pay.minute[i]))
        for account, begin in list(begins.items())[:_MOST]:
            k = int(rng.integers(1, often + 1))
            drawn = begin - rng.integers(30, 2 * DAY, k)
            when = np.sort(drawn[drawn >= 0]).astype(np.int32)
            payee = np.full(len(when), account, np.int32)
            group = people.persons if who == "persons" else people.companies
            payer = people.apart(payee, group.any(people.currency[payee], 1.0, rng))
            amount = np.round(usd * np.exp(rng.normal(0.0, 0.7, len(when))), 2)
            parts.append(Payments(payer, payee, when, amount, np.zeros(len(when), np.int8)))
            owner.append(np.full(len(when), number))
    attempt_of = np.concatenate([np.zeros(0, np.int64), *owner])
    return Placement(Payments.of(parts), attempt_of, tuple(crimes))


def integrate(
    attempts: Sequence[Attempt], people: Population, rows: int, end: int, rng: np.random.Generator
) -> Payments:
    """Return *rows* payments that spend or invest dirty money after it came, some of it twice; all before *end*."""
    whole = Payments.of([a.payments for a in attempts])
    kept = Payments.of([a.payments.take(_last(a)) for a in attempts])
    got = kept if len(kept) else whole
    first = round(rows * (1 - _ONWARD))
    # An account that got more spends more often.
    weight = np.minimum(got.usd, 50_000.0)
    one = _spent(people, got.take(rng.choice(len(got), first, p=weight / weight.sum())), end, rng)
    if rows == first:
        return one
    base = one if len(one) else got
    return Payments.of([one, _spent(people, base.take(rng.integers(0, len(base), rows - first)), end, rng)])


def _last(attempt: Attempt) -> NDArray[np.int64]:
    # Payments whose payee does not pay on: there the money rests.
    return np.flatnonzero(~np.isin(attempt.payments.payee, attempt.payments.payer))


def _spent(people: Population, got: Payments, end: int, rng: np.random.Generator) -> Payments:
    payer: Ints = got.payee
    payee, usd = spend(people, payer, rng)
    k = len(payer)
    if people.institutions > 2:  # money leaves the books: 45 % to a crypto exchange, 30 % as cash
        way = rng.random(k)
        payee = np.where(way < 0.45, rng.integers(3, 6, k), np.where(way < 0.75, 2, payee)).astype(np.int32)
        usd = np.where(
            way < 0.45, got.usd, np.where(way < 0.75, np.minimum(rng.integers(5, 50, k) * 10.0, got.usd), usd)
        )
    left = np.maximum(end - 1 - got.minute, 0)
    wait = np.minimum((rng.exponential(1.5 * DAY, k)).astype(np.int64) + 1, np.maximum(left, 0))
    invest = rng.random(k) < 0.2
    usd = np.where(invest, got.usd * rng.uniform(0.2, 0.6, k), np.minimum(usd, got.usd * 0.8))
    return Payments(payer, payee, (got.minute + wait).astype(np.int32), np.maximum(usd, 0.5), np.zeros(k, np.int8))
