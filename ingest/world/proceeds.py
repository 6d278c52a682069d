"""Bring in the proceeds of crime before an attempt, and spend or invest what comes out of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.world.attempts import Attempt
from ingest.world.calendar import DAY
from ingest.world.economy import spend
from ingest.world.payments import Payments
from ingest.world.population import Ints, Population

__all__ = ["Placement", "integrate", "place"]

_SOURCES = {  # crime -> who pays, payments to one account at most (nine sources: Altman et al., 2023, section 3.4)
    "extortion": ("companies", 4), "loan sharking": ("persons", 5), "gambling": ("persons", 8),
    "prostitution": ("persons", 8), "kidnapping": ("persons", 1), "robbery": ("persons", 2),
    "embezzlement": ("companies", 2), "drugs": ("persons", 8), "smuggling": ("companies", 3),
}  # fmt: skip
_FRAUD = "authorised push payment fraud"
_MANY = 3  # accounts of an attempt that proceeds come to in several payments; to the others in one
_ONWARD = 0.25  # of integration, paid on by who was paid
_WAIT = 1.5 * DAY  # minutes from receipt to spending, mean
_LARGEST = 50_000.0  # US dollars of one payment of integration


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
        who, often = ("persons", 2) if crime == _FRAUD else _SOURCES[crime]
        pay = attempt.payments
        begins: dict[int, int] = {}
        launders: dict[int, float] = {}
        for i in range(len(pay)):
            if attempt.phase[i] == 0:
                begins.setdefault(int(pay.payer[i]), int(pay.minute[i]))
                launders[int(pay.payer[i])] = launders.get(int(pay.payer[i]), 0.0) + float(pay.usd[i])
        for place_, (account, begin) in enumerate(begins.items()):
            k = int(rng.integers(1, often + 1)) if place_ < _MANY else 1
            back = rng.integers(1, max(2, min(begin, 2 * DAY) + 1), k)  # minutes before it pays on, inside the world
            when = np.sort(np.maximum(begin - back, 0)[: k if begin > 0 else 0]).astype(np.int32)
            payee = np.full(len(when), account, np.int32)
            group = people.persons if who == "persons" else people.companies
            payer = people.apart(payee, group.any(people.currency[payee], 1.0, rng))
            away = ~np.isin(payer, list(attempt.accounts))
            payer, payee, when = payer[away], payee[away], when[away]
            part = np.exp(rng.normal(0.0, 0.7, len(when)))
            amount = np.round(launders[account] * rng.uniform(0.8, 1.2) * part / part.sum(), 2) if len(part) else part
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
    early = np.flatnonzero(kept.minute < end - 2)  # there must be time left to spend
    got = kept.take(early) if len(early) else whole
    first = round(rows * (1 - _ONWARD))
    # An account that got more spends more often.
    weight = np.minimum(got.usd, 50_000.0)
    one = _spent(people, got, rng.choice(len(got), first, p=weight / weight.sum()), end, rng)
    if rows == first:
        return one
    # What reached an institution has left the books, so only others pay on.
    early = np.flatnonzero((one.minute < end - 2) & (one.payee >= people.institutions))
    base = one.take(early) if len(early) else got
    return Payments.of([one, _spent(people, base, rng.integers(0, len(base), rows - first), end, rng)])


def _last(attempt: Attempt) -> NDArray[np.int64]:
    # Payments whose payee does not pay on: there the money rests.
    return np.flatnonzero(~np.isin(attempt.payments.payee, attempt.payments.payer))


def _spent(
    people: Population, base: Payments, chosen: NDArray[np.int64], end: int, rng: np.random.Generator
) -> Payments:
    # What one payment brought is shared by all that is spent of it.
    times = np.bincount(chosen, minlength=len(base))[chosen]
    got = base.take(chosen)
    got = replace(got, usd=np.minimum(got.usd * 0.9 / np.maximum(times, 1), _LARGEST))
    payer: Ints = got.payee
    payee, usd = spend(people, payer, rng)
    k = len(payer)
    if people.institutions > 2:  # money leaves the books: 45 % to a crypto exchange, 30 % as cash
        way = rng.random(k)
        payee = np.where(way < 0.45, rng.integers(3, 6, k), np.where(way < 0.75, 2, payee)).astype(np.int32)
        usd = np.where(
            way < 0.45, got.usd, np.where(way < 0.75, np.minimum(rng.integers(5, 50, k) * 10.0, got.usd), usd)
        )
    left = np.maximum(end - 1 - got.minute, 1)
    # Exponential, within what is left of the world: a draw beyond it must not pile up in the last minute.
    wait = 1 - _WAIT * np.log1p(rng.random(k) * np.expm1(-(left - 1) / _WAIT))
    invest = rng.random(k) < 0.2
    usd = np.where(invest, got.usd * rng.uniform(0.2, 0.6, k), np.minimum(usd, got.usd * 0.8))
    return Payments(payer, payee, got.minute + wait.astype(np.int32), np.maximum(usd, 0.5), np.zeros(k, np.int8))
