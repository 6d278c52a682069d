"""Put a world together, and let it pass day by day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.world.attempts import Scene
from ingest.world.calendar import DAY, Calendar
from ingest.world.crime import INTEGRATION, Crime
from ingest.world.draws import stream, unit
from ingest.world.economy import Economy
from ingest.world.lookalikes import Lookalikes
from ingest.world.payments import Payments
from ingest.world.population import Population
from ingest.world.preset import Preset
from ingest.world.schedule import Pace
from ingest.world.standing import Standing
from ingest.world.switches import Switches
from ingest.world.taint import Taint
from ingest.world.usual import Usual

__all__ = ["Block", "World"]

_OTHER_WAY = 0.15  # of payments of an attempt, made in another format than its own
_OFTEN = 12.0  # payments of an account that its usual balance is enough for
_BLOCK = 30_000  # payments that are written at once, at least
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
        usual = Usual.of(Economy.of(preset, people, calendar, standing, (rows, rows)))
        pace = Pace(calendar, preset.stage_days * slower, slower, bool(switches.tail))
        crime = Crime.of(Scene(preset, people, pace, switches, usual), rows)
        share = preset.look_alikes if switches.look_alikes is None else switches.look_alikes
        alike = Lookalikes.of(preset, people, calendar, round(share * rows), crime.launderers)
        normal = rows - len(crime.payments) - len(alike.payments)
        economy = Economy.of(preset, people, calendar, standing, (normal, rows))
        changes = preset.days if switches.drift is None else int(switches.drift * preset.days)
        crime = crime.disguised(_disguised(switches, usual, crime, stream(seed, 9)))
        accused = np.zeros(len(alike.kind), np.bool_)
        accused[stream(seed, 10).permutation(len(accused))[: int(crime.hidden.sum())]] = True
        return cls(
            preset, switches, seed, rows, people, calendar, replace(economy, closes=changes), alike, accused, crime
        )

    @property
    def opening(self) -> NDArray[np.float64]:
        """Return the balance (N,) of each account before the first payment, US dollars: what it pays in some weeks."""
        people, orders = self.people, self.economy.standing.payments
        usual = 600.0 * self.preset.level * people.scale * np.maximum(people.weight, 1.0)
        due = np.bincount(orders.payer, orders.usd, minlength=len(people))
        # Where more is paid, more lies on the account: persons should seldom spend what they do not have.
        busy = max(1.0, self.rows / len(people) / _OFTEN)
        opening: NDArray[np.float64] = np.round(
            busy * (usual * np.where(people.kind[people.owner] > 0, 40.0, 2.5) + due), 2
        )
        return opening

    def days(self) -> Iterator[Block]:
        """Yield the days in order; of a small world several together, as each block costs some time."""
        taint = Taint(self.opening, self.crime.launderers, self.people.institutions)
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
        whole = Payments.of([normal, groups, self.crime.payments.take(crime)])
        if day >= self.economy.closes:  # the day from which a currency is worth less, whatever it is paid for
            usd = np.where(self.people.currency[whole.payer] == 1, whole.usd * 0.8, whole.usd)
            whole = replace(whole, usd=usd)
        row = np.full(len(whole), -1)
        row[len(normal) + len(groups) :] = crime
        group = np.full(len(whole), -1)
        group[len(normal) : len(normal) + len(groups)] = np.arange(alike.start, alike.stop)
        rng = stream(self.seed, 11, day)
        # In order of time with ties by chance, for the money; then mixed, for the lines.
        tie = np.lexsort((rng.random(len(whole)), whole.minute))
        whole, row, group = whole.take(tie), row[tie], group[tie]
        dirty = (row >= 0) & self.crime.dirty[row]
        laundering = taint.follow(whole, dirty)
        label = laundering.copy()
        label[(row >= 0) & self.crime.unseen[row]] = False
        if self.accused.any():
            label |= (group >= 0) & self.accused[self.lookalikes.group[group]]
        paid, received = self._settled(whole, laundering, rng)
        mixed = np.argsort(whole.minute + rng.integers(0, _MIXED, len(whole)), kind="stable")
        whole = whole.take(mixed)
        how = whole.format
        if self.switches.one_format:
            how = np.where(laundering[mixed], self.preset.money.formats.index(self.preset.money.own), how)
        if self.preset.money.crypto:
            crypto = self.preset.money.currencies.index(self.preset.money.crypto)
            how = np.where(paid[mixed] == crypto, self.preset.money.formats.index(self.preset.money.crypto), how)
        whole = Payments(whole.payer, whole.payee, whole.minute, whole.usd, how.astype(np.int8))
        return Block(
            day, 1, line, whole, paid[mixed], received[mixed], row[mixed], group[mixed], laundering[mixed], label[mixed]
        )

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
        return (30 + drawn * (most - 30)).astype(np.int64)


def _disguised(switches: Switches, usual: Usual, crime: Crime, rng: np.random.Generator) -> Payments:
    # An attempt mostly keeps to one way of paying.
    payments, money = crime.payments, usual.preset.money
    inside = crime.part >= 0
    own = unit(usual.people.seed, 41, np.where(inside, crime.part, len(crime.part) + np.arange(len(payments))))
    apart = rng.random(len(payments)) < (1.0 if switches.mixed_formats else _OTHER_WAY)
    drawn = np.where(apart, rng.random(len(payments)), own)
    found = usual.disguised(payments, drawn, crime.part != INTEGRATION, rng)
    if switches.one_format:
        return replace(found, format=np.full(len(found), money.formats.index(money.own), np.int8))
    return found
