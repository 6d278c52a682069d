"""Draw what was measured as charts, each one SVG text."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import polars as pl
import vl_convert
from numpy.typing import NDArray

__all__ = ["bars", "curves", "ranges"]

_COLOURS = {"generated": "#1f77b4", "genuine": "#d62728", "published": "#7f7f7f"}
_WIDTH, _HEIGHT = 420, 210
_PADDING = {"left": 18, "right": 12, "top": 5, "bottom": 8}  # fonts differ between browsers
_POINTS = 400  # of a curve
Samples = Mapping[str, NDArray[np.float64]]


def curves(title: str, axis: str, samples: Samples, log: bool = False, tail: bool = False) -> str:
    """Return cumulative shares of each sample; *tail*: the share that is at least so large, on two log scales."""
    parts = []
    for who, values in samples.items():
        v = np.sort(values[values > 0] if log else values)
        if not len(v):
            continue
        at = _places(v, tail)
        share = 1 - at / len(values) if tail else (at + 1) / len(v)
        parts.append(pl.DataFrame({"x": v[at], "share": share, "who": [who] * len(at)}))
    if not parts:
        return ""
    scale = alt.Scale(type="log") if log or tail else alt.Scale(zero=False)
    y = alt.Y(
        "share:Q",
        title="share at least so large" if tail else "share at most so large",
        scale=alt.Scale(type="log") if tail else alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="~%" if tail else "%", tickCount=5),
    )
    chart = alt.Chart(pl.concat(parts)).mark_line(interpolate="step-after", strokeWidth=1.8).encode(
        x=alt.X("x:Q", title=axis, scale=scale, axis=alt.Axis(format="~s", tickCount=7, labelOverlap=True)),
        y=y, color=_colour(samples),
    )  # fmt: skip
    return _svg(chart, title)


def bars(title: str, axis: str, shares: Mapping[str, Mapping[str, float]], unit: str = "share of payments") -> str:
    """Return a bar for each category (in the order given) and each of who: {who: {category: share}}."""
    order = list(dict.fromkeys(c for of in shares.values() for c in of))
    table = pl.DataFrame(
        [(who, c, v) for who, of in shares.items() for c, v in of.items()],
        schema=["who", "category", "share"],
        orient="row",
    )
    percent = unit.startswith("share")
    chart = alt.Chart(table).mark_bar().encode(
        x=alt.X("category:N", title=axis, sort=order, axis=alt.Axis(labelAngle=-40 if len(max(order, key=len)) > 5 else 0, labelFontSize=9 if len(order) > 20 else 11)),
        xOffset=alt.XOffset("who:N", sort=list(shares)),
        y=alt.Y("share:Q", title=unit, axis=alt.Axis(format="~%" if percent else "~g", tickCount=5)),
        color=_colour(shares),
    )  # fmt: skip
    return _svg(chart, title)


def ranges(title: str, axis: str, samples: Mapping[str, Samples]) -> str:
    """Return a line from the 10th to the 90th percentile with a point at the median, {category: {who: sample}}."""
    rows = [
        (category, who, *np.quantile(v, [0.1, 0.5, 0.9]).tolist())
        for category, of in samples.items()
        for who, v in of.items()
        if len(v)
    ]
    if not rows:
        return ""
    table = pl.DataFrame(rows, schema=["category", "who", "low", "median", "high"], orient="row")
    present = {who: None for _, who, *_ in rows}
    base = alt.Chart(table).encode(
        y=alt.Y("category:N", title=None, sort=list(samples), axis=alt.Axis(labelLimit=160)),
        yOffset=alt.YOffset("who:N", sort=list(present)), color=_colour(present),
    )  # fmt: skip
    line = base.mark_rule(strokeWidth=3).encode(x=alt.X("low:Q", title=axis, scale=alt.Scale(zero=False)), x2="high:Q")
    point = base.mark_point(filled=True, size=55, opacity=1).encode(x="median:Q")
    return _svg(line + point, title)


def _places(v: NDArray[np.float64], tail: bool) -> NDArray[np.int64]:
    # A tail needs each of its few large values; a long sample else is drawn through evenly spaced ones.
    if not tail:
        return np.unique(np.linspace(0, len(v) - 1, _POINTS).round().astype(np.int64))
    first = np.unique(v, return_index=True)[1]
    first = first[v[first] > 0]
    return first if len(first) <= _POINTS else first[np.linspace(0, len(first) - 1, _POINTS).round().astype(np.int64)]


def _colour(who: Mapping[str, Any] | Sequence[str]) -> alt.Color:
    names = list(who)
    legend = alt.Legend(title=None, orient="top") if len(names) > 1 else None
    return alt.Color(
        "who:N", sort=names, legend=legend, scale=alt.Scale(domain=names, range=[_COLOURS[n] for n in names])
    )


def _svg(chart: alt.Chart | alt.LayerChart, title: str) -> str:
    sized = chart.properties(width=_WIDTH, height=_HEIGHT, title=title, background="white", padding=_PADDING).configure_title(
        anchor="start", fontSize=14, fontWeight="bold"
    ).configure_axis(labelFontSize=11, titleFontSize=12, titleFontWeight="normal").configure_view(stroke=None)  # fmt: skip
    return str(vl_convert.vegalite_to_svg(sized.to_dict()))
