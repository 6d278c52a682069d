"""Turn a ledger into the task: accounts that move money in a period, judged at its end."""

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.errors import ParameterError
from graphml.families import Families
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.scorer import UNKNOWN, Examples
from graphml.window import DAY, Window

__all__ = ["build", "choose_step", "communities", "has_account_labels", "has_transaction_labels", "row_labels", "task"]


def choose_step(span: Window) -> int:
    """Return the length of a period in microseconds: 1 day up to 31 days of data, 7 up to 366, else 30."""
    days = (span.end - span.start) / DAY
    return DAY * (1 if days <= 31 else 7 if days <= 366 else 30)


def has_transaction_labels(ledger: Ledger) -> bool:
    """Return whether some transactions are labelled laundering and some not."""
    return ledger.labels["laundering"].n_unique() == 2


def has_account_labels(ledger: Ledger) -> bool:
    """Return whether some accounts are labelled laundering and some not."""
    return ledger.account_labels["laundering"].n_unique() == 2


def build(
    ledger: Ledger, graph: TransactionGraph, step: int | None = None, families: Families | None = None
) -> Examples:
    """Return the examples of *ledger*, ordered by (instant, account); `step` is a period in microseconds.

    An example is an account that pays or is paid in [T - step, T), judged as of T. Its label is 1 when it is an end
    of a laundering transaction of that period, 0 when all its labelled ones are clean, -1 when none is labelled.
    Where only accounts are labelled there is one example for each active account, at the end of the ledger. Features
    are those of *families*, by default all.

    Raises:
        ParameterError: the step is not positive.
    """
    bare = task(ledger, graph, step)
    families = Families.of(None, ledger) if families is None else families
    values = families.accounts(graph, bare.account, bare.at)
    names = tuple(f.name for f in families.of_accounts)
    return replace(bare, features=values, names=names)


def task(ledger: Ledger, graph: TransactionGraph, step: int | None = None) -> Examples:
    """Return the examples of `build` without features (F = 0)."""
    if step is not None and step <= 0:
        raise ParameterError(f"A period of {step} microseconds is not positive. Give one day as {DAY}.")
    if not has_transaction_labels(ledger) and has_account_labels(ledger):
        return _at_the_end(ledger, graph)
    step = step or choose_step(graph.span)
    time = graph.time[graph.rows]
    first = int(time[0]) // DAY * DAY if len(time) else 0
    period = (time - first) // step
    ends = np.concatenate([graph.source[graph.rows], graph.target[graph.rows]]).astype(np.int64)
    marks, days = row_labels(ledger, graph)
    mark, day = np.tile(marks[graph.rows], 2), np.tile(days[graph.rows], 2)
    # One key for each (period, account); a period's label is the greatest of its transactions' labels.
    keys, where = np.unique(np.tile(period, 2) * graph.n + ends, return_inverse=True)
    label = np.full(len(keys), UNKNOWN, np.int8)
    np.maximum.at(label, where, mark)
    known = np.full(len(keys), np.iinfo(np.int64).max)
    np.minimum.at(known, where[mark == 1], day[mark == 1])
    known[label != 1] = 0
    number = keys // max(graph.n, 1)
    account = (keys % max(graph.n, 1)).astype(np.int32)
    return _bare(account, first + (number + 1) * step, (label, known), number)


def communities(graph: TransactionGraph, seed: int = 0) -> NDArray[np.int32]:
    """Return the Leiden community (N,) of each account in the undirected graph of the view (Traag et al., 2019)."""
    import graspologic_native as native
    from scipy.sparse import coo_matrix

    rows = graph.rows
    # Only accounts that moved money take part, so that others, who may appear later, change nothing.
    moved, ends = np.unique(np.concatenate([graph.source[rows], graph.target[rows]]), return_inverse=True)
    n = len(moved)
    one = coo_matrix((np.ones(len(graph)), (ends[: len(graph)], ends[len(graph) :])), shape=(n, n))
    both = (one + one.T).tocsr()
    both.setdiag(0)
    both.eliminate_zeros()
    both.sort_indices()
    result = np.arange(graph.n, dtype=np.int32)
    if both.nnz:
        args = both.indptr.astype(np.int64), both.indices.astype(np.int32), both.data.astype(np.float64), n
        _, found = native.leiden_csr(*args, seed=seed)
        member = moved[np.fromiter(found.keys(), np.int64, len(found))]
        name = np.fromiter(found.values(), np.int64, len(found))
        result[member] = graph.n + name  # accounts that Leiden leaves out stay alone
    return np.unique(result, return_inverse=True)[1].astype(np.int32)


def row_labels(ledger: Ledger, graph: TransactionGraph) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Return (E,) label of each transaction and (E,) instant at which it became known, by default that of the payment."""
    label, known = np.full(len(graph.time), UNKNOWN, np.int8), graph.time.copy()
    rows, day = ledger.labels["row"].to_numpy(), ledger.labels["known"].cast(pl.Int64)
    label[rows] = ledger.labels["laundering"].to_numpy().astype(np.int8)
    known[rows] = day.fill_null(pl.Series(graph.time[rows])).to_numpy()
    return label, known


def _at_the_end(ledger: Ledger, graph: TransactionGraph) -> Examples:
    rows = graph.rows
    account = np.unique(np.concatenate([graph.source[rows], graph.target[rows]])).astype(np.int32)
    known = np.full(graph.n, UNKNOWN, np.int8)
    table = ledger.account_labels
    known[table["account"].to_numpy()] = table["laundering"].to_numpy().astype(np.int8)
    at = np.full(len(account), graph.span.end, np.int64)
    return _bare(account, at, (known[account], np.zeros(len(account), np.int64)), communities(graph)[account])


def _bare(
    account: NDArray[np.int32],
    at: NDArray[np.int64],
    label: tuple[NDArray[np.int8], NDArray[np.int64]],
    group: NDArray[np.integer],
) -> Examples:
    empty = np.zeros((len(account), 0), np.float32)
    return Examples(account, at.astype(np.int64), *label, empty, (), group.astype(np.int32))
