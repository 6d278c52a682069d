"""Measure the speed of features: python -m experiments.features.speed [PART ...] [--worlds DIR] [--table].

Parts are families, hub, day, refresh, gfp, tables and plain; all where none is named. result.json keeps the parts of earlier
calls. Every part works in processes of its own. gfp and tables install snapml and duckdb into --comparators.
"""

import argparse
import json
import math
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from experiments.features import comparators, day, gfp
from experiments.features import tables as activity
from experiments.features.apart import apart
from experiments.features.table import lines
from experiments.features.worlds import Worlds
from experiments.world.machine import digest, generator, machine

__all__ = ["PARTS", "main", "measured"]

HERE = Path(__file__).parent
RESULT = HERE / "result.json"
TARGETS = {
    "us": 10.0, "us_without_path": 5.0, "gb": {"5000000": 8.0, "30000000": 20.0}, "growth": 1.1, "hub": 2.0,
    "day_seconds": 10.0, "gfp": 20.0, "duckdb": 5.0, "polars": 10.0, "plain": 500.0,
}  # fmt: skip


def main() -> None:
    """Measure the parts asked for, and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--settings", type=Path, default=HERE / "speed.toml")
    parser.add_argument("--worlds", type=Path, default=Path(".cache/worlds"))
    parser.add_argument("--comparators", type=Path, default=Path(".cache/comparators"))
    parser.add_argument("--out", type=Path, default=RESULT)
    parser.add_argument("--table", action="store_true", help="only print what was measured earlier")
    asked = parser.parse_args()
    if unknown := [part for part in asked.parts if part not in PARTS]:
        parser.error(f"there is no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    if not asked.table:
        wanted = tomllib.loads(asked.settings.read_text(encoding="utf-8"))
        worlds = Worlds(asked.worlds, wanted["preset"], wanted["seed"])
        for part in asked.parts or PARTS:
            keep(asked.out, part, wanted, PARTS[part](wanted, worlds, asked.comparators))
    print("\n".join(lines(measured(asked.out))))


def measured(place: Path) -> dict[str, Any]:
    """Return what *place* holds, nothing where it is not there."""
    found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8")) if place.is_file() else {}
    return found


def keep(place: Path, part: str, wanted: dict[str, Any], found: dict[str, Any]) -> None:
    """Write what was *found* of *part* into *place*, beside the other parts, with what it depends on."""
    graphml = sorted((HERE.parents[1] / "graphml").rglob("*.py"))
    about = {
        "settings": wanted[part], "machine": machine("numba", "networkx"), "generator": generator(),
        "engine": digest(graphml),
    }  # fmt: skip
    result = {"targets": TARGETS, "parts": measured(place).get("parts", {})}
    result["parts"][part] = {**about, **found}
    place.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _families(wanted: dict[str, Any], worlds: Worlds, _: Path) -> dict[str, Any]:
    small, asked = worlds.ledger(wanted["warm"]), wanted["families"]
    names = asked.get("names")
    same = {"small": small, "names": names}
    sizes = {
        rows: apart("families", ledger=worlds.ledger(rows), alone=rows <= asked["alone"], **same)
        for rows in asked["rows"]
    }
    done = {rows: found for rows, found in sizes.items() if "took" in found}
    return {"sizes": {str(rows): found for rows, found in sizes.items()}, "growth_exponent": _growth(done)}


def _growth(sizes: dict[int, dict[str, Any]]) -> dict[str, dict[str, float]]:
    # Of seconds, of processor seconds, and of those outside the system, from the smallest size to the largest at which
    # each was measured.
    grown = {}
    for name, least in sizes[min(sizes)]["took"].items() if sizes else ():
        small, large = min(sizes), max(rows for rows, one in sizes.items() if name in one["took"])
        if small < large:
            decades = math.log(large / small)
            both = [(one["seconds"], one["cpu_seconds"], one["cpu_seconds"] - one["system_seconds"]) for one in (
                least, sizes[large]["took"][name])]  # fmt: skip
            each = [
                round(math.log(max(most, 1e-9) / max(few, 1e-9)) / decades, 3) for few, most in zip(*both, strict=True)
            ]
            grown[name] = dict(zip(("seconds", "cpu_seconds", "own_seconds"), each, strict=True))
    return grown


def _hub(wanted: dict[str, Any], worlds: Worlds, _: Path) -> dict[str, Any]:
    asked = wanted["hub"]
    same = {"ledger": worlds.ledger(asked["rows"]), "small": worlds.ledger(wanted["warm"]), "seed": wanted["seed"]}
    return apart("hub", share=asked["share"], runs=asked["runs"], names=asked.get("names"), **same)


def _day(wanted: dict[str, Any], worlds: Worlds, _: Path) -> dict[str, Any]:
    asked = wanted["day"]
    same = {"ledger": worlds.ledger(asked["rows"]), "small": worlds.ledger(wanted["warm"]), "names": asked.get("names")}
    return day.measure(appended=asked["appended"], runs=asked["runs"], **same)


def _refresh(wanted: dict[str, Any], worlds: Worlds, _: Path) -> dict[str, Any]:
    asked = wanted["refresh"]
    return apart("refresh", ledger=worlds.ledger(asked["rows"]), waiting=worlds.ledger(asked["waiting"]))


def _gfp(wanted: dict[str, Any], worlds: Worlds, folder: Path) -> dict[str, Any]:
    python, why = comparators.install(folder)
    if why:
        return {"skipped": why}
    asked, hub = wanted["gfp"], wanted["hub"]
    ledgers = {"ledger": worlds.ledger(asked["rows"]), "hub_ledger": worlds.ledger(asked["hub_rows"])}
    same = {"python": python, "small": worlds.ledger(wanted["warm"]), "share": hub["share"], "seed": wanted["seed"]}
    return {"versions": comparators.versions(python), **gfp.peers({**ledgers, **same}, asked)}


def _tables(wanted: dict[str, Any], worlds: Worlds, folder: Path) -> dict[str, Any]:
    python, why = comparators.install(folder)
    asked, small = wanted["tables"], worlds.ledger(wanted["warm"])
    ledgers = {rows: worlds.ledger(rows) for rows in asked["rows"]}
    how = {"threads": asked["threads"], "limit": asked["limit"], "checked": asked["check"]}
    found = activity.peers(ledgers, small, "" if why else python, **how)
    return {"skipped": why, **found} if why else {"versions": comparators.versions(python), **found}


def _plain(wanted: dict[str, Any], worlds: Worlds, _: Path) -> dict[str, Any]:
    asked = wanted["plain"]
    return apart("plain", ledger=worlds.ledger(asked["rows"]), small=worlds.ledger(wanted["warm"]), **asked)


PARTS: dict[str, Callable[[dict[str, Any], Worlds, Path], dict[str, Any]]] = {
    "families": _families,
    "hub": _hub,
    "day": _day,
    "refresh": _refresh,
    "gfp": _gfp,
    "tables": _tables,
    "plain": _plain,
}


if __name__ == "__main__":
    main()
