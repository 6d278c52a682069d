"""Say how much speaks for a set of payments and accounts, and how much against it."""

import math
from typing import NamedTuple, Self

import numba
import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.elementary import log, power
from graphml.graph import TransactionGraph
from graphml.lists import Lists
from graphml.people import People
from graphml.ring import Reason

__all__ = [
    "ONE",
    "RARITIES",
    "Columns",
    "Weights",
    "comparable",
    "counter_evidence",
    "evidence",
    "rarities",
    "rarity",
    "said",
    "score",
]

RARITIES = {  # of each what a sentence says of it
    "rare_payments": "rarity of its payments under the model (0 to 1)",
    "rare_accounts": "rarity of its accounts under the model (0 to 1)",
}
ONE = 1 << 20  # rarities are whole numbers of 1 / ONE, so that no sum depends on its order
_TOLD = 0.25  # share from which what speaks against a ring is said
_CUSTOMERS = 30  # different payers from which on an account is taken for a shop, more than AMLworld's attempts have


class Weights(NamedTuple):
    """Say how much each piece of evidence counts."""

    few: float = 2.0  # this many payments get half of the score that many would get
    rhythm: float = 0.5  # share of the score lost where every payment repeats one amount between the same two
    owner: float = 0.5  # share of the score lost where every payment is between accounts of one owner
    likeness: float = 0.25  # power that likeness to what laundered has in the score, the evidence having the rest


_USUAL = Weights()


class Columns(NamedTuple):
    """Hold what is known of each account and payment."""

    account: NDArray[np.int64]  # (N,) rarity of the score, in 1 / ONE; 0 where it moved no money
    payment: NDArray[np.int64]  # (E,) rarity of the score, in 1 / ONE
    rhythm: NDArray[np.int64]  # (E,) 1 where its pair pays this amount three times or more
    owner: NDArray[np.int64]  # (E,) 1 where both ends belong to one owner
    shop: NDArray[np.int64]  # (E,) 1 where the payee is a merchant, or is on the books and had many payers before

    @classmethod
    def of(
        cls, graph: TransactionGraph, people: People, account_score: NDArray[np.floating],
        transaction_score: NDArray[np.floating],
    ) -> Self:  # fmt: skip
        """Return the columns of the view; scores are (N,) and (E,), higher is more suspicious."""
        view = slice(graph.lo, graph.hi)
        account, payment, rhythm = (np.zeros(n, np.int64) for n in (graph.n, len(graph.time), len(graph.time)))
        # Accounts that moved no money must not count among the others, for nobody knows of them yet.
        moved = np.flatnonzero(graph.active)
        account[moved] = _rarity(account_score[moved])
        payment[view] = _rarity(transaction_score[view])
        rhythm[view] = _repeated(graph, view)
        lists = graph.source, graph.time, graph.in_start, graph.in_rows
        shop = _visited(lists, (graph.lo, graph.hi), _CUSTOMERS)
        if len(people.merchant):
            shop = people.merchant[graph.target] | shop & ~people.outside[graph.target]
        return cls(account, payment, rhythm, people.one_owner(graph).astype(np.int64), shop.astype(np.int64))


