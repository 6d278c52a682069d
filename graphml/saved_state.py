"""Keep a state of features in a folder: each array a file of NumPy's own, read and written on all cores."""

import json
from collections.abc import Mapping
from dataclasses import fields
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.cores import side_by_side
from graphml.errors import InputError
from graphml.folder import new_folder
from graphml.past import Memory, Pairs, Past
from graphml.state import Held, State

__all__ = ["load_state", "save_state"]

_VERSION = 4
_HELD = tuple(field.name for field in fields(Held))[:-2]
_PAIRS = tuple(field.name for field in fields(Pairs))[1:]


def save_state(state: State, folder: Path) -> None:
    """Write *state* into *folder*, which is replaced as a whole.

    Raises:
        ParameterError: *folder* holds something else, or cannot be made.
    """
    arrays = {f"held.{name}": getattr(state.held, name) for name in _HELD}
    arrays |= {f"pairs.{name}": getattr(state.past.pairs, name) for name in _PAIRS}
    for family, memory in state.past.memory.items():
        arrays |= {f"dense.{family}.{name}": array for name, array in memory.dense.items()}
        for name, columns in memory.lists.items():
            arrays |= {f"list.{family}.{name}.{i}": column for i, column in enumerate(columns)}
    said = {
        "version": _VERSION, "rows": state.rows, "digest": state.digest, "families": state.families,
        "first": state.past.first, "currencies": state.held.currencies, "formats": state.held.formats,
        "numbers": {family: memory.numbers for family, memory in state.past.memory.items()},
        "arrays": {name: [str(array.dtype), *array.shape] for name, array in sorted(arrays.items())},
    }  # fmt: skip
    with new_folder(folder, "state.json") as target:
        (target / "arrays").mkdir()
        side_by_side(
            lambda name: np.save(target / "arrays" / f"{name}.npy", arrays[name]),
            _largest_first({name: array.nbytes for name, array in arrays.items()}),
        )
        state.names.alias("name").to_frame().write_parquet(target / "accounts.parquet")
        (target / "state.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def load_state(folder: Path) -> State:
    """Return the state in *folder*.

    Raises:
        InputError: there is none, another version wrote it, or a part of it is missing or broken.
    """
    try:
        said = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise InputError(f"'{folder}' holds no state of features: {fault}. Give --state a new folder.") from fault
    if said.get("version") != _VERSION:
        raise InputError(f"'{folder}' was written by another version of muletrail. Give --state a new folder.")
    try:
        names = pl.read_parquet(folder / "accounts.parquet")["name"]
        arrays = _arrays(folder / "arrays", said["arrays"])
    except (OSError, EOFError, ValueError, pl.exceptions.PolarsError) as fault:
        raise InputError(
            f"The state of features in '{folder}' is broken: {fault}. Give --state a new folder."
        ) from fault
    columns: dict[str, Any] = {name: arrays[f"held.{name}"] for name in _HELD}
    held = Held(**columns, currencies=tuple(said["currencies"]), formats=tuple(said["formats"]))
    pairs = Pairs(len(names), *(arrays[f"pairs.{name}"] for name in _PAIRS))
    past = Past(pairs, said["first"], _memories(arrays, said["numbers"]))
    return State(names, held, past, said["rows"], said["digest"], tuple(said["families"]))


def _largest_first(size: Mapping[str, int]) -> list[str]:
    return sorted(size, key=lambda name: -size[name])  # so that all cores end about together


def _arrays(folder: Path, said: Mapping[str, list[Any]]) -> dict[str, NDArray[Any]]:
    # Raises ValueError where a file holds something else than was *said* of its array.
    def read(name: str) -> NDArray[Any]:
        array: NDArray[Any] = np.load(folder / f"{name}.npy", allow_pickle=False)
        if [str(array.dtype), *array.shape] != said[name]:
            raise ValueError(f"{name}.npy holds {array.dtype} {array.shape}, not {said[name]}")
        return array

    order = _largest_first({name: prod(shape) for name, (_, *shape) in said.items()})
    return dict(zip(order, side_by_side(read, order), strict=True))


def _memories(arrays: Mapping[str, NDArray[Any]], numbers: Mapping[str, Mapping[str, int]]) -> dict[str, Memory]:
    dense: dict[str, dict[str, NDArray[Any]]] = {family: {} for family in numbers}
    lists: dict[str, dict[str, dict[int, NDArray[Any]]]] = {family: {} for family in numbers}
    for key, array in arrays.items():
        kind, family, *rest = key.split(".")
        if kind == "dense":
            dense[family][rest[0]] = array
        elif kind == "list":
            lists[family].setdefault(rest[0], {})[int(rest[1])] = array
    return {
        family: Memory(
            dense[family],
            {name: tuple(one[i] for i in sorted(one)) for name, one in lists[family].items()},
            numbers[family],
        )
        for family in numbers
    }
