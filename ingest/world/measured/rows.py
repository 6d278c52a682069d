"""Write measures as the rows of a table."""

from collections.abc import Mapping
from typing import Any

from ingest.world.shapes import EIGHT

__all__ = ["rows"]

_GROUPS = ("world", "weekday", "hours", "format", "currency", "normal groups", "laundering", "attempts", *EIGHT)
_SHOWN = ("share", "value", "p10", "p50", "p90")


def rows(
    measures: Mapping[str, Any], published: Mapping[str, Any], genuine: Mapping[str, Any], tests: Mapping[str, Any]
) -> list[tuple[str, str, str, str, str]]:
    """Return name, published, genuine, generated and statistic of each measure, in the order of groups."""
    measures = _by_six(measures)
    names = sorted(measures, key=lambda name: (_GROUPS.index(name.split(":")[0]), ":" not in name))
    found = []
    for name in names:
        told, real, mine = published.get(name, {}), genuine.get(name, {}), measures[name]
        keys = tuple(told) or tuple(k for k in _SHOWN if k in mine)
        found.append((name, _cell(told, keys), _cell(real, keys), _cell(mine, keys), _test(tests.get(name))))
    return found


def _by_six(measures: Mapping[str, Any]) -> dict[str, Any]:
    # The table has four parts of the day; the report draws all hours.
    found = {name: value for name, value in measures.items() if not name.startswith("hour: ")}
    for first in range(0, 24, 6):
        hours = [measures[f"hour: {h:02}"] for h in range(first, first + 6) if f"hour: {h:02}" in measures]
        if hours:
            found[f"hours: from {first} to {first + 6}"] = {"share": sum(h["share"] for h in hours)}
    return found


def _cell(value: Mapping[str, float], keys: tuple[str, ...]) -> str:
    if not any(k in value for k in keys):
        return ""
    if "share" in keys:
        share = 100 * value["share"]
        text = f"{share:.2f} %" if 0 < share < 10 else f"{share:.1f} %"
        return text if "n" not in value or value["n"] > 5000 else f"{text} of {value['n']:,}"
    if "value" in keys:
        return _number(value["value"])
    text = ", ".join(f"{k} {_number(value[k])}" for k in keys)
    return text if "n" not in value else f"{text} (n {int(value['n']):,})"


def _number(value: float) -> str:
    # Three digits, thousands set apart.
    if abs(value) >= 1000 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3g}"


def _test(test: Mapping[str, Any] | None) -> str:
    if not test:
        return ""
    p = "< 0.0001" if test["p"] < 0.0001 else f"{test['p']:.2g}"
    return f"D {test['ks']:.3f}, p {p}, n {test['n'][0]:,} and {test['n'][1]:,}"
