"""Draw what was measured as charts, each one SVG text that needs nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

__all__ = ["bars", "curves", "ranges"]

_COLOURS = {"generated": "#1f77b4", "genuine": "#d62728", "published": "#7f7f7f"}
_WIDTH, _HEIGHT = 420.0, 200.0  # of the inside
_LEFT, _TOP, _BELOW = 62.0, 48.0, 46.0  # for labels, in pixels
_POINTS = 400  # of a curve
Floats = NDArray[np.float64]
Samples = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class _Scale:
    # Numbers to pixels.
    low: float
    high: float
    log: bool
    length: float

    @classmethod
    def of(cls, values: Floats, log: bool, length: float, zero: bool = False) -> "_Scale":
        low, high = float(values.min()), float(values.max())
        low = 0.0 if zero and not log else low
        if high <= low:
            low, high = (low / 2, low * 2) if log else (low - 0.5, low + 0.5)
        return cls(low, high, log, length)

    def at(self, values: Floats) -> Floats:
        if self.log:
            found: Floats = np.log(values / self.low) / np.log(self.high / self.low) * self.length
            return found
        return (values - self.low) / (self.high - self.low) * self.length

    def ticks(self) -> Floats:
        if self.log:
            powers = np.arange(np.ceil(np.log10(self.low)), np.floor(np.log10(self.high)) + 1)
            if len(powers) >= 2:
                return np.asarray(10.0 ** powers[:: max(1, len(powers) // 6)], np.float64)
            return np.array([self.low, self.high])
        step = 10.0 ** np.floor(np.log10((self.high - self.low) / 4))
        step *= next(m for m in (1, 2, 5, 10) if (self.high - self.low) / (m * step) <= 6)
        return np.asarray(np.arange(np.ceil(self.low / step), np.floor(self.high / step) + 1) * step, np.float64)


def curves(title: str, axis: str, samples: Samples, log: bool = False, tail: bool = False) -> str:
    """Return cumulative shares of each sample; *tail*: the share that is at least so large, on two log scales."""
    lines: dict[str, tuple[Floats, Floats]] = {}
    for who, values in samples.items():
        v = np.sort(values[values > 0] if log else values)
        if len(v):
            at = _places(v, tail)
            lines[who] = v[at], 1 - at / len(values) if tail else (at + 1) / len(v)
    if not lines:
        return ""
    x = _Scale.of(np.concatenate([a for a, _ in lines.values()]), log or tail, _WIDTH)
    heights = np.concatenate([b for _, b in lines.values()]) if tail else np.array([0.0, 1.0])
    y = _Scale.of(heights, tail, _HEIGHT)
    drawn = [_across(x, axis), _up(y, True)]
    for who, (values, shares) in lines.items():
        left, up = x.at(values), _HEIGHT - y.at(shares)
        steps = "".join(f"H{a:.1f}V{b:.1f}" for a, b in zip(left, up, strict=True))
        drawn.append(
            f'<path d="M{left[0]:.1f} {up[0] if tail else _HEIGHT:.1f}{steps}" fill="none" stroke="{_COLOURS[who]}" '
            'stroke-width="1.8"/>'
        )
    return _svg(title, drawn, list(lines), "share at least so large" if tail else "share at most so large")


def bars(title: str, axis: str, shares: Mapping[str, Mapping[str, float]], unit: str = "share of payments") -> str:
    """Return a bar for each category (in the order given) and each of who: {who: {category: share}}."""
    order = list(dict.fromkeys(c for of in shares.values() for c in of))
    y = _Scale.of(np.array([v for of in shares.values() for v in of.values()] or [1.0]), False, _HEIGHT, zero=True)
    room = _WIDTH / max(len(order), 1)
    wide = room * 0.8 / max(len(shares), 1)
    drawn = [_up(y, unit.startswith("share"))]
    for place, (who, of) in enumerate(shares.items()):
        for category, share in of.items():
            left, high = order.index(category) * room + room * 0.1 + place * wide, float(y.at(np.array(share)))
            drawn.append(
                f'<rect x="{left:.1f}" y="{_HEIGHT - high:.1f}" width="{wide:.1f}" height="{high:.1f}" '
                f'fill="{_COLOURS[who]}"/>'
            )
    turn = len(max(order, key=len, default="")) > 5
    for place, category in enumerate(order):
        x = place * room + room / 2
        how = f'text-anchor="end" transform="rotate(-35 {x:.1f} {_HEIGHT + 12})"' if turn else 'text-anchor="middle"'
        drawn.append(f'<text x="{x:.1f}" y="{_HEIGHT + 14}" font-size="{9 if len(order) > 14 else 11}" {how}>{escape(category)}</text>')  # fmt: skip
    drawn.append(_text(_WIDTH / 2, _HEIGHT + 38, axis, "middle", 12))
    return _svg(title, drawn, list(shares), unit, 34.0 if turn else 0.0)


def ranges(title: str, axis: str, samples: Mapping[str, Samples]) -> str:
    """Return a line from the 10th to the 90th percentile with a point at the median, {category: {who: sample}}."""
    rows = {c: {w: np.quantile(v, [0.1, 0.5, 0.9]) for w, v in of.items() if len(v)} for c, of in samples.items()}
    rows = {c: of for c, of in rows.items() if of}
    if not rows:
        return ""
    x = _Scale.of(np.concatenate([v for of in rows.values() for v in of.values()]), False, _WIDTH - 50)
    who = list(dict.fromkeys(w for of in rows.values() for w in of))
    room, drawn = _HEIGHT / len(rows), [f'<g transform="translate(50)">{_across(x, axis)}</g>']
    for place, (category, of) in enumerate(rows.items()):
        drawn.append(_text(42, (place + 0.5) * room + 4, category, "end", 11))
        for name, three in of.items():
            low, middle, high = (x.at(three) + 50).tolist()
            up = (place + (who.index(name) + 1) / (len(who) + 1)) * room
            drawn.append(
                f'<path d="M{low:.1f} {up:.1f}H{high:.1f}" stroke="{_COLOURS[name]}" stroke-width="3"/>'
                f'<circle cx="{middle:.1f}" cy="{up:.1f}" r="4" fill="{_COLOURS[name]}"/>'
            )
    return _svg(title, drawn, who, "")


def _places(v: Floats, tail: bool) -> NDArray[np.int64]:
    # A tail needs each of its few large values; a long sample else is drawn through evenly spaced ones.
    if not tail:
        return np.unique(np.linspace(0, len(v) - 1, _POINTS).round().astype(np.int64))
    first = np.unique(v, return_index=True)[1]
    first = first[v[first] > 0]
    return first if len(first) <= _POINTS else first[np.linspace(0, len(first) - 1, _POINTS).round().astype(np.int64)]


def _across(x: _Scale, axis: str) -> str:
    marks = "".join(
        f'<path d="M{at:.1f} 0V{_HEIGHT}" stroke="#e4e4e4"/>' + _text(at, _HEIGHT + 15, _short(t), "middle", 11)
        for t, at in zip(x.ticks(), x.at(x.ticks()), strict=True)
    )
    return marks + _text(x.length / 2, _HEIGHT + 36, axis, "middle", 12)


def _up(y: _Scale, percent: bool) -> str:
    return "".join(
        f'<path d="M0 {_HEIGHT - at:.1f}H{_WIDTH}" stroke="#e4e4e4"/>'
        + _text(-6, _HEIGHT - at + 4, f"{100 * t:.3g} %" if percent else _short(t), "end", 11)
        for t, at in zip(y.ticks(), y.at(y.ticks()), strict=True)
    )


def _short(value: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def _text(x: float, y: float, words: str, anchor: str, size: int) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(words)}</text>'


def _svg(title: str, drawn: Sequence[str], who: Sequence[str], unit: str, more: float = 0.0) -> str:
    wide, high = _LEFT + _WIDTH + 14, _TOP + _HEIGHT + _BELOW + more
    legend = "".join(
        f'<rect x="{_LEFT + i * 90:.0f}" y="26" width="10" height="10" fill="{_COLOURS[w]}"/>'
        + _text(_LEFT + 14 + i * 90, 35, w, "start", 11)
        for i, w in enumerate(who if len(who) > 1 else ())
    )
    side = f'<text transform="translate(12 {_TOP + _HEIGHT / 2:.0f}) rotate(-90)" text-anchor="middle" font-size="12">{escape(unit)}</text>'  # fmt: skip
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" '
        f'height="{high:.0f}" font-family="sans-serif" fill="#222"><text x="{_LEFT}" y="18" font-size="14" '
        f'font-weight="bold">{escape(title)}</text>{legend}{side}'
        f'<g transform="translate({_LEFT} {_TOP})">{"".join(drawn)}</g></svg>'
    )
