"""Part good rows from bad ones, with the column, the value and the reason of each bad row."""

from collections.abc import Mapping
from zoneinfo import available_timezones

import polars as pl

from graphml import schema
from graphml.errors import BadShare, UnknownName
from graphml.source import Delivery

__all__ = ["checked", "refuse_if_too_bad"]

_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_DAMAGED = r"^\s*\d+([.,]\d+)?[eE]\+\d+\s*$|^\s*\d+[.,]\d+[eE]\d+\s*$"
_TRUE = ("1", "true", "yes", "1.0")
_FALSE = ("0", "false", "no", "0.0")
_LEAST, _MOST = pl.datetime(1970, 1, 1, time_zone="UTC"), pl.datetime(2100, 1, 1, time_zone="UTC")
_LARGEST = 1e15  # an amount above it is taken for a fault of the file


def checked(delivery: Delivery, zone: str, rates: Mapping[str, float]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows that can be used, parsed, and the quarantine of the others.

    *rates* has units of the reference currency for each currency that is known.

    Raises:
        UnknownName: there is no time zone of that name.
    """
    if zone not in available_timezones():
        raise UnknownName.of("time zone", zone, available_timezones())
    names = set(delivery.rows.collect_schema().names())
    faults = _faults(names, rates)
    number = pl.coalesce(*(pl.when(f).then(pl.lit(i, pl.Int8)) for i, (_, f, _) in enumerate(faults)))
    parsed = (
        delivery.rows.with_columns(_when=_utc(delivery.time, zone))
        .with_columns(_fault=number)
        .with_columns(_until(delivery, zone))
    )
    keep_text = [pl.when(pl.col("_fault").is_not_null()).then(pl.col("time")).alias("time")]
    table = parsed.with_columns(*keep_text, *_values(names, rates)).collect()
    bad = table.filter(pl.col("_fault").is_not_null())
    good = table.filter(pl.col("_fault").is_null()).drop("time", "until", "_fault", strict=False)
    good = good.rename({"_when": "time", "_until": "until"}).with_columns(pl.col("time", "until").cast(schema.TIME))
    quarantine = [_described(bad, i, fault, delivery) for i, fault in enumerate(faults)]
    good, repeated = _repeated(good, delivery)
    return good, pl.concat([delivery.broken, *quarantine, repeated]).sort("file", "line", maintain_order=True)


def refuse_if_too_bad(quarantine: pl.DataFrame, rows: int, share: float) -> None:
    """Stop where more than *share* of *rows* are bad.

    Raises:
        BadShare: with the most frequent reasons and the way out.
    """
    if quarantine.height <= share * rows:
        return
    counts = (
        quarantine.group_by("column", "reason")
        .agg(pl.len(), pl.col("value").first())
        .sort("len", "reason", descending=[True, False])
    )
    lines = [
        f"  {row['len']} rows, column '{row['column']}', such as {row['value']!r}: {row['reason']}"
        for row in counts.head(5).iter_rows(named=True)
    ]
    raise BadShare(
        f"{quarantine.height} of {rows} rows are bad, more than the allowed share of {share:.1%}:\n"
        + "\n".join(lines)
        + "\nMend the file or its map, or allow more with --bad-share."
    )


_Fault = tuple[str, pl.Expr, str]  # text column, condition, reason


def _faults(names: set[str], rates: Mapping[str, float]) -> list[_Fault]:
    found: list[_Fault] = []
    ids = [str(c) for c in ("from_bank", "from_account", "to_bank", "to_account") if c in names]
    found.append(("time", pl.col("time").str.strip_chars().fill_null("") == "", "The row has no time."))
    found.append(("time", pl.col("_when").is_null(), "This cannot be read as a time of the format."))
    outside = ~pl.col("_when").is_between(_LEAST, _MOST)
    found.append(("time", outside, "The time lies outside the years 1970 to 2099."))
    for name in ids:
        empty = pl.col(name).str.strip_chars().fill_null("") == ""
        found.append(
            (name, empty, "The row names no account here." if "account" in name else "The row names no bank here.")
        )
        damaged = pl.col(name).str.contains(_DAMAGED)
        reason = "A spreadsheet turned this id into a number; take the row from the original file."
        found.append((name, damaged, reason))
    for amount in ("amount", "amount_received"):
        if amount in names:
            found.append((amount, ~pl.col(amount).str.contains(_NUMBER).fill_null(False), "This is no number."))
            value = pl.col(amount).str.strip_chars().cast(pl.Float64, strict=False)
            found.append((amount, value.is_null() | ~(value > 0), "The amount is not above 0."))
            found.append((amount, value > _LARGEST, "The amount is too large to be one."))
    for c in ("currency", "currency_received"):
        if c in names:
            unknown = ~pl.col(c).str.strip_chars().is_in(list(rates)).fill_null(False)
            found.append((c, unknown, "The currency has no rate; add it to a table and name it with --rates."))
    if "laundering" in names:
        known = pl.col("laundering").str.strip_chars().str.to_lowercase().is_in([*_TRUE, *_FALSE]).fill_null(False)
        found.append(("laundering", ~known, "The label is neither 0 nor 1."))
    return found


def _utc(time: pl.Expr, zone: str) -> pl.Expr:
    # An hour that a zone skips in spring is no time, so the row is bad; of an hour that it repeats the first is taken.
    return time.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")


def _until(delivery: Delivery, zone: str) -> pl.Expr:
    until = delivery.until if delivery.until is not None else pl.lit(None, pl.Datetime("us"))
    return _utc(until, zone).alias("_until")


def _values(names: set[str], rates: Mapping[str, float]) -> list[pl.Expr]:
    value = pl.col("amount").str.strip_chars().cast(pl.Float64, strict=False)
    if "currency" in names:
        value = value * pl.col("currency").str.strip_chars().replace_strict(
            dict(rates), default=None, return_dtype=pl.Float64
        )
    found = [value.alias("value")]
    if "laundering" in names:
        found.append(pl.col("laundering").str.strip_chars().str.to_lowercase().is_in(_TRUE).alias("_bad"))
    return found


def _described(bad: pl.DataFrame, number: int, fault: _Fault, delivery: Delivery) -> pl.DataFrame:
    column, _, reason = fault
    return bad.filter(pl.col("_fault") == number).select(
        "file", "line",
        pl.lit(delivery.spelled.get(column, column)).alias("column"),
        pl.col(column).fill_null("").alias("value"),
        pl.lit(reason).alias("reason"),
    )  # fmt: skip


def _repeated(good: pl.DataFrame, delivery: Delivery) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows with each own id once, and the quarantine of the later ones."""
    if "id" not in good.columns or good["id"].n_unique() == good.height:
        return good, pl.DataFrame(schema=schema.QUARANTINE)
    content = pl.struct(pl.exclude("file", "line", "id"))
    # Which of two rows with one id stays must not depend on their order in the file: the smallest content stays.
    ordered = good.with_columns(_content=content.hash(1)).sort("id", "_content", "line", maintain_order=True)
    later = pl.col("id").is_first_distinct().not_()
    same = pl.col("_content") == pl.col("_content").first().over("id")
    reason = (
        pl.when(same).then(pl.lit("The transaction is there a second time, with the same id and content."))
        .otherwise(pl.lit("Another transaction has this id, with other content."))
    )  # fmt: skip
    again = ordered.filter(later).select(
        "file", "line", pl.lit(delivery.spelled.get("id", "id")).alias("column"), pl.col("id").alias("value"),
    )  # fmt: skip
    again = again.with_columns(ordered.with_columns(reason.alias("reason")).filter(later)["reason"])
    return ordered.filter(~later).drop("_content"), again.cast(schema.QUARANTINE)
