"""Lead the arrow of each transaction from payer to payee, and find room for its label."""

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from casework.layout import NODE_WIDTH, Layout, Pair, Point

__all__ = ["Box", "Curve", "Labels", "routes"]

_PITCH = 28.0  # pixels between two parallel arrows in the middle of their way
_PORT = 8.0  # pixels between two arrows where they touch an account
_LOOP = 30.0  # pixels that each payment to oneself rises above the one below it
_ALONG = (0.5, 0.43, 0.57, 0.36, 0.64, 0.29, 0.71, 0.22, 0.78, 0.15, 0.85)  # where on its arrow a label may sit
_TIP = 3.0  # pixels between an arrow's tip and the outline

Cubic = tuple[Point, Point, Point, Point]
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Curve:
    """Hold the cubic pieces of one arrow, from payer to payee."""

    pieces: tuple[Cubic, ...]

    @property
    def path(self) -> str:
        """Return the `d` of an SVG path."""
        (x, y), *_ = self.pieces[0]
        parts = [f"M{x:.1f} {y:.1f}"]
        for _, one, two, end in self.pieces:
            parts.append("C" + " ".join(f"{a:.1f} {b:.1f}" for a, b in (one, two, end)))
        return "".join(parts)

    def at(self, share: float) -> Point:
        """Return the point after *share* (0 to 1) of the pieces."""
        place = min(share * len(self.pieces), len(self.pieces) - 1e-9)
        t = place - int(place)
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        piece = self.pieces[int(place)]
        x, y = (sum(w * point[axis] for w, point in zip(weights, piece, strict=True)) for axis in (0, 1))
        return x, y


def routes(layout: Layout, ends: Sequence[Pair], outline: Mapping[str, str]) -> list[Curve]:
    """Return one curve for each of *ends* (payer, payee), in order; *outline* is the name of each account's shape."""
    order: dict[Pair, list[int]] = defaultdict(list)
    for i, pair in enumerate(ends):
        order[pair].append(i)
    ports = _ports(layout, order, outline)
    curves: dict[int, Curve] = {}
    for pair, members in order.items():
        for k, i in enumerate(members):
            if pair[0] == pair[1]:
                curves[i] = _loop(layout, pair[0], k)
                continue
            offset = (k - (len(members) - 1) / 2) * _PITCH
            curves[i] = _arrow(layout, pair, (ports[i, 0], ports[i, 1]), offset)
    return [curves[i] for i in range(len(ends))]


def _sides(layout: Layout, pair: Pair) -> tuple[int, int]:
    """Return on which side the arrow leaves the payer and enters the payee: 1 right, -1 left."""
    if layout.places[pair[0]][0] == layout.places[pair[1]][0]:
        return 1, 1
    return (-1, 1) if pair in layout.leftward else (1, -1)


def _ports(layout: Layout, order: Mapping[Pair, list[int]], outline: Mapping[str, str]) -> dict[tuple[int, int], Point]:
    sides: dict[tuple[str, int], list[tuple[float, int, int]]] = defaultdict(list)
    for pair, members in order.items():
        if pair[0] == pair[1]:
            continue
        first = layout.via[pair][0] if layout.via[pair] else layout.places[pair[1]]
        last = layout.via[pair][-1] if layout.via[pair] else layout.places[pair[0]]
        for k, i in enumerate(members):
            leave, enter = _sides(layout, pair)
            sides[pair[0], leave].append((first[1] + k * 1e-6, i, 0))
            sides[pair[1], enter].append((last[1] + k * 1e-6, i, 1))
    ports: dict[tuple[int, int], Point] = {}
    for (account, side), touching in sides.items():
        x, y = layout.places[account]
        height = layout.heights[account]
        pitch = min(_PORT * 1.5, (height - 12) / max(1, len(touching) - 1))
        for k, (_, i, end) in enumerate(sorted(touching)):
            rise = (k - (len(touching) - 1) / 2) * pitch
            inset = _inset(outline[account], side, rise, height) - (_TIP if end else 0.0)
            ports[i, end] = (x + side * (NODE_WIDTH / 2 - inset), y + rise)
    return ports


def _inset(shape: str, side: int, rise: float, height: float) -> float:
    """Return how far the outline lies inside its box at *rise* pixels from the middle."""
    if shape.endswith("pill"):
        radius = min(22.0, height / 2)
        into = max(0.0, abs(rise) - (height / 2 - radius))
        return radius - sqrt(max(0.0, radius * radius - into * into))
    if shape == "hexagon" or (shape == "arrow" and side > 0):
        return 14.0 * abs(rise) / (height / 2)
    return 0.0


def _arrow(layout: Layout, pair: Pair, ports: tuple[Point, Point], offset: float) -> Curve:
    (x0, y0), (x1, y1) = ports
    leave, enter = _sides(layout, pair)
    if leave == enter:
        bulge = 46.0 + abs(offset) * 2
        return Curve((((x0, y0), (x0 + bulge, y0), (x1 + bulge, y1), (x1, y1)),))
    way = float(leave)
    inner = layout.via[pair]
    if not inner:
        middle = (layout.places[pair[0]][1] + layout.places[pair[1]][1]) / 2 + offset if offset else (y0 + y1) / 2
        bend, reach = (middle - (y0 + y1) / 2) * 4 / 3, abs(x1 - x0) * 0.4
        return Curve((((x0, y0), (x0 + way * reach, y0 + bend), (x1 - way * reach, y1 + bend), (x1, y1)),))
    stops = [(x0, y0)]
    for x, y in inner:
        stops += [(x - way * NODE_WIDTH / 2, y + offset), (x + way * NODE_WIDTH / 2, y + offset)]
    stops.append((x1, y1))
    pieces = []
    for (ax, ay), (bx, by) in itertools.pairwise(stops):
        reach = abs(bx - ax) * 0.4
        pieces.append(((ax, ay), (ax + way * reach, ay), (bx - way * reach, by), (bx, by)))
    return Curve(tuple(pieces))


def _loop(layout: Layout, account: str, k: int) -> Curve:
    x, y = layout.places[account]
    top, spread, rise = y - layout.heights[account] / 2, 18.0 + 7 * k, (k + 1) * _LOOP * 4 / 3
    return Curve(
        (((x - spread, top), (x - spread - 10, top - rise), (x + spread + 10, top - rise), (x + spread, top - _TIP)),)
    )


@dataclass(slots=True)
class Labels:
    """Put labels where they hide neither an account nor another label."""

    taken: list[Box]
    missed: int = 0  # labels that found no free room

    def put(self, curve: Curve, size: Point, share: float = 0.5) -> Point:
        """Return the centre for a label of *size* (width, height) on *curve*, near *share* of it, and take the room."""
        width, height = size
        best, least = curve.at(share), float("inf")
        for along in sorted(_ALONG, key=lambda other: abs(other - share)):
            x, y = curve.at(along)
            box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            hidden = sum(_overlap(box, other) for other in self.taken)
            if hidden < least:
                best, least = (x, y), hidden
            if hidden == 0:
                break
        self.missed += least > 0
        x, y = best
        self.taken.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
        return best


def _overlap(one: Box, two: Box) -> float:
    across = min(one[2], two[2]) - max(one[0], two[0])
    down = min(one[3], two[3]) - max(one[1], two[1])
    return across * down if across > 0 and down > 0 else 0.0