def comparable(score: NDArray[np.floating], by: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return (n,) which share of those judged *by* (n,) the same model has a lower *score* (n,), 0 to 1.

    A model of known labels says higher things of what it learned from than of later days, and two models lie on two
    scales. So scores count by their rank among those of one model, equals alike.
    """
    share = np.zeros(len(score))
    for one in np.unique(by):
        own = np.flatnonzero(by == one)
        _, place, count = np.unique(score[own], return_inverse=True, return_counts=True)
        share[own] = (np.cumsum(count) - count)[place] / len(own)
    return share


def evidence(rows: Lists, accounts: Lists, columns: Columns) -> NDArray[np.int64]:
    """Return (sets, 7) sums of each set of *rows* and *accounts*.

    They are the rarity of its payments and that of its accounts in 1 / ONE, the counts of both, and how many payments
    repeat an amount, stay with one owner, and go to shops.
    """
    of_rows = [rows.sums(column) for column in (columns.payment, columns.rhythm, columns.owner, columns.shop)]
    counts = np.diff(rows.start), np.diff(accounts.start)
    return np.column_stack([of_rows[0], accounts.sums(columns.account), *counts, *of_rows[1:]])


def score(
    found: NDArray[np.int64], likeness: NDArray[np.float64] | None = None, weights: Weights = _USUAL
) -> NDArray[np.float64]:  # fmt: skip
    """Return (sets,) the scores, 0 to 1, of sets with the sums *found* (sets, 7).

    The evidence e is the mean of the mean rarity of payments and that of accounts, less where payments are few, repeat
    one amount or stay with one owner: (P / n + A / m) / 2 * n / (n + few) * (1 - rhythm r) * (1 - owner o). Where the
    rarity of *likeness* l (sets,) is known, the score is e^(1 - w) l^w with w its weight. That payments go to shops is
    said and does not count.
    """
    payments = found[:, 2]
    rarity = rarities(found).mean(axis=1)
    against = (1 - weights.rhythm * found[:, 4] / payments) * (1 - weights.owner * found[:, 5] / payments)
    known: NDArray[np.float64] = rarity * against * payments / (payments + weights.few)
    if likeness is None:
        return known
    return np.asarray(power(known, 1 - weights.likeness) * power(likeness, weights.likeness), np.float64)


def rarities(found: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (sets, RARITIES) the mean rarity of the payments and of the accounts of sets with the sums *found* (sets, 7)."""
    means: NDArray[np.float64] = found[:, :2] / found[:, 2:4] / ONE
    return means


def rarity(score: NDArray[np.floating], by: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return (n,) how rare so high a *score* is among those judged *by* (n,) the same model, in decades, as a share.

    The best of 10,000 has 1, the best tenth 1/4.
    """
    rare = np.zeros(len(score))
    for one in np.unique(by):
        own = np.flatnonzero(by == one)
        rare[own] = _rarity(score[own]) / ONE
    return rare


def said(found: NDArray[np.int64], active: int, payments: int) -> tuple[Reason, ...]:
    """Return the sentences on a ring with the sums *found* (7,) among *active* accounts and all *payments*."""
    paid, held = float(found[0] / found[2] / ONE), float(found[1] / found[3] / ONE)
    what = (
        "repeat one amount between the same two, as wages or rent do", "are between accounts of one owner",
        f"go to merchants, or to accounts that {_CUSTOMERS} others or more had paid before, as shops are",
    )  # fmt: skip
    against = [
        Reason(f"Against it: {share:.0%} of its payments {they}.", share, _TOLD)
        for share, they in zip(counter_evidence(found).values(), what, strict=True)
        if share >= _TOLD
    ]
    once, account_once = math.pow(payments, paid), math.pow(active, held)
    common = (
        f"The model finds payments as suspicious as these once in {once:,.0f}, and accounts as suspicious as "
        f"these once in {account_once:,.0f}."
    )
    return (*against, Reason(common, max(paid, held)))


def counter_evidence(found: NDArray[np.int64]) -> dict[str, float]:
    """Return of a ring with the sums *found* (7,) which shares of its payments speak against it."""
    names = "repeated_share", "same_owner_share", "to_shops_share"
    return {name: float(found[4 + k] / found[2]) for k, name in enumerate(names)}


def _rarity(score: NDArray[np.floating]) -> NDArray[np.int64]:
    # How rare so high a score is, in decades, as a share of the rarest possible: the best of N has 1, the best tenth
    # of 10,000 has 1/4. A percentile would put the best and the best hundredth together. Equal scores share a rank.
    order = np.argsort(score, kind="stable")
    start = np.flatnonzero(np.diff(score[order], prepend=np.nan) != 0)  # of each run of equal scores
    size = np.diff(start, append=len(order))
    share = np.empty(len(order))
    share[order] = np.repeat((len(order) - start - size / 2 + 0.5) / max(len(order), 1), size)
    decades = log(share) / math.log(1.0 / max(len(order), 2))
    whole: NDArray[np.int64] = np.rint(np.clip(decades, 0.0, 1.0) * ONE).astype(np.int64)
    return whole


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _visited(lists, view, customers) -> NDArray[np.bool_]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # (E,) whether so many different others had paid the payee before; what comes at one instant does not see each other.
    source, time, in_start, in_rows = lists
    visited, payee_of = np.zeros(len(time), np.bool_), np.full(len(in_start) - 1, -1, np.int64)
    for payee in range(len(in_start) - 1):
        before, fresh, now = 0, 0, np.int64(-1)
        for row in in_rows[in_start[payee] : in_start[payee + 1]]:
            if view[0] <= row < view[1]:
                if time[row] != now:
                    before, fresh, now = before + fresh, 0, time[row]
                visited[row] = before >= customers
                if source[row] != payee and payee_of[source[row]] != payee:
                    payee_of[source[row]], fresh = payee, fresh + 1
    return visited


def _repeated(graph: TransactionGraph, view: slice) -> NDArray[np.bool_]:
    # Whether a payment's pair pays the same amount three times or more.
    paid = pl.DataFrame({"payer": graph.source[view], "payee": graph.target[view], "value": graph.value[view]})
    repeated: NDArray[np.bool_] = paid.select(pl.len().over("payer", "payee", "value") >= 3).to_series().to_numpy()
    return repeated
