"""Follow dirty money through commingling, so that a label is transitive."""

import math

import numba
import numpy as np
from numpy.typing import NDArray

from ingest.world.payments import Payments

__all__ = ["CLEAN", "LAUNDERS", "PROCEEDS", "Taint", "expected"]

CLEAN, LAUNDERS, PROCEEDS = 0, 1, 2  # what a payment is by itself; proceeds are paid clean and are dirty on arrival
_LEAST = 0.1  # a payment launders when at least this share of it is dirty

Floats = NDArray[np.float64]


class Taint:
    """Hold the clean and the dirty money on each account, moved on block by block in order of time.

    Laundering moves dirty money whole. Everyone else pays from both in proportion, but those who keep dirty money
    apart, who pay for normal life from clean money. What reaches an institution has left: it is lost among what others
    pay in.
    """

    def __init__(self, opening: Floats, apart: NDArray[np.int32], institutions: int) -> None:
        self._clean, self._dirty = opening.copy(), np.zeros(len(opening))
        self._apart = np.zeros(len(opening), np.bool_)
        self._apart[apart] = True
        self._institutions = institutions

    def follow(self, block: Payments, kind: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Return (E,) which payments of *block* (in order of time) launder, given what they are by themselves."""
        labels: NDArray[np.bool_] = _follow(
            block.payer, block.payee, block.usd, kind, (self._clean, self._dirty, self._apart, self._institutions)
        )
        return labels


def expected(crime: Payments, kind: NDArray[np.int8], busy: Floats, purses: tuple[Floats, Floats, Floats]) -> Floats:
    """Return how many payments of normal life (N,) of each account will launder, if nobody keeps dirty money apart.

    *crime* is in order of time, *busy* is the busy time (minutes + 1,) elapsed at each minute. *purses* are
    what accounts have at first, how often they pay and which share of it, each (N,) and by busy minute; in normal life
    as much comes in as is paid. What payees pay on is left out.
    """
    found: Floats = _expected(crime.payer, crime.payee, crime.usd, kind, busy[crime.minute], (*purses, busy[-1]))
    return found


@numba.njit(cache=True)
def _follow(payer, payee, usd, kind, state):  # type: ignore[no-untyped-def]
    clean, tainted, apart, institutions = state
    label = kind == LAUNDERS
    for i in range(len(payer)):
        a, b, amount = payer[i], payee[i], usd[i]
        if kind[i] == LAUNDERS:
            moved = amount
        elif tainted[a] <= 0.0 or apart[a]:
            moved = 0.0
        else:
            moved = min(tainted[a], amount * tainted[a] / max(tainted[a] + clean[a], amount))
        label[i] = moved >= _LEAST * amount and kind[i] != PROCEEDS
        if a == b:
            continue
        tainted[a] = max(0.0, tainted[a] - moved)
        clean[a] = max(0.0, clean[a] - (amount - moved))
        if b >= institutions:
            if kind[i] == PROCEEDS:
                moved = amount
            tainted[b] += moved
            clean[b] += amount - moved
    return label


@numba.njit(cache=True)
def _expected(payer, payee, usd, kind, at, given):  # type: ignore[no-untyped-def]
    opening, rate, turnover, end = given
    clean, tainted = opening.copy(), np.zeros(len(opening))
    since, found = np.zeros(len(opening)), np.zeros(len(opening))
    for i in range(len(payer)):
        a, b, amount = payer[i], payee[i], usd[i]
        for account in (a, b):
            found[account] += rate[account] * _passed(account, at[i], (clean, tainted, since, turnover))
        if kind[i] == LAUNDERS:
            tainted[a] = max(0.0, tainted[a] - amount)
        else:
            clean[a] = max(0.0, clean[a] - amount)
        tainted[b] += amount
    for account in range(len(opening)):
        found[account] += rate[account] * _passed(account, end, (clean, tainted, since, turnover))
    return found


@numba.njit(cache=True)
def _passed(account, now, state):  # type: ignore[no-untyped-def]
    # For how long a payment would have laundered since the last change; the dirty part of a purse falls by and by.
    clean, tainted, since, turnover = state
    time, whole = now - since[account], tainted[account] + clean[account]
    since[account] = now
    if tainted[account] <= 0.0:
        return 0.0
    share = tainted[account] / whole
    lasts = time if share >= _LEAST else 0.0
    if share >= _LEAST and turnover[account] > 0.0:
        lasts = min(time, math.log(share / _LEAST) / turnover[account])
    tainted[account] *= math.exp(-turnover[account] * time)
    clean[account] = whole - tainted[account]
    return lasts
