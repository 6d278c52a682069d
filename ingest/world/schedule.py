"""Set the times and amounts of an attempt: order is exact, rests and kept shares follow what was measured."""

import numpy as np
from numpy.typing import NDArray

from ingest.world.clock import Clock
from ingest.world.presets import Preset
from ingest.world.shapes import SHAPES, Shape

__all__ = ["amounts", "minutes"]

_QUANTILES = (0.0, 0.1, 0.5, 0.9, 0.99, 1.0)
_DOLLARS = (150.0, 2042.0, 10294.0, 18756.0, 90000.0, 400000.0)  # measured up to 0.9; the rest is ours
_SPREAD = 0.45  # of the logarithm of resting times
_SPARE = 60  # minutes at the end of an attempt that pushing apart may use

Floats = NDArray[np.float64]


def minutes(name: str, shape: Shape, preset: Preset, clock: Clock, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the minute (e,) of each payment: inside the world, no longer than allowed, in the shape's order."""
    spec = SHAPES[name]
    stages = 2 if name == "gather-scatter" else 1
    longest = min(stages * preset.stage_days * 1440, preset.minutes)
    length = int(longest * rng.uniform(*spec.span))
    start = int(rng.integers(0, preset.minutes - length + 1))
    low, high = clock.busy[start], clock.busy[start + length - _SPARE]
    phase = np.array([e[2] for e in shape.edges])
    if len(shape.phases) == 1:
        busy = np.sort(rng.uniform(low, high, len(phase)))
    elif shape.phases[0] == "hop 1":
        busy = _chain(len(phase), spec.hold * 60, (low, high), rng)
    elif name == "gather-scatter":
        busy = _two_stages(phase, (low, high), rng)
    else:
        busy = _layers(shape, spec.hold * 60, (low, high), rng)
    return _push_apart(shape, clock.at(busy), name)


def amounts(shape: Shape, spread: float, rng: np.random.Generator) -> Floats:
    """Return US dollars (e,): payments of first senders are drawn, later ones share out what their payer received."""
    usd = np.zeros(len(shape.edges))
    received = dict.fromkeys(range(len(shape.roles)), 0.0)
    phase = [e[2] for e in shape.edges]
    for now in range(len(shape.phases)):
        rows = [i for i, p in enumerate(phase) if p == now]
        has = dict(received)
        for payer in dict.fromkeys(shape.edges[i][0] for i in rows):
            mine = [i for i in rows if shape.edges[i][0] == payer]
            if has[payer] == 0.0:
                usd[mine] = np.exp(np.interp(rng.random(len(mine)), _QUANTILES, np.log(_DOLLARS)))
            else:
                part = rng.uniform(0.7, 1.3, len(mine))
                usd[mine] = has[payer] * part / part.sum() * np.exp(rng.normal(0.0, spread))
        for i in rows:
            received[shape.edges[i][1]] += usd[i]
    return usd


def _chain(k: int, hold: float, room: tuple[float, float], rng: np.random.Generator) -> Floats:
    rests = hold * np.exp(rng.normal(0.0, _SPREAD, k - 1))
    fit = min(1.0, (room[1] - room[0]) / max(float(rests.sum()), 1.0))
    begin = rng.uniform(room[0], max(room[0], room[1] - rests.sum() * fit))
    since: Floats = np.concatenate([[0.0], np.cumsum(rests * fit)])
    busy: Floats = since + begin
    return busy


def _two_stages(phase: NDArray[np.int64], room: tuple[float, float], rng: np.random.Generator) -> Floats:
    # One in three waits until all is gathered, as measured; the others begin to scatter half-way.
    into, out = int((phase == 0).sum()), int((phase == 1).sum())
    middle = (room[0] + room[1]) / 2
    first = np.sort(rng.uniform(room[0], middle, into))
    since = middle if rng.random() < 1 / 3 else (first[0] + first[-1]) / 2
    return np.concatenate([first, np.sort(rng.uniform(since, room[1], out))])


def _layers(shape: Shape, hold: float, room: tuple[float, float], rng: np.random.Generator) -> Floats:
    # Each middle account pays on only after it received everything.
    busy = np.zeros(len(shape.edges))
    ready: dict[int, float] = {}
    for i, (payer, payee, phase) in enumerate(shape.edges):
        if phase == 0:
            busy[i] = rng.uniform(room[0], room[0] + 0.35 * (room[1] - room[0]))
            ready[payee] = max(ready.get(payee, 0.0), float(busy[i]))
        else:
            left = room[1] - ready[payer]
            rest = hold * float(np.exp(rng.normal(0.0, _SPREAD)))
            busy[i] = ready[payer] + (rest if rest < left else left * rng.uniform(0.3, 1.0))
    return busy


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
