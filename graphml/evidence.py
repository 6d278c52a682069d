"""Freeze a ring with its transactions, accounts, reasons and provenance, so that anyone can check it later."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Context, Decimal
from math import fsum, isfinite
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.ledger import Ledger
from graphml.people import controllers
from graphml.ring import Ring
from graphml.window import to_datetime

__all__ = ["Evidence", "Provenance", "digest_of", "ring_json"]

_EXACT = Context(prec=200)  # decimal digits: far more than any sum of payments needs, so no digit is rounded away
_FLOWS = ("received_inside", "paid_inside", "received_across", "paid_across")

_TRANSACTIONS = pl.Schema(
    {
        "id": pl.String(),
        "time": pl.String(),  # ISO 8601 with the offset of UTC
        "from": pl.String(),
        "to": pl.String(),
        "amount": pl.String(),  # decimal text as the source gave it
        "currency": pl.String(),
        "amount_received": pl.String(),
        "currency_received": pl.String(),
        "value": pl.Float64(),  # reference currency
        "format": pl.String(),
        "payments": pl.Int32(),
        "until": pl.String(),
    }
)
_ACCOUNTS = pl.Schema(
    {
        "account": pl.String(),
        "bank": pl.String(),
        "number": pl.String(),
        "kind": pl.String(),
        "country": pl.String(),
        "role": pl.String(),
        "owner": pl.String(),  # names of the parties that hold it, joined by "; ", null where unknown
        "controlled_by": pl.String(),  # who holds more than half of them, up to the top; null where nobody is known to
        "score": pl.Float64(),
        **dict.fromkeys(_FLOWS, pl.Float64()),  # reference currency
        "payments_received_across": pl.Int64(),
        "payments_paid_across": pl.Int64(),
    }
)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Say from what a finding was made; equal provenance means that the finding can be made again."""

    ledger: str  # digest of the data
    run: str
    code: str  # digest or version of the code
    parameters: str  # digest
    model: str  # digest
    seed: int
    at: str  # ISO 8601 instant; only earlier transactions were used


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Hold all that backs one ring: frozen tables in which rows and accounts stand under their own names.

    `ring` is the ring as `ring_json` gives it. `transactions` has the ring's transactions in order of time.
    `accounts` has its accounts by name; *inside* counts the ring's own transactions, *across* those within
    [start, end] that have exactly one end in the ring. `beside` are the transactions between members in that
    time that are no part of the finding.
    """

    ring: Mapping[str, Any]
    transactions: pl.DataFrame
    accounts: pl.DataFrame
    beside: int
    beside_value: float  # reference currency
    reference_currency: str
    provenance: Provenance

    @classmethod
    def of(
        cls, ledger: Ledger, ring: Ring, provenance: Provenance, account_scores: NDArray[np.float64] | None = None
    ) -> Self:
        """Return the evidence of *ring*; *account_scores* (N,) adds the suspicion of its accounts."""
        rows, near = sorted(set(ring.rows)), _near(ledger, ring)
        own = set(rows)
        beside = [value for row, source, target, value in near if min(source, target) >= 0 and row not in own]
        return cls(
            ring=ring_json(ledger, ring),
            transactions=_transactions(ledger, rows),
            accounts=_accounts(ledger, ring, near, account_scores),
            beside=len(beside),
            beside_value=fsum(beside),
            reference_currency=ledger.meta.reference_currency,
            provenance=provenance,
        )

    @property
    def content(self) -> dict[str, Any]:
        """Return everything as plain JSON values, tables as lists of rows; `digest_of(content)` is the digest."""
        return {
            "ring": dict(self.ring),
            "transactions": self.transactions.to_dicts(),
            "accounts": self.accounts.to_dicts(),
            "beside": {"transactions": self.beside, "value": self.beside_value},
            "reference_currency": self.reference_currency,
            "provenance": asdict(self.provenance),
        }

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the content; equal content has an equal digest in whatever order it came."""
        return digest_of(self.content)


