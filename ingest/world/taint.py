"""Follow dirty money through commingling, so that a label is transitive."""

import numba
import numpy as np
from numpy.typing import NDArray

from ingest.world.payments import Payments

__all__ = ["Taint"]

_LEAST = 0.5  # a payment launders when at least this share of it is dirty


class Taint:
    """Hold the clean and the dirty money on each account, moved on block by block in order of time.

    Laundering moves dirty money whole. Who launders keeps dirty money apart: normal life is paid from clean money.
    Everyone else pays from both in proportion. What reaches an institution has left: it is lost among what others pay
    in.
    """

    def __init__(self, opening: NDArray[np.float64], launders: NDArray[np.int32], institutions: int) -> None:
        self._clean, self._dirty = opening.copy(), np.zeros(len(opening))
        self._knows = np.zeros(len(opening), np.bool_)
        self._knows[launders] = True
        self._institutions = institutions

    def follow(self, block: Payments, dirty: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return (E,) which payments of *block* (in order of time) launder; *dirty* ones do by themselves."""
        labels: NDArray[np.bool_] = _follow(
            block.payer, block.payee, block.usd, dirty, (self._clean, self._dirty, self._knows, self._institutions)
        )
        return labels


@numba.njit(cache=True)
def _follow(payer, payee, usd, dirty, state):  # type: ignore[no-untyped-def]
    clean, tainted, knows, institutions = state
    label = dirty.copy()
    for i in range(len(payer)):
        a, b, amount = payer[i], payee[i], usd[i]
        if dirty[i]:
            moved = amount
        elif tainted[a] <= 0.0 or knows[a]:
            moved = 0.0
        else:
            moved = min(tainted[a], amount * tainted[a] / max(tainted[a] + clean[a], amount))
        label[i] = moved >= _LEAST * amount
        if a == b:
            continue
        tainted[a] = max(0.0, tainted[a] - moved)
        clean[a] = max(0.0, clean[a] - (amount - moved))
        if b >= institutions:
            tainted[b] += moved
            clean[b] += amount - moved
    return label
