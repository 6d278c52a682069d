"""Hold what is known of each payment and account before they stand in a set, laid out to be looked at one by one."""

from typing import NamedTuple, Self

import numba
import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.elementary import log
from graphml.graph import TransactionGraph
from graphml.people import People

__all__ = ["MARKS", "UNIT", "Histories"]

UNIT = 1 << 20  # logarithms are summed as whole numbers of 1 / UNIT, amounts as hundredths: no sum depends on its order
_NEW, _AGAIN, _ROUND, _BANKS, _OWNER = (1 << i for i in range(5))
MARKS = 5  # bits of a payment's marks: new, again, round, banks, owner, in the order of the measures

# What belongs together is read together, for sets lie all over memory: one row of each of these is one look.
_PAYMENT = np.dtype(
    [
        ("time", np.int64),  # microseconds UTC
        ("cents", np.int64),  # value in hundredths
        ("at_payer", np.int64),  # place among `ends` where it is the payer's
        ("at_payee", np.int64),
        ("source", np.int32),
        ("target", np.int32),
        ("log", np.int32),  # log(value + 1) in 1 / UNIT
        ("marks", np.uint8),
    ],
    align=True,
)
_END = np.dtype([("time", np.int64), ("moved", np.int64)])  # hundredths before that end, running on over accounts
_ACCOUNT = np.dtype(
    [
        ("start", np.int64),  # of its ends
        ("stop", np.int64),
        ("since", np.int64),  # time of the first of them
        ("owner", np.int32),  # number
        ("contact", np.int32),  # start of its contacts
        ("contact_stop", np.int32),
    ],
    align=True,
)


class Histories(NamedTuple):
    """Hold records of payments, of the ends of each account, and of accounts."""

    paid: NDArray[np.void]  # (E,) of _PAYMENT
    ends: NDArray[np.void]  # (2 E of the view + 1,) of _END, by account, then time; the last has what all moved
    account: NDArray[np.void]  # (N,) of _ACCOUNT
    contact: NDArray[np.int64]  # number of each account's contacts
    party: NDArray[np.int64]  # that has it
    owners: int
    contacts: int

    @classmethod
    def of(cls, graph: TransactionGraph, people: People) -> Self:
        """Return what is known of each payment in the view of *graph*, and of its accounts."""
        view = slice(graph.lo, graph.hi)
        source, target, value = graph.source[view], graph.target[view], graph.value[view]
        cents = np.rint(value * 100).astype(np.int64)
        paid = np.zeros(len(graph.time), _PAYMENT)
        for name in ("time", "source", "target"):
            paid[name] = getattr(graph, name)
        paid["cents"][view], paid["log"][view] = cents, np.rint(log(value + 1) * UNIT)
        amounts = pl.DataFrame({"payer": source, "payee": target, "cents": cents, "time": graph.time[view]})
        first = pl.col("time") == pl.col("time").min().over("payer", "payee", "cents")
        marks = (
            (_AGAIN, ~amounts.select(first).to_series().to_numpy()), (_ROUND, cents % 10_000 == 0),
            (_BANKS, people.bank[source] != people.bank[target]), (_OWNER, people.one_owner(graph)[view]),
        )  # fmt: skip
        for mark, there in marks:
            paid["marks"][view] |= there.astype(np.uint8) * np.uint8(mark)
        lists = (graph.in_start, graph.in_rows), (graph.out_start, graph.out_rows)
        ends, account = np.zeros(2 * len(source) + 1, _END), np.zeros(graph.n, _ACCOUNT)
        _laid(lists, (graph.lo, graph.hi), paid, ends, account)
        start, contact, party = _shared(graph.n, people)
        account["owner"], account["contact"], account["contact_stop"] = people.owner, start[:-1], start[1:]
        owners = int(people.owner.max(initial=-1)) + 1
        return cls(paid, ends, account, contact, party, owners, int(contact.max(initial=-1)) + 1)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _laid(lists, view, paid, ends, account) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # Put the ends of payments by account, then time, and mark payments between two that never met before.
    (in_start, in_rows), (out_start, out_rows) = lists
    payer, first = np.full(len(account), -1, np.int64), np.zeros(len(account), np.int64)
    used, moved = 0, 0
    for one in range(len(account)):
        account[one].start = used
        i, j = in_start[one], out_start[one]
        while i < in_start[one + 1] or j < out_start[one + 1]:
            came = i < in_start[one + 1] and (j == out_start[one + 1] or in_rows[i] <= out_rows[j])
            row = in_rows[i] if came else out_rows[j]
            i, j = i + came, j + (not came)
            if row < view[0] or row >= view[1]:
                continue
            ends[used].time, ends[used].moved = paid[row].time, moved
            moved += paid[row].cents
            if came:
                paid[row].at_payee = used
            else:
                paid[row].at_payer = used
                payee = paid[row].target
                if payer[payee] != one:
                    payer[payee], first[payee] = one, paid[row].time
                if paid[row].time == first[payee]:
                    paid[row].marks |= _NEW
            used += 1
        account[one].stop = used
        account[one].since = ends[account[one].start].time if used > account[one].start else 0
    ends[used].moved = moved


def _shared(n: int, people: People) -> tuple[NDArray[np.int64], ...]:
    pairs = [
        (account, number, party)
        for number, one in enumerate(people.contacts)
        for account, party in zip(one.accounts, one.parties, strict=True)
    ]
    table = np.array(sorted(pairs), np.int64).reshape(-1, 3)
    start = np.searchsorted(table[:, 0], np.arange(n + 1)).astype(np.int64)
    return start, table[:, 1].copy(), table[:, 2].copy()
