"""Whatever stands in a file, every row is counted and nothing but our own errors comes out."""

import contextlib
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ingest
from graphml.errors import GraphMLError
from ingest import Options
from tests.ingest import aml

NASTY = (
    "", " ", "=1+1", "@SUM(A1)", "nan", "NaN", "inf", "-inf", "1e308", "1e400", "-0", "0", "9" * 30, "-5", "1_000", "0x10",
    "1,5", "1.000,50", "٣٫٥", "½", "0000/01/01 00:00", "9999/12/31 23:59", "2022/02/30 10:00", "99999/01/01 00:00",
    "2022-09-01T00:00:00Z", "NULL", "None", '"', '""', '"a', 'a"b', '"a,b"', '"a\nb"', "a\0b", "\0", "\udcff", "\udcc3(",
    "\ufeff", "\u202e", "名前", "Ä", "\r", "\t", "\x1f", "\x0b", "\u2028", "8,00057E+035", "8.0E+35", "80057E030", "':--", "\\",
)  # fmt: skip
CELL = st.one_of(st.sampled_from(NASTY), st.text(max_size=12), st.floats().map(str), st.integers().map(str))
NAMES = ("t", "fb", "fa", "tb", "ta", "ar", "cr", "ap", "cp", "f", "l")
ROW = st.one_of(
    st.just(aml.GOOD),
    st.dictionaries(st.sampled_from(NAMES), CELL, min_size=1, max_size=3).map(lambda d: aml.line(**d)),
    st.lists(CELL, max_size=14).map(",".join),
)


def written(path: Path, rows: list[str]) -> Path:
    text = "\n".join([aml.HEADER, *rows, ""])
    # Lone surrogates stand for bytes that are no UTF-8; others cannot be written at all.
    clean = "".join(c if not 0xD800 <= ord(c) < 0xE000 or 0xDC80 <= ord(c) <= 0xDCFF else "?" for c in text)
    path.write_bytes(clean.encode("utf-8", "surrogateescape"))
    return path


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=st.lists(ROW, min_size=40, max_size=60))
def test_every_row_of_garbage_is_counted(tmp_path: Path, rows: list[str]) -> None:
    # 250 files of at least 40 rows are at least 10,000 rows.
    path = written(tmp_path / "T_Trans.csv", [*rows, aml.GOOD])
    ledger = ingest.read("ibm_aml", [path], Options(bad_share=1.0))
    meta = ledger.meta
    assert (
        meta.rows_in == meta.rows_kept + meta.rows_quarantined == ledger.transactions.height + ledger.quarantine.height
    )
    lines = path.read_bytes().split(b"\n")
    told = ledger.quarantine["line"].to_list()
    kept = ledger.transactions["id"].str.extract(r"(\d+)$").cast(pl.Int64).to_list()
    assert len(set(told) | set(kept)) == meta.rows_in, "a line is counted twice"
    for number in range(2, len(lines) + 1):
        plain = lines[number - 1].count(b'"') == 0
        near = b"".join(lines[max(1, number - 50) : number]).count(b'"') == 0
        if lines[number - 1].strip() and plain and near:
            assert (number in told) != (number in kept)
    assert ledger.transactions["value"].is_finite().all()
    assert (ledger.transactions["value"] > 0).all()
    assert ledger.transactions["time"].dt.year().is_between(1970, 2100).all()
    assert ledger.quarantine["reason"].str.ends_with(".").all()
    ledger.save(tmp_path / "ledger")
    assert ledger.load(tmp_path / "ledger").quarantine.equals(ledger.quarantine)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=400),
    name=st.sampled_from(["x.csv", "x.csv.gz", "x.txt", "x.parquet"]),
    head=st.booleans(),
)
@pytest.mark.parametrize("format_", ["auto", "ibm_aml", "mapped"])
def test_any_bytes_are_read_or_refused(tmp_path: Path, format_: str, content: bytes, name: str, head: bool) -> None:
    for old in tmp_path.iterdir():
        old.unlink()
    (tmp_path / name).write_bytes((aml.HEADER.encode() + b"\n" if head else b"") + content)
    # Anything but an error of ours fails the test.
    with contextlib.suppress(GraphMLError):
        ledger = ingest.read(format_, [tmp_path], Options(bad_share=1.0))
        assert ledger.meta.rows_in == ledger.transactions.height + ledger.quarantine.height
    with contextlib.suppress(GraphMLError):
        assert ingest.guess(tmp_path / name)
