"""Read IBM AMLworld (Altman et al., 2023): transactions, owners of accounts, and the answer key of attempts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from graphml.errors import InputError
from graphml.source import Beside, Clock, Columns, Delivery, Head, Options, Table
from ingest import _files, _rows

__all__ = ["SOURCE", "IbmAml"]

_HEADER = (
    "Timestamp", "From Bank", "Account", "To Bank", "Account (2)", "Amount Received", "Receiving Currency",
    "Amount Paid", "Payment Currency", "Payment Format", "Is Laundering",
)  # fmt: skip
_OWNERS = ("Bank ID", "Account Number", "Entity ID", "Entity Name")
_BEGIN = re.compile(r"BEGIN LAUNDERING ATTEMPT - ([A-Z-]+)")
_END = "END LAUNDERING ATTEMPT"
_KINDS = {"Individual": "person", "Sole Proprietorship": "company", "Partnership": "company", "Corporation": "company"}


@dataclass(frozen=True, slots=True)
class IbmAml:
    """Read `*_Trans.csv`, with `*_accounts.csv` and `*_Patterns.txt` beside it, or patterns alone."""

    name: str = "ibm_aml"

    def recognises(self, head: Head) -> bool:
        """Return whether the file has AMLworld's columns of transactions or owners, or opens an attempt."""
        return head.has(*_HEADER) or head.has(*_OWNERS) or bool(_BEGIN.match(head.first))

    def deliver(self, heads: Sequence[Head], _: Options) -> Delivery:
        """Return the transactions with their answer key; patterns alone are a ledger of positives.

        Raises:
            InputError: the files are owners only.
        """
        rows = [h for h in heads if h.has(*_HEADER)]
        patterns = [_patterns(h, f"{h.name}:" if sum(map(_is_key, heads)) > 1 else "") for h in heads if _is_key(h)]
        if not rows and not patterns:
            raise InputError(f"There are no transactions; a file with the columns {', '.join(_HEADER)} was expected.")
        notes: tuple[str, ...] = ()
        key = pl.concat(_key(t) for t in patterns) if rows and patterns else None
        tables = [Table(h, _columns(key is not None)) for h in rows]
        if not rows:
            tables = patterns
            notes = (
                "Only laundering attempts were given: every transaction is a positive, so no precision has a meaning.",
            )
        owned = _owned([_rows.whole(h, _OWNERS) for h in heads if h.has(*_OWNERS)])
        return Delivery(tuple(tables), notes=notes, beside=Beside(key=key, **owned))


def _is_key(head: Head) -> bool:
    return bool(_BEGIN.match(head.first))


def _columns(keyed: bool) -> Columns:
    match = pl.concat_str([pl.col(c).fill_null("") for c in _HEADER], separator="\x1f")
    return Columns(
        time=pl.col("Timestamp"), clock=Clock(("%Y/%m/%d %H:%M",), "minute"),
        payer=(pl.col("From Bank"), pl.col("Account")), payee=(pl.col("To Bank"), pl.col("Account (2)")),
        amount=pl.col("Amount Paid"), currency=pl.col("Payment Currency"),
        received=pl.col("Amount Received"), currency_received=pl.col("Receiving Currency"),
        format=pl.col("Payment Format"), laundering=pl.col("Is Laundering"), key=match if keyed else None,
        keyed=pl.col("Is Laundering") == "1",
    )  # fmt: skip


def _patterns(head: Head, prefix: str) -> Table:
    """Return the rows of a patterns file with `attempt` and `typology`, as a table of its own."""
    rows: list[tuple[object, ...]] = []
    bad: list[tuple[int, str, str]] = []
    attempt, typology, number = "", "", 0
    for line, text in enumerate(_lines(head), 1):
        if begins := _BEGIN.match(text):
            number += 1
            attempt, typology = f"{prefix}{number}", begins[1].lower()
        elif text.startswith(_END):
            attempt = ""
        elif text:
            cells = [cell.strip() or None for cell in text.split(",")]
            if len(cells) == len(_HEADER) and attempt and "\0" not in text and "\ufffd" not in text:
                rows.append((line, *cells, attempt, typology))
            else:
                why = f"The line is no transaction of {len(_HEADER)} fields inside an attempt."
                bad.append((line, text[:200], why))
    names = [*_HEADER, "attempt", "typology"]
    frame = pl.DataFrame(rows, {"line": pl.Int64, **dict.fromkeys(names, pl.String)}, orient="row")
    columns = _columns(False)
    columns = Columns(
        **{n: getattr(columns, n) for n in columns.__slots__ if n not in ("attempt", "typology")},
        attempt=pl.col("attempt"), typology=pl.col("typology"),
    )  # fmt: skip
    return Table(head, columns, frame, tuple(bad))


def _lines(head: Head) -> Iterable[str]:
    with _files.bytes_of(head.path) as file:
        text = file.read().decode("utf-8-sig", "replace")
    return (line.strip() for line in text.split("\n"))


def _key(table: Table) -> pl.DataFrame:
    assert table.frame is not None  # noqa: S101  # for the type checker: patterns are read here
    match = _columns(True).key
    return table.frame.select(match.alias("match"), "attempt", "typology", pl.lit(True).alias("laundering"))  # type: ignore[union-attr]


def _owned(frames: Sequence[pl.DataFrame]) -> dict[str, pl.DataFrame]:
    if not frames:
        return {}
    owned = pl.concat(frames).drop_nulls(_OWNERS[:3])
    kind = pl.col("Entity Name").str.extract(r"^(.*?)\s*#").replace_strict(_KINDS, default=None, return_dtype=pl.String)
    account = pl.format("{}:{}", "Bank ID", "Account Number")
    return {
        "parties": owned.select(party="Entity ID", name="Entity Name", kind=kind),
        "ownership": owned.select(
            pl.col("Entity ID").alias("party"), account.alias("account"), pl.lit("owner").alias("role")
        ),
    }


SOURCE = IbmAml()
