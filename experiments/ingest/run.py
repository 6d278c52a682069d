"""Measure how long files take to become a ledger, and how much memory: python experiments/ingest/run.py.

A file in AMLworld's layout is made, then each way of reading it runs in a process of its own, so that peak memory is
its own. Peers read the same file and do far less: they parse types and sort by time, without any check, account
numbers, quarantine or rates.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import polars as pl

HEADER = (
    "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,"
    "Amount Paid,Payment Currency,Payment Format,Is Laundering\n"
)
CURRENCIES = (
    "US Dollar", "Euro", "Yuan", "Yen", "UK Pound", "Swiss Franc", "Australian Dollar", "Rupee", "Ruble", "Bitcoin",
    "Canadian Dollar", "Mexican Peso", "Saudi Riyal", "Shekel", "Brazil Real",
)  # fmt: skip
FORMATS = ("Cheque", "Credit Card", "ACH", "Cash", "Reinvestment", "Wire", "Bitcoin")
SLICE = 200_000  # rows that the standard library's csv module reads; its time is scaled up


def make(path: Path, rows: int, accounts: int, seed: int) -> None:
    """Write *rows* transactions between *accounts* accounts, a tenth of them paid by the first thousand."""
    rng = np.random.default_rng(seed)
    bank = pl.Series([f"{'0' * (1 + b % 3)}{b}" for b in rng.integers(10, 30_000, accounts)])
    number = pl.Series([f"8{n:08X}" for n in rng.permutation(16**5 * 16)[:accounts] * 16])
    minutes = pl.datetime_range(pl.datetime(2022, 9, 1), pl.datetime(2022, 9, 18), "1m", eager=True, closed="left")
    text = minutes.dt.strftime("%Y/%m/%d %H:%M")
    with path.open("wb") as file:
        file.write(HEADER.encode())
        for done in range(0, rows, 1_000_000):
            n = min(1_000_000, rows - done)
            hub = rng.random(n) < 0.1
            payer = np.where(hub, rng.integers(0, 1000, n), rng.integers(0, accounts, n))
            payee = np.where(rng.random(n) < 0.1, payer, rng.integers(0, accounts, n))
            money = pl.Series(CURRENCIES).gather(rng.choice(15, n, p=np.array([37, 23, *[40 / 13] * 13]) / 100))
            cents = np.maximum(rng.lognormal(11, 2.5, n), 1).astype(np.int64)
            amount = pl.Series(cents // 100).cast(pl.String) + "." + pl.Series(cents % 100).cast(pl.String).str.zfill(2)
            when = pl.Series(np.minimum((rng.beta(1.2, 2, n) * len(minutes)).astype(np.int64), len(minutes) - 1))
            pl.DataFrame(
                [
                    text.gather(when), bank.gather(payer), number.gather(payer), bank.gather(payee), number.gather(payee),
                    amount, money, amount, money, pl.Series(FORMATS).gather(rng.integers(0, 7, n)),
                    pl.Series((rng.random(n) < 0.001).astype(np.int8)),
                ],
                schema=[str(i) for i in range(11)],
            ).write_csv(file, include_header=False)  # fmt: skip


def ledger(path: Path) -> int:
    """Read with muletrail and save."""
    import ingest

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        found = ingest.read("ibm_aml", [path], ingest.Options())
        found.save(Path(folder) / "ledger")
        return found.meta.rows_in


def polars_sorted(path: Path) -> int:
    """Read with polars, which guesses types, and sort by time and payer."""
    return pl.read_csv(path, try_parse_dates=True).sort("Timestamp", "Account").height


def polars_text_sorted(path: Path) -> int:
    """Read with polars as text, as bank codes with zeros need it, and sort by time and payer."""
    return pl.read_csv(path, infer_schema=False).sort("Timestamp", "Account").height


def pyarrow_sorted(path: Path) -> int:
    """Read with pyarrow, which guesses types, and sort by time."""
    from pyarrow import csv

    names = HEADER.strip().replace("Account,To", "Payer,To").split(",")
    table = csv.read_csv(path, csv.ReadOptions(column_names=names, skip_rows=1))
    return int(table.sort_by("Timestamp").num_rows)


def python_csv(path: Path) -> int:
    """Read a slice with the standard library's csv module into lists, as a plain loader does."""
    import csv

    with path.open(newline="", encoding="utf-8") as file:
        return len([row for row, _ in zip(csv.reader(file), range(SLICE), strict=False)])


WAYS = {f.__name__: f for f in (ledger, polars_sorted, polars_text_sorted, pyarrow_sorted, python_csv)}


def measured(way: str, path: Path) -> dict[str, float]:
    """Return seconds and peak memory of one way, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--way", way, "--file", str(path)], capture_output=True, text=True, check=True
    )
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def one(way: str, path: Path) -> None:
    """Run one way and print what it took."""
    start = time.perf_counter()
    rows = WAYS[way](path)
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20
    print(
        json.dumps(
            {"rows": rows, "seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2), "peak_gb": round(peak, 2)}
        )
    )


def machine() -> dict[str, object]:
    """Return what the numbers depend on."""
    model = [
        x.split(":")[1].strip() for x in Path("/proc/cpuinfo").read_text().splitlines() if x.startswith("model name")
    ]
    packages = {name: version(name) for name in ("muletrail", "polars", "pyarrow", "numpy")}
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": model[0] if model else "unknown",
        "python": platform.python_version(),
        **packages,
    }


def main() -> None:
    """Make the file, run all ways, write result.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--accounts", type=int, default=500_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--file", type=Path)
    asked = parser.parse_args()
    if asked.way:
        one(asked.way, asked.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Made_Trans.csv"
        make(path, asked.rows, asked.accounts, asked.seed)
        runs = {way: [measured(way, path) for _ in range(asked.runs)] for way in WAYS}
        size = path.stat().st_size
    best = {way: min(found, key=lambda r: r["seconds"]) for way, found in runs.items()}
    python = best["python_csv"]["seconds"] * asked.rows / SLICE
    mine = best["ledger"]["seconds"]
    result = {
        "asked": {
            "rows": asked.rows,
            "accounts": asked.accounts,
            "seed": asked.seed,
            "runs": asked.runs,
            "file_mb": size >> 20,
        },
        "machine": machine(),
        "load": round(os.getloadavg()[0], 2),
        "best": best,
        "all_seconds": {way: [r["seconds"] for r in found] for way, found in runs.items()},
        "python_csv_scaled_to_all_rows_seconds": round(python, 1),
        "times_of": {
            **{way: round(mine / best[way]["seconds"], 2) for way in WAYS if way not in ("ledger", "python_csv")},
            "python_csv": round(mine / python, 2),
        },
        "note": "python_csv reads a slice and is scaled up; peers parse and sort only: no checks, accounts, rates, ids, save.",
    }
    Path(__file__).with_name("result.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
