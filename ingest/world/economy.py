"""Let normal life happen: pay, rent, shops, suppliers, friends and the rest, drawn in columns."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.world.clock import Clock
from ingest.world.lookalikes import bills, circles, trips
from ingest.world.money import FORMATS
from ingest.world.payments import Payments
from ingest.world.population import Group, Ints, Population

__all__ = ["background", "spend"]

_SALARIED, _PENSIONED = 0.625, 0.183  # of persons (Altman et al., 2023, section 3.3)
_SHOPS = (0.26, 0.48, 0.08, 0.15, 0.01, 0.02)  # formats of each kind of payment; Bitcoin goes by currency
_BILLS = (0.36, 0.10, 0.30, 0.06, 0.05, 0.13)
_FRIENDS = (0.42, 0.14, 0.20, 0.18, 0.02, 0.04)
_INTEREST = (0.05, 0.02, 0.13, 0.02, 0.70, 0.08)


@dataclass(frozen=True, slots=True)
class _Kind:
    # One kind of payment: its share of the background, who pays whom, median and spread of amounts, formats.
    share: float
    draw: Callable[[Population, Clock, int, np.random.Generator], tuple[Ints, Ints, Ints]]
    median: float  # US dollars
    spread: float  # of the logarithm
    formats: tuple[float, ...]


def background(people: Population, clock: Clock, rows: int, hub_share: float, rng: np.random.Generator) -> Payments:
    """Return exactly *rows* normal payments; the super-hub, account 0, pays *hub_share* of them."""
    hub = _Kind(hub_share, _hub, 350.0, 1.5, _BILLS)
    shares = np.array([k.share for k in _KINDS])
    shares = np.concatenate([[hub_share], shares / shares.sum() * (1 - hub_share)])
    edges = np.round(np.cumsum(shares) * rows).astype(np.int64)
    counts = np.diff(edges, prepend=0)
    return Payments.of([_part(k, people, clock, int(c), rng) for k, c in zip((hub, *_KINDS), counts, strict=True)])


def spend(people: Population, payer: Ints, rng: np.random.Generator) -> tuple[Ints, NDArray[np.float64]]:
    """Return payee and US dollars (E,) of natural purchases and supplies of *payer* (E,)."""
    shop = rng.random(len(payer)) < 0.6
    payee = people.companies.near(people.currency[payer], 2.5, rng)
    payee = np.where(payee == payer, people.companies.other(payer, rng), payee)
    usd = np.where(shop, 60.0, 4000.0) * np.exp(rng.normal(0.0, 1.3, len(payer)))
    return payee, usd


def _part(kind: _Kind, people: Population, clock: Clock, rows: int, rng: np.random.Generator) -> Payments:
    payer, payee, minute = kind.draw(people, clock, rows, rng)
    if kind.draw is not _interest:
        payee = np.where(payee == payer, people.companies.other(payer, rng), payee)
    usd = kind.median * np.exp(rng.normal(0.0, kind.spread, rows))
    usd = np.where(rng.random(rows) < 0.08, usd * 40, usd)  # the large purchase, loan or order of any kind
    weights = np.array(kind.formats) / sum(kind.formats)
    return Payments(payer, payee, minute, usd, rng.choice(len(FORMATS) - 1, rows, p=weights))


def _busy(people: Population, group: Group, rows: int, rng: np.random.Generator) -> Ints:
    reach = np.cumsum(people.weight[group.rows])
    place = np.searchsorted(reach, rng.random(rows) * reach[-1], side="right")
    chosen: Ints = group.rows[np.minimum(place, len(reach) - 1)]
    return chosen


def _partner(people: Population, payer: Ints, group: Group, choices: int, rng: np.random.Generator) -> Ints:
    # Everyone has a few fixed partners in a group, the first ones met most often.
    table = np.stack([group.near(people.currency, 3.0, rng) for _ in range(choices)])
    met: Ints = np.minimum(rng.geometric(0.45, len(payer)) - 1, choices - 1)
    chosen: Ints = table[met, payer]
    return chosen


def _hub(people: Population, clock: Clock, rows: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    payer = np.zeros(rows, np.int64)
    return payer, rng.integers(1, len(people.owner), rows), clock.draw(rows, rng)


def _shops(people: Population, clock: Clock, rows: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    payer = _busy(people, people.persons, rows, rng)
    return payer, _partner(people, payer, people.companies, 6, rng), clock.draw(rows, rng)


def _suppliers(people: Population, clock: Clock, rows: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    payer = _busy(people, people.companies, rows, rng)
    return payer, _partner(people, payer, people.companies, 5, rng), clock.draw(rows, rng)


def _friends(people: Population, clock: Clock, rows: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    one = _busy(people, people.persons, rows, rng)
    other = _partner(people, one, people.persons, 4, rng)
    back = rng.random(rows) < 0.4
    return np.where(back, other, one), np.where(back, one, other), clock.draw(rows, rng)


def _salaries(people: Population, clock: Clock, rows: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    staff = rng.permutation(people.persons.rows)[: max(1, int(_SALARIED * len(people.persons.rows)))]
    employer = people.companies.near(people.currency[staff], 2.0, rng)
    place = np.arange(rows) % len(staff)
    days = len(clock.busy) // 1440
    payday = clock.workdays[employer % len(clock.workdays)]  # one day and hour for all of an employer's staff
    minute = payday[place] * 1440 + (480 + employer % 540)[place] + rng.integers(0, 20, rows)
    week = 7 * 1440 * (np.arange(rows) // len(staff))  # paid again a week later, as far as rows go round
    return employer[place], staff[place], (minute + week) % (days * 1440)


def _pensions(people: Population, clock: Clock, rows: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    old = rng.permutation(people.persons.rows)[: max(1, int(_PENSIONED * len(people.persons.rows)))]
    day = clock.workdays[rng.integers(0, 2, rows)]
    return np.ones(rows, np.int64), old[np.arange(rows) % len(old)], day * 1440 + rng.integers(360, 600, rows)


def _rent(people: Population, clock: Clock, rows: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    tenant = people.persons.rows[np.arange(rows) % len(people.persons.rows)]
    landlord = people.companies.near(people.currency, 1.5, rng)[tenant]
    day = np.minimum(rng.geometric(0.35, rows) - 1, len(clock.busy) // 1440 - 1)
    return tenant, landlord, day * 1440 + rng.integers(420, 1260, rows)


def _dividends(people: Population, clock: Clock, rows: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    payer = _busy(people, people.companies, rows, rng)
    return payer, _partner(people, payer, people.persons, 8, rng), clock.draw(rows, rng)


def _interest(people: Population, clock: Clock, rows: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    account = rng.integers(0, len(people.owner), rows)
    return account, account, clock.draw(rows, rng)


def _own(people: Population, clock: Clock, rows: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    # Between accounts of one owner, who are neighbours; owners of one account pay a company instead.
    payer = rng.integers(2, len(people.owner) - 1, rows)
    payee = np.where(people.owner[payer + 1] == people.owner[payer], payer + 1, payer - 1)
    other = people.companies.near(people.currency[payer], 1.2, rng)
    return payer, np.where(people.owner[payee] == people.owner[payer], payee, other), clock.draw(rows, rng)


_KINDS = (
    _Kind(0.33, _shops, 55.0, 1.3, _SHOPS),
    _Kind(0.15, _suppliers, 3500.0, 1.4, _BILLS),
    _Kind(0.13, _friends, 150.0, 1.2, _FRIENDS),
    _Kind(0.08, _salaries, 1800.0, 0.5, _BILLS),
    _Kind(0.02, _pensions, 1500.0, 0.4, _BILLS),
    _Kind(0.05, _rent, 900.0, 0.5, _BILLS),
    _Kind(0.05, _dividends, 800.0, 1.3, _INTEREST),
    _Kind(0.03, _interest, 25.0, 1.5, (0.0, 0.0, 0.0, 0.0, 1.0, 0.0)),
    _Kind(0.03, _own, 900.0, 1.2, _FRIENDS),
    _Kind(0.04, bills, 60.0, 0.6, _FRIENDS),
    _Kind(0.03, circles, 250.0, 0.3, _FRIENDS),
    _Kind(0.03, trips, 400.0, 0.6, _FRIENDS),
)
