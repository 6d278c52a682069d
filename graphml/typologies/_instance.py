"""Build the ring of one instance, and its sentences."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from math import fsum

from graphml.graph import TransactionGraph
from graphml.ring import Cut, Reason, Ring
from graphml.window import DAY, HOUR

__all__ = ["duration", "instance", "longest_hold", "money", "passed_on", "said_span", "span_reason"]


def money(value: float) -> str:
    """Return *value* as 12,345.67."""
    return f"{value:,.2f}"


def duration(microseconds: int) -> str:
    """Return a time span in hours below two days, else in days."""
    if microseconds < 2 * DAY:
        return f"{microseconds / HOUR:.1f} hours"
    return f"{microseconds / DAY:.1f} days"


def span_reason(graph: TransactionGraph, rows: Iterable[int], window: int) -> Reason:
    """Return the sentence on how long *rows* took and how much they moved; value and threshold in hours."""
    rows = list(rows)
    took = int(graph.time[max(rows)] - graph.time[min(rows)])  # row numbers ascend in time
    return said_span(len(rows), took, fsum(graph.value[rows].tolist()), window)


def said_span(count: int, took: int, total: float, window: int) -> Reason:
    """Return the sentence on *count* payments of *total* that *took* so many microseconds."""
    sentence = f"{count} payments of {total:,.2f} in all within {duration(took)} (at most {duration(window)})."
    return Reason(sentence, took / HOUR, window / HOUR)


def passed_on(graph: TransactionGraph, path: Sequence[int]) -> dict[int, str]:
    """Return the roles of the accounts along *path*, payments in order of which each goes on from the one before."""
    roles = dict.fromkeys(graph.target[list(path)].tolist(), "mule")
    return roles | {int(graph.source[path[0]]): "source", int(graph.target[path[-1]]): "cash-out"}


def longest_hold(graph: TransactionGraph, path: Sequence[int]) -> int:
    """Return the longest time, in microseconds, from one payment of *path* to the next."""
    return max(int(graph.time[b] - graph.time[a]) for a, b in itertools.pairwise(path))


def instance(
    graph: TransactionGraph, rows: Iterable[int], roles: Mapping[int, str], said: tuple[str, tuple[Reason, ...]],
    cut: tuple[Cut, ...] = (),
) -> Ring:  # fmt: skip
    """Return the ring of *rows*; *said* is the typology's name and its reasons."""
    name, reasons = said
    rows = tuple(sorted(map(int, rows)))
    return Ring(
        typology=name, rows=rows, roles=tuple(sorted(zip(map(int, roles), roles.values(), strict=True))), reasons=reasons,
        start=int(graph.time[rows[0]]), end=int(graph.time[rows[-1]]), value=fsum(graph.value[list(rows)].tolist()),
        parts=(name,), cut=cut,
    )  # fmt: skip
