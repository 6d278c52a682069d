"""Compute the activity family in DuckDB: PYTHON duck.py ASKED, in the environment that has it.

ASKED is JSON: `payments` a Parquet file, `way` frames or join, `threads`, `out` a folder for the values, or nothing.
Both ways give one row for each payment and end, for payments in and for payments out. **frames** lays payments and
questions into one table and slides a RANGE frame over it that ends before the instant; **join** pairs each question
with the earlier payments of its account once, and filters each window.
"""

import json
import sys
import time

import duckdb  # type: ignore[import-not-found]

HOUR = 3_600_000_000  # microseconds
WINDOWS = {"1h": HOUR, "1d": 24 * HOUR, "4d": 96 * HOUR, "8d": 192 * HOUR, "30d": 720 * HOUR, "all": None}
STATS = {
    "count": "count({v})", "sum": "coalesce(sum({v}), 0)", "mean": "avg({v})", "deviation": "stddev_pop({v})",
    "largest": "max({v})", "smallest": "min({v})", "parties": "count(DISTINCT {p})", "banks": "count(DISTINCT {b})",
    "currencies": "count(DISTINCT {c})",
}  # fmt: skip
# Of a payment the own end asks too, for its frame ends before its instant; the other end asks without a payment.
_EVENTS = """
    SELECT row, '{own}' AS asks, {account} AS account, nullif({other}, {account}) AS party, {bank} AS bank, currency,
           value, time FROM payments
    UNION ALL SELECT row, '{far}', {other}, NULL, NULL, NULL, NULL, time FROM payments
"""
_ASKS = """
    SELECT row, 'payer' AS asks, source AS account, time FROM payments
    UNION ALL SELECT row, 'payee', target, time FROM payments
"""
_JOIN = """
    SELECT a.row, a.asks, {columns} FROM asked a LEFT JOIN payments p ON p.{account} = a.account AND p.time < a.time
    GROUP BY a.row, a.asks
"""
SIDES = {
    "in": {"own": "payee", "far": "payer", "account": "target", "other": "source", "bank": "payer_bank"},
    "out": {"own": "payer", "far": "payee", "account": "source", "other": "target", "bank": "payee_bank"},
}


def frames(side: dict[str, str]) -> str:
    """Return the query of one side with frames."""
    columns, windows = [], []
    for window, width in WINDOWS.items():
        since = "UNBOUNDED" if width is None else str(width)
        windows.append(
            f"w{window} AS (PARTITION BY account ORDER BY time RANGE BETWEEN {since} PRECEDING AND 1 PRECEDING)"
        )
        for name, stat in STATS.items():
            told = stat.format(v="value", p="party", b="bank", c="currency")
            over = told.replace("(value)", f"(value) OVER w{window}") if "value" in told else f"{told} OVER w{window}"
            columns.append(f"CAST({over} AS FLOAT) AS {name}_{window}")
    return f"SELECT row, asks, {', '.join(columns)} FROM ({_EVENTS.format(**side)}) WINDOW {', '.join(windows)}"  # noqa: S608 - no value of a payment is in it


def join(side: dict[str, str]) -> str:
    """Return the query of one side with a join."""
    columns = []
    for window, width in WINDOWS.items():
        inside = "p.row IS NOT NULL" if width is None else f"p.time >= a.time - {width}"
        for name, stat in STATS.items():
            party = f"nullif(p.{side['other']}, p.{side['account']})"
            told = stat.format(v="p.value", p=party, b=f"p.{side['bank']}", c="p.currency")
            last = told.rindex("), 0)") + 1 if told.startswith("coalesce") else len(told)
            told = f"{told[:last]} FILTER (WHERE {inside}){told[last:]}"
            columns.append(f"CAST({told} AS FLOAT) AS {name}_{window}")
    return f"WITH asked AS ({_ASKS}) " + _JOIN.format(columns=", ".join(columns), account=side["account"])


def main() -> None:
    """Compute both sides and print what it took."""
    asked = json.loads(sys.argv[1])
    base = duckdb.connect()
    base.execute(f"SET threads = {int(asked['threads'])}")
    base.execute("SET temp_directory = '" + asked["payments"] + ".spilled'")
    base.execute("CREATE TABLE payments AS SELECT * FROM read_parquet(?)", [asked["payments"]])
    begin, used = time.perf_counter(), time.process_time()
    for name, side in SIDES.items():
        base.execute(f"CREATE TABLE {name}_side AS " + (frames(side) if asked["way"] == "frames" else join(side)))
    took = {"seconds": time.perf_counter() - begin, "cpu_seconds": time.process_time() - used}
    if asked.get("out"):
        for name in SIDES:
            base.execute(f"COPY {name}_side TO '{asked['out']}/{name}.parquet'")
    print(json.dumps({key: round(value, 3) for key, value in took.items()}))


if __name__ == "__main__":
    main()
