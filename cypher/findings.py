"""Turn a run's findings into rows that the files in `write/` take."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from graphml.errors import ParameterError
from graphml.ledger import Ledger
from graphml.ring import Ring

__all__ = ["Findings"]

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Findings:
    """Hold what a run writes back, as rows; times in milliseconds since 1970 UTC."""

    scores: Rows  # N rows: account, score
    flags: Rows  # account
    rings: Rows
    members: Rows  # ringId, account, role
    former: Rows  # ringId, accounts
    alerts: Rows

    @classmethod
    def of(cls, ledger: Ledger, scores: NDArray[np.float64], flagged: NDArray[np.bool_], rings: Sequence[Ring]) -> Self:
        """Return the rows of *scores* (N,), *flagged* (N,) and *rings*.

        Raises:
            ParameterError: the arrays are not one value an account, or a ring has no id or another ring's.
        """
        n = ledger.accounts.height
        if scores.shape != (n,) or flagged.shape != (n,):
            raise ParameterError(
                f"Scores {scores.shape} and flags {flagged.shape} must be one for each of {n} accounts."
            )
        ids = [ring.id for ring in rings]
        if "" in ids or len(set(ids)) < len(ids):
            raise ParameterError(f"{len(ids)} rings have {len(set(ids) - {''})} ids. Give each ring an id of its own.")
        names = ledger.accounts["name"].to_list()
        transaction = ledger.transactions["id"]
        members = [
            {"ringId": ring.id, "account": names[account], "role": role}
            for ring in rings
            for account, role in ring.roles
        ]
        return cls(
            scores=[{"account": name, "score": float(score)} for name, score in zip(names, scores, strict=True)],
            flags=[{"account": names[account]} for account in np.flatnonzero(flagged)],
            rings=[_ring(ring, transaction.gather(list(ring.rows)).to_list()) for ring in rings],
            members=members,
            former=[{"ringId": ring.id, "accounts": [names[a] for a in ring.accounts]} for ring in rings],
            alerts=[
                {"ringId": ring.id, "typology": ring.typology, "score": ring.score, "date": ring.end // 1_000}
                for ring in rings
            ],
        )


def _ring(ring: Ring, transactions: list[str]) -> dict[str, Any]:
    return {
        "ringId": ring.id,
        "typology": ring.typology,
        "score": float(ring.score),
        "start": ring.start // 1_000,
        "end": ring.end // 1_000,
        "value": float(ring.value),
        "reasons": [reason.sentence for reason in ring.reasons],
        "transactions": transactions,
    }
