"""Measure rings against the answer key."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import compress

import numba
import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.ledger import Ledger
from graphml.lists import Lists
from graphml.ring import Ring
from graphml.window import DAY

__all__ = ["evaluate", "hit_any", "is_hit"]

_HALF, _ALIKE = 0.5, 0.3  # share of an attempt that is found, Jaccard index; at least
_CUTS = (10, 20, 50)
_LISTS = (100, 1000)  # rings; recall in a list nobody can read says little


def is_hit(found: frozenset[int], true: frozenset[int]) -> bool:
    """Return whether at least half of *true* is found and the Jaccard index is at least 0.3 (design, section 8)."""
    common = len(found & true)
    return common >= _HALF * len(true) and common >= _ALIKE * len(found | true)


def hit_any(found: Lists, true: Lists, size: int) -> NDArray[np.bool_]:
    """Return (found,) which sets of accounts hit one of those that are *true*, as `is_hit` says; *size* is N accounts."""
    holders = true.holders(size)
    hit: NDArray[np.bool_] = _hit((found.start, found.values), (holders.start, holders.values), np.diff(true.start))
    return hit


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _hit(found, holders, sizes) -> NDArray[np.bool_]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    (start, account), (first, true) = found, holders
    hit, common = np.zeros(len(start) - 1, np.bool_), np.zeros(len(sizes), np.int64)
    for i in range(len(hit)):
        own = account[start[i] : start[i + 1]]
        for end in own:
            for k in range(first[end], first[end + 1]):
                common[true[k]] += 1
        for end in own:
            for k in range(first[end], first[end + 1]):
                shared, size = common[true[k]], sizes[true[k]]
                common[true[k]] = 0
                hit[i] |= shared > 0 and shared >= _HALF * size and shared >= _ALIKE * (len(own) + size - shared)
    return hit


def evaluate(ledger: Ledger, rings: Sequence[Ring], seed: int = 0, since: int = 0) -> dict[str, object]:
    """Return precision and recall of *rings* (best first), beside a size-only and a random order of the same rings.

    Only attempts that begin at or after *since* (microseconds UTC) count, so that no model was fitted on them, and rings
    whose middle payment is made then, for one stray early payment does not make a ring an old one; one that hits only
    an earlier attempt is neither right nor wrong and left out. An attempt whose transactions are not known always counts.
    Attempts are those of laundering with at least three accounts. Containment is the mean over attempts of the
    best share of accounts found in one ring; dilution the mean share of foreign accounts in that ring. Days to alert go
    from an attempt's first payment to the last of the ring that hits it and ends first, after which a daily run could
    have told it: quantiles over the attempts that are hit.
    """
    attempts, typology, before = _attempts(ledger, since)
    rings = _later(ledger, rings, since)
    found = [frozenset(ring.accounts) for ring in rings]
    hits = _hits(found, attempts)
    counted = [bool(names) or not early for names, early in zip(hits, _hits(found, before), strict=True)]
    rings, found = list(compress(rings, counted)), list(compress(found, counted))
    hits = list(compress(hits, counted))
    size = sorted(range(len(rings)), key=lambda i: (-len(found[i]), rings[i].id))
    shuffled = np.random.default_rng(seed).permutation(len(rings)).tolist()
    best = {name: _best(true, found) for name, true in attempts.items()}
    seen = {name for names in hits for name in names}
    top = {name for names in hits[: max(_CUTS)] for name in names}
    return {
        "attempts": len(attempts),
        "rings": len(rings),
        "ring_recall": _share(len(seen), len(attempts)),
        **{f"recall_at_{k}": _share(len(set().union(*hits[:k])), len(attempts)) for k in _LISTS},
        **_precision(hits, range(len(rings))),
        "size_only": _precision(hits, size),
        "random": _precision(hits, shuffled),
        "containment": _mean([share for share, _ in best.values()]),
        "dilution": _mean([foreign for share, foreign in best.values() if share > 0]),
        "days_to_alert": _days(_first(ledger), rings, hits),
        "per_typology": _per_typology(typology, seen, best),
        "funnel": {
            "attempts": len(attempts),
            "touched": sum(share > 0 for share, _ in best.values()),
            "half_contained": sum(share >= 0.5 for share, _ in best.values()),
            "hit": len(seen),
            "hit_in_top_50": len(top),
        },
    }


def _later(ledger: Ledger, rings: Sequence[Ring], since: int) -> list[Ring]:
    time = ledger.transactions["time"].to_physical().to_numpy()
    return [ring for ring in rings if time[ring.rows[len(ring.rows) // 2]] >= since]


def _attempts(
    ledger: Ledger, since: int
) -> tuple[dict[str, frozenset[int]], dict[str, str], dict[str, frozenset[int]]]:
    # Those that count, with their typologies, and those that begin too early.
    accounts: dict[str, set[int]] = defaultdict(set)
    typology: dict[str, str] = {}
    for row in ledger.attempts.filter(pl.col("laundering")).iter_rows(named=True):
        accounts[row["attempt"]].add(row["account"])
        typology[row["attempt"]] = row["typology"] or "unnamed"
    early = {name for name, moment in _first(ledger).items() if moment < since}
    large = {name: frozenset(accounts[name]) for name in sorted(accounts) if len(accounts[name]) >= 3}
    kept = {name: ends for name, ends in large.items() if name not in early}
    return kept, {name: typology[name] for name in kept}, {n: ends for n, ends in large.items() if n in early}


def _first(ledger: Ledger) -> dict[str, int]:
    # Microseconds UTC of each attempt's first payment.
    time = ledger.transactions["time"].to_physical()
    rows = ledger.labels.drop_nulls("attempt").group_by("attempt").agg(pl.col("row").min())
    return {name: int(time[row]) for name, row in rows.iter_rows()}


def _days(first: Mapping[str, int], rings: Sequence[Ring], hits: Sequence[set[str]]) -> dict[str, float]:
    told: dict[str, int] = {}
    for ring, names in zip(rings, hits, strict=True):
        for name in names & first.keys():
            told[name] = min(ring.end, told.get(name, ring.end))
    days = [max(end - first[name], 0) / DAY for name, end in told.items()]
    return {f"p{q}": float(np.percentile(days, q)) for q in (50, 90)} if days else {}


def _hits(found: Sequence[frozenset[int]], attempts: Mapping[str, frozenset[int]]) -> list[set[str]]:
    where: dict[int, set[str]] = defaultdict(set)
    for name, true in attempts.items():
        for account in true:
            where[account].add(name)
    near = [{name for account in ring for name in where.get(account, ())} for ring in found]
    return [{name for name in names if is_hit(ring, attempts[name])} for ring, names in zip(found, near, strict=True)]


def _precision(hits: Sequence[set[str]], order: Sequence[int]) -> dict[str, float]:
    # Of the first k rings; fewer than k rings count as misses.
    return {f"precision_at_{k}": sum(bool(hits[i]) for i in order[:k]) / k for k in _CUTS}


def _best(true: frozenset[int], found: Sequence[frozenset[int]]) -> tuple[float, float]:
    pairs = [(len(true & ring) / len(true), -len(ring - true) / len(ring)) for ring in found if true & ring]
    share, foreign = max(pairs, default=(0.0, 0.0))
    return share, -foreign


def _per_typology(
    typology: Mapping[str, str], seen: set[str], best: Mapping[str, tuple[float, float]]
) -> dict[str, dict[str, float]]:
    counts = Counter(typology.values())
    report = {}
    for kind in sorted(counts):
        names = [name for name in typology if typology[name] == kind]
        report[kind] = {
            "attempts": counts[kind],
            "ring_recall": _share(sum(name in seen for name in names), len(names)),
            "containment": _mean([best[name][0] for name in names]),
            "dilution": _mean([best[name][1] for name in names if best[name][0] > 0]),
        }
    return report


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0
