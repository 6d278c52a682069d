"""Draw a generated folder as one page for a browser.

Everything is inside the page: no script, no network. Genuine attempts are drawn beside the generated ones where
`MULETRAIL_DATA` has them, published values where the preset has them.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.world.measured import attempts, background, plots
from ingest.world.measured.measures import Measures, statistic
from ingest.world.measured.published import genuine, published
from ingest.world.measured.rows import rows
from ingest.world.preset import Preset
from ingest.world.shapes import EIGHT

__all__ = ["report"]

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 1120px; margin: 24px auto; padding: 0 16px; }
h1 { font-size: 26px; margin-bottom: 4px; } h2 { font-size: 20px; margin-top: 36px; border-bottom: 1px solid #ccc; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(520px, 1fr)); gap: 18px; }
.charts svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-size: 13px; width: 100%; } td, th { text-align: left; padding: 3px 8px;
border-bottom: 1px solid #e4e4e4; vertical-align: top; } th { background: #f4f4f4; }
"""


def report(folder: Path) -> str:
    """Return the page on *folder*, which `muletrail generate` wrote."""
    read = background.Folder.of(folder)
    mine, real = background.measure(read), genuine()
    mine.add(attempts.measure(attempts.read(read.patterns)))
    answers = read.answers
    known = {name: value for part in published().get(answers["preset"], {}).values() for name, value in part.items()}
    switches = ", ".join(f"{name}={value:g}" for name, value in answers["switches"].items()) or "none"
    small = real if answers["preset"].endswith("-small") else None
    parts = [
        f"<h1>Generated world: {escape(answers['preset'])}</h1>",
        f"<p>{answers['transactions']:,} payments between {read.accounts:,} accounts, seed {answers['seed']}; switches: "
        f"{escape(switches)}. {len(answers['attempts']):,} laundering attempts, {len(answers['placement']):,} placements, "
        f"{len(answers['integration']):,} integrations.</p>",
        f"<p>{_legend(bool(small), bool(known))}{_absent(answers['preset'], real)}</p>",
        _section("Normal life", _life(mine, known, _dollars(answers["preset"]))),
        _section("Laundering attempts", _crime(mine, small, answers)),
        f"<p>{_drawn(answers)}</p>",
        _section("Each typology", _typologies(mine, small)),
        "<h2>All numbers</h2>", _table(mine, known, small),
    ]  # fmt: skip
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Generated world</title><style>{_STYLE}</style>'
    return head + "<body>" + "\n".join(parts) + "</body></html>\n"


def _legend(genuine: bool, known: bool) -> str:
    text = ["Blue is this world."]
    if genuine:
        text.append("Red is the 370 genuine attempts of AMLworld's HI-Small.")
    if known:
        text.append("Grey is what was published on AMLworld (Altman et al., 2023; formats are those of LI-Large).")
    if not genuine and not known:
        text.append("Nothing was published that it could be compared with.")
    return " ".join(text)


def _absent(preset: str, real: Measures | None) -> str:
    if real or not preset.endswith("-small"):
        return ""
    return (
        " Not drawn, for HI-Small_Patterns.txt was not found: AMLworld's genuine attempts, with a two-sample statistic for "
        "each measure. Set MULETRAIL_DATA to the folder that has amlworld_samples/HI-Small_Patterns.txt."
    )


def _counts(answers: Mapping[str, Any]) -> dict[str, int]:
    counts = Counter(attempt["typology"] for attempt in answers["attempts"])
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _drawn(answers: Mapping[str, Any]) -> str:
    counts = _counts(answers)
    eight = sum(counts.get(name, 0) for name in EIGHT)
    other = sum(counts.values()) - eight
    more = f"; the other {other:,} are counted under Typologies only" if other else ""
    return f"Drawn are the {eight:,} attempts of the eight typologies that AMLworld's patterns file has{more}."


def _dollars(preset: str) -> str:
    # The unit of amounts, which are in dollars also where nobody pays in dollars.
    money = Preset.of(preset).money
    one = len(money.currencies) == 1
    return f"US dollars (1 {money.currencies[0]} = {money.rates[0]:g})" if one else "US dollars"


