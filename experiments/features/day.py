"""Measure what a day costs that is appended to a ledger whose state is kept."""

from tempfile import TemporaryDirectory
from typing import Any

from experiments.features.apart import apart

__all__ = ["measure"]


def measure(ledger: str, small: str, appended: int, names: list[str] | None = None) -> dict[str, Any]:
    """Return seconds of making the state of the first rows and of going on from it, each in a process of its own."""
    with TemporaryDirectory() as folder:
        asked: dict[str, Any] = {
            "ledger": ledger,
            "small": small,
            "appended": appended,
            "state": f"{folder}/state",
            "names": names,
        }
        made = apart("day_step", step="make", **asked)
        return (
            {"making": made}
            if "failed" in made
            else {"making": made, "going_on": apart("day_step", step="go_on", **asked)}
        )
