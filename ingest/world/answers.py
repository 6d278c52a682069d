"""Write the answer key: what was done, by whom, where the money came from, what everyone else could be mistaken for."""

import json
from pathlib import Path

import numpy as np

from ingest.world import naming
from ingest.world.crime import INTEGRATION, PLACEMENT
from ingest.world.files import Files
from ingest.world.world import World

__all__ = ["PROVENANCES", "write_answers"]

PROVENANCES = ("monitoring alert", "branch referral", "customer complaint", "law enforcement request", "other bank")


def write_answers(world: World, files: Files, folder: Path) -> None:
    """Write `answers.json` into *folder*."""
    crime, first, attempts = world.crime, 0, []
    entity = naming.entities(world.people)
    for number, attempt in enumerate(crime.attempts):
        rows = first + np.arange(len(attempt.payments))
        first += len(rows)
        when = attempt.payments.minute
        attempts.append(
            {
                "id": str(number + 1),
                "typology": attempt.typology,
                "start": _time(world, int(when[0])),
                "end": _time(world, int(when[-1])),
                "crime": crime.crimes[number],
                "controller": entity[crime.underworld.controller[attempt.gang]],
                "accounts": [{"account": files.account(a), "role": role} for a, role in attempt.accounts.items()],
                "phases": [
                    {"name": name, "transactions": files.ids(rows[attempt.phase == place])}
                    for place, name in enumerate(attempt.shape.phases)
                ],
                "transactions": files.ids(rows),
                "placement": files.ids(np.flatnonzero(crime.origin == number)),
                "labelled": not crime.hidden[number],
                "found_by": None if crime.hidden[number] else PROVENANCES[number % len(PROVENANCES)],
            }
        )
    groups = np.bincount(world.lookalikes.kind, minlength=len(world.lookalikes.kinds))
    answers = {
        "preset": world.preset.name, "transactions": world.rows, "seed": world.seed, "switches": world.switches.on,
        "institutions": [files.account(a) for a in range(world.people.institutions)],
        "attempts": attempts,
        "integration": files.ids(np.flatnonzero(crime.part == INTEGRATION)),
        "transitive": [f"{files.name}:{line}" for line in files.transitive],
        "placement": files.ids(np.flatnonzero(crime.part == PLACEMENT)),
        "normal_groups": dict(zip(world.lookalikes.kinds, groups.tolist(), strict=True)),
    }  # fmt: skip
    (folder / "answers.json").write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")


def _time(world: World, minute: int) -> str:
    return world.calendar.text(minute // 1440)[minute % 1440]
