"""Join payments with themselves in DuckDB: PYTHON self_join.py ASKED, in the environment that has it.

ASKED is JSON: `payments` a Parquet file with source, target and time (microseconds), `window`, `middles` and `threads`.
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


def main() -> None:
    """Print how many pairs of accounts there are, and the seconds that the query took."""
    asked = json.loads(sys.argv[1])
    base = duckdb.connect()
    base.execute(f"SET threads = {int(asked['threads'])}")
    base.execute("CREATE TABLE kept AS SELECT * FROM read_parquet(?)", [asked["payments"]])
    start = time.perf_counter()
    found = base.execute(_JOIN, {key: asked[key] for key in ("window", "middles")}).fetchall()
    print(json.dumps({"found": len(found), "seconds": round(time.perf_counter() - start, 3)}))


if __name__ == "__main__":
    main()
