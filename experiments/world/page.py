"""Write docs/world.md from the results."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.world.tables import difficulty, speed
from ingest.world.shapes import EIGHT

__all__ = ["PAGE", "page", "rows"]

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "world.md"
_GROUPS = ("world", "weekday", "hours", "format", "currency", "laundering", "attempts", *EIGHT)
_SHOWN = ("share", "value", "p10", "p50", "p90")
_HEAD = """# The generated world, measured

Made by `python -m experiments.world.marginals`, `difficulty` and `speed` from `experiments/world/results`; do not edit.
`python -m experiments.world.report FOLDER --out world.html` draws the same measures for a generated folder of your own.

**published**: what papers say of AMLworld's files, or what was measured from them; sources below. **genuine**: the
370 attempts of `HI-Small_Patterns.txt`, measured here by the code that measures the generated ones.
**generated**: what our generator made. **statistic**: the two-sample Kolmogorov-Smirnov statistic D between genuine and
generated values, its p value and how many values each side has. D is the greatest gap between the two cumulative
shares. p takes values as independent; those of payments and accounts within one attempt are not, so their p is too
small. Hours and days are discrete, which makes p too large. Published spans take attempts of one payment as 0 hours;
genuine and generated ones here leave such attempts out. The paper's formats are those of LI-Large, 97 days, where
interest paid on the first of a month weighs less than in ten days that begin with one. Cells without a value: not published, or not in the file.
"""


def page() -> str:
    """Return the page."""
    result = _result("marginals")
    published = tomllib.loads((HERE / "published.toml").read_text(encoding="utf-8"))
    lines = [_HEAD, "Sources of published values:", ""]
    lines += [f"- {name}: {text}." for name, text in published["sources"].items()]
    genuine = (result.get("genuine") or {}).get("measures", {})
    for world in result.get("worlds", []):
        of = f"`{world['preset']}`" + (f" with `{', '.join(world['switches'])}`" if world["switches"] else "")
        seeds = world["seeds"]
        lines += [
            "", f"## {of}", "",
            f"{world['rows']:,} rows, seed {seeds[0]}; attempts of seeds {seeds[0]} to {seeds[-1]} together.", "",
            "| measure | published | genuine | generated | statistic |", "|---|---|---|---|---|",
        ]  # fmt: skip
        tests = [t["p"] for t in world["statistics"].values()]
        if tests:
            text = (
                f"Of {len(tests)} statistics {sum(p < 0.05 for p in tests)} have p below 0.05 and "
                f"{sum(p < 0.05 / len(tests) for p in tests)} below 0.05 / {len(tests)} (Bonferroni)."
            )
            lines[-2:-2] = [text, ""]
        mine = genuine if world["preset"] == "hi-small" else {}
        told = {name: value for part in published[world["preset"]].values() for name, value in part.items()}
        lines += ["| " + " | ".join(row) + " |" for row in rows(world["measures"], told, mine, world["statistics"])]
    lines += difficulty(_result("difficulty")) + speed(_result("speed")) + _made(result)
    return "\n".join(lines) + "\n"


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
        return number(value["value"])
    text = ", ".join(f"{k} {number(value[k])}" for k in keys)
    return text if "n" not in value else f"{text} (n {int(value['n']):,})"


def number(value: float) -> str:
    """Return *value* as a person reads it: three digits, thousands set apart."""
    if abs(value) >= 1000 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3g}"


def _test(test: Mapping[str, Any] | None) -> str:
    if not test:
        return ""
    p = "< 0.0001" if test["p"] < 0.0001 else f"{test['p']:.2g}"
    return f"D {test['ks']:.3f}, p {p}, n {test['n'][0]:,} and {test['n'][1]:,}"


def _made(result: Mapping[str, Any]) -> list[str]:
    if not result:
        return []
    m = result["machine"]
    return [
        "",
        f"Marginals were made on {m['cores']} cores ({m['cpu']}), Python {m['python']}, numpy {m['numpy']}, polars "
        f"{m['polars']}, scipy {m['scipy']}, by the generator `{result['generator'][:19]}`.",
    ]


def _result(name: str) -> dict[str, Any]:
    path = HERE / "results" / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found
