"""Read small files of every kind and say what is wrong with bad ones."""

import gzip
import random
from pathlib import Path

import polars as pl
import pytest

import ingest
from graphml.errors import BadShare, GraphMLError, InputError, UnknownName
from graphml.ledger import Ledger
from ingest import Options

HEADER = "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,Payment Currency,Payment Format,Is Laundering"
GOOD = "2022/09/01 00:20,012,80057E030,0020,8000E1234,10.50,Euro,11.25,UK Pound,ACH,0"


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    return path


def read(*paths: Path, share: float = 1.0) -> Ledger:
    return ingest.read("ibm_aml", paths, Options(bad_share=share))


def test_cells_are_kept_as_they_are_written(tmp_path: Path) -> None:
    row = read(written(tmp_path / "a_Trans.csv", GOOD))
    assert row.accounts["name"].to_list() == ["0020:8000E1234", "012:80057E030"]
    assert row.accounts["bank"].to_list() == ["0020", "012"]
    (only,) = row.transactions.to_dicts()
    assert (only["id"], only["amount"], only["currency"]) == ("a_Trans.csv:2", "11.25", "UK Pound")
    assert (only["amount_received"], only["currency_received"], only["format"]) == ("10.50", "Euro", "ACH")
    assert only["time"].isoformat() == "2022-09-01T00:20:00+00:00"
    assert only["value"] == pytest.approx(11.25 * 1.2917)
    assert "laundering" not in row.transactions.columns
    assert row.labels["laundering"].to_list() == [False]


@pytest.mark.parametrize(
    ("cell", "value", "column", "reason"),
    [
        (0, "2022-09-01", "Timestamp", "cannot be read as a time"),
        (0, "0000/01/01 00:00", "Timestamp", "time"),
        (0, "9999/12/31 00:00", "Timestamp", "1970"),
        (0, "", "Timestamp", "no time"),
        (2, "", "Account", "names no account"),
        (1, "", "From Bank", "names no bank"),
        (2, "8,00057E+035", "Account", "spreadsheet"),
        (4, "8.0E+35", "Account", "spreadsheet"),
        (7, "ten", "Amount Paid", "no number"),
        (7, "NaN", "Amount Paid", "no number"),
        (7, "inf", "Amount Paid", "no number"),
        (7, "-5", "Amount Paid", "not above 0"),
        (7, "0", "Amount Paid", "not above 0"),
        (7, "1e300", "Amount Paid", "too large"),
        (5, "1e-400", "Amount Received", "not above 0"),
        (8, "Galleon", "Payment Currency", "no rate"),
        (10, "maybe", "Is Laundering", "neither 0 nor 1"),
    ],
)
def test_a_bad_cell_is_quarantined_with_column_value_and_reason(
    tmp_path: Path, cell: int, value: str, column: str, reason: str
) -> None:
    cells = GOOD.split(",")
    cells[cell] = f'"{value}"' if "," in value else value
    ledger = read(written(tmp_path / "a.csv", GOOD, ",".join(cells), GOOD))
    assert (ledger.meta.rows_in, ledger.meta.rows_kept, ledger.meta.rows_quarantined) == (3, 2, 1)
    (bad,) = ledger.quarantine.to_dicts()
    assert (bad["file"], bad["line"], bad["column"], bad["value"]) == ("a.csv", 3, column, value)
    assert reason in bad["reason"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (GOOD + ",more", "12 cells where the header has 11"),
        (GOOD[:40], "cells where the header has 11"),
        (GOOD.replace("ACH", "A\0H"), "NUL"),
        (GOOD.replace("ACH", '"ACH'), "never closed"),
        ("   ", "white space"),
    ],
)
def test_a_line_that_is_no_row_is_quarantined(tmp_path: Path, line: str, reason: str) -> None:
    ledger = read(written(tmp_path / "a.csv", GOOD, line, GOOD))
    assert (ledger.meta.rows_in, ledger.meta.rows_kept) == (3, 2)
    assert reason in ledger.quarantine["reason"][0]
    assert ledger.quarantine["line"].to_list() == [3]
    assert ledger.transactions["id"].to_list() == ["a.csv:2", "a.csv:4"]


def test_bytes_that_are_not_utf8_are_quarantined(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        "\n".join((HEADER, GOOD, "X", GOOD)).encode().replace(b"X", GOOD.encode().replace(b"ACH", b"\xff\xfe"))
    )
    ledger = read(path)
    assert ledger.quarantine["line"].to_list() == [3]
    assert "UTF-8" in ledger.quarantine["reason"][0]


