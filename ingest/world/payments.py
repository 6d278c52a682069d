"""Hold payments in columns before they are written."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Payments"]


@dataclass(frozen=True, slots=True, eq=False)
class Payments:
    """Hold payments in columns; an account is its row in the population."""

    payer: NDArray[np.int32]  # (E,)
    payee: NDArray[np.int32]  # (E,)
    minute: NDArray[np.int32]  # (E,) minutes since the world began
    usd: NDArray[np.float64]  # (E,) US dollars
    format: NDArray[np.int8]  # (E,) place in the formats of the world's money

    @classmethod
    def of(cls, parts: Sequence["Payments"]) -> Self:
        """Return *parts* one after another."""
        types = (np.int32, np.int32, np.int32, np.float64, np.int8)
        return cls(
            *(
                np.concatenate([np.zeros(0, t), *(getattr(p, f.name) for p in parts)]).astype(t, copy=False)
                for f, t in zip(fields(cls), types, strict=True)
            )
        )

    def take(self, rows: NDArray[np.integer] | slice) -> Self:
        """Return the payments *rows*, in that order."""
        return type(self)(*(getattr(self, f.name)[rows] for f in fields(self)))

    def __len__(self) -> int:
        return len(self.payer)
