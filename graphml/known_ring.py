"""Hold a ring of a run so that a later run finds it again."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum
from typing import Self

import polars as pl

from graphml.ledger import Ledger
from graphml.ring import Ring
from graphml.window import DAY

__all__ = ["Known", "Payment", "Terms"]

Payment = tuple[str, str, int, str, str, int]  # payer, payee, microseconds UTC, amount, currency, which of equal ones


@dataclass(frozen=True, slots=True)
class Terms:
    """Say when two rings are one and what is worth a new alert."""

    same: float = 0.5  # least share of the smaller one, by money, that two rings have in common to be linked
    quiet: int = 30 * DAY  # microseconds since the last payment after which an unchanged ring is dormant
    more_value: float = 0.25  # least value paid since the last alert, as a share of what it held then
    more_accounts: int = 2  # least accounts that it has only by payments since the last alert


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Hold a ring by names and payments, which are the same in each ledger however it numbers them."""

    ring: Ring
    accounts: Mapping[str, float]  # name -> value of the ring's payments that it made or got, reference currency
    payments: Mapping[Payment, float]  # what a payment is -> its value
    ids: Mapping[Payment, str]  # the payment's id in its own ledger
    until: int = 0  # microseconds UTC; the ledger of the run that told it ends before
    silent: bool = False  # the run before did not tell it, an earlier one did

    @classmethod
    def of(cls, ledger: Ledger, ring: Ring) -> Self:
        """Return *ring* of *ledger*."""
        names = ledger.accounts["name"]
        table = ledger.transactions[list(ring.rows)].select(
            "id", names.gather(ledger.transactions["source"][list(ring.rows)]).alias("payer"),
            names.gather(ledger.transactions["target"][list(ring.rows)]).alias("payee"),
            pl.col("time").to_physical(), "amount", pl.col("currency").cast(pl.String).fill_null(""), "value",
        )  # fmt: skip
        parts: dict[str, list[float]] = defaultdict(list)
        payments: dict[Payment, float] = {}
        ids: dict[Payment, str] = {}
        seen: dict[tuple[str, str, int, str, str], int] = defaultdict(int)
        for name, payer, payee, time, amount, currency, value in table.sort("time", "payer", "payee", "id").iter_rows():
            same = (payer, payee, time, amount, currency)
            payments[(*same, seen[same])], ids[(*same, seen[same])] = value, name
            seen[same] += 1
            for end in {payer, payee}:
                parts[end].append(value)
        return cls(ring, {name: fsum(values) for name, values in parts.items()}, payments, ids, ledger.span.end)
