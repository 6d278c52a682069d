"""Measure what a day costs that is appended to a ledger whose state is kept."""

from tempfile import TemporaryDirectory
from typing import Any

from experiments.features.apart import apart

__all__ = ["measure"]


AT_HAND = 8  # GB: more than going on takes


def measure(ledger: str, small: str, appended: int, runs: int, names: list[str] | None = None) -> dict[str, Any]:
    """Return seconds of making the state of the first rows and of going on from it, each in a process of its own.

    One goes on *runs* times from the same state, and *runs* times with memory at hand that the machine has fetched from
    its host before; the quickest of the former is told, and the seconds of all.
    """
    with TemporaryDirectory() as folder:
        asked: dict[str, Any] = {
            "ledger": ledger,
            "small": small,
            "appended": appended,
            "state": f"{folder}/state",
            "names": names,
        }
        made = apart("day_step", step="make", **asked)
        if "failed" in made:
            return {"making": made}
        told: dict[str, Any] = {"making": made}
        for name, at_hand in (("going_on", 0), ("at_hand", AT_HAND)):
            gone = [
                apart("day_step", step="go_on", **asked, at_hand=at_hand, out=f"{folder}/{name}{run}")
                for run in range(runs)
            ]
            if failed := [one for one in gone if "failed" in one]:
                return {**told, "going_on": failed[0]}
            seconds = [one["load_tell_save_seconds"] for one in gone]
            told[name] = {**gone[seconds.index(min(seconds))], "all_seconds": seconds}
            if not at_hand:
                unequal = sorted({family for one in gone for family in one["unequal"]})
                told[name] |= {"unequal": unequal, "equal_to_the_byte": not unequal}
        return told
