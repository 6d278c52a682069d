"""Bring in the proceeds of crime before an attempt, and spend or invest what comes out of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphml.elementary import exp, expm1, log1p
from ingest.world.attempts import Attempt
from ingest.world.calendar import DAY, Calendar
from ingest.world.economy import Economy
from ingest.world.payments import Payments
from ingest.world.population import Group, Ints, Population
from ingest.world.usual import Usual

__all__ = ["Integration", "Placement", "integrate", "place"]

_SOURCES = {  # crime -> who pays, payments to one account at most (nine sources: Altman et al., 2023, section 3.4)
    "extortion": ("companies", 4), "loan sharking": ("persons", 5), "gambling": ("persons", 8),
    "prostitution": ("persons", 8), "kidnapping": ("persons", 1), "robbery": ("persons", 2),
    "embezzlement": ("companies", 2), "drugs": ("persons", 8), "smuggling": ("companies", 3),
}  # fmt: skip
_FRAUD = "authorised push payment fraud"
_FRAUDS = 0.6  # of gangs in retail banking; the others pay in the cash of a trade
_CASH = ("drugs", "gambling", "prostitution", "smuggling", "robbery")
_MANY = 3  # accounts of an attempt that proceeds come to in several payments; to the others in one
_INVESTED = 0.12  # of integration
_ONWARD = 0.25  # of integration, paid on by who was paid
_SAVED = 6 * DAY  # minutes of busy time for which proceeds are collected, at most
_SPENT = 0.5  # spread of the logarithm of proceeds as a part of what is laundered
_WAIT = 1.5 * DAY  # minutes of busy time from receipt to spending, mean
_REINVESTED = 0.06  # of integration, outside retail banking: put into savings or shares of one's own
_COINS, _CASHED = 0.2, 0.12  # of integration in retail banking, that leaves by a crypto exchange, by the cash desk
_LARGEST = 6_000.0  # US dollars of one payment of integration where normal life has level 1


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Hold the payments by which proceeds of crime come to the accounts that an attempt starts from."""

    payments: Payments
    attempt: NDArray[np.int64]  # (E,)
    crime: tuple[str, ...]  # of each attempt


@dataclass(frozen=True, slots=True, eq=False)
class Integration:
    """Hold the payments by which dirty money is spent or invested."""

    payments: Payments
    attempt: NDArray[np.int64]  # (E,) from which the money came


def place(
    attempts: Sequence[Attempt], people: Population, calendar: Calendar, retail: bool, rng: np.random.Generator
) -> Placement:  # fmt: skip
    """Return the placement before each of *attempts*.

    Proceeds come within days, and are not what is laundered to the cent: some was spent, some was there before. In retail
    banking victims of fraud pay the mules, or cash is paid in over the counter.
    """
    parts, owner, crimes = [], [], []
    by_gang: dict[int, str] = {}
    for number, attempt in enumerate(attempts):
        crime = by_gang.get(attempt.gang) or _crime(retail, rng)
        by_gang[attempt.gang] = crime
        crimes.append(crime)
        who, often = ("persons", 2) if crime == _FRAUD else ("cash", 4) if retail else _SOURCES[crime]
        pay = attempt.payments
        begins: dict[int, int] = {}
        launders: dict[int, float] = {}
        paid: set[int] = set()  # hardening puts accounts in between, whose money comes from the attempt
        for i in np.flatnonzero(attempt.phase == 0).tolist():
            source = int(pay.payer[i])
            if source not in paid:
                begins.setdefault(source, int(pay.minute[i]))
                launders[source] = launders.get(source, 0.0) + float(pay.usd[i])
            paid.add(int(pay.payee[i]))
        for place_, (account, begin) in enumerate(begins.items()):
            k = int(rng.integers(1, often + 1)) if place_ < _MANY else 1
            back = rng.uniform(0.0, min(_SAVED, calendar.busy[begin]), k)
            early = np.sort(calendar.at(calendar.busy[begin] - back)[: k if begin > 0 else 0])
            when = np.clip(early, 0, max(begin - 1, 0)).astype(np.int32)
            payee = np.full(len(when), account, np.int32)
            payer = np.full(len(when), 2, np.int32)
            if who != "cash":
                payer = _outsiders(
                    people, people.persons if who == "persons" else people.companies, payee, attempt, rng
                )
            away = ~np.isin(payer, list(attempt.accounts))
            payer, payee, when = payer[away], payee[away], when[away]
            part = exp(rng.normal(0.0, 0.7, len(when)))
            amount = (
                np.round(launders[account] * math.exp(rng.normal(0.0, _SPENT)) * part / part.sum(), 2)
                if len(part)
                else part
            )
            parts.append(Payments(payer, payee, when, amount, np.zeros(len(when), np.int8)))
            owner.append(np.full(len(when), number))
    attempt_of = np.concatenate([np.zeros(0, np.int64), *owner])
    return Placement(Payments.of(parts), attempt_of, tuple(crimes))


