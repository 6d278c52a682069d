"""Give everyone and everything the names that the files use."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.world.population import ENTITY_KINDS, Population
from ingest.world.preset import Preset

__all__ = ["account_numbers", "amounts", "bank_codes", "bank_names", "entities", "entity_names"]

_NUMBER = 0x800000000  # account and entity ids are nine hex digits that begin with 8 and end with 0


def account_numbers(people: Population) -> pl.Series:
    """Return the account numbers (N,)."""
    return _hex(people.number)


def entities(people: Population) -> pl.Series:
    """Return the entity ids (M,), ascending."""
    return _hex(np.arange(len(people.kind), dtype=np.int64) * 14 + 0x30001)


def entity_names(people: Population) -> pl.Series:
    """Return the names of entities (M,): `Individual #1`."""
    kind = pl.Series(ENTITY_KINDS).gather(people.kind)
    number = pl.Series(np.arange(1, len(people.kind) + 1)).cast(pl.String)
    return kind + " #" + number


def bank_codes(people: Population) -> pl.Series:
    """Return the codes of banks: zero-padded text of different lengths, as in the real files.

    The numbers behind differ, so zeros may be lost in a spreadsheet without two banks becoming one.
    """
    return pl.Series([f"{'0' * (1 + b % 2)}{10 + b * 7}" for b in range(len(people.home))], dtype=pl.String)


def bank_names(people: Population, preset: Preset) -> pl.Series:
    """Return the names of banks."""
    return pl.Series([f"{preset.money.countries[c]} Bank #{b}" for b, c in enumerate(people.home)])


def amounts(usd: NDArray[np.float64], currency: NDArray[np.integer], preset: Preset) -> pl.Series:
    """Return amounts (E,) in *currency* as text: two decimals, Bitcoin six.

    Written from whole numbers, so that no digit depends on how a float prints.
    """
    money = preset.money
    crypto = money.currencies.index(money.crypto) if money.crypto else -1
    parts = np.where(currency == crypto, 1_000_000, 100)  # of a unit
    units = np.maximum(np.rint(usd / np.array(money.rates)[currency] * parts), 1).astype(np.int64)
    table = pl.DataFrame({"whole": units // parts, "part": units % parts, "crypto": currency == crypto})
    part = pl.col("part").cast(pl.String)
    part = pl.when("crypto").then(part.str.zfill(6)).otherwise(part.str.zfill(2))
    return table.select(pl.concat_str(pl.col("whole").cast(pl.String), pl.lit("."), part).alias("amount"))["amount"]


def _hex(number: NDArray[np.int64]) -> pl.Series:
    return pl.Series([f"{_NUMBER + 16 * n:X}" for n in number.tolist()], dtype=pl.String)
