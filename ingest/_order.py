"""Put rows into the one order that does not depend on how the files were ordered."""

from collections.abc import Sequence

import numpy as np
import polars as pl

__all__ = ["canonical"]

_FIRST = ("time", "source", "target")


def canonical(rows: pl.DataFrame, then: Sequence[str]) -> pl.DataFrame:
    """Return *rows* by time, source, target, then by the columns *then*, words by their text.

    Few rows tie in the first three columns, so only those are compared in full.
    """
    rows = rows[rows.select(pl.arg_sort_by(*_FIRST)).to_series()]
    if rows.height < 2:
        return rows
    same = np.ones(rows.height - 1, np.bool_)
    for name in _FIRST:
        column = rows[name].to_numpy()
        same &= column[1:] == column[:-1]
    tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
    if not len(tied):
        return rows
    text = [pl.col(c).cast(pl.String) for c in then if rows[c].dtype == pl.Categorical]
    some = rows[tied].select(*_FIRST, *then).with_columns(*text).with_columns(at=pl.Series(tied))
    order = np.arange(rows.height)
    order[tied] = some.sort(*_FIRST, *then, nulls_last=True)["at"].to_numpy()
    return rows[order]
