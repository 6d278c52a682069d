"""Let criminals launder in attempts, whose money comes from crime."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphml.errors import ParameterError
from ingest.world.calendar import DAY
from ingest.world.payments import Payments
from ingest.world.population import Population
from ingest.world.preset import Preset
from ingest.world.schedule import Pace, amounts, minutes
from ingest.world.shapes import EIGHT, MORE, SHAPES, Draw, Shape, Spec
from ingest.world.switches import Switches
from ingest.world.underworld import Underworld

__all__ = ["Attempt", "plan"]

_SINGLE = {"fan-out": 0.17, "fan-in": 0.1, "random": 0.32, "bipartite": 0.37}  # measured in HI-Small
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


def plan(
    preset: Preset, people: Population, pace: Pace, switches: Switches, budget: int, rng: np.random.Generator
) -> tuple[list[Attempt], Underworld]:  # fmt: skip
    """Return attempts with about *budget* payments (never more), and the underworld that made them.

    Raises:
        ParameterError: there is no room for one attempt.
    """
    if budget < preset.smallest or len(people) < 20:
        least = max(200, int(np.ceil((preset.smallest + 0.5) / preset.pattern_share / preset.illicit_share)))
        raise ParameterError(
            f"The transactions are too few for one laundering attempt in '{preset.name}', where 1 in "
            f"{1 / preset.illicit_share:.0f} launders. Ask for at least {least}."
        )
    draw = Draw(preset.smallest, preset.largest, bool(switches.disjoint_bipartite), rng)
    underworld = Underworld.of(people, preset.retail, rng)
    attempts: list[Attempt] = []
    left = budget
    change = None if switches.drift is None else int(switches.drift * pace.calendar.minutes)
    for name, drawn in _names(preset, budget, rng):
        single = switches.single_payments and rng.random() < _SINGLE.get(name, 0.0)
        size = 1 if single else drawn
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
        attempt = _attempt(name, shape, when, preset, underworld, rng)
        attempt = _hardened(attempt, switches, underworld, left, rng)
        attempts.append(attempt)
        left -= len(attempt.payments)
    return attempts, underworld


def _names(preset: Preset, budget: int, rng: np.random.Generator) -> list[tuple[str, int]]:
    # All eight patterns in each round, in random order, so that they are equally many; more rounds than can be paid.
    names: list[str] = []
    more = list(MORE)
    while len(names) < budget // 2 + 8:
        extra = [more[i] for i in rng.integers(0, len(more), rng.binomial(16, preset.more) if preset.more else 0)]
        names += [str(n) for n in rng.permutation([*EIGHT, *EIGHT, *extra])]
    return [(name, _size(SHAPES[name], preset, rng)) for name in names]


def _size(spec: Spec, preset: Preset, rng: np.random.Generator) -> int:
    most = max(preset.smallest, min(spec.most, preset.largest))
    return preset.smallest if rng.random() < spec.small else int(rng.integers(preset.smallest, most + 1))


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
    name: str, shape: Shape, when: NDArray[np.int64], preset: Preset, underworld: Underworld, rng: np.random.Generator
) -> Attempt:
    spec = SHAPES[name]
    accounts, gang = underworld.take(shape.roles, spec.who)
    edges = np.array(shape.edges, np.int64)
    order = np.argsort(when, kind="stable")
    usd = amounts(spec, shape, preset.huge, rng) * (preset.money.rates[0] if spec.dollars[1] else preset.dirty)
    payments = Payments(
        accounts[edges[:, 0]], accounts[edges[:, 1]], when.astype(np.int32), usd, np.zeros(len(edges), np.int8)
    ).take(order)
    roles = {int(a): role for a, role in zip(accounts, shape.roles, strict=True)}
    if name == "mule-herd":
        underworld.share_devices([a for a, role in roles.items() if role == "mule"])
    return Attempt(name, shape, payments, edges[order, 2], roles, gang)


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
                rows.append((payer, between, int(rng.integers(since, now)), usd, phase))
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
    return Attempt(attempt.typology, attempt.shape, payments, columns[4][order], roles, attempt.gang)