def test_the_exact_way_and_the_fast_way_read_the_same(tmp_path: Path) -> None:
    lines = [GOOD.replace("11.25", f"{i}.5").replace("00:20", f"{i % 24:02}:00") for i in range(1, 200)]
    fast = read(written(tmp_path / "a.csv", *lines))
    quoted = [line.replace("ACH", '"ACH"') for line in lines]
    assert read(written(tmp_path / "a.csv", *quoted)).meta == fast.meta
    windows = tmp_path / "a.csv"
    windows.write_bytes("\r\n".join((HEADER, *lines, "")).encode())
    assert read(windows).meta == fast.meta
    windows.write_bytes(b"\xef\xbb\xbf" + "\n".join((HEADER, *lines)).encode())
    assert read(windows).meta == fast.meta


def test_gzip_and_parquet_hold_the_same_ledger(tmp_path: Path) -> None:
    plain = written(tmp_path / "a.csv", *(GOOD.replace("11.25", f"{i}.5") for i in range(1, 50)))
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read(packed).meta.digest == read(plain).meta.digest


def test_the_digest_does_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    lines = [GOOD.replace("80057E030", f"8{i % 7}").replace("11.25", f"{i % 5 + 1}.5") for i in range(100)]
    first = read(written(tmp_path / "a.csv", *lines))
    random.Random(1).shuffle(lines)
    again = read(written(tmp_path / "a.csv", *lines))
    assert again.meta.digest == first.meta.digest
    assert again.transactions["id"].to_list() != first.transactions["id"].to_list()
    lines[3] = lines[3].replace("ACH", "Wire")
    assert read(written(tmp_path / "a.csv", *lines)).meta.digest != first.meta.digest


def test_too_many_bad_rows_stop_with_the_reasons_and_the_way_out(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", GOOD, *[GOOD.replace("11.25", "x")] * 2)
    with pytest.raises(BadShare, match=r"(?s)2 of 3 rows.*Amount Paid.*'x'.*no number.*--bad-share"):
        read(path, share=0.05)


def test_equal_rows_are_different_transactions_and_patterns_match_them_one_to_one(tmp_path: Path) -> None:
    bad = GOOD[:-1] + "1"
    other = bad.replace("80057E030", "8A")
    written(tmp_path / "a_Trans.csv", GOOD, bad, bad, other)
    (tmp_path / "a_Patterns.txt").write_text(
        f"BEGIN LAUNDERING ATTEMPT - FAN-IN:  Max 2-degree Fan-In\n{bad}\n{other}\nEND LAUNDERING ATTEMPT - FAN-IN\n\n"
        f"BEGIN LAUNDERING ATTEMPT - CYCLE:  Max 2 hops\n{bad}\nEND LAUNDERING ATTEMPT - CYCLE\n"
    )
    ledger = ingest.read("ibm_aml", [tmp_path], Options())
    assert ledger.transactions.height == 4
    assert sorted(ledger.labels["attempt"].fill_null("-").to_list()) == ["-", "1", "1", "2"]
    fan = ledger.attempts.filter(pl.col("attempt") == "1")
    roles = dict(zip(fan["account"], fan["role"], strict=True))
    names = ledger.accounts["name"].to_list()
    assert {names[a]: r for a, r in roles.items()} == {
        "0020:8000E1234": "collector",
        "012:80057E030": "source",
        "012:8A": "source",
    }


def test_accounts_bring_owners(tmp_path: Path) -> None:
    written(tmp_path / "a_Trans.csv", GOOD)
    (tmp_path / "a_accounts.csv").write_text(
        "Bank Name,Bank ID,Account Number,Entity ID,Entity Name\nOne,012,80057E030,E1,Corporation #1\nTwo,99,77,E1,Corporation #1\n"
    )
    ledger = ingest.read("ibm_aml", [tmp_path], Options())
    assert ledger.accounts["name"].to_list() == ["0020:8000E1234", "012:80057E030", "99:77"]
    assert ledger.ownership["account"].to_list() == [1, 2]
    assert ledger.parties["name"].to_list() == ["Corporation #1"]


def amlsim(path: Path, *lines: str) -> Ledger:
    header = "tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp,is_sar,alert_id"
    path.write_text("\n".join((header, *lines)), encoding="utf-8")
    return ingest.read("amlsim", [path], Options(bad_share=1.0))


def test_an_own_id_that_comes_twice_is_kept_once(tmp_path: Path) -> None:
    one = "1,4,5,TRANSFER,10.00,2017-01-01T00:00:00Z,False,-1"
    other = "1,4,6,TRANSFER,10.00,2017-01-01T00:00:00Z,False,-1"
    ledger = amlsim(tmp_path / "t.csv", one, other, one)
    assert ledger.transactions["id"].to_list() == ["1"]
    reasons = ledger.quarantine["reason"].to_list()
    assert len(reasons) == 2
    assert any("with other content" in reason for reason in reasons)
    again = amlsim(tmp_path / "t.csv", other, one, one)
    assert again.meta.digest == ledger.meta.digest


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "has no column|no format|has AMLworld's columns"),
        (HEADER + "\n", "no row to be read"),
    ],
)
def test_a_file_that_holds_nothing_says_so(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=says):
        read(path)


