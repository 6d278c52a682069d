"""Say from which instant an account is known to have laundered."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.ledger import Ledger
from graphml.window import DAY

__all__ = ["NEVER", "Knowledge"]

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """Hold what was known of accounts, and when: what comes to light on a day may be used from the next day on."""

    since: NDArray[np.int64]  # (N,) midnight from which the account is known as bad, microseconds UTC, else NEVER

    @classmethod
    def of(cls, ledger: Ledger, delay: int = 30 * DAY) -> Self:
        """Return the knowledge in the labels of payments: both ends of one that launders are bad once it is known.

        Nothing is known of a payment before it is made. A label without a day of its own counts as known *delay*
        microseconds after the payment: banks learn weeks later. Labels of accounts have no day at all and are not used.
        """
        since = np.full(ledger.accounts.height, NEVER, np.int64)
        bad = ledger.labels.filter("laundering").select("row", pl.col("known").cast(pl.Int64))
        if bad.is_empty():
            return cls(since)
        rows = ledger.transactions[bad["row"]]
        time = rows["time"].cast(pl.Int64)
        known = np.maximum(bad["known"].fill_null(time + delay).to_numpy(), time.to_numpy())
        next_day = (known // DAY + 1) * DAY
        for end in ("source", "target"):
            np.minimum.at(since, rows[end].to_numpy(), next_day)
        return cls(since)
