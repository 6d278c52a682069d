"""Write docs/world.md from the results."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.world.tables import difficulty, speed
from ingest.world.measured.published import published
from ingest.world.measured.rows import rows

__all__ = ["PAGE", "page"]

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "world.md"
_HEAD = """# The generated world, measured

Made by `python -m experiments.world.marginals`, `difficulty` and `speed` from `experiments/world/results`; do not edit.
`muletrail generate PRESET --out FOLDER --report` draws the same measures of a world of your own: `FOLDER/world.html`.

**published**: what papers say of AMLworld's files, or what was measured from them; sources below. **genuine**: the
370 attempts of `HI-Small_Patterns.txt`, measured here by the code that measures the generated ones.
**generated**: what our generator made. **statistic**: the two-sample Kolmogorov-Smirnov statistic D between genuine and
generated values, its p value and how many values each side has. D is the greatest gap between the two cumulative
shares. p takes values as independent; those of payments and accounts within one attempt are not, so their p is too
small. Hours and days are discrete, which makes p too large. Published spans take attempts of one payment as 0 hours;
genuine and generated ones here leave such attempts out. The paper's formats are those of LI-Large, 97 days, where
interest paid on the first of a month weighs less than in ten days that begin with one. Cells without a value: not published, or not in the file.

Where generated worlds differ, and why. *Hops that stay in one currency*: a gang draws 85 % of its accounts from its own
currency, as everyone does with partners, so that an account abroad tells nothing; AMLworld's attempts are more mixed
than that. *Within 6, 24 and 48 hours*: an attempt fills a part of the longest span that is drawn evenly for its typology,
and few fill so little; short ones were not fitted. *All in before anything out*: a middle account waits for all its
money, which is how the answer key can be checked; only a gather-scatter need not. *Accounts in more than one attempt*:
the same gang uses one again, nobody else does. *To oneself*: mostly interest on the first of the month; the rest is
reinvested at any hour of any day, as launderers do. *First day*: without `tail` an attempt begins and ends inside
the world, so in ten days the middle ones have most of them, twice the mean on days 5 and 6 and a third of it on the last; normal
groups are drawn likewise. A model that is given the day learns that; worlds of months show little of it. *Formats in uk-retail*: given who pays whom and
how much, gangs use the formats of normal life; but a chain of mules is persons who pay persons, by Faster Payments, where
most persons pay shops by card. Format and amount alone therefore tell a little, see the table of shortcuts.
"""


def page() -> str:
    """Return the page."""
    result = _result("marginals")
    lines = [_HEAD, "Sources of published values:", ""]
    lines += [f"- {name}: {text}." for name, text in published()["sources"].items()]
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
        told = {name: value for part in published()[world["preset"]].values() for name, value in part.items()}
        lines += ["| " + " | ".join(row) + " |" for row in rows(world["measures"], told, mine, world["statistics"])]
    lines += difficulty(_result("difficulty")) + speed(_result("speed")) + _made(result)
    return "\n".join(lines) + "\n"


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
