"""Put a world together, and let it pass day by day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from graphml.errors import ParameterError
from ingest.world.attempts import Scene
from ingest.world.calendar import DAY, Calendar
from ingest.world.crime import Crime
from ingest.world.draws import stream, unit
from ingest.world.economy import Economy
from ingest.world.history import KNOWN, History
from ingest.world.lookalikes import Lookalikes
from ingest.world.payments import Payments
from ingest.world.population import Population
from ingest.world.preset import Preset
from ingest.world.purses import Purses
from ingest.world.schedule import Pace
from ingest.world.standing import Standing
from ingest.world.switches import Switches
from ingest.world.taint import CLEAN, Taint
from ingest.world.usual import OTHER_WAY, Usual

__all__ = ["Block", "World"]

_BLOCK = 30_000  # payments that are written at once, at least
_FALLING, _FALLEN = 1, 0.8  # place of the currency that falls under `drift`, and what is left of its worth
_MIXED = 720  # minutes by which lines are out of order, as in AMLworld's files


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Hold a day or several in the order of their lines."""

    day: int  # the first one
    days: int
    first: int  # line of the first payment; the header is line 1
    payments: Payments
    paid: NDArray[np.int32]  # (E,) currency, place in the world's
    received: NDArray[np.int32]  # (E,)
    crime: NDArray[np.int64]  # (E,) row of the crime's payments, else -1
    alike: NDArray[np.int64]  # (E,) row of the look-alikes' payments, else -1
    laundering: NDArray[np.bool_]  # (E,) what is true
    label: NDArray[np.bool_]  # (E,) what was found out

    @classmethod
    def of(cls, blocks: Sequence["Block"]) -> Self:
        """Return *blocks*, which follow each other, as one."""
        rest = ("paid", "received", "crime", "alike", "laundering", "label")
        return cls(
            blocks[0].day, sum(b.days for b in blocks), blocks[0].first, Payments.of([b.payments for b in blocks]),
            *(np.concatenate([getattr(b, name) for b in blocks]) for name in rest),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """Hold a world before it passes."""

    preset: Preset
    switches: Switches
    seed: int
    rows: int
    people: Population
    calendar: Calendar
    economy: Economy
    lookalikes: Lookalikes
    accused: NDArray[np.bool_]  # (groups,) normal groups that are labelled all the same
    crime: Crime
    history: History
    purses: Purses

    @classmethod
    def of(cls, preset: Preset, switches: Switches, rows: int, seed: int) -> Self:
        """Return the world *preset* with exactly *rows* payments.

        Raises:
            ParameterError: it is too small for one laundering attempt.
        """
        slower = switches.delays or 1.0
        tail = int(np.ceil(2 * preset.stage_days * slower)) if switches.tail else 0
        calendar = Calendar.of(preset.start, preset.days, tail, preset.holidays)
        people = Population.of(preset, preset.accounts or max(20, round(rows / preset.rows_per_account)), seed)
        standing = Standing.of(preset, people, calendar, rows)
        whole = Economy.of(preset, people, calendar, standing, (rows, rows))
        share = preset.look_alikes if switches.look_alikes is None else switches.look_alikes
        usual, purses = Usual.of(whole), Purses.of(whole, rows, 1.0 - share * (1.0 + KNOWN))
        pace = Pace(calendar, preset.stage_days * slower, slower, bool(switches.tail))
        crime = Crime.of(Scene(preset, people, pace, switches, usual, whole), rows, purses)
        alike = Lookalikes.of(usual, pace, round(share * rows), crime.launderers, switches.split_amounts)
        history = History.of(usual, calendar, crime, alike)
        normal = rows - len(crime.payments) - len(alike.payments) - len(history.payments)
        _room(rows, normal - int(standing.counts(calendar.days).sum()), len(crime.attempts))
        economy = Economy.of(preset, people, calendar, standing, (normal, rows))
        changes = len(calendar.weekday) if switches.drift is None else int(switches.drift * preset.days)
        crime = crime.disguised(_disguised(switches, usual, crime, stream(seed, 9)))
        accused = np.zeros(len(alike.kind), np.bool_)
        accused[stream(seed, 10).permutation(len(accused))[: int(crime.hidden.sum())]] = True
        return cls(
            preset,
            switches,
            seed,
            rows,
            people,
            calendar,
            replace(economy, closes=changes),
            alike,
            accused,
            crime,
            history,
            purses,
        )

    @property
    def opening(self) -> NDArray[np.float64]:
        """Return the balance (N,) of each account before the first payment, US dollars: what it pays in some weeks."""
        return self.purses.opening

    def worth(self, minute: NDArray[np.integer], currency: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return the share (E,) that a unit of *currency* (E,) still has at *minute* (E,) of what it was worth at first."""
        fallen = (minute >= self.economy.closes * DAY) & (currency == _FALLING)
        return np.where(fallen, _FALLEN, 1.0)

    def days(self) -> Iterator[Block]:
        """Yield the days in order; of a small world several together, as each block costs some time."""
        taint = Taint(self.opening, self.crime.apart, self.people.institutions)
        line, last, held = 2, 0, list[Block]()
        for day in range(len(self.calendar.weekday)):
            until = int(np.searchsorted(self.lookalikes.payments.minute, (day + 1) * DAY))
            block = self._block(day, line, slice(last, until), taint)
            last = until
            line += len(block.payments)
            held.append(block)
            if line - held[0].first >= _BLOCK:
                yield Block.of(held)
                held = []
        if held:
            yield Block.of(held)

    def _block(self, day: int, line: int, alike: slice, taint: Taint) -> Block:
        crime = self.crime.of_day(day)
        normal, groups = self.economy.day(day), self.lookalikes.payments.take(alike)
        before = self.history.day(day * DAY, (day + 1) * DAY)
        whole = Payments.of([normal, before, groups, self.crime.payments.take(crime)])
        # Whoever pays in the currency that has fallen pays as many units as before.
        whole = replace(whole, usd=whole.usd * self.worth(whole.minute, self.people.currency[whole.payer]))
        row = np.full(len(whole), -1)
        row[len(whole) - len(crime) :] = crime
        group = np.full(len(whole), -1)
        group[len(normal) + len(before) : len(whole) - len(crime)] = np.arange(alike.start, alike.stop)
        rng = stream(self.seed, 11, day)
        # In order of time with ties by chance, for the money; then mixed, for the lines.
        tie = rng.permutation(len(whole))
        tie = tie[_by_minute(whole.minute[tie] - day * DAY)]
        whole, row, group = whole.take(tie), row[tie], group[tie]
        kind = np.where(row >= 0, self.crime.kind[row], CLEAN).astype(np.int8)
        laundering = taint.follow(whole, kind)
        label = laundering.copy()
        label[(row >= 0) & self.crime.unseen[row]] = False
        if self.accused.any():
            label |= (group >= 0) & self.accused[self.lookalikes.group[group]]
        paid, received = self._settled(whole, laundering, rng)
        mixed = _by_minute(whole.minute - day * DAY + rng.integers(0, _MIXED, len(whole)))
        whole = whole.take(mixed)
        whole = replace(
            whole, format=self._formats(whole, paid[mixed], laundering[mixed], bool(self.calendar.working[day]))
        )
        return Block(
            day, 1, line, whole, paid[mixed], received[mixed], row[mixed], group[mixed], laundering[mixed], label[mixed]
        )

    def _formats(
        self, whole: Payments, paid: NDArray[np.int32], laundering: NDArray[np.bool_], working: bool
    ) -> NDArray[np.int8]:
        # What is asked for outside its hours is paid otherwise; Bitcoin is its own format.
        money = self.preset.money
        how: NDArray[np.integer] = whole.format
        if money.windows:
            how = money.settled(how, whole.usd / np.array(money.rates)[paid], whole.minute, working)
        if money.crypto:
            how = np.where(paid == money.currencies.index(money.crypto), money.formats.index(money.crypto), how)
        if self.switches.one_format:
            how = np.where(laundering, money.formats.index(money.own), how)
        return how.astype(np.int8)

    def _settled(
        self, whole: Payments, laundering: NDArray[np.bool_], rng: np.random.Generator
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        # A payer pays in its account's currency. The payee gets the same, but for a share of the payments, which are
        # changed to the payee's own currency, or to any other where the two are one.
        paid, own = self.people.currency[whole.payer], self.people.currency[whole.payee]
        changed = rng.random(len(whole)) < self.preset.cross_share
        if self.switches.no_cross_currency:
            changed &= ~laundering
        shares = self.preset.money.shares
        other = rng.choice(len(shares), int(changed.sum()), p=shares)
        mine, theirs = paid[changed], own[changed]
        wanted = np.where(theirs != mine, theirs, np.where(other != mine, other, (mine + 1) % len(shares)))
        received = paid.copy()
        received[changed] = wanted
        return paid, received

    def known(self, finding: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the days (k,) after the payment at which labels became known; equal for one *finding* (k,)."""
        most = self.switches.label_delay
        if not most:
            return np.zeros(len(finding), np.int64)
        drawn = unit(self.seed, 40, finding)
        return (30 + drawn * (most - 29)).astype(np.int64)


def _room(rows: int, left: int, attempts: int) -> None:
    if left < 0:
        raise ParameterError(
            f"{rows} transactions are too few for {attempts} laundering attempts with what is spent of them, normal "
            f"groups and standing orders: {-left} more are needed. Ask for at least {2 * (rows - left)} transactions, "
            "or for fewer attempts."
        )


def _by_minute(minute: NDArray[np.integer]) -> NDArray[np.int64]:
    # Two bytes are sorted in linear time, however many payments a day has.
    return np.argsort(minute.astype(np.int16), kind="stable")


def _disguised(switches: Switches, usual: Usual, crime: Crime, rng: np.random.Generator) -> Payments:
    # An attempt mostly keeps to one way of paying.
    payments, money = crime.payments, usual.preset.money
    inside = crime.part >= 0
    own = np.where(
        inside, crime.ways[np.where(inside, crime.part, 0)], unit(usual.people.seed, 41, np.arange(len(payments)))
    )
    apart = rng.random(len(payments)) < (1.0 if switches.mixed_formats else OTHER_WAY)
    drawn = np.where(apart, rng.random(len(payments)), own)
    found = usual.disguised(payments, drawn, rng)
    if switches.one_format:
        return replace(found, format=np.full(len(found), money.formats.index(money.own), np.int8))
    return found
