"""Turn a generated folder into rows to learn from: features as of each row, labels as known, and what is true."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.families import Families
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger

__all__ = ["Examples"]


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Hold rows in order of time."""

    payment: NDArray[np.float32]  # (E, 5) format, currencies, amounts: what a payment says of itself
    counts: NDArray[np.float32]  # (E, F) what happened strictly before, and the amount
    label: NDArray[np.bool_]  # (E,) as found out
    known: NDArray[np.int64]  # (E,) microseconds UTC, when the label became known; without a label: always known
    time: NDArray[np.int64]  # (E,) microseconds UTC, ascending
    true: NDArray[np.bool_]  # (E,) launders
    attempt: NDArray[np.int64]  # (E,) number of the attempt, else -1

    @classmethod
    def of(cls, folder: Path, families: Sequence[str]) -> Self:
        """Read *folder*, which `muletrail generate` wrote, and compute the features of *families*."""
        ledger = Ledger.load(folder / "ledger")
        rows = ledger.transactions
        counts = Families.of(families, ledger).transactions(TransactionGraph.of(ledger))
        value = rows["value"].to_numpy()
        payment = [rows[c].to_physical().to_numpy() for c in ("format", "currency", "currency_received")]
        amounts = [rows["amount"].cast(pl.Float64).to_numpy(), value]
        label, known = np.zeros(len(rows), np.bool_), np.full(len(rows), 0, np.int64)
        told = ledger.labels.filter("laundering")
        label[told["row"].to_numpy()] = True
        known[told["row"].to_numpy()] = told["known"].cast(pl.Int64).fill_null(0).to_numpy()
        true, attempt = _truth(folder, rows["id"])
        return cls(
            np.column_stack([*payment, *amounts]).astype(np.float32),
            np.column_stack([counts, value]).astype(np.float32),
            label, known, rows["time"].cast(pl.Int64).to_numpy(), true, attempt,
        )  # fmt: skip

    def cuts(self, shares: Sequence[float]) -> list[int]:
        """Return the first row of each part that begins after so large a *share* of rows; equal times stay together."""
        return [int(np.searchsorted(self.time, self.time[int(share * len(self.time))])) for share in shares]

    def labels_at(self, row: int) -> NDArray[np.bool_]:
        """Return (E,) the labels that were known when *row* came."""
        labels: NDArray[np.bool_] = self.label & (self.known <= self.time[row])
        return labels


def _truth(folder: Path, ids: pl.Series) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    answers = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    inside = [(line, n) for n, a in enumerate(answers["attempts"]) for line in a["transactions"]]
    alone = [(line, -1) for line in (*answers["integration"], *answers["transitive"])]
    key = pl.DataFrame(inside + alone, schema={"id": pl.String, "attempt": pl.Int64}, orient="row").unique(
        "id", keep="first"
    )
    found = pl.DataFrame({"id": ids}).join(key, on="id", how="left", maintain_order="left")["attempt"]
    return found.is_not_null().to_numpy(), found.fill_null(-1).to_numpy()
