"""Hold what a user may set for a run."""

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from graphml.errors import InputError, ParameterError, UnknownName

__all__ = ["Config"]


@dataclass(frozen=True, slots=True)
class Config:
    """Hold the parameters of a run; `load` reads them from TOML, a missing one keeps its default."""

    model: str = "stack"  # whose score flags accounts where labels allow it: rules, lightgbm, gnn, stack
    seed: int = 0
    budget: float = 0.01  # share of the judged accounts that is flagged
    split: tuple[float, float, float] = (0.6, 0.2, 0.2)  # of transactions in time, to train, to choose, to report
    families: tuple[str, ...] = ()  # feature families to write, empty: all
    typologies: tuple[str, ...] = ()  # patterns to look for, empty: all
    rings: int = 0  # rings that are told, at most: the best; 0: one for ten accounts, from 100 to 5,000
    evidence: int = 10  # packages made for the first rings
    victims: tuple[str, ...] = ()  # accounts whose holders are known to be defrauded, as the ledger names them

    @classmethod
    def load(cls, path: Path | None) -> Self:
        """Return the configuration in the TOML file *path*, the defaults where it is None.

        Raises:
            InputError: no such file, or it is not TOML. UnknownName: it sets something that does not exist.
            ParameterError: a value has the wrong kind or lies outside its range.
        """
        if path is None:
            return cls()
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as fault:
            raise InputError(
                f"'{path}' cannot be read: {fault.strerror}. Give --config an existing TOML file."
            ) from fault
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise InputError(f"'{path}' is not TOML: {fault}. A line looks like: budget = 0.01") from fault
        for name in raw:
            if name not in {f.name for f in fields(cls)}:
                raise UnknownName.of("setting", name, [f.name for f in fields(cls)])
        values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in raw.items()}
        if isinstance(values.get("victims"), tuple) and all(isinstance(name, str) for name in values["victims"]):
            values["victims"] = tuple(sorted(set(values["victims"])))  # in any order they are the same parameters
        return cls(**values)  # __post_init__ checks the kind of each

    def __post_init__(self) -> None:
        for f in fields(self):
            value, default = getattr(self, f.name), f.default
            if isinstance(default, tuple) and not isinstance(value, tuple):
                raise ParameterError(f"{f.name} = {value!r} should be a list, such as {f.name} = [{value!r}].")
            if type(value) is not type(default) and not (isinstance(default, float) and type(value) is int):
                raise ParameterError(f"{f.name} = {value!r} should be of the kind of {default!r}.")
        if not all(isinstance(name, str) for name in (*self.families, *self.typologies, *self.victims)):
            raise ParameterError("families, typologies and victims should be lists of names in quotes.")
        if not 0 < self.budget <= 1:
            raise ParameterError(f"budget = {self.budget} should be a share above 0 and at most 1, such as 0.01.")
        if (
            not (len(self.split) == 3 and all(isinstance(s, float) and s > 0 for s in self.split))
            or abs(sum(self.split) - 1) > 1e-9
        ):
            raise ParameterError(
                f"split = {list(self.split)} should be three shares that add up to 1, such as [0.6, 0.2, 0.2]."
            )
        if min(self.seed, self.rings, self.evidence) < 0:
            raise ParameterError(
                f"seed = {self.seed}, rings = {self.rings} and evidence = {self.evidence} cannot be negative."
            )

    def most_rings(self, accounts: int) -> int:
        """Return how many rings are told at most of a ledger with so many *accounts*."""
        return self.rings or min(max(accounts // 10, 100), 5_000)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the parameters."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
