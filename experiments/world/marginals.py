"""Compare generated worlds with AMLworld, published and genuine: python -m experiments.world.marginals [--check].

Worlds of `marginals.toml` are made and measured; `results/marginals.json` holds what came out, and `docs/world.md` is
written from it. With --check nothing is made: the answer is whether the page equals the result.
"""

import argparse
import json
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from experiments.world.machine import digest, generator, machine
from experiments.world.page import PAGE, page
from ingest.world.generate import generate
from ingest.world.measured import attempts, background
from ingest.world.measured.measures import Measures, statistic
from ingest.world.measured.published import genuine, patterns

__all__ = ["RESULT", "main", "measured"]

HERE = Path(__file__).parent
RESULT = HERE / "results" / "marginals.json"


def measured(preset: str, switches: list[str], rows: int, seeds: list[int]) -> Measures:
    """Return the measures of a world: all rows of the first seed's, attempts of all seeds'."""
    found, pool, inside, dirty = Measures(), [], 0, 0
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            out = generate(preset, rows, seed, Path(folder) / "world", switches)
            if seed == seeds[0]:
                found.add(background.measure(background.Folder.of(out)))
            pool += attempts.read(next(out.glob("*_Patterns.txt")))
            key = background.laundering(json.loads((out / "answers.json").read_text(encoding="utf-8")))
            inside, dirty = inside + key[0], dirty + key[1]
    found.numbers["laundering: rows for each that launders, all seeds"] = rows * len(seeds) / dirty
    found.shares["laundering: rows inside attempts, all seeds"] = (inside, dirty)
    found.add(attempts.measure(pool))
    return found


def _run() -> dict[str, Any]:
    asked = tomllib.loads((HERE / "marginals.toml").read_text(encoding="utf-8"))
    real = genuine()
    worlds = []
    for world in asked["world"]:
        sys.stderr.write(f"{world}\n")
        mine = measured(world["preset"], world["switches"], world["rows"], world["seeds"])
        # Genuine attempts are of HI-Small; another preset has other lengths.
        tests = statistic(real, mine) if real and world["preset"] == "hi-small" else {}
        worlds.append({**world, "measures": mine.summaries(), "statistics": tests})
    return {
        "machine": machine("scipy"),
        "generator": generator(),
        "asked": digest([HERE / "marginals.toml", Path(attempts.__file__).parent / "published.toml"]),
        "genuine": {"file": digest([patterns()]), "measures": real.summaries()} if real else None,
        "worlds": worlds,
    }


def main() -> None:
    """Run, or check the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--page", action="store_true", help="only write the page from the results")
    asked = parser.parse_args()
    if asked.check:
        same = PAGE.read_text(encoding="utf-8") == page()
        print(f"docs/{PAGE.name} {'equals' if same else 'differs from'} the results.")
        sys.exit(0 if same else 1)
    if not asked.page:
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps(_run(), indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
