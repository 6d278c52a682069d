"""Tell from the names of columns what they hold."""

import re
from collections.abc import Callable, Sequence

__all__ = ["ROLES", "roles", "times"]

_Words = frozenset[str]
_PAYER = {"from", "sender", "payer", "orig", "originator", "source", "src", "debtor", "debit", "remitter", "ordering"}
_PAYEE = {
    "to",
    "receiver",
    "payee",
    "bene",
    "beneficiary",
    "dest",
    "destination",
    "target",
    "creditor",
    "credit",
    "recipient",
}
_NOT_ACCOUNT = {
    "bank",
    "name",
    "country",
    "iso",
    "location",
    "type",
    "currency",
    "amount",
    "balance",
    "city",
    "date",
    "time",
    "org",
}
_LABEL = {"laundering", "laundry", "sar", "fraud", "suspicious", "label", "illicit", "issar", "isfraud"}


def roles(columns: Sequence[str]) -> dict[str, str]:
    """Return what the names of *columns* say: role to column, only what was found."""
    words = {c: _words(c) for c in columns}
    found: dict[str, str] = {}
    for role, score in _SCORES.items():
        best = max(columns, key=lambda c: score(words[c]), default="")
        if best and score(words[best]) > 0:
            found[role] = best
    for side in ("payer", "payee"):
        if side not in found and f"{side}_bank" in found:
            found[side] = found.pop(f"{side}_bank")
        if found.get(f"{side}_party") == found.get(side):
            found.pop(f"{side}_party", None)
    if found.get("amount") == found.get("amount_received"):
        found.pop("amount_received", None)
    if found.get("currency") == found.get("currency_received"):
        found.pop("currency_received", None)
    return found


def times(columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Return what may be the time, best first: columns whose names say so, and pairs of a date and a time of day."""
    words = {c: _words(c) for c in columns}
    alone = sorted((c for c in columns if _of_time(words[c])), key=lambda c: -_of_time(words[c]))
    days = [c for c in alone if words[c] & {"date", "datum", "day"}]
    hours = [c for c in alone if "time" in words[c] and "date" not in words[c]]
    return [(c,) for c in alone] + [(day, hour) for day in days for hour in hours]


def _words(column: str) -> frozenset[str]:
    apart = re.sub(r"([a-z])([A-Z])", r"\1 \2", column.removesuffix(" (2)"))
    return frozenset(re.findall(r"[a-z]+", apart.lower())) | ({"(2)"} if column.endswith(" (2)") else frozenset())


def _of_account(side: set[str], w: _Words) -> int:
    account = w & {"account", "acct", "iban", "node", "wallet", "card", "konto"}
    if not w & side or w & (_NOT_ACCOUNT - ({"name"} if "orig" in w or "dest" in w else set())):
        return 0
    return 6 * bool(account) + 2 * bool(w & {"id", "number", "no"}) + 1


def _of_bank(side: set[str], w: _Words) -> int:
    return (
        (3 + bool(w & {"id", "code", "bic"}))
        if w & side and "bank" in w and not w & {"country", "iso", "location", "name"}
        else 0
    )


def _of_party(side: set[str], w: _Words) -> int:
    who = w & {"party", "customer", "client", "entity", "owner"}
    return (
        (4 * bool(who) + bool("id" in w))
        if w & side and not w & {"account", "acct", "bank", "name", "type", "country"}
        else 0
    )


def _of_country(side: set[str], w: _Words) -> int:
    return bool(w & side and w & {"country", "iso", "location"})


def _of_time(w: _Words) -> int:
    if w & {"end", "update", "birth", "born"}:
        return 0
    return (
        5 * bool(w & {"timestamp", "datetime"})
        + 3 * bool(w & {"date", "time", "datum"})
        + bool(w & {"step", "day", "hour"})
    )


def _of_amount(got: bool, w: _Words) -> int:
    if w & {"balance", "currency", "old", "new", "number"}:
        return 0
    if bool(w & {"received", "receiving"}) != got:
        return 0
    return (
        3 * bool(w & {"amount", "amt", "betrag"})
        + 2 * bool(w & {"value", "sum"})
        + bool(w & {"amount", "amt"} and "paid" in w)
    )


def _of_currency(got: bool, w: _Words) -> int:
    return bool(w & {"currency", "ccy", "curr"}) if bool(w & {"received", "receiving"}) == got else 0


_SCORES: dict[str, Callable[[_Words], int]] = {
    "time": _of_time,
    "payer": lambda w: _of_account(_PAYER, w),
    "payee": lambda w: _of_account(_PAYEE, w),
    "payer_bank": lambda w: _of_bank(_PAYER, w),
    "payee_bank": lambda w: _of_bank(_PAYEE, w),
    "payer_party": lambda w: _of_party(_PAYER, w),
    "payee_party": lambda w: _of_party(_PAYEE, w),
    "payer_country": lambda w: _of_country(_PAYER, w),
    "payee_country": lambda w: _of_country(_PAYEE, w),
    "amount": lambda w: _of_amount(False, w),
    "amount_received": lambda w: _of_amount(True, w),
    "currency": lambda w: _of_currency(False, w),
    "currency_received": lambda w: _of_currency(True, w),
    "format": lambda w: bool(
        w & {"format", "channel", "method", "type"} and w & {"payment", "tx", "transaction", "tran"}
    ),
    "laundering": lambda w: bool(w & _LABEL and "type" not in w),
    "typology": lambda w: bool(w & {"typology"} or w >= {"laundering", "type"}),
    "ring": lambda w: bool(w >= {"alert", "id"} or w & {"ring", "attempt"}),
    "id": lambda w: 2 * bool(w == {"id"}) + 3 * bool("id" in w and w & {"transaction", "tran", "tx", "payment"}),
}

ROLES = tuple(_SCORES)
