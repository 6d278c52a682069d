"""Measure the shape of sets of payments: who paid whom, when and how much, as of the last payment of each."""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Self

import numba
import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.lists import Lists
from graphml.people import People
from graphml.window import DAY

__all__ = ["MEASURES", "Past", "measured"]

# Of each measure what a sentence says of it. What is read at an account is nan where no account receives and pays.
MEASURES = {
    "payments": "payments",
    "pairs": "pairs of accounts",
    "span": "days from the first payment to the last",
    "new": "share of payments between two that never met before",
    "again": "share of payments that repeat an earlier amount of the same two",
    "value": "logarithm of a usual amount",
    "spread": "spread of the logarithms of amounts",
    "round": "share of payments of whole hundreds",
    "banks": "share of payments from bank to bank",
    "owner": "share of payments between accounts of one owner",
    "accounts": "accounts",
    "passing": "share of accounts that receive and pay",
    "kept": "logarithm of the factor between what such an account receives and pays",
    "kept_least": "least such logarithm",
    "held": "hours between such an account's first receipt and first payment",
    "activity": "logarithm of a usual account's payments so far",
    "activity_most": "logarithm of the busiest account's payments so far",
    "activity_least": "logarithm of the calmest account's payments so far",
    "age": "days that a usual account has been active",
    "age_least": "days that the newest account has been active",
    "inside": "share of all that its accounts moved meanwhile",
    "only_pay": "share of accounts that only pay",
    "only_receive": "share of accounts that only receive",
    "most_paid": "share of payments that one account makes",
    "most_received": "share of payments that one account receives",
    "common": "share of accounts whose owner has another of them",
    "contact": "share of accounts whose owner has a device, a telephone or an address in common with the owner of another",
}
_ACCOUNTS, _ACTIVITY, _INSIDE, _PLACES, _PEOPLE = map(  # where a kernel writes its first measure
    list(MEASURES).index, ("accounts", "activity", "inside", "only_pay", "common")
)
_THREADS = 2
_UNIT = (
    1 << 20
)  # logarithms are summed as whole numbers of 1 / _UNIT, amounts as hundredths: no sum depends on its order
_NEW, _AGAIN, _ROUND, _BANKS, _OWNER = (1 << i for i in range(5))  # bits of a payment's marks

