"""Draw the eight laundering patterns: who pays whom, in which phase, and in which order.

A shape numbers its accounts 0..k-1 and gives each payment the payments that must come before it. Sizes, holding
times, kept amounts and lengths follow what was measured in HI-Small's answer key (370 attempts).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ingest.world.presets import Preset

__all__ = ["SHAPES", "Shape", "Spec"]

Edge = tuple[int, int, int]  # payer, payee, place in phases


@dataclass(frozen=True, slots=True)
class Shape:
    """Hold one instance of a pattern without times or amounts."""

    title: str  # as the answer file of AMLworld writes it
    roles: tuple[str, ...]  # (k,) of accounts
    phases: tuple[str, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """Hold how a pattern is drawn: its builder, and what was measured of its time and amounts."""

    build: Callable[[int, Preset, np.random.Generator], Shape]
    span: tuple[float, float]  # least and greatest length, of the longest allowed
    hold: float  # hours, median time money rests at an account between phases or hops; 0: no such rest
    spread: float  # of the logarithm of amount out / amount in
    most: int  # greatest size, below the preset's


def _fan_out(size: int, _: Preset, __: np.random.Generator) -> Shape:
    edges = tuple((0, i + 1, 0) for i in range(size))
    return Shape(f"FAN-OUT:  Max {size}-degree Fan-Out", ("distributor", *["mule"] * size), ("scatter",), edges)


def _fan_in(size: int, _: Preset, __: np.random.Generator) -> Shape:
    edges = tuple((i + 1, 0, 0) for i in range(size))
    return Shape(f"FAN-IN:  Max {size}-degree Fan-In", ("collector", *["mule"] * size), ("gather",), edges)


def _cycle(size: int, _: Preset, __: np.random.Generator) -> Shape:
    edges = tuple((i, (i + 1) % size, i) for i in range(size))
    return Shape(f"CYCLE:  Max {size} hops", ("source", *["mule"] * (size - 1)), _hops(size), edges)


def _random(size: int, _: Preset, __: np.random.Generator) -> Shape:
    edges = tuple((i, i + 1, i) for i in range(size))
    return Shape(f"RANDOM:  Max {size} hops", ("source", *["mule"] * (size - 1), "cash-out"), _hops(size), edges)


def _bipartite(size: int, preset: Preset, rng: np.random.Generator) -> Shape:
    links, left, right = _layer(size, preset.bipartite_dense, rng)
    edges = tuple((a, left + b, 0) for a, b in links)
    return Shape("BIPARTITE", ("source",) * left + ("cash-out",) * right, ("transfer",), edges)


def _stack(size: int, preset: Preset, rng: np.random.Generator) -> Shape:
    links, left, middle = _layer(size, preset.stack_dense, rng)
    dense = len(links) > left or len(links) > middle
    right = int(rng.integers(2, 4)) if dense else middle
    more = [(a, b) for a in range(middle) for b in range(right)] if dense else [(a, a) for a in range(middle)]
    edges = [(a, left + b, 0) for a, b in links] + [(left + a, left + middle + b, 1) for a, b in more]
    roles = ("source",) * left + ("mule",) * middle + ("cash-out",) * right
    return Shape("STACK", roles, ("first layer", "second layer"), tuple(edges))


def _scatter_gather(size: int, _: Preset, __: np.random.Generator) -> Shape:
    out = tuple((0, i + 1, 0) for i in range(size))
    back = tuple((i + 1, size + 1, 1) for i in range(size))
    roles = ("source", *["mule"] * size, "collector")
    return Shape("SCATTER-GATHER", roles, ("scatter", "gather"), out + back)


def _gather_scatter(size: int, preset: Preset, rng: np.random.Generator) -> Shape:
    other = int(rng.integers(preset.smallest, max(size, preset.smallest) + 1))
    into = tuple((i + 1, 0, 0) for i in range(size))
    out = tuple((0, size + i + 1, 1) for i in range(other))
    roles = ("collector", *["source"] * size, *["cash-out"] * other)
    return Shape(f"GATHER-SCATTER:  Max {size}-degree Fan-In", roles, ("gather", "scatter"), into + out)


def _hops(size: int) -> tuple[str, ...]:
    return tuple(f"hop {i + 1}" for i in range(size))


def _layer(size: int, dense: float, rng: np.random.Generator) -> tuple[list[tuple[int, int]], int, int]:
    # Disjoint pairs, or with probability *dense* all pay all, with about *size* payments, never fewer than 2 x 2.
    if size < 4 or rng.random() >= dense:
        return [(i, i) for i in range(size)], size, size
    left = int(rng.integers(2, min(4, size // 2) + 1))
    right = min(4, size // left)
    return [(a, b) for a in range(left) for b in range(right)], left, right


SHAPES = {  # in the order of the paper
    "fan-out": Spec(_fan_out, (0.85, 1.0), 0.0, 0.0, 17),
    "fan-in": Spec(_fan_in, (0.85, 1.0), 0.0, 0.0, 17),
    "gather-scatter": Spec(_gather_scatter, (0.8, 1.0), 0.0, 0.07, 17),
    "scatter-gather": Spec(_scatter_gather, (0.8, 1.0), 58.0, 0.14, 17),
    "cycle": Spec(_cycle, (0.7, 1.0), 14.0, 0.067, 13),
    "random": Spec(_random, (0.85, 1.0), 11.0, 0.067, 8),
    "bipartite": Spec(_bipartite, (0.3, 0.5), 0.0, 0.0, 15),
    "stack": Spec(_stack, (0.6, 1.0), 38.0, 0.039, 15),
}
