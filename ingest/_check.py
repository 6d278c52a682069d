"""Part rows that can be used from rows that cannot, with the column, the value and the reason of each bad one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from graphml import schema
from graphml.source import Columns, Head
from ingest import _parse
from ingest._lines import MOST_TEXT
from ingest._rows import Raw

__all__ = ["Ask", "Checked", "check", "faults"]

_SIDES = ("payer", "payee")
_WORDS = ("currency", "currency_received", "format", "typology", "attempt", "payer_country", "payee_country")


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """Hold what rows are checked against."""

    head: Head
    place: int  # of the file among those read
    columns: Columns
    rates: Mapping[str, float]  # units of the reference currency, by currency in lower case
    zone: str
    accounts: pl.Categories  # of BANK:ACCOUNT, shared by all blocks
    words: pl.Categories  # of currencies, formats, typologies, attempts


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """Hold what became of the rows of a block."""

    kept: pl.DataFrame
    bad: pl.DataFrame  # QUARANTINE
    key: pl.DataFrame  # place, line, match: text of the rows that the answer key may name
    skipped: int


@dataclass(frozen=True, slots=True, eq=False)
class _Test:
    """Say when a row is bad, and what is said then; tests are asked in order, the first that fails counts."""

    fails: pl.Expr  # over the read columns
    text: pl.Expr  # over the file's columns: what is shown
    reason: pl.Expr  # over the shown text, as `value`


def check(raw: Raw, ask: Ask) -> Checked:
    """Return the rows of *raw* that can be used, typed, and the quarantine of the others."""
    frame, skipped = raw.frame, 0
    if ask.columns.skip is not None:
        skip = frame.select(ask.columns.skip.fill_null(False)).to_series()
        frame, skipped = frame.filter(~skip), int(skip.sum())
    tests = _tests(ask)
    read = frame.lazy().select(_read(ask, frame)).collect()
    code = pl.coalesce(
        pl.when(t.fails.fill_null(True)).then(pl.lit(i, pl.Int16)) for i, t in enumerate(tests)
    )  # fmt: skip
    fault = read.select(code.alias("code")).to_series()
    good = fault.is_null()
    bad = [faults(raw, ask.head.name)]
    if not good.all():
        wrong = frame.with_columns(fault).filter(~good)
        bad += [_described(wrong.filter(pl.col("code") == i), tests[i], ask.head.name) for i in wrong["code"].unique()]
        read, frame = read.filter(good), frame.filter(good)
    return Checked(_kept(read, ask), pl.concat(bad), _keyed(frame, ask), skipped)


def faults(raw: Raw, name: str) -> pl.DataFrame:
    """Return the quarantine of lines that are no rows."""
    lines = [(name, f.line, f.column, f.value, f.reason) for f in raw.faults]
    return pl.DataFrame(lines, schema=schema.QUARANTINE, orient="row")


def _read(ask: Ask, frame: pl.DataFrame) -> list[pl.Expr]:
    c = ask.columns
    clock = c.clock
    if ask.head.separator == "":  # Parquet has dates of its own, which come as ISO text
        iso = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.fZ", "%Y-%m-%d")
        clock = clock if clock.step else replace(clock, formats=(*clock.formats, *iso))
    text = _plain_or_null(c.amount, c)
    found = [
        pl.col("line"),
        _parse.micros(c.time, clock, ask.zone).alias("time"),
        *(_account(getattr(c, side)).alias(side) for side in _SIDES),
        *(
            (part.is_null() | (part == "")).alias(f"{side}_{place}")
            for side in _SIDES
            for place, part in enumerate(getattr(c, side))
        ),
        *(
            getattr(c, side)[0].str.contains(":", literal=True).alias(f"{side}_parted")
            for side in _SIDES
            if len(getattr(c, side)) == 2
        ),
        *(_parse.damaged(getattr(c, side)[-1]).alias(f"{side}_damaged") for side in _SIDES),
        text.alias("amount"),
        text.cast(pl.Float64, strict=False).alias("number"),
        c.currency.alias("currency"),
        _rate(frame, ask).alias("rate"),
    ]
    if c.received is not None:
        got = _plain_or_null(c.received, c)
        found += [got.alias("amount_received"), got.cast(pl.Float64, strict=False).alias("number_received")]
    for name in ("id", *_WORDS[1:]):
        if (expression := getattr(c, name)) is not None:
            found.append(expression.alias(name))
    if c.payments is not None:
        found.append(c.payments.cast(pl.Int32, strict=False).alias("payments"))
    if c.until is not None:
        found.append(_parse.micros(c.until, clock, ask.zone).alias("until"))
    if c.laundering is not None:
        label = _parse.laundering(c.laundering)
        found += [label.alias("laundering"), (label.is_null() & c.laundering.is_not_null()).alias("label_lost")]
    return found


def _plain_or_null(text: pl.Expr, columns: Columns) -> pl.Expr:
    """Return the plain text of an amount, null where it is no number."""
    return pl.when(_parse.is_number(text, columns.number)).then(_parse.plain(text, columns.number))


def _account(parts: tuple[pl.Expr, ...]) -> pl.Expr:
    return parts[0] if len(parts) == 1 else pl.concat_str(parts, separator=":")


def _rate(frame: pl.DataFrame, ask: Ask) -> pl.Expr:
    seen = frame.select(ask.columns.currency.unique().drop_nulls()).to_series().to_list()
    known = {name: ask.rates[name.casefold()] for name in seen if name.casefold() in ask.rates}
    if not known:
        return pl.lit(None, pl.Float64)
    if len(known) == len(seen) == 1:
        return pl.when(ask.columns.currency.is_not_null()).then(pl.lit(known[seen[0]]))
    return ask.columns.currency.replace_strict(known, default=None, return_dtype=pl.Float64)


def _tests(ask: Ask) -> list[_Test]:
    c, value = ask.columns, pl.col("value")
    when = f"The time cannot be read; expected {_parse.shown(c.clock, ask.zone)}."
    tests = [
        _Test(pl.col("time").is_null(), c.time, pl.lit(when)),
        _Test(~_in_range("time"), c.time, pl.lit("The year is not between 1970 and 2100.")),
        *(test for side in _SIDES for test in _of_account(side, getattr(c, side))),
        *_of_amount(c, c.amount, "number", "amount"),
    ]
    if c.received is not None:
        tests += _of_amount(c, c.received, "number_received", "amount received")
    unknown = pl.format("The currency '{}' is in no rate table; name one that has it with --rates.", value)
    money = pl.when(value == "").then(pl.lit("The currency is missing.")).otherwise(unknown)
    return [*tests, _Test(pl.col("rate").is_null(), c.currency, money), *_of_the_rest(ask)]


def _of_account(side: str, parts: tuple[pl.Expr, ...]) -> list[_Test]:
    names = ("account",) if len(parts) == 1 else ("bank", "account")
    missing = [
        _Test(pl.col(f"{side}_{place}"), part, pl.lit(f"The {side}'s {name} is missing."))
        for place, (part, name) in enumerate(zip(parts, names, strict=True))
    ]
    if len(parts) == 2:
        parted = (
            f"The {side}'s bank holds ':', which parts bank and account in BANK:ACCOUNT; write another sign for it."
        )
        missing.append(_Test(pl.col(f"{side}_parted"), parts[0], pl.lit(parted)))
    damage = "A spreadsheet turned the account number into a number and lost its digits; export the file again."
    return [*missing, _Test(pl.col(f"{side}_damaged"), parts[-1], pl.lit(damage))]


def _of_the_rest(ask: Ask) -> list[_Test]:
    c = ask.columns
    ends = f"The end of the period is no time between 1970 and 2100; expected {_parse.shown(c.clock, ask.zone)}."
    asked = (
        (c.currency_received, pl.col("currency_received").is_null(), "The currency received is missing."),
        (c.id, pl.col("id").is_null(), "The transaction's id is missing."),
        (c.laundering, pl.col("label_lost"), "The label is neither 1, true, yes nor 0, false, no."),
        (c.payments, ~(pl.col("payments") > 0), "The number of payments is no whole number above 0."),
        (c.until, ~_in_range("until"), ends),
        (c.until, pl.col("until") < pl.col("time"), "The period ends before it begins."),
    )
    return [_Test(fails, text, pl.lit(reason)) for text, fails, reason in asked if text is not None]


def _of_amount(c: Columns, text: pl.Expr, number: str, what: str) -> list[_Test]:
    sign = f", digits grouped by '{c.number.thousands}'" if c.number.thousands else ""
    how = f"The {what} is not a number; expected digits with '{c.number.decimal}' as decimal sign{sign}."
    return [
        _Test(pl.col(number).is_null(), text, pl.lit(how)),
        _Test(~(pl.col(number) > 0), text, pl.lit(f"The {what} is not above 0.")),
        _Test(
            ~(pl.col(number) <= c.number.most),
            text,
            pl.lit(f"The {what} is greater than {c.number.most:g}, more than any payment."),
        ),
    ]


def _in_range(name: str) -> pl.Expr:
    return pl.col(name).is_between(_parse.FIRST, _parse.LAST, closed="left")


def _described(wrong: pl.DataFrame, test: _Test, name: str) -> pl.DataFrame:
    column = " ".join(c.removesuffix(" (2)") for c in test.text.meta.root_names())
    return wrong.select(
        pl.lit(name).alias("file"),
        "line",
        pl.lit(column).alias("column"),
        test.text.cast(pl.String).fill_null("").str.slice(0, MOST_TEXT).alias("value"),
    ).with_columns(test.reason.alias("reason"))


def _kept(read: pl.DataFrame, ask: Ask) -> pl.DataFrame:
    account, word = pl.Categorical(ask.accounts), pl.Categorical(ask.words)
    have = set(read.columns)
    return read.select(
        pl.lit(ask.place, pl.UInt16).alias("place"),
        pl.col("line").cast(pl.UInt32),
        "time",
        *(pl.col(side).cast(account) for side in _SIDES),
        "amount",
        (pl.col("number") * pl.col("rate")).alias("value"),
        *(pl.col(n).cast(word) for n in _WORDS if n in have),
        *(n for n in ("amount_received", "id", "payments", "until", "laundering") if n in have),
    )


def _keyed(frame: pl.DataFrame, ask: Ask) -> pl.DataFrame:
    c = ask.columns
    if c.key is None:
        return pl.DataFrame(schema={"place": pl.UInt16, "line": pl.UInt32, "match": pl.String})
    asked = frame if c.keyed is None else frame.filter(c.keyed)
    return asked.select(
        pl.lit(ask.place, pl.UInt16).alias("place"), pl.col("line").cast(pl.UInt32), c.key.alias("match")
    )
