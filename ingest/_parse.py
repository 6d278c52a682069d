"""Read times, amounts and labels from text, as expressions; null where the text is unreadable."""

import re
from decimal import Decimal

import polars as pl

from graphml.source import Clock, Number
from graphml.window import instant

__all__ = ["FIRST", "LAST", "damaged", "is_number", "laundering", "micros", "plain", "shown"]

FIRST, LAST = instant("1970-01-01"), instant("2101-01-01")  # microseconds UTC, half-open
_FAR = 2**62
_OWN_ZONE = ("Z", "%z")
# 8,00057E+035 and 8.0E35 were account numbers once; 80057E030 is an account number of AMLworld.
_DAMAGED = r"^\d+[.,]\d*[eE][+-]?\d+$|^\d+[eE][+-]\d+$"
_YES, _NO = ("1", "1.0", "true", "yes", "y", "t"), ("0", "0.0", "false", "no", "n", "f")


def micros(text: pl.Expr, clock: Clock, zone: str) -> pl.Expr:
    """Return microseconds since 1970 UTC of *text*, null where it is unreadable or was skipped by a clock change."""
    if clock.step:
        steps = text.str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)
        inside = steps.abs() < _FAR // clock.step
        return pl.when(inside).then(steps * clock.step + clock.origin).when(steps.is_not_null()).then(pl.lit(_FAR))
    dates = [_date(text, form, zone) for form in clock.formats]
    if len(dates) == 1:
        return dates[0]
    # A year of two digits is read by %Y as one of antiquity: another format may read it better.
    return pl.coalesce(*(pl.when(d.is_between(FIRST, LAST, closed="left")).then(d) for d in dates), *dates)


def _date(text: pl.Expr, form: str, zone: str) -> pl.Expr:
    if form.endswith("%z"):
        return text.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC").to_physical()
    naive = text.str.to_datetime(form, strict=False, time_unit="us")
    if form.endswith("Z") or zone == "UTC":
        return naive.to_physical()
    # The first of two equal clock times is meant when clocks go back; a time that was skipped is no time.
    return (
        naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC")
        .to_physical()
    )


def is_number(text: pl.Expr, number: Number) -> pl.Expr:
    """Return whether *text* is a number as the source writes them; grouping signs must stand where they group."""
    decimal, group = re.escape(number.decimal), re.escape(number.thousands)
    whole = rf"(\d+|\d{{1,3}}({group}\d{{2,3}})*{group}\d{{3}})" if group else r"\d+"
    power = r"([eE][+-]?\d{1,3})?" if number.exponent else ""
    return text.str.contains(rf"^-?({whole}({decimal}\d*)?|{decimal}\d+){power}$")


def plain(text: pl.Expr, number: Number) -> pl.Expr:
    """Return the amount with '.' as decimal sign, without grouping or exponent; every digit is kept."""
    if number.thousands:
        text = text.str.replace_all(number.thousands, "", literal=True)
    if number.decimal != ".":
        text = text.str.replace(number.decimal, ".", literal=True)
    if not number.exponent:
        return text
    # Few amounts have an exponent, so the exact rewriting may be a loop.
    written = text.map_batches(_without_exponent, return_dtype=pl.String)
    return pl.when(text.str.contains("[eE]")).then(written).otherwise(text)


def _without_exponent(text: pl.Series) -> pl.Series:
    seen = text.unique()
    powers = seen.filter(seen.str.contains("[eE]") & seen.is_not_null())
    return text.replace({t: f"{Decimal(t):f}" for t in powers.to_list()})


def damaged(text: pl.Expr) -> pl.Expr:
    """Return whether an account number went through a spreadsheet that took it for a number."""
    return text.str.contains(_DAMAGED)


def laundering(text: pl.Expr) -> pl.Expr:
    """Return the label: true, false, or null where the text is neither."""
    low = text.str.to_lowercase()
    return pl.when(low.is_in(_YES)).then(pl.lit(True)).when(low.is_in(_NO)).then(pl.lit(False))


def shown(clock: Clock, zone: str) -> str:
    """Return how a time was expected, for a sentence."""
    return "a whole number" if clock.step else f"{' or '.join(clock.formats)} (zone {zone})"
