"""Write what was measured as tables in Markdown."""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["lines"]

Result = Mapping[str, Any]


def lines(result: Result) -> list[str]:
    """Return the lines of all parts that *result* holds."""
    parts, targets = result.get("parts", {}), result.get("targets", {})
    told: list[str] = []
    for name, part in _PARTS.items():
        if name in parts:
            found, m = parts[name], parts[name]["machine"]
            told += ["", f"## {name}", "", f"{m['cores']} cores ({m['cpu']}), load {m['load']} at the end.", ""]
            if "failed" in found:
                told.append(f"Not measured: {found['failed']}.")
            elif "skipped" in found and name == "gfp":
                told.append(f"Not measured: {found['skipped']}.")
            else:
                told += part(found, targets)
    return told


def _families(found: Result, targets: Result) -> Iterator[str]:
    sizes = {rows: one for rows, one in found["sizes"].items() if "took" in one}
    for rows, one in found["sizes"].items():
        if "failed" in one:
            yield f"{int(rows):,} rows: not measured, {one['failed']}."
    if not sizes:
        return
    head = " | ".join(f"{int(rows):,} rows: µs a transaction | of processor time" for rows in sizes)
    yield f"| family | {head} | growth exponent | of processor time | of that, without the system's |"
    yield "|---|" + "---|---|" * len(sizes) + "---|---|---|"
    for name in next(iter(sizes.values()))["took"]:
        cells = [
            f"{one['took'][name]['us']:.2f} | {one['took'][name]['cpu_us']:.2f}" if name in one["took"] else " | "
            for one in sizes.values()
        ]
        grown = found["growth_exponent"].get(name, {})
        exponents = " | ".join(str(grown.get(key, "")) for key in ("seconds", "cpu_seconds", "own_seconds"))
        yield f"| {name} | {' | '.join(cells)} | {exponents} |"
    peaks = [f"{one['gb_of_all']} GB | load {one['machine_load'][0]}" for one in sizes.values()]
    yield f"| most memory for all | {' | '.join(peaks)} | | | |"
    yield ""
    most = ", ".join(f"{gb:g} GB at {int(rows):,}" for rows, gb in targets["gb"].items())
    yield (
        f"Targets: all {targets['us']:g} µs, without path {targets['us_without_path']:g} µs, {most}, growth exponent "
        f"{targets['growth']:g}. All are computed side by side as `muletrail features` does, each family of the rest "
        "alone on both cores, to fewer rows; columns are let go when they are complete, and nothing is written."
    )


def _hub(found: Result, targets: Result) -> Iterator[str]:
    (rows, without), (share, usual) = found["rows"], found["busiest_share"]
    yield (
        f"{rows:,} rows of which one account is in {share:.1%}, and the {without:,} others alone (busiest account "
        f"{usual:.2%}). Target: ratio at most {targets['hub']:g}."
    )
    yield ""
    yield "| family | µs with the hub | without | ratio | of processor time |"
    yield "|---|---|---|---|---|"
    for name, one in found["families"].items():
        yield f"| {name} | {one['hub_us']:.2f} | {one['us']:.2f} | {one['ratio']:.2f} | {one['cpu_ratio']:.2f} |"


def _day(found: Result, targets: Result) -> Iterator[str]:
    made, gone = found["making"], found.get("going_on", {"failed": "no state"})
    for one in (made, gone):
        if "failed" in one:
            yield f"Not measured: {one['failed']}."
            return
    yield f"{gone['told']:,} rows appended to {made['rows']:,} of which {made['held']:,} are held. "
    yield ""
    yield "| load | tell | save | together | target | state | equal to the byte | whole computation |"
    yield "|---|---|---|---|---|---|---|---|"
    parts = " | ".join(f"{gone[key]['seconds']:.1f} s" for key in ("load", "tell", "save"))
    yield (
        f"| {parts} | {gone['load_tell_save_seconds']:.1f} s | {targets['day_seconds']:g} s | {gone['state_mb']:,} MB | "
        f"{'yes' if gone['equal_to_the_byte'] else 'no: ' + ', '.join(gone['unequal'])} | {gone['whole_seconds']:.1f} s |"
    )
    yield ""
    yield f"The quickest of {len(gone['all_seconds'])} runs; load, tell and save took {gone['all_seconds']} s."
    yield f"Reading the ledger takes {gone['read_ledger_seconds']:.1f} s before; most memory {gone['peak_gb']} GB."
    near = found["at_hand"]
    yield (
        f"To write to a GB that is new to a process took {gone['fresh_gb_seconds']} s on this machine. With "
        f"{near['at_hand_gb']} GB that it had fetched from its host just before ({near['mean_gb_seconds']} s each), load, tell "
        f"and save took {near['all_seconds']} s."
    )


