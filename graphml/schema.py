"""Fix the tables of a Ledger: names, types, units.

Times are microseconds UTC. Amounts are the decimal text of the source, exact; `value` is the paid
amount in the ledger's reference currency, a float. An account is known by its row in `accounts`.
"""

import polars as pl

__all__ = [
    "ACCOUNTS",
    "ACCOUNT_LABELS",
    "ATTEMPTS",
    "CONTACTS",
    "HOLDINGS",
    "LABELS",
    "OWNERSHIP",
    "PARTIES",
    "QUARANTINE",
    "TIME",
    "TRANSACTIONS",
    "account_name",
]

TIME = pl.Datetime("us", "UTC")

TRANSACTIONS = pl.Schema(
    {
        "id": pl.String(),  # the source's own id, else FILE:LINE
        "time": TIME,  # ascending; ties in canonical order (time, source, target, amount, ..., id)
        "source": pl.Int32(),  # payer, row of accounts
        "target": pl.Int32(),  # payee, row of accounts
        "amount": pl.String(),  # paid, decimal text as given
        "currency": pl.Categorical(),  # paid, the source's name
        "amount_received": pl.String(),  # decimal text as given; equals amount where the source has one amount
        "currency_received": pl.Categorical(),
        "value": pl.Float64(),  # amount paid in the reference currency
        "format": pl.Categorical(),  # payment format or channel, the source's name
        "payments": pl.Int32(),  # how many payments the row stands for: 1, or more where the source is aggregated
        "until": TIME,  # end of an aggregated row's period, else null
    }
)

ACCOUNTS = pl.Schema(
    {
        "name": pl.String(),  # BANK:ACCOUNT, or ACCOUNT where the source knows no banks; unique, ascending
        "bank": pl.String(),  # "" where the source knows no banks
        "number": pl.String(),
        "kind": pl.String(),  # internal, external, cash, merchant
        "country": pl.String(),  # null where unknown
        "opened": TIME,  # null where unknown
        "opening_balance": pl.Float64(),  # reference currency, null where unknown
    }
)

PARTIES = pl.Schema(
    {
        "party": pl.String(),  # unique, ascending
        "name": pl.String(),
        "kind": pl.String(),  # person, company, bank, or null
        "country": pl.String(),
        "born": pl.Date(),
        "occupation": pl.String(),  # of a person, or the trade of a company; null where unknown
        "expected_turnover": pl.Float64(),  # stated at opening, reference currency in 30 days; null where unknown
    }
)

OWNERSHIP = pl.Schema({"party": pl.String(), "account": pl.Int32(), "role": pl.String()})

CONTACTS = pl.Schema(
    {  # what parties can have in common
        "party": pl.String(),
        "kind": pl.String(),  # device, phone, address
        "value": pl.String(),
    }
)

HOLDINGS = pl.Schema({"owner": pl.String(), "company": pl.String(), "share": pl.Float64()})  # parties; share 0 to 1

LABELS = pl.Schema(
    {  # one row for each labelled transaction, in order of row; no row: not labelled
        "row": pl.Int64(),  # row of transactions
        "laundering": pl.Boolean(),
        "typology": pl.String(),  # null where the source names none
        "attempt": pl.String(),  # the answer key's ring, null where none
        "known": TIME,  # when it became known, null: with the payment
        "provenance": pl.String(),  # what found it: alert, referral, ...; null where unknown
    }
)

ACCOUNT_LABELS = pl.Schema({"account": pl.Int32(), "laundering": pl.Boolean()})

ATTEMPTS = pl.Schema(
    {  # the answer key of rings: one row for each account of each attempt
        "attempt": pl.String(),
        "typology": pl.String(),
        "laundering": pl.Boolean(),  # false: a normal look-alike (hard negative)
        "account": pl.Int32(),
        "role": pl.String(),
    }
)

QUARANTINE = pl.Schema(
    {
        "file": pl.String(),  # without folder
        "line": pl.Int64(),  # header = line 1
        "column": pl.String(),  # as the file spells it
        "value": pl.String(),
        "reason": pl.String(),  # a sentence
    }
)


def account_name(bank: str, number: str) -> str:
    """Return `BANK:ACCOUNT`, or `ACCOUNT` where the source knows no banks."""
    return f"{bank}:{number}" if bank else number
