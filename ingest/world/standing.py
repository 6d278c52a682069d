"""Pay what is due: salaries, pensions, rent, bills, interest, each the same amount to the same payee."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import numpy as np
from numpy.typing import NDArray

from graphml.elementary import exp
from ingest.world.calendar import DAY, Calendar
from ingest.world.draws import stream, unit
from ingest.world.payments import Payments
from ingest.world.population import Ints, Population
from ingest.world.preset import Preset

__all__ = ["Standing"]

_SALARIED = 0.625  # of persons (Altman et al., 2023, section 3.3)
_PENSIONED = 0.73  # of persons born before 1962, 18.3 % of all
_WEEKLY, _BIWEEKLY, _CODES = 32, 37, 47  # 1 to 31 is a day of the month
_INTEREST = 0.83  # of accounts have interest reinvested on the first of a month
_DIVIDENDS = 0.2  # of them, have dividends reinvested instead
_MOST = 0.4  # of all rows; in a world with few rows for each account not everyone has all of these


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Hold standing payments in order of their due code, so that a day's are slices."""

    payments: Payments  # minute is that of the day
    first: NDArray[np.int64]  # (codes + 1,) where a code begins
    due: NDArray[np.bool_]  # (all days, codes)

    @classmethod
    def of(cls, preset: Preset, people: Population, calendar: Calendar, rows: int) -> Self:
        """Return the standing payments of a world of *rows* rows."""
        due = _due(calendar)
        kinds = [_salaries(people, preset), _pensions(people, preset), _rent(people, preset), _bills(people, preset)]
        kinds.append(_saved(people, preset) if preset.retail else _interest(people, preset))
        payments, code = Payments.of([p for p, _ in kinds]), np.concatenate([c for _, c in kinds])
        often = float(due[: calendar.days].sum(0)[code].sum())
        held = np.flatnonzero(stream(people.seed, 1).random(len(code)) * often < _MOST * rows)
        order = held[np.argsort(code[held], kind="stable")]
        begins = np.asarray(np.searchsorted(code[order], np.arange(_CODES + 1)), np.int64)
        return cls(payments.take(order), begins, due)

    def counts(self, days: int) -> NDArray[np.int64]:
        """Return (days,) how many payments are due."""
        found: NDArray[np.int64] = self.due[:days].astype(np.int64) @ np.diff(self.first)  # of whole numbers
        return found

    def drawn(self, k: int, days: int, rng: np.random.Generator) -> Payments:
        """Return *k* payments, each as often as it is due in *days*."""
        often = np.repeat(self.due[:days].sum(0), np.diff(self.first)).astype(np.float64)
        if not k or not often.sum():
            return Payments.of([])
        return self.payments.take(np.searchsorted(np.cumsum(often), rng.random(k) * often.sum(), side="right"))

    def day(self, day: int) -> Payments:
        """Return the payments due on *day*."""
        codes = np.flatnonzero(self.due[day])
        parts = [self.payments.take(slice(self.first[c], self.first[c + 1])) for c in codes]
        found = Payments.of(parts)
        return Payments(found.payer, found.payee, found.minute + np.int32(day * DAY), found.usd, found.format)


def _due(calendar: Calendar) -> NDArray[np.bool_]:
    # What falls on no working day is paid on the working day before it; a 31st in a shorter month on the last.
    days, working = len(calendar.weekday), calendar.working
    due = np.zeros((days, _CODES), np.bool_)
    for d in range(days):
        today = calendar.first + timedelta(d)
        last = (today + timedelta(1)).day == 1
        codes = list(range(today.day, 32 if last else today.day + 1))
        paid = next((p for p in range(d, -1, -1) if working[p]), None)
        if paid is None:
            continue  # it was paid before the world began
        due[paid, codes] = True
        week = (today - date(2018, 1, 1)).days // 7  # a Monday
        if today.weekday() < 5:
            due[paid, _WEEKLY + today.weekday()] = True
            due[paid, _BIWEEKLY + today.weekday() + 5 * (week % 2)] = True
    return due


def _main_accounts(people: Population) -> Ints:
    # The first account of each person, by which it is paid and pays.
    first = np.flatnonzero(np.diff(people.owner, prepend=-1) > 0)
    usual = (people.kind[people.owner[first]] == 0) & (first >= people.institutions) & (people.weight[first] > 0)
    return np.asarray(first[usual], np.int32)


def _formats(people: Population, preset: Preset, payer: Ints, payee: Ints, channel: str) -> NDArray[np.int8]:
    drawn = unit(people.seed, 20, payer, payee)
    return np.searchsorted(preset.money.cumulative[channel], drawn, side="right").astype(np.int8)


def _batch(people: Population, payer: Ints, first: int, length: int, spread: int) -> NDArray[np.int32]:
    # One hour of the day for all that a payer pays, within a few minutes.
    at = first + unit(people.seed, 21, payer) * length
    place = unit(people.seed, 22, payer, np.arange(len(payer))) * spread
    return np.asarray(at + place, np.int32)


