"""Measure the shape of sets of payments: who paid whom, when and how much, as of the last payment of each."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphml.cores import side_by_side
from graphml.histories import MARKS, UNIT, Histories
from graphml.kernel import kernel
from graphml.lists import Lists
from graphml.window import DAY

__all__ = ["MEASURES", "measured"]

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
    "kept": "logarithm of the factor between what a usual account between receives and pays",
    "kept_least": "least logarithm of the factor between what an account receives and pays",
    "held": "hours between a usual account's first receipt and first payment",
    "activity": "logarithm of a usual account's payments so far",
    "activity_most": "logarithm of the busiest account's payments so far",
    "activity_least": "logarithm of the calmest account's payments so far",
    "age": "days that a usual account has been active",
    "age_least": "days that its newest account had been active when it began (below 0: that account came later)",
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
_PART = 100_000  # payments of sets that one core measures together


def measured(known: Histories, rows: Lists, accounts: Lists) -> NDArray[np.float32]:
    """Return (sets, MEASURES) of each set of *rows* and *accounts*, both ascending; all ends of rows are accounts."""
    out = np.zeros((len(rows), len(MEASURES)), np.float64)
    edges = np.searchsorted(rows.start, np.arange(_PART, len(rows.values), _PART))
    edges = np.unique(np.concatenate([[0], edges, [len(rows)]]))

    def part(span: tuple[int, int]) -> None:
        memory = _room(
            known, *(int(np.diff(one.start[span[0] : span[1] + 1]).max(initial=0)) for one in (rows, accounts))
        )
        _measure((rows.start, rows.values), (accounts.start, accounts.values), known, out, span, memory)

    side_by_side(part, pairwise(edges.tolist()))
    return out.astype(np.float32)


def _room(known: Histories, payments: int, accounts: int) -> tuple[Any, ...]:
    # For one set: number of an account in it; of each account hundredths received and paid, first time of each, payments
    # received and made, places among known.ends of its first and last payment; of payments pair and distance from the
    # mean; accounts by owner, and by contact the party that has it; payments by mark.
    number, both = np.zeros(len(known.account), np.int32), np.empty((4, accounts, 2), np.int64)
    of_payments = np.empty(payments, np.int64), np.empty(payments, np.float64)
    return (
        number,
        tuple(both),
        of_payments,
        np.zeros(known.owners, np.int64),
        np.full(known.contacts, -1),
        np.zeros(MARKS, np.int64),
    )


@kernel
def _measure(rows, accounts, known, out, span, memory) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    (row_start, row), (account_start, account) = rows, accounts
    number, (cents, first, count, at), (pairs, off), owns, has, marks = memory
    for one in range(span[0], span[1]):
        own = row[row_start[one] : row_start[one + 1]]
        held = account[account_start[one] : account_start[one + 1]]
        for k in range(len(held)):
            number[held[k]] = k
            cents[k, :], first[k, :], count[k, :], at[k, :] = 0, -1, 0, -1
        _payments(own, known, number, (pairs, off, marks), out[one])
        total = _flow(own, known, number, (cents, first, count, at))
        _passing(len(held), (cents, first), out[one, _ACCOUNTS:])
        _histories(own, held, known, at, out[one, _ACTIVITY:])
        moved = out[one, _INSIDE]
        out[one, _INSIDE] = 2 * total / moved if moved else 0.0
        _places(len(own), len(held), count, out[one, _PLACES:])
        _people(held, known, owns, has, out[one, _PEOPLE:])


@kernel
def _payments(own, known, number, scratch, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    n, (pairs, off, marks) = len(own), scratch
    logs, squares = 0, 0.0
    marks[:] = 0
    for k in range(n):
        one = known.paid[own[k]]
        pairs[k] = number[one.source] * np.int64(len(number)) + number[one.target]
        logs += one.log
        for mark in range(MARKS):
            marks[mark] += (one.marks >> mark) & 1
    mean = logs / n
    for k in range(n):
        off[k] = abs(known.paid[own[k]].log - mean)
    _sort(pairs[:n])
    _sort(off[:n])  # so that the sum does not depend on the order of payments
    different = 1
    for k in range(n):
        different += k > 0 and pairs[k] != pairs[k - 1]
        squares += off[k] * off[k]
    out[0], out[1], out[2] = n, different, (known.paid[own[-1]].time - known.paid[own[0]].time) / DAY
    out[3], out[4] = marks[0] / n, marks[1] / n
    out[5], out[6] = mean / UNIT, np.sqrt(squares / n) / UNIT
    for mark in range(2, MARKS):
        out[5 + mark] = marks[mark] / n


@kernel
def _sort(values) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # By insertion over falling steps (Shell, 1959; steps: Ciura, 2001), for numba's own sort makes a list.
    step = len(values)
    while step > 1:
        step = max(1, int(step / 2.25)) if step > 701 else _below(step)
        for i in range(step, len(values)):
            one, k = values[i], i
            while k >= step and values[k - step] > one:
                values[k] = values[k - step]
                k -= step
            values[k] = one


@kernel
def _below(size) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
    for step in (701, 301, 132, 57, 23, 10, 4):
        if step < size:
            return step
    return 1


@kernel
def _flow(own, known, number, of) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
    cents, first, count, at = of
    total = 0
    for row in own:
        paid = known.paid[row]
        total += paid.cents
        for side, end, place in ((0, number[paid.target], paid.at_payee), (1, number[paid.source], paid.at_payer)):
            cents[end, side] += paid.cents
            count[end, side] += 1
            if first[end, side] < 0:
                first[end, side] = paid.time
            at[end, 0] = place if at[end, 0] < 0 else min(at[end, 0], place)
            at[end, 1] = max(at[end, 1], place)
    return total


@kernel
def _passing(size, flow, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    cents, first = flow
    count, factors, least, hours = 0, 0, 0, 0
    for one in range(size):
        if first[one, 0] >= 0 and first[one, 1] >= 0:
            factor = abs(round(math.log((cents[one, 0] + 1) / (cents[one, 1] + 1)) * UNIT))
            least = factor if count == 0 or factor < least else least
            count += 1
            factors += factor
            hours += abs(first[one, 1] - first[one, 0])
    out[0], out[1] = size, count / size
    out[2:5] = np.nan
    if count:
        out[2], out[3], out[4] = factors / count / UNIT, least / UNIT, hours / count / (DAY / 24)


@kernel
def _places(payments, size, count, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    for one in range(size):
        out[0] += count[one, 0] == 0
        out[1] += count[one, 1] == 0
        out[2], out[3] = max(out[2], count[one, 1]), max(out[3], count[one, 0])
    for k in range(4):
        out[k] /= size if k < 2 else payments


@kernel
def _people(held, known, owns, has, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    contact, party = known.contact, known.party
    several = -2  # parties have the contact
    for account in held:
        one = known.account[account]
        owns[one.owner] += 1
        for i in range(one.contact, one.contact_stop):
            nobody = has[contact[i]] == -1
            has[contact[i]] = party[i] if nobody or has[contact[i]] == party[i] else several
    for account in held:
        one = known.account[account]
        out[0] += owns[one.owner] > 1
        for i in range(one.contact, one.contact_stop):
            if has[contact[i]] == several:
                out[1] += 1
                break
    for account in held:
        one = known.account[account]
        owns[one.owner] = 0
        for i in range(one.contact, one.contact_stop):
            has[contact[i]] = -1
    for k in range(2):
        out[k] /= len(held)


@kernel
def _histories(own, held, known, at, out) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    # Of the accounts up to the last payment; the last place gets what they moved meanwhile, in hundredths.
    begin, end = known.paid[own[0]].time, known.paid[own[-1]].time
    so_far, most, least, age, newest, moved = 0, -1, 1 << 62, 0, 1 << 62, 0
    for k in range(len(held)):
        one = known.account[held[k]]
        lo, hi = one.start, one.stop
        first, last = (at[k, 0], at[k, 1]) if at[k, 0] >= 0 else (hi, lo - 1)
        upto = _after(known.ends, last + 1, hi, end)
        log = round(math.log(upto - lo + 1.0) * UNIT)
        so_far, most, least = so_far + log, max(most, log), min(least, log)
        days = begin - one.since if hi > lo else 0
        age, newest = age + days, min(newest, days)
        moved += known.ends[upto].moved - known.ends[_since(known.ends, lo, first, begin)].moved
    out[0], out[1], out[2] = so_far / len(held) / UNIT, most / UNIT, least / UNIT
    out[3], out[4], out[5] = age / len(held) / DAY, newest / DAY, moved


# A pattern lasts days and an account may have years, so both look near its own payments first.


@kernel
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


@kernel
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