def _outsiders(people: Population, group: Group, payee: Ints, attempt: Attempt, rng: np.random.Generator) -> Ints:
    # Near by, and anywhere where those near by are all in the attempt.
    payer, own = people.apart(payee, group.any(people.currency[payee], 1.0, rng)), list(attempt.accounts)
    for _ in range(3):
        inside = np.isin(payer, own)
        payer = np.where(inside, group.rows[rng.integers(0, len(group.rows), len(payer))], payer)
    return payer


def _crime(retail: bool, rng: np.random.Generator) -> str:
    if retail:
        return _FRAUD if rng.random() < _FRAUDS else str(rng.choice(_CASH))
    return str(rng.choice(list(_SOURCES)))


def integrate(
    attempts: Sequence[Attempt], usual: Usual, economy: Economy, wanted: tuple[int, int], rng: np.random.Generator
) -> Integration:
    """Return wanted[0] payments that spend or invest dirty money after it came, some of it twice.

    It is spent where and when others spend, before normal life ends; no account in the currency wanted[1] pays on.
    """
    (rows, without), end = wanted, economy.calendar.minutes
    last = [a.payments.take(_last(a)) for a in attempts]
    whole = Integration(Payments.of(last), np.repeat(np.arange(len(last)), [len(p) for p in last]))
    got = _part(whole, np.flatnonzero(whole.payments.minute < end - 2))  # there must be time left to spend
    got = got if len(got.payments) else whole
    first = round(rows * (1 - _ONWARD))
    # An account that got more spends more often.
    weight = np.minimum(got.payments.usd, _LARGEST * usual.preset.level)
    one = _spent(usual, economy, got, rng.choice(len(weight), first, p=weight / weight.sum()), rng)
    if rows == first:
        return one
    # What reached an institution has left the books, so only others pay on.
    early = (one.payments.minute < end - 2) & (one.payments.payee >= usual.people.institutions)
    early &= usual.people.currency[one.payments.payee] != without
    base = _part(one, np.flatnonzero(early)) if early.any() else got
    two = _spent(usual, economy, base, rng.integers(0, len(base.payments), rows - first), rng)
    return Integration(Payments.of([one.payments, two.payments]), np.concatenate([one.attempt, two.attempt]))


def _part(whole: Integration, rows: NDArray[np.int64]) -> Integration:
    return Integration(whole.payments.take(rows), whole.attempt[rows])


def _last(attempt: Attempt) -> NDArray[np.int64]:
    # Payments whose payee does not pay on: there the money rests. In a cycle it is where it came from.
    found = np.flatnonzero(~np.isin(attempt.payments.payee, attempt.payments.payer))
    return found if len(found) else np.array([len(attempt.payments) - 1])


def _spent(
    usual: Usual, economy: Economy, base: Integration, chosen: NDArray[np.int64], rng: np.random.Generator
) -> Integration:
    # What one payment brought is shared by all that is spent of it. Sums are those of normal life, as long as the
    # money lasts; what is invested is a larger part of it.
    people, k = usual.people, len(chosen)
    times = np.bincount(chosen, minlength=len(base.payments))[chosen]
    got = base.payments.take(chosen)
    has = np.minimum(got.usd * 0.9 / np.maximum(times, 1), _LARGEST * usual.preset.level)
    payer: Ints = got.payee
    payee = economy.sellers(payer, rng)
    usd = np.where(rng.random(k) < _INVESTED, has * rng.uniform(0.2, 0.6, k), np.minimum(usual.draw(k, rng), has * 0.8))
    way = rng.random(k)
    if people.institutions > 2:  # money leaves the books
        coins, cashed = way < _COINS, (way >= _COINS) & (way < _COINS + _CASHED)
        payee = np.where(coins, rng.integers(3, 6, k), np.where(cashed, 2, payee)).astype(np.int32)
        usd = np.where(cashed, np.minimum(50.0 * exp(rng.normal(0.0, 0.7, k)), has), usd)
    else:
        payee = np.where(way < _REINVESTED, payer, payee).astype(np.int32)
    # Exponential, within what is left of the world: a draw beyond it must not pile up in the last minute.
    busy, end = economy.calendar.busy, economy.calendar.minutes
    left = np.maximum(busy[end] - busy[got.minute], 1.0)
    later = busy[got.minute] - _WAIT * log1p(rng.random(k) * expm1(-left / _WAIT))
    when = np.clip(economy.calendar.at(later), got.minute + 1, np.maximum(end - 1, got.minute + 1)).astype(np.int32)
    found = Payments(payer, payee, when, np.maximum(usd, 0.5), np.zeros(k, np.int8))
    return Integration(found, base.attempt[chosen])
