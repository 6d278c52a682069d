"""Append the last rows of a ledger to the state of those before, and compare with a computation over all rows."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from experiments.features.apart import Took, answer, clock
from experiments.features.worlds import warm
from graphml.families import Families, Features
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.saved_state import load_state, save_state
from graphml.state import State
from graphml.stream import Stream

__all__ = ["step"]


def _make(read: Ledger, names: list[str] | None, state: Path, at: int) -> dict[str, Any]:
    before = read.before(at)
    families, took = Families.of(names, before), {"after": Took(), "save": Took()}
    with clock(took["after"]):
        made = State.after(before, families, Stream.of(TransactionGraph.of(before)))
    with clock(took["save"]):
        save_state(made, state)
    size = sum(path.stat().st_size for path in state.rglob("*") if path.is_file())
    held = {
        "rows": made.rows,
        "held": made.rows - made.held_from,
        "pairs": len(made.past.pairs),
        "state_mb": round(size / 2**20, 1),
    }
    return {**held, **_told(took)}


def _go_on(read: Ledger, names: list[str] | None, state: Path, out: Path, at_hand: int) -> dict[str, Any]:
    fresh = _written(1)
    given = _written(at_hand) / at_hand if at_hand else 0.0
    took = {"load": Took(), "bind": Took(), "tell": Took(), "save": Took()}
    with clock(took["load"]):
        earlier = load_state(state)
    with clock(took["bind"]):
        families = Families.of(names, read)
    with clock(took["tell"]):
        found, later = State.tell(read, families, earlier)
    with clock(took["save"]):
        save_state(later, out)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    del later, earlier
    total = {"load_tell_save_seconds": round(sum(took[key].seconds for key in ("load", "tell", "save")), 2)}
    told = {"told": len(found.transactions), "state_mb": round(size / 2**20, 1), **total, **_told(took)}
    told |= {"fresh_gb_seconds": round(fresh, 3), "at_hand_gb": at_hand, "mean_gb_seconds": round(given, 3)}
    return {**told, **({} if at_hand else _compared(read, families, found))}


def _written(gb: int) -> float:
    # Seconds to write once to memory that is new to the process: a virtual machine may have to fetch it from its host.
    with clock(Took()) as took:
        np.empty(gb << 30, np.uint8)[:: 1 << 12] = 1
    return took.seconds


def _compared(read: Ledger, families: Families, found: Features) -> dict[str, Any]:
    # Family after family, for all columns of all rows do not fit beside those that are compared.
    graph = TransactionGraph.of(read)
    stream, first, took = Stream.of(graph), 0, Took()
    every, at = np.arange(graph.n, dtype=np.int32), np.full(graph.n, found.at, np.int64)
    unequal, column = [], 0
    for family in families.chosen:
        whole = np.empty((len(graph), len(family.of_transactions)), np.float32)
        accounts = np.empty((graph.n, len(family.of_accounts)), np.float32)
        with clock(took):
            family.transactions(stream, whole)
            family.accounts(stream, every, at, accounts)
        mine = found.transactions[:, first : first + whole.shape[1]]
        own = found.accounts[:, column : column + accounts.shape[1]]
        if whole[found.first :].tobytes() != mine.tobytes() or accounts.tobytes() != own.tobytes():
            unequal.append(family.name)
        first, column = first + whole.shape[1], column + accounts.shape[1]
    return {"equal_to_the_byte": not unequal, "unequal": unequal, "whole_seconds": round(took.seconds, 2)}


def _told(took: dict[str, Took]) -> dict[str, Any]:
    return {name: {key: round(value, 3) for key, value in asdict(one).items()} for name, one in took.items()}


def step(
    step: str, ledger: str, small: str, appended: int, state: str, names: list[str] | None, out: str = "",
    at_hand: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """Make the *state* of the rows before the last *appended* (`make`), or go on from it to that in *out* (`go_on`).

    Before it goes on, *at_hand* GB are written to and let go, so that the machine need not fetch them from its host.
    """
    warm(small, names)
    read, reading = Ledger.load(Path(ledger)), Took()
    with clock(reading):
        read = Ledger.load(Path(ledger))
    time = read.transactions["time"].to_physical().to_numpy()
    at = int(time[len(time) - appended])
    places = Path(state), Path(out)
    done = _make(read, names, places[0], at) if step == "make" else _go_on(read, names, *places, at_hand)
    return {**done, "read_ledger_seconds": round(reading.seconds, 2)}


if __name__ == "__main__":
    answer(step)
