"""Say in plain Python what a refresh day knows."""

from graphml.window import DAY
from tests.graphml.features.cases import Past

SCHEDULE = [1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 29, 38, 50]


def refreshes(past: Past, at: int) -> list[Past]:
    """Return the payments before each refresh day up to *at*; a day that adds none is left out."""
    if not past:
        return []
    midnight = past[0].time // DAY * DAY
    found: list[Past] = []
    for day in SCHEDULE:
        known = [p for p in past if p.time < midnight + day * DAY]
        if midnight + day * DAY <= at and len(known) > (len(found[-1]) if found else 0):
            found.append(known)
    return found


def refreshed(past: Past, at: int) -> Past:
    """Return the payments before the latest refresh day."""
    days = refreshes(past, at)
    return days[-1] if days else []


def seen(known: Past) -> list[int]:
    """Return the accounts that have made or got a payment, ascending."""
    return sorted({a for p in known for a in (p.source, p.target)})