def test_names_that_do_not_exist_are_answered_with_near_ones(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", GOOD)
    with pytest.raises(UnknownName, match="Did you mean ibm_aml"):
        ingest.read("imb_aml", [path], Options())
    with pytest.raises(UnknownName, match="Did you mean Euro"):
        ingest.read("ibm_aml", [path], Options(reference_currency="Euros"))


def test_a_reference_currency_and_a_rate_table_can_be_chosen(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", GOOD)
    rates = tmp_path / "r.toml"
    rates.write_text('date = "2024-01-01"\nbase = "UK Pound"\n[rates]\n"UK Pound" = 1.0\nEuro = 0.5\n')
    ledger = ingest.read("ibm_aml", [path], Options(rates=rates, reference_currency="Euro"))
    assert ledger.transactions["value"].to_list() == [pytest.approx(22.5)]
    assert (ledger.meta.reference_currency, ledger.meta.rates_date) == ("Euro", "2024-01-01")
    rates.write_text('date = "2024-01-01"\nbase = "UK Pound"\n[rates]\n"UK Pound" = 0\n')
    with pytest.raises(InputError, match="above 0"):
        ingest.read("ibm_aml", [path], Options(rates=rates))


def test_a_zone_is_turned_into_utc(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", GOOD)
    ledger = ingest.read("ibm_aml", [path], Options(zone="Europe/Stockholm"))
    assert ledger.transactions["time"][0].isoformat() == "2022-08-31T22:20:00+00:00"
    with pytest.raises(GraphMLError, match="Mars"):
        ingest.read("ibm_aml", [path], Options(zone="Mars/Olympus"))


def test_a_mapped_file_is_read_by_its_map(tmp_path: Path) -> None:
    path = tmp_path / "bank.csv"
    path.write_text("Datum;x\n", encoding="utf-8")
    path.write_text(
        'when,payer,payee,sum,land\n31.12.2023 10:00,Å1,Ж2,"1.234,50",SE\n01.01.2024 11:30,Ж2,Å1,"2,00",SE\n',
        encoding="utf-8",
    )
    map_ = tmp_path / "m.toml"
    map_.write_text(
        'time_format = "%d.%m.%Y %H:%M"\ncurrency = "SEK"\ndecimal = ","\nthousands = "."\n'
        '[columns]\ntime = "when"\nfrom_account = "payer"\nto_account = "payee"\namount = "sum"\nfrom_country = "land"\n'
    )
    ledger = ingest.read("mapped", [path], Options(map=map_))
    assert ledger.transactions["value"].to_list() == [1234.5, 2.0]
    assert ledger.transactions["currency"].to_list() == ["SEK", "SEK"]
    assert ledger.accounts["name"].to_list() == ["Å1", "Ж2"]
    assert ledger.accounts["country"].to_list() == ["SE", "SE"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('time_format = "%Y"\n[columns]\ntime = "when"\n', "lacks from_account"),
        ('[columns]\ntimes = "when"\n', "Did you mean time"),
        ("time_format", "not TOML"),
        ('time_formt = "x"\n[columns]\n', "Did you mean time_format"),
        ('time_format = "%Y"\n[columns]\ntime="no"\nfrom_account="a"\nto_account="b"\namount="c"\n', "has no column"),
    ],
)
def test_a_wrong_map_is_answered_with_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bank.csv"
    path.write_text("when,payer\n1,2\n")
    map_ = tmp_path / "m.toml"
    map_.write_text(text)
    with pytest.raises(GraphMLError, match=says):
        ingest.read("mapped", [path], Options(map=map_))


def test_a_guessed_map_reads_the_file_it_was_guessed_from(tmp_path: Path) -> None:
    path = tmp_path / "bank.csv"
    path.write_text("date,from_account,to_account,amount\n2023-12-31,a,b,5.00\n2024-01-01,b,c,6.00\n")
    map_ = tmp_path / "m.toml"
    map_.write_text(ingest.guess(path))
    assert ingest.read("mapped", [path], Options(map=map_)).transactions["value"].to_list() == [5.0, 6.0]


def test_a_file_without_dates_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "holders.csv"
    path.write_text("\ufeffpayerAccount,beneficiaryAccount\na,b\n", encoding="utf-8")
    for call in (lambda: ingest.guess(path), lambda: ingest.read("auto", [path], Options())):
        with pytest.raises(InputError, match="no column of dates or times"):
            call()


def test_an_hour_that_the_zone_skips_is_no_time(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", GOOD, GOOD.replace("2022/09/01 00:20", "2022/03/27 02:30"))
    ledger = ingest.read("ibm_aml", [path], Options(zone="Europe/Stockholm", bad_share=1.0))
    assert ledger.quarantine["value"].to_list() == ["2022/03/27 02:30"]
