"""Keep a state of features in a folder: each array a file of NumPy's own, written on all cores, mapped when read."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.cores import side_by_side
from graphml.errors import InputError
from graphml.folder import new_folder
from graphml.past import Memory, Pairs, Past
from graphml.state import State

__all__ = ["load_state", "save_state"]

_VERSION = 5
_PAIRS = tuple(field.name for field in fields(Pairs))[1:]


def save_state(state: State, folder: Path) -> None:
    """Write *state* into *folder*, which is replaced as a whole.

    Raises:
        ParameterError: *folder* holds something else, or cannot be made.
    """
    arrays: dict[str, NDArray[Any]] = {"accounts.bank": state.bank}
    arrays |= {f"pairs.{name}": getattr(state.past.pairs, name) for name in _PAIRS}
    for family, memory in state.past.memory.items():
        arrays |= {f"dense.{family}.{name}": array for name, array in memory.dense.items()}
        for name, columns in memory.lists.items():
            arrays |= {f"list.{family}.{name}.{i}": column for i, column in enumerate(columns)}
    said = {
        "version": _VERSION, "held_from": state.held_from, "rows": state.rows, "digest": state.digest,
        "families": state.families, "first": state.past.first, "currencies": state.currencies,
        "numbers": {family: memory.numbers for family, memory in state.past.memory.items()},
        "arrays": {name: [str(array.dtype), *array.shape] for name, array in sorted(arrays.items())},
    }  # fmt: skip
    with new_folder(folder, "state.json") as target:
        (target / "arrays").mkdir()
        side_by_side(
            lambda name: np.save(target / "arrays" / f"{name}.npy", arrays[name]),
            sorted(arrays, key=lambda name: -arrays[name].nbytes),  # the largest first: all cores end about together
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
    if not isinstance(said, dict) or said.get("version") != _VERSION:
        raise InputError(f"'{folder}' was written by another version of muletrail. Give --state a new folder.")
    try:
        names = pl.read_parquet(folder / "accounts.parquet")["name"]
        arrays = _arrays(folder / "arrays", said["arrays"])
        pairs = Pairs(len(names), *(arrays[f"pairs.{name}"] for name in _PAIRS))
        past = Past(pairs, said["first"], _memories(arrays, said["numbers"]))
        numbers = int(said["held_from"]), int(said["rows"]), str(said["digest"])
        if not len(names) == len(arrays["accounts.bank"]) or not 0 <= numbers[0] < numbers[1]:
            raise ValueError("its parts do not belong together")
        return State(names, arrays["accounts.bank"], tuple(said["currencies"]), past, *numbers, tuple(said["families"]))
    except (OSError, EOFError, KeyError, TypeError, ValueError, pl.exceptions.PolarsError) as fault:
        raise InputError(
            f"The state of features in '{folder}' is broken: {fault}. Give --state a new folder."
        ) from fault


def _arrays(folder: Path, said: Mapping[str, list[Any]]) -> dict[str, NDArray[Any]]:
    # Mapped and not read, for most is copied once anyway, to new numbers; what is written to is no longer the file's.
    # One after the other, as Python's parser, which reads the heads, is not safe among threads. Raises ValueError where
    # a file holds something else than was *said* of its array.
    arrays = {}
    for name, (kind, *shape) in said.items():
        try:
            array: NDArray[Any] = np.load(folder / f"{name}.npy", "c", allow_pickle=False).view(np.ndarray)
        except (EOFError, ValueError) as fault:
            raise ValueError(f"{name}.npy is no array, or was cut short") from fault
        if [str(array.dtype), *array.shape] != [kind, *shape]:
            raise ValueError(f"{name}.npy holds {array.dtype} {array.shape}, not {kind} {tuple(shape)}")
        arrays[name] = array
    return arrays


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
