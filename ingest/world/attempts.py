"""Let criminals launder in attempts, whose money comes from crime."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphml.errors import ParameterError
from ingest.world.calendar import DAY
from ingest.world.economy import Economy
from ingest.world.payments import Payments
from ingest.world.population import Population
from ingest.world.preset import Preset
from ingest.world.schedule import MIDDLE, Pace, amounts, minutes
from ingest.world.shapes import EIGHT, MORE, SHAPES, Draw, Shape, Spec
from ingest.world.switches import Switches
from ingest.world.underworld import Underworld
from ingest.world.usual import Usual

__all__ = ["Attempt", "Scene", "plan"]

_SINGLE = {"fan-out": 0.17, "fan-in": 0.1, "random": 0.32, "bipartite": 0.37}  # measured in HI-Small
_RICH = 5_000.0  # US dollars where normal life has level 1: larger payments are made between companies
_KEPT = 0.06  # spread of the logarithm of what an added account keeps, where the pattern has none
_NEWCOMERS = ("mule-herd", "stacked-bipartite")  # appear only after the drift, where there is one


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """Hold one attempt; payments in order of time."""

    typology: str
    shape: Shape  # as first drawn; hardening adds payments and accounts
    payments: Payments  # formats are left at 0
    phase: NDArray[np.int64]  # (e,) place in the shape's phases
    accounts: dict[int, str]  # account -> role
    gang: int
    way: float  # in [0, 1), decides the format that most of its payments have


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Hold the world in which criminals act."""

    preset: Preset
    people: Population
    pace: Pace
    switches: Switches
    usual: Usual
    economy: Economy


