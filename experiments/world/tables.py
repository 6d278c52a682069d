"""Write the tables of difficulty and of speed."""

from collections.abc import Mapping
from typing import Any

__all__ = ["difficulty", "speed"]

_SHORTCUTS = """
## Shortcuts

LightGBM learns from the first 60 % of rows in time, the middle 20 % choose the number of trees, the last 20 % are
judged. **payment**: only format, currencies and amount of the row itself. **counts**: payments, sums and counterparties
of payer and payee over 1, 4 and 8 days and in all, gaps, first contacts, all strictly before the row, and the amount;
no format, no currency. `own-amounts` leaves laundering the amounts that AMLworld has. A random ranking has the base rate as average precision (AP). AP is the mean over {worlds} worlds
of {rows:,} rows (seeds {seeds}); in brackets the 95 % interval over resampled attempts. **all** counts every laundering
row; **attempts** leaves out laundering outside attempts, which has no shape.
"""
_HARDENING = """
## Hardening switches

The model of **counts**, judged by what is true also where labels are noisy or late; AP as above. Recall: share of all
laundering rows among the highest-scored 0.1, 0.5 and 1 % of the judged rows. `mixed-formats`
changes formats, which this model does not see, and with them which amounts are round. `hi-large`, 97 days, stands for `label-delay` and so for all
together (`hardened`), as a world of ten days has no label in time. Worlds differ in which attempts fall into the judged
part: compare intervals.
"""


def difficulty(result: Mapping[str, Any]) -> list[str]:
    """Return the lines on shortcuts and on hardening switches; none without a result."""
    if not result:
        return []
    seeds = result["seeds"]
    lines = _SHORTCUTS.format(worlds=len(seeds), rows=result["rows"], seeds=", ".join(map(str, seeds))).splitlines()
    lines += [
        "", "| world | model | judged rows, laundering, attempts | base rate, all | AP, all | base rate, attempts | AP, attempts |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for world in result["shortcuts"]:
        lines += [_shortcut(world, model) for model in ("payment", "counts")]
    lines += _HARDENING.splitlines()
    lines += [
        "", "| world | judged laundering, attempts | base rate | AP, all | AP, attempts | recall at 0.1 / 0.5 / 1 % |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    return [*lines, *(_hardened(world) for world in result["hardening"])]


def speed(result: Mapping[str, Any]) -> list[str]:
    """Return the lines on time and memory; none without a result."""
    if not result:
        return []
    m, targets = result["machine"], result["targets"]
    lines = [
        "", "## Time and memory", "",
        f"`generate {result['preset']}` on {m['cores']} cores ({m['cpu']}) that other work shared; each size in a process of "
        "its own. Load is that before and after: above the number of cores, seconds are longer than they need be, and "
        "seconds of processor time say more.", "",
        "| rows | seconds | target | processor seconds | microseconds a row | of processor time | peak memory | target | load |",
        "|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for rows, found in result["sizes"].items():
        target = targets.get(rows, {})
        most = f"{target['seconds']:g} s" if "seconds" in target else ""
        room = f"{target['peak_gb']:g} GB" if "peak_gb" in target else ""
        lines.append(
            f"| {int(rows):,} | {found['seconds']:.1f} | {most} | {found['cpu_seconds']:.1f} | {found['us_per_row']:.2f} | "
            f"{found['cpu_us_per_row']:.2f} | {found['peak_gb']:.2f} GB | {room} | {found['load'][0]}, {found['load'][1]} |"
        )
    grown = result["growth"]
    if grown:
        lines += [
            "",
            f"From {grown['from']:,} to {grown['to']:,} rows time for a row changed by {100 * grown['us_per_row']:+.0f} %, "
            f"processor time by {100 * grown['cpu_us_per_row']:+.0f} % (target: at most {100 * grown['most']:+.0f} %).",
        ]
    return lines


def _shortcut(world: Mapping[str, Any], model: str) -> str:
    of = world[model]
    return (
        f"| {_name(world)} | {model} | {of['judged']:,}, {of['positives']:,}, {of['attempts']:,} | {of['base_rate']:.5f} | "
        f"{_ap(of, 'ap')} | {of['base_rate_attempts']:.5f} | {_ap(of, 'ap_attempts')} |"
    )


def _hardened(world: Mapping[str, Any]) -> str:
    of = world["counts"]
    recall = " / ".join(f"{100 * of['mean'][f'recall_{b}']:.1f} %" for b in ("0.1%", "0.5%", "1.0%"))
    return (
        f"| {_name(world)} | {of['positives']:,}, {of['attempts']:,} | {of['base_rate']:.5f} | {_ap(of, 'ap')} | "
        f"{_ap(of, 'ap_attempts')} | {recall} |"
    )


def _ap(of: Mapping[str, Any], name: str) -> str:
    low, high = of["interval"].get(name, (float("nan"), float("nan")))
    return f"{of['mean'][name]:.4f} [{low:.4f}, {high:.4f}]"


def _name(world: Mapping[str, Any]) -> str:
    return f"`{world['preset']}`, " + (f"`{', '.join(world['switches'])}`" if world["switches"] else "none")
