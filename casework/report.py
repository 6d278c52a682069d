"""Write what was found as pages that read and print without a network: one for a ring, one for a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from graphml.evidence import Evidence, Provenance
from graphml.ledger import Meta
from graphml.stages import Stage

__all__ = ["RunSummary", "ring_report", "run_report"]

_LIMITS = ("limit", "leaves")  # entries of a ring's lineage that say what is not in it
_BESIDE = ("merged", "linked", "shared", "owners")  # and those that say what it stands for and has to do with


@dataclass(frozen=True, slots=True)
class RunSummary:
    """Hold what the page of a run says."""

    title: str
    meta: Meta  # of the ledger as the run saw it
    quarantine: Sequence[tuple[str, int]]  # most frequent reasons with their rows
    protocol: str  # a sentence: how scores were made and measured
    metrics: Mapping[str, Any]  # measures by model; empty where there are no labels
    flagged_count: int
    accounts_count: int
    flagged: Sequence[
        Mapping[str, Any]
    ]  # account, score, reasons [{sentence, value, threshold}]; most suspicious first
    rings_count: int
    rings: Sequence[Mapping[str, Any]]  # as in rings.json, best first
    drawings: Mapping[str, str]  # SVG by ring id, made by `draw`
    ring_metrics: Mapping[str, Any]
    stages: Sequence[Stage]
    provenance: Provenance
    notes: Sequence[str] = field(default=())  # further sentences for the reader


def ring_report(evidence: Evidence, svg: str, profile: str = "full") -> str:
    """Return the page of a ring as HTML; *svg* is the drawing that `draw` made of the same evidence."""
    across = evidence.accounts.select("received_across", "paid_across").sum().row(0)
    return _page(
        "ring.html.j2",
        evidence=evidence,
        ring=evidence.ring,
        accounts=evidence.accounts.to_dicts(),
        transactions=evidence.transactions.to_dicts(),
        across=across,
        drawing=Markup(svg),  # noqa: S704  # our own writer escapes every name
        masked=profile == "masked",
        provenance=evidence.provenance,
        limits=_lineage(evidence, _LIMITS),
        beside=_lineage(evidence, _BESIDE),
    )


def _lineage(evidence: Evidence, keys: Sequence[str]) -> list[str]:
    told = [evidence.ring["lineage"][key] for key in keys if key in evidence.ring["lineage"]]
    return [f"{text[:1].upper()}{text[1:]}." for text in told]


def run_report(run: RunSummary) -> str:
    """Return the page of a run as HTML."""
    drawings = {name: Markup(svg) for name, svg in run.drawings.items()}  # noqa: S704  # our own writer escapes
    names, table = _measures(run.metrics)
    ring_names, ring_table = _measures(run.ring_metrics)
    return _page(
        "run.html.j2",
        run=run,
        drawings=drawings,
        measures=names,
        table=table,
        ring_measures=ring_names,
        ring_table=ring_table,
        provenance=run.provenance,
        seconds=sum(stage.seconds for stage in run.stages),
    )


def _page(template: str, **content: Any) -> str:
    return _environment().get_template(template).render(**content) + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("casework"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"amount": _amount, "money": _money, "moment": _moment, "measure": _measure, "count": _count}
    return environment


def _measures(metrics: Mapping[str, Any]) -> tuple[list[str], list[tuple[str, list[Any]]]]:
    """Return the names of the measures and for each model its values; what no model has is left out."""
    rows = {
        name: dict(_flat(found)) if isinstance(found, Mapping) else {"value": found} for name, found in metrics.items()
    }
    names = list(dict.fromkeys(measure for row in rows.values() for measure in row))
    return names, [(model, [row.get(name) for name in names]) for model, row in rows.items()]


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for name, value in values.items():
        label = f"{prefix}{name}".replace("_", " ")
        flat += _flat(value, f"{label}, ") if isinstance(value, Mapping) else [(label, value)]
    return flat


def _amount(text: str | None) -> str:
    try:
        return f"{Decimal(text or ''):,f}"
    except InvalidOperation:
        return text or ""


def _money(value: float | None) -> str:
    return "" if value is None else f"{value:,.2f}"


def _moment(value: str | datetime | None) -> str:
    if value is None:
        return ""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{moment:%d %b %Y %H:%M:%S}" if moment.second or moment.microsecond else f"{moment:%d %b %Y %H:%M}"


def _measure(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.2f}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
