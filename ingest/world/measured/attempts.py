"""Read a file of laundering patterns, genuine or generated, and measure its attempts in the same way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ingest.world.measured.measures import Measures
from ingest.world.money import UK, WORLD
from ingest.world.shapes import EIGHT

__all__ = ["WINDOWS", "Attempt", "Payment", "measure", "read"]

WINDOWS = (6, 24, 48, 72, 96, 144, 168)  # hours
_DOLLARS = dict(zip(WORLD.currencies, WORLD.rates, strict=True))
_BEGIN = "BEGIN LAUNDERING ATTEMPT - "


@dataclass(frozen=True, slots=True)
class Payment:
    """Hold one row of a pattern."""

    hour: float  # since the first midnight of the file
    payer: str  # BANK:ACCOUNT
    payee: str
    amount: float  # paid, in its currency
    currency: str
    received: str  # currency
    format: str

    @property
    def usd(self) -> float:
        """Return the amount in US dollars."""
        return self.amount * _DOLLARS[self.currency]


@dataclass(frozen=True, slots=True)
class Attempt:
    """Hold one attempt, payments in order of time."""

    typology: str
    payments: tuple[Payment, ...]

    @property
    def accounts(self) -> list[str]:
        """Return the different accounts, ascending."""
        return sorted({a for p in self.payments for a in (p.payer, p.payee)})

    @property
    def span(self) -> float:
        """Return the hours from the first payment to the last."""
        return self.payments[-1].hour - self.payments[0].hour

    @property
    def connected(self) -> bool:
        """Return whether all accounts hang together, whichever way money went."""
        place = {a: i for i, a in enumerate(self.accounts)}
        ends = [[place[p.payer] for p in self.payments], [place[p.payee] for p in self.payments]]
        graph = coo_array((np.ones(len(self.payments)), ends), shape=(len(place), len(place)))
        return int(connected_components(graph, directed=False)[0]) == 1

    def middles(self) -> Iterator[tuple[list[Payment], list[Payment]]]:
        """Yield what came in and what went out of each account that got and paid, payments to oneself left out."""
        for account in self.accounts:
            inward = [p for p in self.payments if p.payee == account != p.payer]
            outward = [p for p in self.payments if p.payer == account != p.payee]
            if inward and outward:
                yield inward, outward


def read(path: Path) -> list[Attempt]:
    """Return the attempts of a file in AMLworld's layout of patterns (Altman et al., 2023)."""
    found: list[tuple[str, list[list[str]]]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(_BEGIN):
            found.append((line.removeprefix(_BEGIN).split(":")[0].strip().lower(), []))
        elif line[:1].isdigit():
            found[-1][1].append(line.split(","))
    times = [datetime.strptime(row[0], "%Y/%m/%d %H:%M") for _, rows in found for row in rows]
    first = min(times, default=datetime.min).replace(hour=0, minute=0)
    hours = iter([(time - first).total_seconds() / 3600 for time in times])
    attempts = []
    for typology, rows in found:
        payments = [_payment(row, next(hours)) for row in rows]
        attempts.append(Attempt(typology, tuple(sorted(payments, key=lambda p: p.hour))))
    return attempts


def measure(attempts: list[Attempt]) -> Measures:
    """Return what is measured of attempts: over all, then of each typology."""
    m = Measures()
    several = [a for a in attempts if len(a.payments) > 1]
    payments = [p for a in attempts for p in a.payments]
    m.values("attempts: payments", [len(a.payments) for a in attempts])
    m.values("attempts: accounts", [len(a.accounts) for a in attempts])
    m.values("attempts: first day", [a.payments[0].hour / 24 for a in attempts])
    m.values("attempts: span in hours", [a.span for a in several])
    m.values("attempts: US dollars of a payment", [p.usd for p in payments])
    m.values("attempts: hour of a payment", [p.hour % 24 for p in payments])
    m.values("attempts: weekday of a payment", [p.hour // 24 % 7 for p in payments])
    m.share("attempts: payments after day 10", [p.hour >= 240 for p in payments])
    m.share("attempts: with one payment", [len(a.payments) == 1 for a in attempts])
    m.share("attempts: with two accounts or fewer", [len(a.accounts) <= 2 for a in attempts])
    m.share("attempts: accounts in more than one", _again(attempts))
    for hours in WINDOWS:
        m.share(f"attempts: within {hours} h", [a.span <= hours for a in several])
    if not {p.format for p in payments} <= set(UK.formats):
        m.share("attempts: payments by ACH", [p.format == "ACH" for p in payments])
    m.share("attempts: payments that change the currency", [p.currency != p.received for p in payments])
    m.share("attempts: payments to oneself", [p.payer == p.payee for p in payments])
    m.share("attempts: hops that stay in one currency", [i.currency == o.currency for i, o in _pairs(attempts)])
    for name in EIGHT:
        _of_typology(m, name, [a for a in attempts if a.typology == name])
    return m


def _of_typology(m: Measures, name: str, mine: list[Attempt]) -> None:
    several = [a for a in mine if len(a.payments) > 1]
    m.values(f"{name}: payments", [len(a.payments) for a in mine])
    m.values(f"{name}: accounts", [len(a.accounts) for a in mine])
    m.values(f"{name}: span in hours", [a.span for a in several])
    m.share(f"{name}: connected", [a.connected for a in several])
    if name in ("fan-in", "fan-out", "bipartite"):
        return
    ordered = [max(p.hour for p in i) < min(p.hour for p in o) for a in mine for i, o in a.middles()]
    m.share(f"{name}: all in before anything out", ordered)
    if name != "gather-scatter":  # the others have accounts with one payment in and one out
        pairs = list(_pairs(mine))
        m.values(f"{name}: hours held", [o.hour - i.hour for i, o in pairs if o.hour > i.hour])
        kept = [o.amount / i.amount for i, o in pairs if o.currency == i.currency]
        m.values(f"{name}: amount out / in", kept)


def _pairs(attempts: list[Attempt]) -> Iterator[tuple[Payment, Payment]]:
    for attempt in attempts:
        for inward, outward in attempt.middles():
            if len(inward) == len(outward) == 1:
                yield inward[0], outward[0]


def _again(attempts: list[Attempt]) -> list[bool]:
    count: dict[str, int] = {}
    for attempt in attempts:
        for account in attempt.accounts:
            count[account] = count.get(account, 0) + 1
    return [c > 1 for c in count.values()]


def _payment(row: list[str], hour: float) -> Payment:
    _, bank, account, to_bank, to_account, _, received, amount, currency, how, *_ = row
    return Payment(hour, f"{bank}:{account}", f"{to_bank}:{to_account}", float(amount), currency, received, how)
