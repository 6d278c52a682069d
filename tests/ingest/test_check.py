"""A row is kept or quarantined with file, line, column, value and reason."""

from pathlib import Path

import pytest

import ingest
from graphml.errors import BadShare, InputError
from graphml.ledger import Ledger
from ingest import Options
from tests.ingest import aml


def read(tmp_path: Path, rows: list[str]) -> Ledger:
    return ingest.read("ibm_aml", [aml.write(tmp_path / "T_Trans.csv", rows)], Options(bad_share=1.0))


@pytest.mark.parametrize(
    ("bad", "column", "value", "reason"),
    [
        (aml.line(t="yesterday"), "Timestamp", "yesterday", "cannot be read"),
        (aml.line(t=""), "Timestamp", "", "cannot be read"),
        (aml.line(t="0000/01/01 00:00"), "Timestamp", "0000/01/01 00:00", "year is not between 1970 and 2100"),
        (aml.line(t="9999/12/31 23:59"), "Timestamp", "9999/12/31 23:59", "year is not between 1970 and 2100"),
        (aml.line(fa=""), "Account", "", "payer's account is missing"),
        (aml.line(ta=""), "Account", "", "payee's account is missing"),
        (aml.line(fb=""), "From Bank", "", "payer's bank is missing"),
        (aml.line(tb="0:1"), "To Bank", "0:1", "payee's bank holds ':'"),
        (aml.line(fa='8.0E+35'), "Account", "8.0E+35", "spreadsheet"),
        (aml.line(ta='"8,00057E+035"'), "Account", "8,00057E+035", "spreadsheet"),
        (aml.line(ap="0"), "Amount Paid", "0", "amount is not above 0"),
        (aml.line(ap="-5.00"), "Amount Paid", "-5.00", "amount is not above 0"),
        (aml.line(ar="-0.01"), "Amount Received", "-0.01", "amount received is not above 0"),
        (aml.line(ap="5;5"), "Amount Paid", "5;5", "amount is not a number"),
        (aml.line(ap="nan"), "Amount Paid", "nan", "amount is not a number"),
        (aml.line(ap="inf"), "Amount Paid", "inf", "amount is not a number"),
        (aml.line(ap="1E5"), "Amount Paid", "1E5", "amount is not a number"),
        (aml.line(ap="9" * 400), "Amount Paid", "9" * 200, "greater than"),
        (aml.line(ap="=1+1"), "Amount Paid", "=1+1", "amount is not a number"),
        (aml.line(cp="Doubloon"), "Payment Currency", "Doubloon", "'Doubloon' is in no rate table"),
        (aml.line(cp=""), "Payment Currency", "", "currency is missing"),
        (aml.line(cr=""), "Receiving Currency", "", "currency received is missing"),
        (aml.line(l="maybe"), "Is Laundering", "maybe", "label is neither"),
        (aml.GOOD + ",more", "", aml.GOOD + ",more", "12 fields, expected 11"),
        ("   ", "", "   ", "1 fields, expected 11"),
        ("2022/09/01", "", "2022/09/01", "1 fields, expected 11"),
        ('"' + aml.GOOD, "", '"' + aml.GOOD, "quote opens and never closes"),
        (aml.line(f="A\0H"), "", aml.line(f="A\ufffdH"), "NUL"),
        (aml.line(f="A\udcffH"), "", aml.line(f="A\ufffdH"), "no text in the file's encoding"),
    ],
)  # fmt: skip
def test_a_bad_row_is_quarantined_where_it_stands(
    tmp_path: Path, bad: str, column: str, value: str, reason: str
) -> None:
    ledger = read(tmp_path, [aml.GOOD, bad, aml.GOOD])
    assert ledger.transactions["id"].to_list() == ["T_Trans.csv:2", "T_Trans.csv:4"]
    (row,) = ledger.quarantine.iter_rows(named=True)
    assert (row["file"], row["line"], row["column"], row["value"]) == ("T_Trans.csv", 3, column, value)
    assert reason in row["reason"]
    assert row["reason"].endswith(".")
    assert (ledger.meta.rows_in, ledger.meta.rows_kept, ledger.meta.rows_quarantined) == (3, 2, 1)


@pytest.mark.parametrize("account", ["80057E030", "8000E1234", "800E00000", "123E4", "8000EBD30"])
def test_hexadecimal_account_numbers_are_no_damage_and_no_numbers(tmp_path: Path, account: str) -> None:
    ledger = read(tmp_path, [aml.line(fa=account, fb="00012")])
    assert f"00012:{account}" in ledger.accounts["name"].to_list()


def test_the_last_instant_of_2100_is_kept_and_the_next_is_not(tmp_path: Path) -> None:
    ledger = read(tmp_path, [aml.line(t="1970/01/01 00:00"), aml.line(t="2100/12/31 23:59"), aml.line(t="2101/01/01 00:00"), aml.line(t="1969/12/31 23:59")])  # fmt: skip
    assert ledger.transactions["id"].to_list() == ["T_Trans.csv:2", "T_Trans.csv:3"]


def test_too_many_bad_rows_stop_the_reading_with_the_top_reasons_and_the_way_out(tmp_path: Path) -> None:
    rows = [aml.GOOD] * 8 + [aml.line(ap="x")] + [aml.line(cp="Doubloon")] * 2
    path = aml.write(tmp_path / "T_Trans.csv", rows)
    with pytest.raises(BadShare) as told:
        ingest.read("ibm_aml", [path], Options())
    text = str(told.value)
    assert text.startswith(
        "3 of 11 rows are bad (27.3%), more than the 5.0% that is allowed. 2 x The currency 'Doubloon'"
    )
    assert "(first T_Trans.csv:10, Amount Paid = 'x')" in text
    assert "--bad-share 0.28" in text
    assert ingest.read("ibm_aml", [path], Options(bad_share=0.28)).meta.rows_quarantined == 3


def test_exactly_the_allowed_share_of_bad_rows_is_allowed(tmp_path: Path) -> None:
    path = aml.write(tmp_path / "T_Trans.csv", [aml.GOOD] * 19 + [aml.line(ap="x")])
    assert ingest.read("ibm_aml", [path], Options(bad_share=0.05)).meta.rows_kept == 19


@pytest.mark.parametrize("rows", [[], [""], ["", ""]])
def test_a_file_without_rows_is_refused(tmp_path: Path, rows: list[str]) -> None:
    with pytest.raises(InputError, match=r"T_Trans\.csv: there is a header, but no row"):
        read(tmp_path, rows)


def test_a_file_without_a_good_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no transaction is left of 1 rows"):
        read(tmp_path, [aml.line(ap="x")])
