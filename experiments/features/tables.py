"""Compare the activity family with DuckDB and with polars: equal values first, then seconds on the same rows."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from experiments.features.apart import answer, apart, finish
from experiments.features.equal import agreement, different
from experiments.features.payments import load, write
from graphml.families import Families

__all__ = ["WAYS", "check", "peers"]

_DUCK = str(Path(__file__).parent / "duck.py")
WAYS = ("duckdb frames", "duckdb join", "polars")


def peers(ledgers: dict[int, str], small: str, python: str, threads: int, limit: float, checked: int) -> dict[str, Any]:
    """Return for each way whether its values are ours, and for each size seconds of both and their ratio.

    *python* is that of the comparators, "" where there are none. A way that was not done in time is not tried on more.
    """
    ways = [way for way in WAYS if python or way == "polars"]
    sizes: dict[str, Any] = {}
    with TemporaryDirectory() as folder:
        first = next(iter(ledgers.values()))
        apart("tables", ledger=first, rows=checked, place=f"{folder}/check.parquet")
        equal = {way: _checked(way, first, checked, folder, python, threads) for way in ways}
        given_up: set[str] = set()
        for rows, ledger in ledgers.items():
            place = f"{folder}/payments.parquet"
            apart("tables", ledger=ledger, rows=None, place=place)
            mine = apart("payments", ledger=ledger, small=small, rows=None, names=["activity"])
            took: dict[str, Any] = {"ours": mine}
            for way in ways:
                if way in given_up:
                    continue
                found = _run(way, place, "", python, threads, limit)
                if "failed" in found:
                    given_up.add(way)
                    found["ratio_at_least"] = round(found.get("limit", 0) / mine["seconds"], 1)
                else:
                    found["ratio"] = round(found["seconds"] / mine["seconds"], 1)
                took[way] = found
            sizes[str(rows)] = took
    return {"family": "activity", "columns": 216, "equal": equal, "sizes": sizes}


def _checked(way: str, ledger: str, rows: int, folder: str, python: str, threads: int) -> dict[str, Any]:
    out = Path(folder) / "out"
    out.mkdir(exist_ok=True)
    found = _run(way, f"{folder}/check.parquet", str(out), python, threads, None)
    return found if "failed" in found else check(ledger, rows, out)


def _run(way: str, place: str, out: str, python: str, threads: int, limit: float | None) -> dict[str, Any]:
    if way == "polars":
        return apart("frames", limit, payments=place, out=out)
    asked = {"payments": place, "way": way.removeprefix("duckdb "), "threads": threads, "out": out}
    return finish([python, _DUCK, json.dumps(asked)], limit)


def check(ledger: str, rows: int, out: Path) -> dict[str, Any]:
    """Return how the values in *out*, of both sides, agree with ours on the first *rows*."""
    family, graph = Families.of(["activity"]), load(ledger, rows)
    mine = family.transactions(graph)
    place, unequal = {f.name: i for i, f in enumerate(family.of_transactions)}, {}
    for side in ("in", "out"):
        found = pl.read_parquet(out / f"{side}.parquet").sort("row")
        for end in ("payer", "payee"):
            told = found.filter(pl.col("asks") == end)
            for name in told.columns[2:]:
                kind, window = name.split("_")
                column, mean = place[f"{end}_{side}_{name}"], place[f"{end}_{side}_mean_{window}"]
                around = mine[:, mean] if kind == "deviation" else None
                apart_ = different(kind, mine[:, column], told[name].fill_null(float("nan")).to_numpy(), around)
                unequal[f"{end}_{side}_{name}"] = int(apart_.sum())
    return agreement(unequal, len(graph))


def _write(ledger: str, rows: int | None, place: str) -> dict[str, Any]:
    graph = load(ledger, rows)
    write(graph, Path(place))
    return {"rows": len(graph)}


if __name__ == "__main__":
    answer(_write)