def digest_of(content: object) -> str:
    """Return the SHA-256 of *content* as JSON with sorted keys and no spaces."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def ring_json(ledger: Ledger, ring: Ring) -> dict[str, Any]:
    """Return *ring* as it stands in a run's `rings.json`.

    `amount` is the exact decimal sum in the source's currency where the ring has one, else the sum in the
    reference currency with two decimals; `value` is a number in the reference currency.
    """
    rows = sorted(set(ring.rows))
    paid = ledger.transactions[rows].select("amount", pl.col("currency").cast(pl.String).fill_null(""))
    currencies = paid["currency"].unique().to_list()
    single = len(currencies) == 1
    names, banks = ledger.accounts["name"], ledger.accounts["bank"]
    return {
        "id": ring.id,
        "typology": ring.typology,
        "score": float(ring.score),
        "start": to_datetime(ring.start).isoformat(),
        "end": to_datetime(ring.end).isoformat(),
        "amount": _exact_sum(paid["amount"]) if single else f"{ring.value:.2f}",
        "currency": currencies[0] if single else ledger.meta.reference_currency,
        "value": float(ring.value),
        "accounts": [{"account": names[a], "bank": banks[a], "role": role} for a, role in sorted(ring.roles)],
        "transactions": ledger.transactions["id"][rows].to_list(),
        "reasons": [{k: _finite(v) for k, v in asdict(reason).items()} for reason in ring.reasons],
        "parts": list(ring.parts),
        "cut": [{**asdict(cut), "account": names[cut.account]} for cut in sorted(ring.cut, key=lambda c: c.account)],
        "lineage": dict(ring.lineage),
        "figures": dict(ring.figures),
    }


def _finite(value: str | float | None) -> str | float | None:
    # JSON has no infinity: a ratio to nothing is written as null, its sentence says what it means.
    return None if isinstance(value, float) and not isfinite(value) else value


def _exact_sum(amounts: Iterable[str]) -> str:
    total = Decimal(0)
    for amount in amounts:
        total = _EXACT.add(total, Decimal(amount))
    return format(total, "f")


def _transactions(ledger: Ledger, rows: list[int]) -> pl.DataFrame:
    table, names = ledger.transactions[rows], ledger.accounts["name"]
    columns = {
        name: table[name].cast(kind) if name in table.columns else None
        for name, kind in _TRANSACTIONS.items()
        if name not in ("time", "until")
    }
    columns |= {"time": _iso(table["time"]), "until": _iso(table["until"])}
    columns |= {"from": names.gather(table["source"]), "to": names.gather(table["target"])}
    return pl.DataFrame({name: columns[name] for name in _TRANSACTIONS}, schema=_TRANSACTIONS)


def _iso(column: pl.Series) -> pl.Series:
    moments = column.to_physical().to_list()
    return pl.Series([None if m is None else to_datetime(m).isoformat() for m in moments], dtype=pl.String)


def _near(ledger: Ledger, ring: Ring) -> list[tuple[int, int, int, float]]:
    """Return (row, source, target, value) of rows in [start, end] that touch the ring; an end outside is -1."""
    time = ledger.transactions["time"].to_physical()
    lo, hi = int(time.search_sorted(ring.start, "left")), int(time.search_sorted(ring.end, "right"))
    members = pl.Series(ring.accounts, dtype=pl.Int32).implode()
    table = (
        ledger.transactions.select("source", "target", "value")
        .with_row_index("row")
        .slice(lo, hi - lo)
        .with_columns(
            pl.when(pl.col(end).is_in(members)).then(pl.col(end)).otherwise(-1) for end in ("source", "target")
        )
        .filter((pl.col("source") >= 0) | (pl.col("target") >= 0))
    )
    return table.rows()


def _accounts(
    ledger: Ledger, ring: Ring, near: list[tuple[int, int, int, float]], scores: NDArray[np.float64] | None
) -> pl.DataFrame:
    own = set(ring.rows)
    flows: dict[tuple[str, int], list[float]] = {}
    for row, source, target, value in near:
        across = source < 0 or target < 0
        if not across and row not in own:
            continue
        place = "across" if across else "inside"
        for way, account in (("paid", source), ("received", target)):
            if account >= 0:
                flows.setdefault((f"{way}_{place}", account), []).append(value)
    count = Counter({key: len(values) for key, values in flows.items()})
    owners, above = _owners(ledger, ring.accounts)
    plain = ledger.accounts[list(ring.accounts)].select("bank", "number", "kind", "country", account="name")
    table = plain.with_columns(
        pl.Series("role", [role for _, role in ring.roles], dtype=pl.String),
        pl.Series("owner", [owners.get(a) for a in ring.accounts], dtype=pl.String),
        pl.Series("controlled_by", [above.get(a) for a in ring.accounts], dtype=pl.String),
        pl.Series("score", [None if scores is None else float(scores[a]) for a in ring.accounts], dtype=pl.Float64),
        *(
            pl.Series(flow, [fsum(flows.get((flow, a), ())) for a in ring.accounts], dtype=pl.Float64)
            for flow in _FLOWS
        ),
        *(
            pl.Series(f"payments_{flow}", [count[flow, a] for a in ring.accounts], dtype=pl.Int64)
            for flow in _FLOWS[2:]
        ),
    )
    return table.select(*_ACCOUNTS).cast(_ACCOUNTS).sort("account")


def _owners(ledger: Ledger, accounts: tuple[int, ...]) -> tuple[dict[int, str], dict[int, str]]:
    # Who holds each account, and who is at the top of these, joined by "; "; names where they are known.
    members = pl.Series(accounts, dtype=pl.Int32).implode()
    held = ledger.ownership.filter(pl.col("account").is_in(members)).sort("account", "party")
    top = controllers(ledger)
    near, above = dict[int, dict[str, None]](), dict[int, dict[str, None]]()
    for account, party in held.select("account", "party").iter_rows():
        near.setdefault(account, {})[party] = None
        if party in top and top[party] not in top:  # of companies in a circle none is over the others
            above.setdefault(account, {})[top[party]] = None
    told = {party for some in (*near.values(), *above.values()) for party in some}
    known = ledger.parties.filter(pl.col("party").is_in(told)).select(
        "party", pl.coalesce("name", "party").alias("name")
    )
    name = dict(known.iter_rows())

    def said(parties: dict[str, None]) -> str:
        return "; ".join(dict.fromkeys(name.get(party, party) for party in parties))

    return {a: said(some) for a, some in near.items()}, {a: said(some) for a, some in above.items()}
