"""Assemble a ledger: read block by block, check, number the accounts, put the rows in order."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from graphml import schema
from graphml.errors import BadShare, InputError, ParameterError, UnknownName
from graphml.ledger import Ledger, Meta
from graphml.source import Delivery, Options
from ingest import _accounts, _answers, _order, _repeats
from ingest._check import Ask, check
from ingest._lines import Fault
from ingest._rates import Rates
from ingest._rows import Raw, rows

__all__ = ["assemble"]

_LOG = logging.getLogger(__name__)
_TOP = 3  # reasons that a refusal names
_CONTENT = ("amount", "currency", "amount_received", "currency_received", "format", "payments", "until")


@dataclass(slots=True)
class _Read:
    """Collect what the blocks gave."""

    kept: list[pl.DataFrame] = field(default_factory=list)
    bad: list[pl.DataFrame] = field(default_factory=list)
    key: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0
    skipped: int = 0


def assemble(name: str, delivery: Delivery, options: Options, exact: bool = False) -> Ledger:
    """Return the ledger of what the source *name* delivered; *exact* splits every line by itself.

    Raises:
        InputError: a file cannot be used, or no row is left.
        BadShare: more rows are bad than allowed.
        ParameterError: there is no such zone, or no rate for the reference currency.
    """
    delivery = replace(delivery, tables=tuple(sorted(delivery.tables, key=lambda t: t.head.name)))
    _require_zone(options.zone)
    if not 0 <= options.bad_share <= 1:
        raise ParameterError(f"The share of bad rows is {options.bad_share}; expected 0 to 1, for example 0.05.")
    table = Rates.load(options.rates)
    reference = options.reference_currency or delivery.reference
    read = _read(delivery, options, _factors(table, reference, delivery), exact)
    kept = pl.concat(read.kept)
    read.kept.clear()
    names = [t.head.name for t in delivery.tables]
    own_ids = "id" in kept.columns
    if own_ids:
        kept, repeated = _repeats.removed(kept, names, delivery)
        read.bad.append(repeated)
    bad = pl.concat(read.bad).sort("file", "line", maintain_order=True)
    _refuse_if_too_bad(bad, read.rows, options.bad_share)
    if kept.is_empty():
        raise InputError(f"{', '.join(names)}: no transaction is left of {read.rows} rows. Is it the right file?")
    known = _accounts.accounts(kept, delivery)
    ordered = _ordered(kept, known, own_ids)
    del kept
    notes = list(delivery.notes)
    tables = _beside(delivery, known, ordered, read, notes)
    tables |= {"transactions": _transactions(ordered, names, own_ids), "accounts": known.table, "quarantine": bad}
    converted = {c.casefold() for c in ordered["currency"].unique().cast(pl.String).to_list()} != {reference.casefold()}
    clocks = {t.columns.clock.resolution for t in delivery.tables}
    meta = Meta(
        format=name, files=tuple(names), reference_currency=reference,
        rates_digest=table.digest if converted else "", rates_date=table.date if converted else "", zone=options.zone,
        resolution=max(clocks, key=("second", "minute", "hour", "day").index), rows_in=read.rows,
        rows_kept=ordered.height, rows_quarantined=bad.height, own_ids=own_ids, notes=tuple(notes),
    )  # fmt: skip
    del ordered
    return Ledger.of(tables, meta)


def _require_zone(zone: str) -> None:
    try:
        pl.Series([0]).cast(pl.Datetime("us")).dt.replace_time_zone(zone)
    except pl.exceptions.PolarsError as fault:
        raise ParameterError(f"'{zone}' is no time zone. Write a name of the IANA list: UTC, Europe/Berlin.") from fault


def _factors(table: Rates, reference: str, delivery: Delivery) -> Mapping[str, float]:
    try:
        return {**table.into(reference), reference.casefold(): 1.0}
    except UnknownName:
        if reference != delivery.reference:
            raise
        return {reference.casefold(): 1.0}  # data in one currency of its own need no table


def _read(delivery: Delivery, options: Options, rates: Mapping[str, float], exact: bool) -> _Read:
    found = _Read()
    account, word = pl.Categories.random(), pl.Categories.random()
    for place, table in enumerate(delivery.tables):
        ask = Ask(table.head, place, table.columns, rates, options.zone, account, word)
        if table.frame is not None:
            blocks = iter((Raw(table.frame, tuple(Fault(line, "", text, why) for line, text, why in table.bad)),))
        else:
            blocks = rows(table.head, table.columns.roots(), exact)
        for raw in blocks:
            checked = check(raw, ask)
            found.rows += raw.frame.height + len(raw.faults) - checked.skipped
            found.skipped += checked.skipped
            found.kept.append(checked.kept)
            found.bad.append(checked.bad)
            found.key.append(checked.key)
        _LOG.info("%s: %d rows so far", table.head.name, found.rows)
    if not found.rows:
        raise InputError(f"{', '.join(t.head.name for t in delivery.tables)}: there is a header, but no row below it.")
    return found


def _refuse_if_too_bad(bad: pl.DataFrame, total: int, share: float) -> None:
    if bad.height <= share * total:
        return
    first = ("file", "line", "column", "value")
    top = bad.group_by("reason", maintain_order=True).agg(pl.len(), *(pl.col(c).first() for c in first))
    told = [
        f"{row['len']} x {row['reason']} (first {row['file']}:{row['line']}, {row['column']} = '{row['value']}')"
        for row in top.sort("len", descending=True, maintain_order=True).head(_TOP).iter_rows(named=True)
    ]
    mine = bad.height / total
    raise BadShare(
        f"{bad.height} of {total} rows are bad ({mine:.1%}), more than the {share:.1%} that is allowed. {' | '.join(told)} "
        f"Mend the file, name the right format or map, or allow more with --bad-share {min(mine + 0.01, 1):.2f}."
    )


def _ordered(kept: pl.DataFrame, known: _accounts.Accounts, own_ids: bool) -> pl.DataFrame:
    ends = [
        pl.Series(end, known.by_code[kept[side].to_physical().to_numpy()])
        for side, end in (("payer", "source"), ("payee", "target"))
    ]
    kept = kept.drop("payer", "payee", "payer_country", "payee_country", strict=False).with_columns(ends)
    last = ["id"] if own_ids else []
    return _order.canonical(kept, [c for c in _CONTENT if c in kept.columns] + [*last, "place", "line"])


def _transactions(rows: pl.DataFrame, names: list[str], own_ids: bool) -> pl.DataFrame:
    file = pl.col("place").replace_strict(dict(enumerate(names)), return_dtype=pl.String)
    have = rows.columns
    wanted = {
        "id": pl.col("id") if own_ids else pl.concat_str(file, pl.lit(":"), pl.col("line").cast(pl.String)),
        "time": _instant("time"),
        "source": pl.col("source"),
        "target": pl.col("target"),
        "amount": pl.col("amount"),
        "currency": _words(rows, "currency"),
        "amount_received": pl.col("amount_received" if "amount_received" in have else "amount"),
        "currency_received": _words(rows, "currency_received" if "currency_received" in have else "currency"),
        "value": pl.col("value"),
        "format": _words(rows, "format") if "format" in have else pl.lit("unknown").cast(pl.Categorical),
        "payments": pl.col("payments") if "payments" in have else pl.lit(1, pl.Int32),
        "until": _instant("until") if "until" in have else pl.lit(None, schema.TIME),
    }
    return rows.lazy().select(e.alias(n) for n, e in wanted.items()).collect()


def _instant(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _words(rows: pl.DataFrame, name: str) -> pl.Expr:
    # The words are entered in order of their text, so that a file gives the same bytes whatever was read before.
    seen = rows[name].unique().drop_nulls()
    if seen.is_empty():
        return pl.lit(None, pl.Categorical)
    codes, words = seen.to_physical().to_numpy(), seen.cast(pl.String)
    order = words.arg_sort()
    table = np.zeros(int(codes.max()) + 1, np.uint32)
    table[codes[order.to_numpy()]] = np.arange(len(order))
    final = words[order].cast(pl.Categorical)
    column = rows[name].to_physical()
    return pl.lit(
        final[pl.Series(table[column.fill_null(0).to_numpy()])].zip_with(
            column.is_not_null(), pl.Series([None], dtype=pl.Categorical)
        )
    )


def _beside(
    delivery: Delivery, known: _accounts.Accounts, ordered: pl.DataFrame, read: _Read, notes: list[str]
) -> dict[str, pl.DataFrame]:
    found = None
    if delivery.beside.key is not None:
        found = _answers.matched(ordered, pl.concat(read.key), delivery.beside.key)
        if found.height < delivery.beside.key.height:
            lost = delivery.beside.key.height - found.height
            notes.append(
                f"{lost} of {delivery.beside.key.height} rows of the answer key name no transaction that was kept."
            )
    tables = _answers.answers(ordered, found)
    if delivery.beside.attempts is not None:
        listed = known.numbered(delivery.beside.attempts).unique().sort("attempt", "account", "role")
        if listed.height < delivery.beside.attempts.height:
            lost = delivery.beside.attempts.height - listed.height
            notes.append(
                f"{lost} of {delivery.beside.attempts.height} members of the answer key are accounts without a row."
            )
        tables["attempts"] = listed
    if delivery.beside.account_labels is not None:
        labels = known.numbered(delivery.beside.account_labels).group_by("account").agg(pl.col("laundering").any())
        tables["account_labels"] = labels.sort("account")
    if delivery.beside.parties is not None:
        parties = delivery.beside.parties.unique("party", keep="first", maintain_order=True).sort("party")
        blank = [pl.lit(None, t).alias(c) for c, t in schema.PARTIES.items() if c not in parties.columns]
        tables["parties"] = parties.with_columns(*blank)
    if delivery.beside.ownership is not None:
        tables["ownership"] = known.numbered(delivery.beside.ownership).unique().sort("party", "account", "role")
    return tables