def plan(scene: Scene, budget: int, rng: np.random.Generator) -> tuple[list[Attempt], Underworld]:
    """Return attempts with about *budget* payments (never more), and the underworld that made them.

    Raises:
        ParameterError: there is no room for one attempt.
    """
    preset, people, pace, switches = scene.preset, scene.people, scene.pace, scene.switches
    _room(preset, people, budget)
    draw = Draw(preset.smallest, preset.largest, bool(switches.disjoint_bipartite), rng)
    crypto = preset.money.crypto if switches.one_format else ""  # whose format is its own
    underworld = Underworld.of(people, preset, rng, preset.money.currencies.index(crypto) if crypto else -1)
    attempts: list[Attempt] = []
    left = budget
    change = None if switches.drift is None else int(switches.drift * pace.calendar.minutes)
    for name in _names(preset, budget, rng):
        if preset.attempts and len(attempts) == preset.attempts:
            break
        size = _size(name, preset, switches, rng)
        if SHAPES[name].who == "asleep" and not underworld.sleepers:
            continue
        shape = _fit(SHAPES[name], size, draw, left, underworld.most)
        if shape is None:
            continue
        when = minutes(name, SHAPES[name], shape, pace, rng)
        if change is not None and name in _NEWCOMERS and when.min() < change:
            when = when + -(-(change - int(when.min())) // DAY) * DAY  # whole days later, at the same hours
            if when.max() >= pace.calendar.minutes:
                continue
        attempt = _attempt(name, (shape, when), scene, underworld, rng)
        attempt = _hardened(attempt, switches, underworld, left, rng)
        attempts.append(attempt)
        left -= len(attempt.payments)
    if preset.attempts > len(attempts):
        raise ParameterError(
            f"{preset.attempts} attempts were asked for, but there is room for {len(attempts)}: attempts may be a "
            "quarter of all transactions. Ask for fewer attempts or for more transactions."
        )
    return attempts, underworld


def _room(preset: Preset, people: Population, budget: int) -> None:
    if budget < preset.smallest or len(people) < 20:
        least = 200
        while round(round(least * preset.illicit_share) * preset.pattern_share) < preset.smallest:
            least += 1
        raise ParameterError(
            f"The transactions are too few for one laundering attempt in '{preset.name}', where 1 in "
            f"{1 / preset.illicit_share:.0f} launders. Ask for at least {least}."
        )


def _names(preset: Preset, budget: int, rng: np.random.Generator) -> list[str]:
    # All eight patterns in each round, in random order, so that they are equally many; more rounds than can be paid.
    names: list[str] = []
    more = list(MORE)
    while len(names) < budget // 2 + 8:
        extra = [more[i] for i in rng.integers(0, len(more), rng.binomial(16, preset.more) if preset.more else 0)]
        names += [str(n) for n in rng.permutation([*EIGHT, *EIGHT, *extra])]
    return names


def _size(name: str, preset: Preset, switches: Switches, rng: np.random.Generator) -> int:
    spec = SHAPES[name]
    most = max(preset.smallest, min(spec.most, preset.largest))
    single = _SINGLE.get(name, 0.0) if switches.single_payments else 0.0  # measured together with the least size
    small = rng.random()
    if small < max(spec.small, single):
        return 1 if small < single else preset.smallest
    return int(rng.integers(preset.smallest, most + 1))


def _fit(spec: Spec, size: int, draw: Draw, payments: int, accounts: int) -> Shape | None:
    # Made smaller until it fits into the payments and the accounts that there is room for; None: nothing fits.
    least = min(size, draw.smallest)
    while size >= least:
        shape = spec.build(size, draw)
        if len(shape.edges) <= payments and len(shape.roles) <= accounts:
            return shape
        size -= 1
    return None


def _attempt(
    name: str, drawn: tuple[Shape, NDArray[np.int64]], scene: Scene, underworld: Underworld, rng: np.random.Generator
) -> Attempt:
    (shape, when), spec = drawn, SHAPES[name]
    times, way = _times(spec, scene, rng), float(rng.random())
    # No ordinary person has so much.
    who = "company" if not spec.who and times * MIDDLE > _RICH * scene.preset.level else spec.who
    paid = {payee for _, payee, _ in shape.edges} if scene.usual.for_firms(times * MIDDLE, way) else set()
    accounts, gang = underworld.take(shape.roles, who, paid)
    edges = np.array(shape.edges, np.int64)
    order = np.argsort(when, kind="stable")
    usd = amounts(spec, shape, scene.preset.huge if scene.switches.own_amounts else 0.0, rng) * times
    payments = Payments(
        accounts[edges[:, 0]], accounts[edges[:, 1]], when.astype(np.int32), usd, np.zeros(len(edges), np.int8)
    ).take(order)
    roles = {int(a): role for a, role in zip(accounts, shape.roles, strict=True)}
    if name == "mule-herd":
        underworld.share_devices([a for a, role in roles.items() if role == "mule"])
    return Attempt(name, shape, payments, edges[order, 2], roles, gang, way)


def _times(spec: Spec, scene: Scene, rng: np.random.Generator) -> float:
    # How many times as large as measured amounts are. A gang deals in sums as normal life has them, small or large:
    # amounts then tell laundering no more than they tell a salary.
    preset = scene.preset
    if spec.dollars[1]:
        return float(preset.money.rates[0])
    if scene.switches.own_amounts:
        return preset.dirty
    return float(scene.usual.sums(np.array([rng.random()]))[0] / MIDDLE)


def _hardened(
    attempt: Attempt, switches: Switches, underworld: Underworld, left: int, rng: np.random.Generator
) -> Attempt:
    """Return *attempt* with payments split and with accounts put in between, each before the payment it came from."""
    if not switches.split_amounts and not switches.extra_hops:
        return attempt
    pay, roles = attempt.payments, dict(attempt.accounts)
    rows: list[tuple[int, int, int, float, int]] = []
    spare = left - len(pay)
    for i in range(len(pay)):
        payer, payee, now, usd = int(pay.payer[i]), int(pay.payee[i]), int(pay.minute[i]), float(pay.usd[i])
        came = pay.minute[(pay.payee == payer) & (pay.minute < now)]
        since = int(came.max()) + 1 if len(came) else max(0, now - 720)
        phase = int(attempt.phase[i])
        if spare > 0 and now - since > 1 and rng.random() < switches.extra_hops:
            between = int(underworld.take(("mule",), "")[0][0])
            if between not in roles:
                roles[between] = "mule"
                kept = math.exp(rng.normal(0.0, SHAPES[attempt.typology].spread or _KEPT))
                rows.append((payer, between, int(rng.integers(since, now)), usd * kept, phase))
                payer, spare = between, spare - 1
                since = rows[-1][2] + 1
        if spare > 0 and now > since and rng.random() < switches.split_amounts:
            part = float(rng.uniform(0.25, 0.75))
            rows.append((payer, payee, int(rng.integers(since, now)), usd * part, phase))
            usd, spare = usd * (1 - part), spare - 1
        rows.append((payer, payee, now, usd, phase))
    columns = [np.array(c) for c in zip(*rows, strict=True)]
    order = np.argsort(columns[2], kind="stable")
    payments = Payments.of(
        [Payments(columns[0], columns[1], columns[2], columns[3], np.zeros(len(rows), np.int8)).take(order)]
    )
    return Attempt(attempt.typology, attempt.shape, payments, columns[4][order], roles, attempt.gang, attempt.way)
