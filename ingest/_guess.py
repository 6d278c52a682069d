"""Guess a first map of a file from its header and its values, for a person to correct."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from graphml.errors import InputError
from graphml.source import Clock, Head, Number
from ingest import _files, _parse, _rows
from ingest._names import ROLES, roles, times

__all__ = ["dateless", "guess", "no_dates", "no_dates_in_map"]

_SAMPLE = 2_000  # rows whose values are looked at
_FORMATS = (
    "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.fZ", "%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M",
    "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y",
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%d-%m-%Y",
    "%b %d, %Y", "%d %b %Y", "%Y%m%d",
)  # fmt: skip
_PLAIN = tuple(role for role in ROLES if role != "time" and not role.startswith(("payer", "payee")))  # of [columns]
_NUMBERS = (
    Number(),
    Number(",", "."),
    Number(".", ","),
    Number(",", " "),
    Number(",", ""),
    Number(".", "'"),
    Number(exponent=True),
)


def dateless(heads: Sequence[Head]) -> Head | None:
    """Return the first file that looks like payments, with a payer and a payee, but has no column of dates."""
    for head in heads:
        found = roles(head.columns)
        if "payer" in found and "payee" in found and not times(head.columns):
            return head
    return None


def no_dates(head: Head) -> InputError:
    """Return the refusal of a file without dates."""
    return InputError(
        f"'{head.name}' has no dates: none of its columns ({', '.join(head.columns)}) is a date or a time. Without dates "
        "payments cannot be put in order, so no ledger can be made. Find the dates of the payments first."
    )


def no_dates_in_map(name: str) -> InputError:
    """Return the refusal of a map without dates."""
    return InputError(
        f"The map '{name}' names no column of dates; without dates payments cannot be put in order. "
        'Write column = "COLUMN" and format = "%Y-%m-%d" below [time].'
    )


def guess(path: Path) -> str:
    """Return a first map for *path* as TOML; what could not be found stands in it as a comment.

    Raises:
        InputError: the file has no dates, or none of its columns looks like an account or an amount.
    """
    head = _files.head(path)
    sample = next((raw.frame.select(head.columns).head(_SAMPLE) for raw in _rows.rows(head, head.columns)), None)
    sample = pl.DataFrame(schema=dict.fromkeys(head.columns, pl.String)) if sample is None else sample
    dates = times(head.columns) or [(c,) for c in head.columns if _is_date(sample[c].drop_nulls())]
    if not dates:
        raise no_dates(head)
    found = roles(head.columns)
    lost = [r for r in ("payer", "payee", "amount") if r not in found]
    if lost:
        raise InputError(
            f"'{head.name}' has no column that looks like {', '.join(lost)}; it has {', '.join(head.columns)}. Write the map by hand."
        )
    if "laundering" in found and not _is_label(sample[found["laundering"]].drop_nulls()):
        del found["laundering"]
    if found.get("id") and sample[found["id"]].n_unique() < sample.height:
        del found["id"]
    parts = [
        f"# A first map of {head.name}, guessed from its header and {sample.height} rows: check every line.",
        *_of_currency(found),
        "",
        *_of_file(head),
        *_of_clock(sample, dates),
        *(_of_side(side, found) for side in ("payer", "payee")),
        *_of_amounts(sample, found["amount"]),
        "[columns]",
        *(f"{role} = {_text(found[role])}" for role in _PLAIN if role in found),
    ]
    return "\n".join(parts) + "\n"


def _of_currency(found: dict[str, str]) -> list[str]:
    if "currency" in found:
        return [f"# reference = {_text('US Dollar')}  # the currency of values"]
    named = re.search("usd|eur|gbp|chf|jpy", found["amount"].lower())
    money = named[0].upper() if named else "US Dollar"
    return [f"currency = {_text(money)}  # no column names a currency: write the one that all amounts are in"]


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _of_file(head: Head) -> list[str]:
    if head.separator == "":
        return []
    return ["[file]", f"separator = {_text(head.separator)}", f"encoding = {_text(head.encoding)}", ""]


def _is_label(seen: pl.Series) -> bool:
    read = pl.DataFrame({"t": seen}).select(_parse.laundering(pl.col("t"))).to_series()
    return len(seen) > 0 and read.null_count() == 0


def _is_date(seen: pl.Series) -> bool:
    return len(seen) > 0 and any(2 * _read(seen, f).null_count() < len(seen) for f in _FORMATS if "%Y%m%d" not in f)


def _of_clock(sample: pl.DataFrame, dates: Sequence[tuple[str, ...]]) -> list[str]:
    found = [_clock_of(sample, columns) for columns in dates]
    # The first candidate that explains most values; a pair only where a date alone says less.
    return max(found, key=lambda f: f[0])[1]


def _clock_of(sample: pl.DataFrame, columns: tuple[str, ...]) -> tuple[float, list[str]]:
    seen = sample.select(pl.concat_str(columns, separator=" ").alias("t")).to_series().drop_nulls()
    lines = [
        "[time]",
        f"column = {_text(columns[0]) if len(columns) == 1 else json.dumps(list(columns), ensure_ascii=False)}",
    ]
    whole = seen.cast(pl.Int64, strict=False)
    if len(seen) and whole.null_count() == 0:
        most = int(whole.max())  # type: ignore[arg-type]  # whole numbers
        if most < 10**7 or most >= 10**9:
            return float(len(seen)), [*lines, *_steps(most, columns[0]), ""]
    count = {f: len(seen) - _read(seen, f).null_count() for f in _FORMATS}
    best = max(_FORMATS, key=lambda f: (count[f], -_FORMATS.index(f)))
    other = [f for f in _FORMATS if count[f] == count[best] and f[:2] != best[:2] and {"%d", "%m"} <= {f[:2], best[:2]}]
    note = f"  # or {_text(other[0])}? The values allow both" if other and count[best] else ""
    note = note if count[best] else "  # no value could be read with a common format"
    zone = "# The zone of the times is an option: --zone Europe/Berlin"
    return count[best] + 0.5 * (len(columns) - 1), [*lines, f"format = {_text(best)}{note}", zone, ""]


def _steps(most: int, column: str) -> list[str]:
    if most >= 10**9:
        return [f'step = "{"millisecond" if most >= 10**11 else "second"}"', 'origin = "1970-01-01"']
    unit = "hour" if "step" in column.lower() or "hour" in column.lower() else "day"
    return [f'step = "{unit}"  # whole numbers: second, minute, hour or day?', 'origin = "1970-01-01"  # of step 0']


def _read(seen: pl.Series, form: str) -> pl.Series:
    return pl.DataFrame({"t": seen}).select(_parse.micros(pl.col("t"), Clock((form,)), "UTC")).to_series()


def _of_side(side: str, found: dict[str, str]) -> str:
    bank = found.get(f"{side}_bank")
    account = _text(found[side]) if bank is None else f"[{_text(bank)}, {_text(found[side])}]"
    lines = [f"[{side}]", f"account = {account}"]
    lines += [
        f"{role} = {_text(found[f'{side}_{role}'])}" for role in ("party", "country") if f"{side}_{role}" in found
    ]
    return "\n".join([*lines, ""])


def _of_amounts(sample: pl.DataFrame, column: str) -> list[str]:
    seen = pl.DataFrame({"t": sample.get_column(column).drop_nulls()})
    count = [int(seen.select(_parse.is_number(pl.col("t"), n).sum()).item()) for n in _NUMBERS]
    number = _NUMBERS[count.index(max(count))]
    lines = ["[amount]", f"decimal = {_text(number.decimal)}", f"thousands = {_text(number.thousands)}"]
    return [*lines, *(["exponent = true"] if number.exponent else []), ""]
