"""Regular blocks are read at once, irregular ones line by line: both must give the same."""

import csv
import gzip
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ingest
from graphml.errors import InputError
from graphml.ledger import Ledger
from ingest import Options, _assemble, _blocks, _detect, _files, _lines, _rows
from tests.ingest import aml


def tables(ledger: Ledger) -> list[pl.DataFrame]:
    return [ledger.transactions, ledger.accounts, ledger.labels, ledger.attempts, ledger.quarantine]


def exactly(path: Path) -> Ledger:
    source = ingest.source("ibm_aml")
    return _assemble.assemble("ibm_aml", _detect.delivered(source, [path], Options()), Options(bad_share=1), exact=True)


def test_the_fast_and_the_exact_way_give_the_same_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = aml.lines(300)
    for at, bad in enumerate([aml.GOOD + ",x", aml.line(fa='"80 1"'), "", '"', aml.line(ap="x"), '"a""b",' + aml.GOOD]):
        rows.insert(40 * at + 7, bad)
    path = aml.write(tmp_path / "T_Trans.csv", rows)
    slow = exactly(path)
    assert slow.meta.rows_quarantined == 4
    for size in (500, 2_000, 1 << 20):
        monkeypatch.setattr(_blocks, "SIZE", size)
        monkeypatch.setattr(_blocks.blocks, "__defaults__", (size,))
        fast = ingest.read("ibm_aml", [path], Options(bad_share=1))
        assert fast.meta == slow.meta
        assert all(a.equals(b) for a, b in zip(tables(fast), tables(slow), strict=True))


@pytest.mark.parametrize(
    ("data", "regular"),
    [
        (b"a,b,c\nd,,f\n", True), (b"a,b c,d", True), ("ä,b,c\n".encode(), True), (b"a,b, c\n", False), (b"a ,b,c\n", False),
        (b" a,b,c\n", False), (b"a,b,c \n", False), (b"a,b,c\n d,e,f\n", False), (b"a,b\nc,d,e,f\n", False), (b"a,b\n", False),
        (b"a,b,c\n\n", False), (b'a,"b",c\n', False), (b"a,b,c\r\n", False), (b"a,\0,c\n", False), (b"a,\xff,c\n", False),
        (b"a,\tb,c\n", False),
    ],
)  # fmt: skip
def test_what_needs_care_is_not_called_regular(data: bytes, regular: bool) -> None:
    assert _rows.is_regular(data, 3, ",") == regular


_CELL = st.text(alphabet=st.sampled_from('ab1" ,;\t\r\n\0é\u00a0'), max_size=6)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(_CELL, min_size=1, max_size=4), min_size=1, max_size=6))
def test_where_a_block_is_called_regular_both_ways_agree(rows: list[list[str]]) -> None:
    data = ("\n".join(",".join(row) for row in rows) + "\n").encode()
    if not _rows.is_regular(data, 3, ","):
        return
    exact = _lines.split(data, 1, 3, ",", last=True)
    read = pl.read_csv(data, has_header=False, new_columns=["a", "b", "c"], infer_schema=False, quote_char=None)
    assert not exact.faults
    assert read.rows() == [tuple(f or None for f in fields) for fields in exact.fields]
    assert exact.line == list(range(1, read.height + 1))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.lists(st.text(max_size=8).filter(lambda t: "\0" not in t), min_size=2, max_size=2), min_size=1, max_size=8
    )
)
def test_what_a_csv_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    found = _lines.split(file.getvalue().encode("utf-8", "surrogatepass"), 2, 2, ",", last=True)
    surrogates = any(0xD800 <= ord(letter) < 0xE000 for row in rows for cell in row for letter in cell)
    if not surrogates:
        assert not found.faults
        assert found.fields == [[cell.strip(" \t\r") for cell in row] for row in rows]


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_quoted_cell_may_cross_a_block(tmp_path: Path, cut: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.csv"
    path.write_text('a,b\n1,"one\n""two""\nthree"\n4,5\n"6","7"\n')
    monkeypatch.setattr(_blocks.blocks, "__defaults__", (cut,))
    raws = list(_rows.rows(_files.head(path), ("a", "b")))
    frame = pl.concat([raw.frame for raw in raws])
    assert frame.rows() == [("1", 'one\n"two"\nthree', 2), ("4", "5", 5), ("6", "7", 6)]
    assert not [f for raw in raws for f in raw.faults]


def test_a_quote_that_never_closes_costs_one_line(tmp_path: Path) -> None:
    rows = [aml.GOOD] * 100 + ['"' + aml.GOOD] + [aml.GOOD] * 100
    ledger = ingest.read("ibm_aml", [aml.write(tmp_path / "T_Trans.csv", rows)], Options())
    assert (ledger.meta.rows_kept, ledger.quarantine["line"].to_list()) == (200, [102])


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends_and_a_byte_order_mark_do_not_matter(tmp_path: Path, end: str, last: bool) -> None:
    plain = ingest.read("ibm_aml", [aml.write(tmp_path / "T_Trans.csv", aml.lines(50))])
    content = aml.write(tmp_path / "T_Trans.csv", aml.lines(50), end).read_bytes()
    (tmp_path / "T_Trans.csv").write_bytes(b"\xef\xbb\xbf" + (content if last else content.removesuffix(end.encode())))
    other = ingest.read("ibm_aml", [tmp_path / "T_Trans.csv"])
    assert other.transactions.equals(plain.transactions)
    assert other.meta == plain.meta


def test_gzip_parquet_and_utf_16_give_the_same_ledger(tmp_path: Path) -> None:
    path = aml.write(tmp_path / "T_Trans.csv", aml.lines(80))
    plain = ingest.read("ibm_aml", [path])
    packed = tmp_path / "T_Trans.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    wide = tmp_path / "wide.csv"
    wide.write_bytes(path.read_text().encode("utf-16"))
    columns = tmp_path / "T.parquet"
    names = _files.head(path).columns
    typed = pl.read_csv(path, infer_schema=False, new_columns=list(names)).with_columns(
        pl.col("Timestamp").str.to_datetime("%Y/%m/%d %H:%M"),
        pl.col("Is Laundering").cast(pl.Int8),
        pl.col("Payment Format").cast(pl.Categorical),
    )
    typed.write_parquet(columns)
    for other in (packed, wide, columns):
        ledger = ingest.read("auto", [other])
        assert ledger.meta.digest == plain.meta.digest
        assert ledger.labels.equals(plain.labels)
        assert ledger.transactions["id"][0] == plain.transactions["id"][0].replace("T_Trans.csv", other.name)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.csv.gz", b"no gzip", "cannot be read"),
        ("x.csv.gz", gzip.compress(b"a,b\n" * 9000, mtime=0)[:-20], "cannot be read"),
        ("x.parquet", b"PAR1 not", "no Parquet"),
        ("x.csv", b"", "no format that is known"),
        ("x.csv", b"\0\0\0", "no text in UTF-8"),
        ("x.csv", bytes(range(256)), "no text in UTF-8"),
    ],
)  # fmt: skip
def test_garbage_is_refused_with_the_name_of_the_file(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=says) as told:
        ingest.read("auto", [tmp_path / name])
    assert name in str(told.value)


def test_a_gzip_that_breaks_off_after_its_head_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress("\n".join([aml.HEADER, *aml.lines(20_000)]).encode(), 1)
    (tmp_path / "T_Trans.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(InputError, match="cannot be read"):
        ingest.read("ibm_aml", [tmp_path / "T_Trans.csv.gz"])