def _life(mine: Measures, published: Mapping[str, Mapping[str, float]], dollars: str) -> list[str]:
    hours = {f"{h:02}": k / n for h in range(24) for k, n in [mine.shares[f"hour: {h:02}"]]}
    days = {n.split()[1].rstrip(","): v for n, v in mine.numbers.items() if n.startswith("weekday")}
    formats = {n.removeprefix("format: "): k / m for n, (k, m) in mine.shares.items() if n.startswith("format: ")}
    money = {n.removeprefix("currency: "): k / m for n, (k, m) in mine.shares.items() if n.startswith("currency: ")}
    known = {n: published[f"format: {n}"]["share"] for n in formats if f"format: {n}" in published}
    of = {name: {"generated": mine.samples[f"world: {name}"]} for name in (
        "payments that an account made", "payees of an account", "payments that an account received",
        "payers of an account", "US dollars of a payment",
    )}  # fmt: skip
    return [
        plots.curves("Payments an account made", "payments", of["payments that an account made"], tail=True),
        plots.curves("Payments an account received", "payments", of["payments that an account received"], tail=True),
        plots.curves("Different payees of an account", "accounts", of["payees of an account"], tail=True),
        plots.curves("Different payers of an account", "accounts", of["payers of an account"], tail=True),
        plots.curves("Amounts", dollars, of["US dollars of a payment"], log=True),
        plots.bars("Hours of the day", "hour", {"generated": hours}),
        plots.bars("Days of the week", "", {"generated": days}, "payments, times the mean day"),
        plots.bars("Payment formats", "", {"generated": formats, **({"published": known} if known else {})}),
        plots.bars("Currencies", "", {"generated": money}),
    ]


def _crime(mine: Measures, real: Measures | None, answers: Mapping[str, Any]) -> list[str]:
    dollars = _dollars(answers["preset"])

    def pair(name: str) -> dict[str, NDArray[np.float64]]:
        return _pair(name, mine, real)

    within = {
        who: {f"{h} h": k / max(n, 1) for h in attempts.WINDOWS for k, n in [m.shares[f"attempts: within {h} h"]]}
        for who, m in _both(mine, real)
    }
    return [
        plots.bars("Typologies", "", {"generated": _counts(answers)}, "attempts"),
        plots.curves("Payments of an attempt", "payments", pair("attempts: payments")),
        plots.curves("Accounts of an attempt", "accounts", pair("attempts: accounts")),
        plots.curves("Length of an attempt", "hours from first to last payment", pair("attempts: span in hours")),
        plots.curves("Begin of an attempt", "days since the world began", pair("attempts: first day")),
        plots.curves("Amounts in attempts", dollars, pair("attempts: US dollars of a payment"), log=True),
        plots.curves("Hours of payments in attempts", "hour of the day", pair("attempts: hour of a payment")),
        plots.bars("Attempts that fit into a window", "window", within, "share of attempts"),
    ]


def _typologies(mine: Measures, real: Measures | None) -> list[str]:
    def each(what: str) -> dict[str, dict[str, NDArray[np.float64]]]:
        found = {name: _pair(f"{name}: {what}", mine, real) for name in EIGHT}
        return {name: of for name, of in found.items() if of}

    linked = {
        who: {name: k / n for name in EIGHT for k, n in [m.shares[f"{name}: connected"]] if n}
        for who, m in _both(mine, real)
    }
    line = "10th percentile, median, 90th"
    return [
        plots.ranges("Payments", f"payments of an attempt: {line}", each("payments")),
        plots.ranges("Accounts", f"accounts of an attempt: {line}", each("accounts")),
        plots.ranges("Length", f"hours: {line}", each("span in hours")),
        plots.ranges("Time money rests at an account", f"hours: {line}", each("hours held")),
        plots.ranges("Amount out / amount in, one currency", line, each("amount out / in")),
        plots.bars("Attempts whose accounts hang together", "", linked, "share of attempts"),
    ]


def _both(mine: Measures, real: Measures | None) -> list[tuple[str, Measures]]:
    return [("generated", mine), *([("genuine", real)] if real else [])]


def _pair(name: str, mine: Measures, real: Measures | None) -> dict[str, NDArray[np.float64]]:
    return {who: m.samples[name] for who, m in _both(mine, real) if len(m.samples.get(name, ()))}


def _section(title: str, charts: list[str]) -> str:
    figures = "".join(f"<figure style='margin:0'>{chart}</figure>" for chart in charts if chart)
    return f"<h2>{escape(title)}</h2><div class='charts'>{figures}</div>"


def _table(mine: Measures, published: Mapping[str, Mapping[str, float]], real: Measures | None) -> str:
    tests = statistic(real, mine) if real else {}
    lines = rows(mine.summaries(), published, real.summaries() if real else {}, tests)
    cell: Callable[[str], str] = lambda text: f"<td>{escape(text)}</td>"  # noqa: E731
    names = ("measure", "published", "genuine", "generated", "statistic")
    kept = [i for i in range(len(names)) if any(line[i] for line in lines)]
    body = "".join(f"<tr>{''.join(cell(line[i]) for i in kept)}</tr>" for line in lines)
    heads = "".join(f"<th>{names[i]}</th>" for i in kept)
    note = "D is the two-sample Kolmogorov-Smirnov statistic between genuine and generated values; see docs/world.md."
    return f"{f'<p>{note}</p>' if tests else ''}<table><tr>{heads}</tr>{body}</table>"
