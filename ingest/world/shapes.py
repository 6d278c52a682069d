"""Draw laundering patterns: who pays whom, in which phase.

A shape numbers its accounts 0..k-1. Sizes, rests, kept amounts and lengths follow what was measured in HI-Small's
answer key (370 attempts); those of the typologies beyond AMLworld's eight are ours, after SAML-D (Oztas et al., 2023).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["EIGHT", "MORE", "SHAPES", "Draw", "Shape", "Spec"]

Edge = tuple[int, int, int]  # payer, payee, place in phases


@dataclass(frozen=True, slots=True)
class Shape:
    """Hold one instance of a pattern without times or amounts."""

    title: str  # as the answer file of AMLworld writes it
    roles: tuple[str, ...]  # (k,) of accounts
    phases: tuple[str, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Draw:
    """Hold what decides a shape beside its size."""

    smallest: int
    largest: int
    disjoint: bool  # bipartite attempts are pairs and most stacks chains
    rng: np.random.Generator


@dataclass(frozen=True, slots=True)
class Spec:
    """Hold how a pattern is drawn: its builder, and what was measured of its time and amounts."""

    build: Callable[[int, Draw], Shape]
    span: tuple[float, float]  # least and greatest length, of the longest allowed
    hold: float  # hours, median time money rests at an account between phases or hops; 0: no such rest
    rest: float  # spread of the logarithm of those rests
    spread: float  # of the logarithm of amount out / amount in
    small: float  # share of attempts that have the least size
    most: int  # greatest size, below the preset's
    who: str = ""  # accounts of: person, company, asleep; "": any
    dollars: tuple[float, float] = (0.0, 0.0)  # of first payments; (0, 0): as measured


def _fan_out(size: int, _: Draw) -> Shape:
    edges = tuple((0, i + 1, 0) for i in range(size))
    return Shape(f"FAN-OUT:  Max {size}-degree Fan-Out", ("distributor", *["mule"] * size), ("scatter",), edges)


def _fan_in(size: int, _: Draw) -> Shape:
    edges = tuple((i + 1, 0, 0) for i in range(size))
    return Shape(f"FAN-IN:  Max {size}-degree Fan-In", ("collector", *["mule"] * size), ("gather",), edges)


def _cycle(size: int, _: Draw) -> Shape:
    edges = tuple((i, (i + 1) % size, i) for i in range(size))
    return Shape(f"CYCLE:  Max {size} hops", ("source", *["mule"] * (size - 1)), _hops(size), edges)


def _random(size: int, _: Draw) -> Shape:
    edges = tuple((i, i + 1, i) for i in range(size))
    return Shape(f"RANDOM:  Max {size} hops", ("source", *["mule"] * (size - 1), "cash-out"), _hops(size), edges)


def _bipartite(size: int, draw: Draw) -> Shape:
    links, left, right = _layer(size, draw, 1.0)
    edges = tuple((a, left + b, 0) for a, b in links)
    return Shape("BIPARTITE", ("source",) * left + ("cash-out",) * right, ("transfer",), edges)


def _stack(size: int, draw: Draw) -> Shape:
    links, left, middle = _layer(size, draw, 0.65)  # measured: 31 to 40 % of stacks are connected
    dense = len(links) > left or len(links) > middle
    right = int(draw.rng.integers(2, max(2, size // middle) + 1)) if dense else middle
    more = [(a, b) for a in range(middle) for b in range(right)] if dense else [(a, a) for a in range(middle)]
    edges = [(a, left + b, 0) for a, b in links] + [(left + a, left + middle + b, 1) for a, b in more]
    roles = ("source",) * left + ("mule",) * middle + ("cash-out",) * right
    return Shape("STACK", roles, ("first layer", "second layer"), tuple(edges))


def _scatter_gather(size: int, _: Draw) -> Shape:
    out = tuple((0, i + 1, 0) for i in range(size))
    back = tuple((i + 1, size + 1, 1) for i in range(size))
    roles = ("source", *["mule"] * size, "collector")
    return Shape("SCATTER-GATHER", roles, ("scatter", "gather"), out + back)


def _gather_scatter(size: int, draw: Draw) -> Shape:
    # Measured: how many it gathers from says nothing of how many it scatters to.
    other = (
        draw.smallest if draw.rng.random() < 0.3 else int(draw.rng.integers(draw.smallest, max(draw.smallest, 15) + 1))
    )
    into = tuple((i + 1, 0, 0) for i in range(size))
    out = tuple((0, size + i + 1, 1) for i in range(other))
    roles = ("collector", *["source"] * size, *["cash-out"] * other)
    return Shape(f"GATHER-SCATTER:  Max {size}-degree Fan-In", roles, ("gather", "scatter"), into + out)


def _structuring(size: int, draw: Draw) -> Shape:
    smurfs = int(draw.rng.integers(1, max(2, size // 2) + 1))
    edges = tuple((1 + i % smurfs, 0, 0) for i in range(max(size, 3)))
    return Shape("STRUCTURING", ("collector", *["mule"] * smurfs), ("deposit",), edges)


def _layered_fan_in(size: int, draw: Draw) -> Shape:
    middle = int(draw.rng.integers(2, max(2, size // 3) + 1))
    leaves = max(size, 2 * middle)
    edges = [(1 + middle + i, 1 + i % middle, 0) for i in range(leaves)] + [(1 + i, 0, 1) for i in range(middle)]
    roles = ("collector", *["mule"] * middle, *["source"] * leaves)
    return Shape("LAYERED-FAN-IN", roles, ("first layer", "second layer"), tuple(edges))


def _layered_fan_out(size: int, draw: Draw) -> Shape:
    middle = int(draw.rng.integers(2, max(2, size // 3) + 1))
    leaves = max(size, 2 * middle)
    edges = [(0, 1 + i, 0) for i in range(middle)] + [(1 + i % middle, 1 + middle + i, 1) for i in range(leaves)]
    roles = ("source", *["distributor"] * middle, *["mule"] * leaves)
    return Shape("LAYERED-FAN-OUT", roles, ("first layer", "second layer"), tuple(edges))


def _stacked_bipartite(size: int, draw: Draw) -> Shape:
    layers = [int(n) for n in draw.rng.integers(2, 5 if size > 8 else 4, 4 if size > 12 else 3)]
    start = np.concatenate([[0], np.cumsum(layers)]).tolist()
    edges = tuple(
        (start[p] + a, start[p + 1] + b, p)
        for p in range(len(layers) - 1)
        for a in range(layers[p])
        for b in range(layers[p + 1])
    )
    roles = ("source",) * layers[0] + ("mule",) * sum(layers[1:-1]) + ("cash-out",) * layers[-1]
    return Shape("STACKED-BIPARTITE", roles, tuple(f"layer {p + 1}" for p in range(len(layers) - 1)), edges)


def _deposit_send(size: int, _: Draw) -> Shape:
    into = max(2, size // 2)
    edges = (*((2 + i, 0, 0) for i in range(into)), (0, 1, 1))
    return Shape("DEPOSIT-SEND", ("mule", "cash-out", *["source"] * into), ("deposit", "send"), edges)


def _behaviour_change(size: int, _: Draw) -> Shape:
    out = max(3, size // 2)
    edges = ((1, 0, 0), *((0, 2 + i, 1) for i in range(out)))
    return Shape("BEHAVIOUR-CHANGE", ("mule", "source", *["cash-out"] * out), ("receive", "burst"), edges)


def _dormant_woken(size: int, _: Draw) -> Shape:
    into, out = max(1, size // 6), max(2, size // 4)
    edges = (*((1 + i, 0, 0) for i in range(into)), *((0, 1 + into + i, 1) for i in range(out)))
    return Shape("DORMANT-WOKEN", ("mule", *["source"] * into, *["cash-out"] * out), ("wake", "empty"), edges)


def _funnel(size: int, _: Draw) -> Shape:
    into, out = max(5, size), 1 if size < 10 else 2
    edges = (*((1 + i, 0, 0) for i in range(into)), *((0, 1 + into + i, 1) for i in range(out)))
    return Shape("FUNNEL", ("collector", *["source"] * into, *["cash-out"] * out), ("gather", "send"), edges)


def _shell_chain(size: int, _: Draw) -> Shape:
    size = max(3, min(size, 8))
    edges = tuple((i, i + 1, i) for i in range(size))
    return Shape("SHELL-CHAIN", ("source", *["mule"] * (size - 1), "cash-out"), _hops(size), edges)


def _mule_herd(size: int, draw: Draw) -> Shape:
    herd, out = max(3, size), int(draw.rng.integers(1, 4))
    edges = [(0, 1 + i, 0) for i in range(herd)] + [(1 + i, 1 + herd + i % out, 1) for i in range(herd)]
    roles = ("source", *["mule"] * herd, *["cash-out"] * out)
    return Shape("MULE-HERD", roles, ("receive", "pass on"), tuple(edges))


def _hops(size: int) -> tuple[str, ...]:
    return tuple(f"hop {i + 1}" for i in range(size))


def _layer(size: int, draw: Draw, disjoint: float) -> tuple[list[tuple[int, int]], int, int]:
    # All pay all with about *size* payments, never fewer than 2 x 2; or, where switched on, disjoint pairs.
    if draw.disjoint and draw.rng.random() < disjoint:
        return [(i, i) for i in range(size)], size, size
    left = int(draw.rng.integers(2, max(2, size // 2) + 1))
    right = max(2, size // left)
    return [(a, b) for a in range(left) for b in range(right)], left, right


EIGHT = {  # in the order of the paper; span, hold, rest, spread, small, most
    "fan-out": Spec(_fan_out, (0.8, 1.0), 0.0, 0.0, 0.0, 0.3, 16),
    "fan-in": Spec(_fan_in, (0.75, 1.0), 0.0, 0.0, 0.0, 0.25, 16),
    "gather-scatter": Spec(_gather_scatter, (0.6, 1.0), 0.0, 0.0, 0.07, 0.16, 16),
    "scatter-gather": Spec(_scatter_gather, (0.7, 1.0), 46.0, 0.3, 0.14, 0.27, 16),
    "cycle": Spec(_cycle, (0.6, 1.0), 14.0, 1.1, 0.067, 0.27, 12),
    "random": Spec(_random, (0.8, 1.0), 13.0, 0.6, 0.067, 0.42, 11),
    "bipartite": Spec(_bipartite, (0.22, 0.49), 0.0, 0.0, 0.0, 0.4, 15),
    "stack": Spec(_stack, (0.6, 1.15), 48.0, 0.75, 0.039, 0.38, 15),
}
MORE = {
    "structuring": Spec(_structuring, (0.3, 0.9), 0.0, 0.0, 0.0, 0.2, 12, dollars=(8500.0, 9990.0)),
    "layered-fan-in": Spec(_layered_fan_in, (0.8, 1.0), 20.0, 0.45, 0.07, 0.2, 15),
    "layered-fan-out": Spec(_layered_fan_out, (0.8, 1.0), 20.0, 0.45, 0.07, 0.2, 15),
    "stacked-bipartite": Spec(_stacked_bipartite, (0.8, 1.0), 14.0, 0.45, 0.07, 0.2, 15),
    "deposit-send": Spec(_deposit_send, (0.3, 0.6), 5.0, 0.45, 0.05, 0.2, 14),
    "behaviour-change": Spec(_behaviour_change, (0.3, 0.7), 8.0, 0.45, 0.05, 0.2, 17),
    "dormant-woken": Spec(_dormant_woken, (0.2, 0.5), 10.0, 0.45, 0.05, 0.2, 17, who="asleep"),
    "funnel": Spec(_funnel, (0.6, 1.0), 12.0, 0.45, 0.05, 0.0, 17),
    "shell-chain": Spec(_shell_chain, (0.4, 1.0), 9.0, 0.45, 0.05, 0.0, 8, who="company"),
    "mule-herd": Spec(_mule_herd, (0.3, 0.7), 4.0, 0.45, 0.08, 0.0, 14, who="person"),
}
SHAPES = EIGHT | MORE
