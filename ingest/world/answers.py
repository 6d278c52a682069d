"""Write the answer key: what was done, by whom, where the money came from, what everyone else could be mistaken for."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.world import naming
from ingest.world.crime import INTEGRATION, PLACEMENT
from ingest.world.files import Files
from ingest.world.world import World

__all__ = ["PROVENANCES", "write_answers"]

PROVENANCES = ("monitoring alert", "branch referral", "customer complaint", "law enforcement request", "other bank")

_NONE = np.zeros(0, np.int64)


def write_answers(world: World, files: Files, folder: Path) -> None:
    """Write `answers.json` into *folder*; a line for each attempt and for each normal group."""
    crime, line = world.crime, files.line
    head = {
        "preset": world.preset.name, "transactions": world.rows, "seed": world.seed, "switches": world.switches.on,
        "start": world.calendar.first.isoformat(), "days": world.calendar.days, "accounts": len(world.people),
        "institutions": [files.account(a) for a in range(world.people.institutions)],
        "integration": files.ids(line[crime.part == INTEGRATION]),
        "transitive": [f"{files.name}:{n}" for n in files.transitive],
        "placement": files.ids(line[crime.part == PLACEMENT]),
        "apart": [files.account(a) for a in crime.apart.tolist()],
    }  # fmt: skip
    with (folder / "answers.json").open("w", encoding="utf-8") as out:
        out.write("{\n")
        out.writelines(f"{json.dumps(name)}: {json.dumps(value)},\n" for name, value in head.items())
        for name, entries in (("attempts", _attempts(world, files)), ("normal_groups", _groups(world, files))):
            out.write(f'"{name}": [')
            for place, entry in enumerate(entries):
                out.write(",\n" if place else "\n")
                out.write(json.dumps(entry))
            out.write("\n]\n" if name == "normal_groups" else "\n],\n")
        out.write("}\n")


def _attempts(world: World, files: Files) -> Iterator[dict[str, Any]]:
    crime, first = world.crime, 0
    entity = naming.entities(world.people)
    apart = {p: _by(np.where(crime.part == p, crime.origin, -1)) for p in (PLACEMENT, INTEGRATION)}
    for number, attempt in enumerate(crime.attempts):
        rows = files.line[first : first + len(attempt.payments)]
        first += len(rows)
        when = attempt.payments.minute
        yield {
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
            "placement": files.ids(files.line[apart[PLACEMENT].get(number, _NONE)]),
            "integration": files.ids(files.line[apart[INTEGRATION].get(number, _NONE)]),
            "labelled": not crime.hidden[number],
            "found_by": None if crime.hidden[number] else PROVENANCES[number % len(PROVENANCES)],
        }


def _groups(world: World, files: Files) -> Iterator[dict[str, Any]]:
    alike = world.lookalikes
    names = files.names
    for group, rows in _by(alike.group).items():
        pays = alike.payments.take(rows)
        yield {
            "id": f"normal {group + 1}",
            "kind": alike.kinds[alike.kind[group]],
            "accounts": [names[a] for a in np.unique([pays.payer, pays.payee]).tolist()],
            "transactions": files.ids(files.alike[rows]),
            "accused": bool(world.accused[group]),
        }


def _by(number: NDArray[np.integer]) -> dict[int, NDArray[np.int64]]:
    # The rows of each number from 0, ascending.
    order = np.argsort(number, kind="stable")
    order = order[np.searchsorted(number[order], 0) :]
    if not len(order):
        return {}
    names, first = np.unique(number[order], return_index=True)
    return dict(zip(names.tolist(), np.split(order, first[1:]), strict=True))


def _time(world: World, minute: int) -> str:
    return world.calendar.moment(minute)
