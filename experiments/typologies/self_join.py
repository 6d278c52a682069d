"""Join payments with themselves in DuckDB: PYTHON self_join.py ASKED, in the environment that has it.

ASKED is JSON: `payments` a Parquet file with source, target, time (microseconds) and value, `window` and `threads`; for
scatter-gathers `middles`, for cycles `shortest`, `longest`, `keep` and `most`.
"""

import json
import sys
import time

import duckdb  # type: ignore[import-not-found]

# One account pays several, each of which later pays the same other account; the widest span of times is not asked for.
_JOIN = """
SELECT a.source, b.target, count(DISTINCT a.target) AS middles
FROM kept a JOIN kept b ON a.target = b.source AND b.time > a.time AND b.time <= a.time + $window
WHERE a.source <> a.target AND b.source <> b.target AND a.source <> b.target
GROUP BY a.source, b.target HAVING count(DISTINCT a.target) >= $middles
"""


def _cycle(length: int) -> str:
    # The payments of each cycle; no account twice, times and amounts as in ours.
    at = range(1, length + 1)
    joins = [
        f"JOIN kept p{i} ON p{i}.source = p{i - 1}.target AND p{i}.time > p{i - 1}.time AND p{i}.time <= p1.time + $window "
        f"AND p{i}.value >= $keep * p{i - 1}.value AND p{i}.value <= $most * p{i - 1}.value"
        for i in at[1:]
    ]
    apart = [f"p{i}.source <> p{j}.source" for i in at for j in at if i < j]
    rows, where = ", ".join(f"p{i}.row" for i in at), " AND ".join([f"p{length}.target = p1.source", *apart])
    return f"SELECT [{rows}] FROM kept p1 {' '.join(joins)} WHERE {where}"  # noqa: S608 - numbers of our own


def main() -> None:
    """Print how many pairs of accounts, or cycles, there are, and the seconds that the query took."""
    asked = json.loads(sys.argv[1])
    base = duckdb.connect()
    base.execute(f"SET threads = {int(asked['threads'])}")
    base.execute("CREATE TABLE kept AS SELECT row_number() OVER () AS row, * FROM read_parquet(?)", [asked["payments"]])
    base.execute("SET enable_progress_bar = false")
    if "longest" in asked:
        texts, keys = [_cycle(k) for k in range(asked["shortest"], asked["longest"] + 1)], ("window", "keep", "most")
    else:
        texts, keys = [_JOIN], ("window", "middles")
    start = time.perf_counter()
    found = [row for text in texts for row in base.execute(text, {key: asked[key] for key in keys}).fetchall()]
    print(json.dumps({"found": len(found), "seconds": round(time.perf_counter() - start, 3)}))


if __name__ == "__main__":
    main()
