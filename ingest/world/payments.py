"""Hold payments in columns before they are written."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Payments"]


@dataclass(frozen=True, slots=True)
class Payments:
    """Hold payments in columns; an account is its row in the population."""

    payer: NDArray[np.int64]  # (E,)
    payee: NDArray[np.int64]  # (E,)
    minute: NDArray[np.int64]  # (E,) minutes since the world began
    usd: NDArray[np.float64]  # (E,) US dollars
    format: NDArray[np.int64]  # (E,) place in money.FORMATS

    @classmethod
    def of(cls, parts: list["Payments"]) -> Self:
        """Return *parts* one after another."""
        return cls(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)))

    def __len__(self) -> int:
        return len(self.payer)
