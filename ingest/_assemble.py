"""Put what a source delivered into a Ledger."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from graphml import schema
from graphml.errors import InputError
from graphml.ledger import Ledger, Meta
from graphml.source import Delivery, Options
from ingest._check import checked, refuse_if_too_bad
from ingest._patterns import matched
from ingest._rates import Rates

__all__ = ["assemble"]

_ORDER = ("time", "source", "target", "value", "amount", "currency", "amount_received", "currency_received", "format")


def assemble(name: str, files: Sequence[Path], delivery: Delivery, options: Options) -> Ledger:
    """Return the ledger of *delivery*.

    Raises:
        BadShare: too many rows are bad. InputError: not one row can be used.
    """
    table, rates = Rates.load(options.rates), {}
    columns = delivery.rows.collect_schema().names()
    reference = options.reference_currency or delivery.reference or delivery.currency or table.base
    converts = "currency" in columns
    if converts:
        rates = table.into(reference)
    good, quarantine = checked(delivery, options.zone, rates)
    total = good.height + quarantine.height
    refuse_if_too_bad(quarantine, total, options.bad_share)
    if good.is_empty():
        raise InputError(f"{', '.join(f.name for f in files)}: there is no row to be read.")
    good = _filled(good, delivery, reference)
    accounts, lookup = _accounts(good, delivery)
    rows = _rows(good, lookup)
    tables = {
        "transactions": rows,
        "accounts": accounts,
        "quarantine": quarantine,
        "labels": _labels(rows, "laundering" in columns),
        **_parties(delivery, lookup),
        **_answers(delivery, lookup),
    }
    if delivery.patterns is not None:
        tables |= matched(rows, delivery.patterns, tables["labels"], accounts["name"])
    meta = Meta(
        format=name, files=tuple(sorted(f.name for f in files)), reference_currency=reference,
        rates_digest=table.digest if converts else "", rates_date=table.date if converts else "", zone=options.zone,
        resolution=delivery.resolution, rows_in=total, rows_kept=good.height, rows_quarantined=quarantine.height,
        own_ids="id" in columns, notes=delivery.notes,
    )  # fmt: skip
    return Ledger.of(tables, meta)


def _filled(good: pl.DataFrame, delivery: Delivery, reference: str) -> pl.DataFrame:
    there = set(good.columns)
    text = [c for c in ("amount", "currency", "amount_received", "currency_received", "format") if c in there]
    good = good.with_columns(pl.col(*text).str.strip_chars())
    add = []
    if "currency" not in there:
        add.append(pl.lit(delivery.currency or reference).alias("currency"))
    good = good.with_columns(*add)
    more = []
    for column, other in (("amount_received", "amount"), ("currency_received", "currency")):
        if column not in there:
            more.append(pl.col(other).alias(column))
    if "format" not in there:
        more.append(pl.lit("unknown").alias("format"))
    payments = pl.col("payments").cast(pl.Float64, strict=False) if "payments" in there else pl.lit(1)
    more.append(payments.cast(pl.Int32).fill_null(1).alias("payments"))
    if "id" not in there:
        more.append(pl.format("{}:{}", "file", "line").alias("id"))
    ends = [_end(side, there).alias(f"{side}_name") for side in ("from", "to")]
    return good.with_columns(*more, *ends)


def _end(side: str, there: set[str]) -> pl.Expr:
    number = pl.col(f"{side}_account").str.strip_chars()
    if f"{side}_bank" not in there:
        return number
    return pl.concat_str([pl.col(f"{side}_bank").str.strip_chars(), number], separator=":")


def _accounts(good: pl.DataFrame, delivery: Delivery) -> tuple[pl.DataFrame, pl.Enum]:
    banks = "from_bank" in good.columns
    names = [good["from_name"], good["to_name"]]
    known = delivery.accounts
    if known is not None:
        names.append(known["name"])
    unique = pl.concat([n.rename("name") for n in names]).unique().sort()
    accounts = pl.DataFrame({"name": unique})
    cut = pl.col("name").str.splitn(":", 2)
    bank, number = (cut.struct[0], cut.struct[1]) if banks else (pl.lit(""), pl.col("name"))
    kind = delivery.external if delivery.external is not None else pl.lit(None, pl.String)
    accounts = accounts.with_columns(bank=bank, number=number, kind=kind.fill_null("internal"))
    if known is not None:
        accounts = accounts.join(
            known.unique("name", keep="first", maintain_order=True), on="name", how="left", maintain_order="left"
        )
    blank = [pl.lit(None, kind).alias(c) for c, kind in schema.ACCOUNTS.items() if c not in accounts.columns]
    return accounts.with_columns(*blank), pl.Enum(unique)


def _rows(good: pl.DataFrame, lookup: pl.Enum) -> pl.DataFrame:
    ends = [
        pl.col(f"{side}_name").cast(lookup).to_physical().cast(pl.Int32).alias(end)
        for side, end in (("from", "source"), ("to", "target"))
    ]
    text = ["currency", "currency_received", "format"]
    return (
        good.with_columns(*ends)
        .sort(*_ORDER, "file", "line", nulls_last=True)
        .with_columns(pl.col(*text).cast(pl.Categorical))
    )


def _labels(rows: pl.DataFrame, labelled: bool) -> pl.DataFrame:
    if not labelled:
        return pl.DataFrame(schema=schema.LABELS)
    extra = [pl.col(c) if c in rows.columns else pl.lit(None, pl.String).alias(c) for c in ("typology", "attempt")]
    return rows.with_row_index("row").select(pl.col("row").cast(pl.Int64), pl.col("_bad").alias("laundering"), *extra)


def _parties(delivery: Delivery, lookup: pl.Enum) -> dict[str, pl.DataFrame]:
    if delivery.parties is None or delivery.ownership is None:
        return {}
    blank = [pl.lit(None, kind).alias(c) for c, kind in schema.PARTIES.items() if c not in delivery.parties.columns]
    parties = delivery.parties.unique("party", keep="first", maintain_order=True).sort("party").with_columns(*blank)
    return {
        "parties": parties,
        "ownership": _numbered(delivery.ownership, lookup).unique().sort("party", "account", "role"),
    }


def _answers(delivery: Delivery, lookup: pl.Enum) -> dict[str, pl.DataFrame]:
    found = {}
    if delivery.account_labels is not None:
        found["account_labels"] = _numbered(delivery.account_labels, lookup).sort("account")
    if delivery.attempts is not None:
        found["attempts"] = _numbered(delivery.attempts, lookup).unique().sort("attempt", "account", "role")
    return found


def _numbered(table: pl.DataFrame, lookup: pl.Enum) -> pl.DataFrame:
    numbered = table.with_columns(account=pl.col("name").cast(lookup, strict=False).to_physical().cast(pl.Int32))
    return numbered.filter(pl.col("account").is_not_null()).drop("name")
