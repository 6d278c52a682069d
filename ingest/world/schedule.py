"""Set the times and amounts of an attempt: order is exact, rests and kept shares follow what was measured."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphml.elementary import exp, power
from ingest.world.calendar import DAY, Calendar
from ingest.world.shapes import Shape, Spec

__all__ = ["DOLLARS", "MIDDLE", "Pace", "amounts", "minutes"]

DOLLARS = (150.0, 20_000.0)  # first payments of attempts: even, as measured in HI-Small
MIDDLE = 7_200.0  # US dollars, geometric mean of those
_TIMES = (10.0, 2000.0)  # of huge ones, so many times as large: measured 19 million at 0.99
_SPARE = 60  # minutes at the end of an attempt that pushing apart may use

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pace:
    """Hold how long attempts may be and when they may begin."""

    calendar: Calendar
    stage_days: float  # longest one-stage attempt
    slower: float  # rests are so many times as long
    tail: bool  # attempts begin at any time of normal life and may end after it

    def room(self, stages: int, share: float, rng: np.random.Generator) -> tuple[float, float]:
        """Return the busy time at which an attempt of *stages* begins and at which it must have ended."""
        longest = min(stages * self.stage_days * DAY, self.calendar.end - 1 if self.tail else self.calendar.minutes)
        length = max(int(longest * share), 2 * _SPARE)
        last = self.calendar.minutes - 1 if self.tail else self.calendar.minutes - length
        start = min(int(rng.integers(0, max(last, 0) + 1)), self.calendar.end - length)
        return self.calendar.busy[start], self.calendar.busy[start + length - _SPARE]


def minutes(name: str, spec: Spec, shape: Shape, pace: Pace, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the minute (e,) of each payment: inside the world, no longer than allowed, in the shape's order."""
    room = pace.room(2 if name == "gather-scatter" else 1, rng.uniform(*spec.span), rng)
    phase = np.array([e[2] for e in shape.edges])
    hold = spec.hold * 60 * pace.slower
    if len(shape.phases) == 1:
        busy = _filled(np.sort(rng.uniform(*room, len(phase))), room)
    elif shape.phases[0] == "hop 1":
        busy = _chain(len(phase), (hold, spec.rest), room, rng)
    elif name == "gather-scatter":
        busy = _two_stages(phase, room, rng)
    else:
        busy = _layers(shape, (hold, spec.rest), room, rng)
    return _push_apart(shape, pace.calendar.at(busy), name)


def amounts(spec: Spec, shape: Shape, huge: float, rng: np.random.Generator) -> Floats:
    """Return US dollars (e,): payments of first senders are drawn, later ones share out what their payer received.

    First ones lie evenly from 150 to 20,000, or in `spec.dollars`.

    *huge* is the share of first payments that are many times as large as usual.
    """
    usd = np.zeros(len(shape.edges))
    received = dict.fromkeys(range(len(shape.roles)), 0.0)
    phase = [e[2] for e in shape.edges]
    for now in range(len(shape.phases)):
        rows = [i for i, p in enumerate(phase) if p == now]
        has = dict(received)
        for payer in dict.fromkeys(shape.edges[i][0] for i in rows):
            mine = [i for i in rows if shape.edges[i][0] == payer]
            if has[payer] == 0.0:
                usd[mine] = _first(spec, len(mine), huge, rng)
            else:
                part = rng.uniform(0.7, 1.3, len(mine))
                usd[mine] = has[payer] * part / part.sum() * math.exp(rng.normal(0.0, spec.spread))
        for i in rows:
            received[shape.edges[i][1]] += usd[i]
    return usd


def _first(spec: Spec, k: int, huge: float, rng: np.random.Generator) -> Floats:
    if spec.dollars[1]:
        return rng.uniform(*spec.dollars, k)
    usd = rng.uniform(*DOLLARS, k)
    more = _TIMES[0] * power(_TIMES[1] / _TIMES[0], rng.random(k))
    return np.where(rng.random(k) < huge, usd * more, usd)


def _filled(busy: Floats, room: tuple[float, float]) -> Floats:
    # Stretched, so that the first payment opens the room and the last one closes it.
    length = float(busy.max() - busy.min())
    stretched: Floats = room[0] + (busy - busy.min()) * ((room[1] - room[0]) / length) if length else busy
    return stretched


def _chain(k: int, hold: tuple[float, float], room: tuple[float, float], rng: np.random.Generator) -> Floats:
    rests = hold[0] * exp(rng.normal(0.0, hold[1], k - 1))
    fit = min(1.0, (room[1] - room[0]) / max(float(rests.sum()), 1.0))
    since: Floats = np.concatenate([[0.0], np.cumsum(rests * fit)])
    busy: Floats = since + room[0]
    return busy


def _two_stages(phase: NDArray[np.int64], room: tuple[float, float], rng: np.random.Generator) -> Floats:
    # One in three waits until all is gathered, as measured; the others begin to scatter half-way.
    into, out = int((phase == 0).sum()), int((phase == 1).sum())
    middle = (room[0] + room[1]) / 2
    first = np.sort(rng.uniform(room[0], middle, into))
    then = np.sort(rng.uniform(middle, room[1], out))
    if rng.random() >= 1 / 3:
        then = np.sort(rng.uniform((first[0] + first[-1]) / 2, room[1], out))
        then[0] = rng.uniform((first[0] + first[-1]) / 2, first[-1])
    return _filled(np.concatenate([first, then]), room)


def _layers(shape: Shape, hold: tuple[float, float], room: tuple[float, float], rng: np.random.Generator) -> Floats:
    # Each middle account pays on only after it received everything.
    busy = np.zeros(len(shape.edges))
    ready: dict[int, float] = {}
    last = len(shape.phases) - 1
    for i, (payer, payee, phase) in enumerate(shape.edges):
        if phase == 0:
            busy[i] = rng.uniform(room[0], room[0] + 0.35 * (room[1] - room[0]))
        else:
            left = (room[1] - ready[payer]) / (last - phase + 1)
            rest = hold[0] * math.exp(rng.normal(0.0, hold[1]))
            busy[i] = ready[payer] + (rest if rest < left else left * rng.uniform(0.3, 1.0))
        ready[payee] = max(ready.get(payee, 0.0), float(busy[i]))
    return _filled(busy, room)


def _push_apart(shape: Shape, minute: NDArray[np.int64], name: str) -> NDArray[np.int64]:
    # Minutes are whole, so payments that must follow each other can fall together: the later one moves up.
    got: dict[int, int] = {}
    for i, (payer, payee, phase) in enumerate(shape.edges):
        if phase > 0 and name != "gather-scatter":
            minute[i] = max(minute[i], got[payer] + 1)
        got[payee] = max(got.get(payee, -1), int(minute[i]))
    if name == "gather-scatter":
        first = int(min(m for m, e in zip(minute, shape.edges, strict=True) if e[2] == 0))
        for i, edge in enumerate(shape.edges):
            if edge[2] == 1:
                minute[i] = max(minute[i], first + 1)
    return minute
