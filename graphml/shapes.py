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


class Past(NamedTuple):
    """Hold what is known of payments and accounts before they stand in a pattern."""

    source: NDArray[np.int32]  # (E,)
    target: NDArray[np.int32]  # (E,)
    time: NDArray[np.int64]  # (E,) microseconds UTC
    cents: NDArray[np.int64]  # (E,) value in hundredths
    logs: NDArray[np.int64]  # (E,) log(value + 1) in 1 / _UNIT
    marks: NDArray[np.int8]  # (E, 5) 0 or 1: new, again, round, banks, owner, as in MEASURES
    start: NDArray[np.int64]  # (N + 1,) of an account's ends of payments in the two next
    when: NDArray[np.int64]  # (2 E of the view,) ascending for each account
    place: NDArray[np.int64]  # (E, 2) where in it a payment is the payer's, and where the payee's
    moved: NDArray[np.int64]  # (2 E of the view + 1,) hundredths before that end, running on over accounts
    owner: NDArray[np.int32]  # (N,) number of the owner
    shared: tuple[NDArray[np.int64], ...]  # (N + 1,) start of an account's contacts; number and party of each

    @classmethod
    def of(cls, graph: TransactionGraph, people: People) -> Self:
        """Return the past of each payment in the view of *graph*."""
        view = slice(graph.lo, graph.hi)
        source, target, time, value = graph.source[view], graph.target[view], graph.time[view], graph.value[view]
        cents = np.rint(value * 100).astype(np.int64)
        paid = pl.DataFrame({"payer": source, "payee": target, "cents": cents, "time": time})
        met, same = (
            paid.select(pl.col("time") == pl.col("time").min().over("payer", "payee", *more)).to_series().to_numpy()
            for more in ((), ("cents",))
        )
        marks = np.zeros((len(graph.time), 5), np.int8)
        marks[view] = np.column_stack([
            met, ~same, cents % 10_000 == 0,
            people.bank[source] != people.bank[target], people.one_owner(graph)[view],
        ])  # fmt: skip
        logs, whole = (np.zeros(len(graph.time), np.int64) for _ in range(2))
        logs[view], whole[view] = np.rint(np.log(value + 1) * _UNIT).astype(np.int64), cents
        ends = np.concatenate([source, target])
        order = np.lexsort((np.tile(time, 2), ends))
        start = np.zeros(graph.n + 1, np.int64)
        np.cumsum(np.bincount(ends, minlength=graph.n), out=start[1:])
        moved = np.concatenate([[0], np.cumsum(np.tile(cents, 2)[order])])
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        place = np.full((len(graph.time), 2), -1)
        place[view] = back.reshape(2, -1).T
        return cls(
            graph.source, graph.target, graph.time, whole, logs, marks, start, np.tile(time, 2)[order], place, moved,
            people.owner, _shared(graph.n, people),
        )  # fmt: skip


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
    """Return (sets, MEASURES) of each set of *rows* and *accounts*, both ascending."""
    out = np.zeros((len(rows), len(MEASURES)), np.float64)
    edges = np.searchsorted(rows.start, np.linspace(0, len(rows.values), _THREADS + 1)).tolist()
    edges[-1] = len(rows)

    def part(lo: int, hi: int) -> None:
        _measure((rows.start, rows.values), (accounts.start, accounts.values), past, out, (lo, hi))

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(part, edges[:-1], edges[1:]))
    return out.astype(np.float32)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _measure(rows, accounts, past, out, span) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    (row_start, row), (account_start, account) = rows, accounts
    n = len(past.start) - 1
    flow = np.zeros((n, 2), np.int64), np.full((n, 2), -1)  # hundredths received and paid, first time of each
    count = np.zeros((n, 2), np.int64)  # payments received and made
    at = np.full((n, 2), -1)  # places in past.when of the first and the last payment
    owns = np.zeros(past.owner.max() + 1 if n else 0, np.int64)
    has = np.full(past.shared[1].max() + 1 if len(past.shared[1]) else 0, -1)  # by contact: the party that has it
    for one in range(span[0], span[1]):
        own = row[row_start[one] : row_start[one + 1]]
        held = account[account_start[one] : account_start[one + 1]]
        _payments(own, past, out[one])
        total = _flow(own, held, past, flow)
        _passing(held, flow, out[one, _ACCOUNTS:])
        _histories(own, held, past, at, out[one, _ACTIVITY:])
        moved = out[one, _INSIDE]
        out[one, _INSIDE] = 2 * total / moved if moved else 0.0
        _places(own, held, past, count, out[one, _PLACES:])
        _people(held, past, owns, has, out[one, _PEOPLE:])


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _payments(own, past, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    n = len(past.start) - 1
    pairs = np.unique(past.source[own].astype(np.int64) * n + past.target[own])
    out[0], out[1], out[2] = len(own), len(pairs), (past.time[own[-1]] - past.time[own[0]]) / DAY
    logs, squares, marks = 0, 0.0, np.zeros(5, np.int64)
    for row in own:
        logs += past.logs[row]
        for mark in range(5):
            marks[mark] += past.marks[row, mark]
    mean = logs / len(own)
    off = np.sort(np.abs(past.logs[own] - mean))
    for one in off:
        squares += one * one
    out[3], out[4] = marks[0] / len(own), marks[1] / len(own)
    out[5], out[6] = mean / _UNIT, np.sqrt(squares / len(own)) / _UNIT
    for mark in range(2, 5):
        out[5 + mark] = marks[mark] / len(own)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _flow(own, held, past, flow) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
    cents, first = flow
    for account in held:
        cents[account] = 0
        first[account] = -1
    total = 0
    for row in own:
        total += past.cents[row]
        for side, end in enumerate((past.target[row], past.source[row])):
            cents[end, side] += past.cents[row]
            if first[end, side] < 0:
                first[end, side] = past.time[row]
    return total


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _passing(held, flow, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    cents, first = flow
    count, factors, least, hours = 0, 0, 0, 0
    for account in held:
        if first[account, 0] >= 0 and first[account, 1] >= 0:
            factor = abs(round(np.log((cents[account, 0] + 1) / (cents[account, 1] + 1)) * _UNIT))
            least = factor if count == 0 or factor < least else least
            count += 1
            factors += factor
            hours += abs(first[account, 1] - first[account, 0])
    out[0], out[1] = len(held), count / len(held)
    out[2:5] = np.nan
    if count:
        out[2], out[3], out[4] = factors / count / _UNIT, least / _UNIT, hours / count / (DAY / 24)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _places(own, held, past, count, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    for row in own:
        count[past.target[row], 0] += 1
        count[past.source[row], 1] += 1
    for account in held:
        out[0] += count[account, 0] == 0
        out[1] += count[account, 1] == 0
        out[2], out[3] = max(out[2], count[account, 1]), max(out[3], count[account, 0])
        count[account] = 0
    out[:2] /= len(held)
    out[2:4] /= len(own)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _people(held, past, owns, has, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    start, contact, party = past.shared
    several = -2  # parties have the contact
    for account in held:
        owns[past.owner[account]] += 1
        for i in range(start[account], start[account + 1]):
            nobody = has[contact[i]] == -1
            has[contact[i]] = party[i] if nobody or has[contact[i]] == party[i] else several
    for account in held:
        out[0] += owns[past.owner[account]] > 1
        for i in range(start[account], start[account + 1]):
            if has[contact[i]] == several:
                out[1] += 1
                break
    for account in held:
        owns[past.owner[account]] = 0
        for i in range(start[account], start[account + 1]):
            has[contact[i]] = -1
    out[:2] /= len(held)


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _histories(own, held, past, at, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # Of the accounts up to the last payment; the last place gets what they moved meanwhile, in hundredths.
    for row in own:
        for side, end in enumerate((past.source[row], past.target[row])):
            place = past.place[row, side]
            at[end, 0] = place if at[end, 0] < 0 else min(at[end, 0], place)
            at[end, 1] = max(at[end, 1], place)
    begin, end = past.time[own[0]], past.time[own[-1]]
    so_far, most, least, age, newest, moved = 0, -1, 1 << 62, 0, 1 << 62, 0
    for account in held:
        lo, hi = past.start[account], past.start[account + 1]
        first, last = (at[account, 0], at[account, 1]) if at[account, 0] >= 0 else (hi, lo - 1)
        at[account, :] = -1
        upto = _after(past.when, last + 1, hi, end)
        log = round(np.log(upto - lo + 1.0) * _UNIT)
        so_far, most, least = so_far + log, max(most, log), min(least, log)
        days = begin - past.when[lo] if hi > lo else 0
        age, newest = age + days, min(newest, days)
        moved += past.moved[upto] - past.moved[_since(past.when, lo, first, begin)]
    for row in own:  # ends that are no longer held
        at[past.source[row], :] = at[past.target[row], :] = -1
    out[0], out[1], out[2] = so_far / len(held) / _UNIT, most / _UNIT, least / _UNIT
    out[3], out[4], out[5] = age / len(held) / DAY, newest / DAY, moved


# A pattern lasts days and an account may have years, so both look near its own payments first.


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _after(when, lo, hi, end) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # The first place from lo on, below hi, whose time is above *end*; hi where there is none.
    step, far = 1, lo
    while far < hi and when[far] <= end:
        lo, far, step = far + 1, far + step, 2 * step
    return int(lo + np.searchsorted(when[lo : min(far, hi)], end, "right"))


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _since(when, lo, hi, begin) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # The first place from lo on, at most hi, whose time is *begin* or later; those from hi on are.
    step, far = 1, hi - 1
    while far >= lo and when[far] >= begin:
        hi, far, step = far, far - step, 2 * step
    low = max(far + 1, lo)
    return int(low + np.searchsorted(when[low:hi], begin, "left"))