def _orders(
    people: Population, preset: Preset, ends: tuple[Ints, Ints], usd: NDArray[np.float64], channel: str,
    hours: tuple[int, int, int],
) -> Payments:  # fmt: skip
    payer, payee = ends[0].astype(np.int32), ends[1].astype(np.int32)
    return Payments(
        payer, payee, _batch(people, payer, *hours), np.round(usd, 2), _formats(people, preset, payer, payee, channel)
    )


def _salaries(people: Population, preset: Preset) -> tuple[Payments, Ints]:
    staff = _main_accounts(people)
    staff = staff[unit(people.seed, 23, staff) < _SALARIED]
    employer = people.partner(staff, people.companies, 1, np.zeros(len(staff), np.int32), 2.0)
    how, which = unit(people.seed, 24, employer), unit(people.seed, 25, employer)
    monthly = np.array([1, 15, 25, 26, 27, 28, 30, 31])[(which * 8).astype(int)]
    weekly = preset.retail * 0.5  # weekly pay is rarer in Britain
    code = np.where(
        how < 0.45 + weekly, monthly,
        np.where(how < 0.8 + weekly / 3, _BIWEEKLY + (which * 10).astype(int), _WEEKLY + (which * 5).astype(int)),
    ).astype(np.int32)  # fmt: skip
    share = np.where(code >= _BIWEEKLY, 14 / 30, np.where(code >= _WEEKLY, 7 / 30, 1.0))
    usd = 3600.0 * people.scale[staff] * share
    return _orders(people, preset, (employer, staff), usd, "pay", (480, 540, 20)), code


def _pensions(people: Population, preset: Preset) -> tuple[Payments, Ints]:
    old = _main_accounts(people)
    old = old[(unit(people.seed, 26, old) < _PENSIONED) & (people.born[people.owner[old]] < 1962)]
    code = np.where(unit(people.seed, 27, old) < 0.5, 1, 28).astype(np.int32)
    usd = 1650.0 * people.scale[old]
    return _orders(people, preset, (np.ones(len(old), np.int32), old), usd, "pay", (300, 60, 240)), code


def _rent(people: Population, preset: Preset) -> tuple[Payments, Ints]:
    tenant = _main_accounts(people)
    tenant = tenant[unit(people.seed, 28, tenant) < 0.62]  # rent or mortgage
    landlord = people.partner(tenant, people.companies, 2, np.zeros(len(tenant), np.int32), 1.5)
    code = (1 + unit(people.seed, 29, tenant) ** 2 * 12).astype(np.int32)
    return _orders(people, preset, (tenant, landlord), 1100.0 * people.scale[tenant], "bill", (300, 900, 60)), code


def _bills(people: Population, preset: Preset) -> tuple[Payments, Ints]:
    # Energy, telephone, insurance: a few firms collect from all.
    payer = np.repeat(_main_accounts(people), 2)
    slot = np.arange(len(payer), dtype=np.int32) % 2
    firm = people.partner(payer, people.companies, 3, slot, 6.0)
    code = (1 + unit(people.seed, 30, payer, slot) * 28).astype(np.int32)
    usd = 35.0 + 110.0 * unit(people.seed, 31, payer, slot) * people.scale[payer]
    return _orders(people, preset, (payer, firm), usd, "bill", (120, 300, 60)), code


def _interest(people: Population, preset: Preset) -> tuple[Payments, Ints]:
    own = np.flatnonzero(unit(people.seed, 32, np.arange(len(people))) < _INTEREST).astype(np.int32)
    usd = 900.0 * exp(2.2 * stream(people.seed, 2).normal(0.0, 1.0, len(own))) * people.scale[own]
    usd = np.maximum(usd, 0.01)
    # Interest comes on the first of a month, dividends on any day.
    day = np.where(unit(people.seed, 34, own) < _DIVIDENDS, 1 + unit(people.seed, 35, own) * 28, 1).astype(np.int32)
    return _orders(people, preset, (own, own), usd, "interest", (0, 120, 240)), day


def _saved(people: Population, preset: Preset) -> tuple[Payments, Ints]:
    # In Britain a bank pays interest on savings, so not on the account by which one lives.
    rest = np.ones(len(people), np.bool_)
    rest[_main_accounts(people)] = False
    rest[: people.institutions] = False
    own = np.flatnonzero(rest & (people.kind[people.owner] == 0) & (people.weight > 0)).astype(np.int32)
    usd = np.maximum(6.0 * people.scale[own] * exp(1.2 * stream(people.seed, 2).normal(0.0, 1.0, len(own))), 0.01)
    return _orders(people, preset, (np.zeros(len(own), np.int32), own), usd, "interest", (0, 120, 240)), np.ones(
        len(own), np.int32
    )
