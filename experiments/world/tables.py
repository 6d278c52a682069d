"""Write the tables of difficulty and of speed."""

from collections.abc import Mapping
from typing import Any

from experiments.world.interval import change, interval

__all__ = ["difficulty", "speed"]

_SHORTCUTS = """
## Shortcuts

LightGBM learns from the first 60 % of rows in time, the middle 20 % choose the number of trees, the last 20 % are
judged. **payment**: only format, currencies and amount of the row itself. **counts**: payments, sums and counterparties
of payer and payee over 1, 4 and 8 days and in all, gaps, first contacts, all strictly before the row, and the amount;
no format, no currency. Worlds: seeds {seeds};
{sizes}.
Values are means over the worlds, in brackets the 95 % interval of the mean after Student, which holds the chance of world, training and judged part. **times chance**: average
precision over the base rate, 1.0 by chance. **AUC**: how often a laundering row is ranked above a normal one, 0.5 by
chance. **all** counts every laundering row; **attempts** leaves out laundering outside attempts, which has no shape.
`own-amounts` leaves laundering the amounts that AMLworld has.
"""
_HARDENING = """
## Hardening switches

The model of **counts**, judged by what is true also where labels are noisy or late. AUC as above: unlike average
precision it does not depend on how many rows launder, which switches change. **touched**: share of attempts of which a
row is among the highest-scored 1 % of rows. **change**: against the world of the same preset and seed without a switch,
mean and 95 % interval of the differences; **harder** where the interval of one of the three changes lies below zero.
Nothing is corrected for looking at {looks} intervals: about {wrong:.0f} would lie beside zero by chance. `mixed-formats`
changes formats, which this model does not see. `split-amounts` and `extra-hops` add rows to each attempt, so that one of
them is touched sooner. `look-alikes` and `label-noise` leave the shapes of attempts as they
are. `hi-large`, 97 days, stands for `label-delay` and so for all together (`hardened`), as a world of ten days has no
label in time.
"""
_CHANGES = ("auc", "auc_attempts", "touched")


def difficulty(result: Mapping[str, Any]) -> list[str]:
    """Return the lines on shortcuts and on hardening switches; none without a result."""
    if not result:
        return []
    asked = result["settings"]
    sizes = "; ".join(f"`{name}` {rows:,} rows, {many} attempts" for name, (rows, many) in asked["size"].items())
    lines = _SHORTCUTS.format(seeds=", ".join(map(str, asked["seeds"])), sizes=sizes).splitlines()
    lines += [
        "", "| world | model | rows judged | of these laundering | of these in attempts | attempts | times chance, all | times chance, attempts | AUC, all | AUC, attempts |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for world in result["shortcuts"]:
        lines += [_shortcut(world, model) for model in ("payment", "counts")]
    usual = {w["preset"]: w["counts"]["each"] for w in result["hardening"] if not w["switches"]}
    looks = len(_CHANGES) * sum(1 for w in result["hardening"] if w["switches"])
    lines += _HARDENING.format(looks=looks, wrong=looks * 0.05).splitlines()
    lines += [
        "", "| world | laundering rows judged | attempts judged | AUC, all | change | AUC, attempts | change | touched | change | harder |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    return [*lines, *(_hardened(world, usual.get(world["preset"], {})) for world in result["hardening"])]


def speed(result: Mapping[str, Any]) -> list[str]:
    """Return the lines on time and memory; none without a result."""
    if not result:
        return []
    m, targets = result["machine"], result["targets"]
    lines = [
        "", "## Time and memory", "",
        f"`generate {result['preset']}` on {m['cores']} cores ({m['cpu']}); each size in a process of "
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
    cells = [f"{of[name]:,}" for name in ("judged", "positives", "in_attempts", "attempts")]
    cells += [_told(interval(of["each"][name]), 2) for name in ("lift", "lift_attempts")]
    cells += [_told(interval(of["each"][name]), 3) for name in ("auc", "auc_attempts")]
    return f"| {_name(world)} | {model} | " + " | ".join(cells) + " |"


def _hardened(world: Mapping[str, Any], usual: Mapping[str, list[float]]) -> str:
    of = world["counts"]
    cells, harder = [f"{of['positives']:,}", f"{of['attempts']:,}"], False
    for name in _CHANGES:
        cells.append(f"{interval(of['each'][name])[0]:.3f}")
        found = change(of["each"][name], usual[name]) if world["switches"] and usual else None
        cells.append(_told(found, 3, "+") if found else "")
        harder |= found is not None and found[2] < 0
    word = ("yes" if harder else "not shown") if world["switches"] else ""
    return f"| {_name(world)} | " + " | ".join(cells) + f" | {word} |"


def _told(three: tuple[float, float, float], places: int, sign: str = "") -> str:
    mean, low, high = (f"{value:{sign}.{places}f}" for value in three)
    return f"{mean} [{low}, {high}]"


def _name(world: Mapping[str, Any]) -> str:
    return f"`{world['preset']}`, " + (f"`{', '.join(world['switches'])}`" if world["switches"] else "none")