def _refresh(found: Result, _: Result) -> Iterator[str]:
    one, wait = found["communities"], found["waiting"]
    yield f"Communities of {one['accounts']:,} accounts and {one['pairs']:,} pairs, on the last refresh day."
    yield ""
    yield "| search | modularity | seconds |"
    yield "|---|---|---|"
    for way, told in one["ways"].items():
        yield f"| {way} | {told['modularity']:.3f} | {told['seconds']:.1f} |"
    yield ""
    kept = ", ".join(f"{name} {value:.2f}" for name, value in wait["rank_correlation"].items())
    yield (
        f"Waiting for a refresh day, over the {wait['rows']:,} payments of the last two days: `same_community` changes for "
        f"{wait['same_community_changes']:.1%}; rank correlations with a refresh each day: {kept}. "
        f"{wait['seconds']['by the calendar']:.1f} s instead of {wait['seconds']['each day']:.1f} s."
    )


def _gfp(found: Result, targets: Result) -> Iterator[str]:
    yield f"Equal values: {_equal(found['equal'])}"
    drift = {name: rows for name, rows in found["equal"].get("rows_in_which_the_peer_has_drifted", {}).items() if rows}
    if drift:
        told = ", ".join(f"{name} in {rows}" for name, rows in drift.items())
        yield f"Rows in which the peer's variance is off the definition, and ours on it: {told}."
    yield ""
    yield "| payments | patterns | ours | rows done | of | µs a transaction | ratio | of processor time |"
    yield "|---|---|---|---|---|---|---|---|"
    for graph in ("world", "without_hub", "hub"):
        of = found[graph]
        if "failed" in of:
            yield f"| {graph} | {of['failed']} | | | | | | |"
            continue
        for name, one in of.items():
            if not isinstance(one, dict) or "threads" not in one:
                continue
            cells = f"| {graph} | {name} | {' + '.join(one['families'])} |"
            if "ratio" not in one:
                yield f"{cells} {_reasons(one['threads'])} | {of['rows']:,} | | | |"
                continue
            ratios = f"{one['ratio']:.1f} | {one['cpu_ratio']:.1f}"
            yield f"{cells} {one['rows']:,} | {of['rows']:,} | {one['gfp_us']:.1f} | {ratios} |"
    yield ""
    limits = f"{found['settings']['limit']:g} s, {found['settings']['hub_limit']:g} s beside the hub"
    yield (
        f"Where fewer rows are done than there are, the time was over ({limits}). The quicker of "
        f"{found['settings']['threads']} threads counts. Target: {targets['gfp']:g}."
    )


def _reasons(tried: Result) -> str:
    return "; ".join(f"{threads} threads: {one.get('failed', 'none')}" for threads, one in tried.items())


def _tables(found: Result, targets: Result) -> Iterator[str]:
    for way, one in found["equal"].items():
        yield f"- {way}: {_equal(one)}"
    if "skipped" in found:
        yield f"- {found['skipped']}"
    ways = list(found["equal"])
    yield ""
    yield f"| rows | ours | {' | '.join(f'{way} | ratio' for way in ways)} |"
    yield "|---|---|" + "---|---|" * len(ways)
    for rows, one in found["sizes"].items():
        cells = [_way(one.get(way)) for way in ways]
        yield f"| {int(rows):,} | {one['ours']['seconds']:.2f} s | {' | '.join(cells)} |"
    yield ""
    yield f"Targets: {targets['duckdb']:g} times DuckDB, {targets['polars']:g} times polars."


def _way(one: Result | None) -> str:
    if one is None:
        return "not tried after the size before | "
    if "ratio" in one:
        return f"{one['seconds']:.1f} s | {one['ratio']:.1f}"
    return f"{one['failed']} | " + (f"at least {one['ratio_at_least']:.1f}" if one.get("ratio_at_least") else "")


def _plain(found: Result, targets: Result) -> Iterator[str]:
    yield "| part | rows | columns | equal values | seconds | ours | ratio |"
    yield "|---|---|---|---|---|---|---|"
    for name in ("activity", "path"):
        one = found[name]
        yield (
            f"| {name} | {one['rows']:,} | {one['columns']} | {_equal(one['equal'])} | {one['seconds']:.1f} | "
            f"{one['ours']['seconds']:.3f} | {one['ratio']:.0f} |"
        )
    yield ""
    yield (
        f"Of a world of {found['rows']:,} payments over the same ten days; nothing is extrapolated. Of path the plain "
        f"way has {found['path']['columns']} columns, ours all. Target: {targets['plain']:g}."
    )


def _equal(one: Result) -> str:
    if "failed" in one:
        return f"not checked, {one['failed']}"
    if one["equal"]:
        return f"{one['features']} features equal in {one['rows']:,} rows"
    told = ", ".join(f"{name} ({rows} rows)" for name, rows in one["different"].items())
    return f"of {one['features']} features in {one['rows']:,} rows these differ: {told}"


_PARTS = {
    "families": _families,
    "hub": _hub,
    "day": _day,
    "refresh": _refresh,
    "gfp": _gfp,
    "tables": _tables,
    "plain": _plain,
}