# What belongs together is read together, for sets lie all over memory: one row of each of these is one look.
_PAYMENT = np.dtype(
    [
        ("time", np.int64),  # microseconds UTC
        ("cents", np.int64),  # value in hundredths
        ("at_payer", np.int64),  # place among `ends` where it is the payer's
        ("at_payee", np.int64),
        ("source", np.int32),
        ("target", np.int32),
        ("log", np.int32),  # log(value + 1) in 1 / _UNIT
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


class Past(NamedTuple):
    """Hold what is known of payments and accounts before they stand in a pattern."""

    paid: NDArray[np.void]  # (E,) of _PAYMENT
    ends: NDArray[np.void]  # (2 E of the view + 1,) of _END, by account, then time; the last has what all moved
    account: NDArray[np.void]  # (N,) of _ACCOUNT
    contact: NDArray[np.int64]  # number of each account's contacts
    party: NDArray[np.int64]  # that has it
    owners: int
    contacts: int

    @classmethod
    def of(cls, graph: TransactionGraph, people: People) -> Self:
        """Return the past of each payment in the view of *graph*."""
        view = slice(graph.lo, graph.hi)
        source, target, value = graph.source[view], graph.target[view], graph.value[view]
        cents = np.rint(value * 100).astype(np.int64)
        paid = np.zeros(len(graph.time), _PAYMENT)
        for name in ("time", "source", "target"):
            paid[name] = getattr(graph, name)
        paid["cents"][view], paid["log"][view] = cents, np.rint(np.log(value + 1) * _UNIT)
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


def measured(past: Past, rows: Lists, accounts: Lists) -> NDArray[np.float32]:
    """Return (sets, MEASURES) of each set of *rows* and *accounts*, both ascending; all ends of rows are accounts."""
    out = np.zeros((len(rows), len(MEASURES)), np.float64)
    edges = np.searchsorted(rows.start, np.linspace(0, len(rows.values), _THREADS + 1)).tolist()
    edges[-1] = len(rows)
    most = int(np.diff(rows.start).max(initial=0)), int(np.diff(accounts.start).max(initial=0))

    def part(lo: int, hi: int) -> None:
        _measure((rows.start, rows.values), (accounts.start, accounts.values), past, out, (lo, hi), most)

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(part, edges[:-1], edges[1:]))
    return out.astype(np.float32)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _measure(rows, accounts, past, out, span, most) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    (row_start, row), (account_start, account) = rows, accounts
    number = np.zeros(len(past.account), np.int32)  # of an account in its set
    # Of each account of a set: hundredths received and paid, first time of each, payments received and made, places
    # among past.ends of its first and last payment.
    both = np.empty((4, most[1], 2), np.int64)
    cents, first, count, at = both[0], both[1], both[2], both[3]
    pairs, off = np.empty(most[0], np.int64), np.empty(most[0], np.float64)
    owns = np.zeros(past.owners, np.int64)
    has = np.full(past.contacts, -1)  # by contact: the party that has it
    for one in range(span[0], span[1]):
        own = row[row_start[one] : row_start[one + 1]]
        held = account[account_start[one] : account_start[one + 1]]
        for k in range(len(held)):
            number[held[k]] = k
            cents[k, :], first[k, :], count[k, :], at[k, :] = 0, -1, 0, -1
        _payments(own, past, number, (pairs, off), out[one])
        total = _flow(own, past, number, (cents, first, count, at))
        _passing(len(held), (cents, first), out[one, _ACCOUNTS:])
        _histories(own, held, past, at, out[one, _ACTIVITY:])
        moved = out[one, _INSIDE]
        out[one, _INSIDE] = 2 * total / moved if moved else 0.0
        _places(len(own), len(held), count, out[one, _PLACES:])
        _people(held, past, owns, has, out[one, _PEOPLE:])


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _payments(own, past, number, scratch, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    n, (pairs, off) = len(own), scratch
    logs, squares, marks = 0, 0.0, np.zeros(5, np.int64)
    for k in range(n):
        one = past.paid[own[k]]
        pairs[k] = number[one.source] * np.int64(len(number)) + number[one.target]
        logs += one.log
        for mark in range(5):
            marks[mark] += (one.marks >> mark) & 1
    mean = logs / n
    for k in range(n):
        off[k] = abs(past.paid[own[k]].log - mean)
    _sort(pairs[:n])
    _sort(off[:n])  # so that the sum does not depend on the order of payments
    different = 1
    for k in range(n):
        different += k > 0 and pairs[k] != pairs[k - 1]
        squares += off[k] * off[k]
    out[0], out[1], out[2] = n, different, (past.paid[own[-1]].time - past.paid[own[0]].time) / DAY
    out[3], out[4] = marks[0] / n, marks[1] / n
    out[5], out[6] = mean / _UNIT, np.sqrt(squares / n) / _UNIT
    for mark in range(2, 5):
        out[5 + mark] = marks[mark] / n


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _sort(values) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # By insertion where there are few, as mostly: to begin numba's own sort takes longer than that.
    if len(values) > 40:
        values.sort()
        return
    for i in range(1, len(values)):
        one, k = values[i], i
        while k > 0 and values[k - 1] > one:
            values[k] = values[k - 1]
            k -= 1
        values[k] = one


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _flow(own, past, number, of) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
    cents, first, count, at = of
    total = 0
    for row in own:
        paid = past.paid[row]
        total += paid.cents
        for side, end, place in ((0, number[paid.target], paid.at_payee), (1, number[paid.source], paid.at_payer)):
            cents[end, side] += paid.cents
            count[end, side] += 1
            if first[end, side] < 0:
                first[end, side] = paid.time
            at[end, 0] = place if at[end, 0] < 0 else min(at[end, 0], place)
            at[end, 1] = max(at[end, 1], place)
    return total


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _passing(size, flow, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    cents, first = flow
    count, factors, least, hours = 0, 0, 0, 0
    for one in range(size):
        if first[one, 0] >= 0 and first[one, 1] >= 0:
            factor = abs(round(np.log((cents[one, 0] + 1) / (cents[one, 1] + 1)) * _UNIT))
            least = factor if count == 0 or factor < least else least
            count += 1
            factors += factor
            hours += abs(first[one, 1] - first[one, 0])
    out[0], out[1] = size, count / size
    out[2:5] = np.nan
    if count:
        out[2], out[3], out[4] = factors / count / _UNIT, least / _UNIT, hours / count / (DAY / 24)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _places(payments, size, count, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    for one in range(size):
        out[0] += count[one, 0] == 0
        out[1] += count[one, 1] == 0
        out[2], out[3] = max(out[2], count[one, 1]), max(out[3], count[one, 0])
    out[:2] /= size
    out[2:4] /= payments


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _people(held, past, owns, has, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    contact, party = past.contact, past.party
    several = -2  # parties have the contact
    for account in held:
        one = past.account[account]
        owns[one.owner] += 1
        for i in range(one.contact, one.contact_stop):
            nobody = has[contact[i]] == -1
            has[contact[i]] = party[i] if nobody or has[contact[i]] == party[i] else several
    for account in held:
        one = past.account[account]
        out[0] += owns[one.owner] > 1
        for i in range(one.contact, one.contact_stop):
            if has[contact[i]] == several:
                out[1] += 1
                break
    for account in held:
        one = past.account[account]
        owns[one.owner] = 0
        for i in range(one.contact, one.contact_stop):
            has[contact[i]] = -1
    out[:2] /= len(held)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _histories(own, held, past, at, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # Of the accounts up to the last payment; the last place gets what they moved meanwhile, in hundredths.
    begin, end = past.paid[own[0]].time, past.paid[own[-1]].time
    so_far, most, least, age, newest, moved = 0, -1, 1 << 62, 0, 1 << 62, 0
    for k in range(len(held)):
        one = past.account[held[k]]
        lo, hi = one.start, one.stop
        first, last = (at[k, 0], at[k, 1]) if at[k, 0] >= 0 else (hi, lo - 1)
        upto = _after(past.ends, last + 1, hi, end)
        log = round(np.log(upto - lo + 1.0) * _UNIT)
        so_far, most, least = so_far + log, max(most, log), min(least, log)
        days = begin - one.since if hi > lo else 0
        age, newest = age + days, min(newest, days)
        moved += past.ends[upto].moved - past.ends[_since(past.ends, lo, first, begin)].moved
    out[0], out[1], out[2] = so_far / len(held) / _UNIT, most / _UNIT, least / _UNIT
    out[3], out[4], out[5] = age / len(held) / DAY, newest / DAY, moved


# A pattern lasts days and an account may have years, so both look near its own payments first.


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _after(ends, lo, hi, end) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # The first place from lo on, below hi, whose time is above *end*; hi where there is none.
    step, far = 1, lo
    while far < hi and ends[far].time <= end:
        lo, far, step = far + 1, far + step, 2 * step
    hi = min(far, hi)
    while lo < hi:
        middle = (lo + hi) // 2
        if ends[middle].time <= end:
            lo = middle + 1
        else:
            hi = middle
    return int(lo)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _since(ends, lo, hi, begin) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # The first place from lo on, at most hi, whose time is *begin* or later; those from hi on are.
    step, far = 1, hi - 1
    while far >= lo and ends[far].time >= begin:
        hi, far, step = far, far - step, 2 * step
    lo = max(far + 1, lo)
    while lo < hi:
        middle = (lo + hi) // 2
        if ends[middle].time < begin:
            lo = middle + 1
        else:
            hi = middle
    return int(lo)
