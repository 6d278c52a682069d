"""A map makes a ledger of any file; a guess is a map that works."""

from pathlib import Path

import pytest

import ingest
from graphml.errors import BadShare, InputError
from graphml.window import instant
from ingest import Options

MAP = """
currency = "EUR"
[file]
separator = ";"
encoding = "cp1252"
[time]
column = ["Tag", "Zeit"]
format = ["%d.%m.%Y %H:%M", "%d.%m.%y %H:%M"]
[payer]
account = ["Bank von", "Konto von"]
party = "Kunde"
party_name = "Name"
country = "Land"
[payee]
account = ["Bank an", "Konto an"]
[amount]
decimal = ","
thousands = "."
[columns]
amount = "Betrag"
format = "Kanal"
laundering = "Verdacht"
ring = "Ring"
typology = "Muster"
id = "Nr"
"""
FILE = (
    "Nr;Tag;Zeit;Bank von;Konto von;Kunde;Name;Land;Bank an;Konto an;Betrag;Kanal;Verdacht;Ring;Muster\n"
    "a1;01.09.2022;10:15;007;80;K1;Müller & Söhne;DE;008;90;1.234.567,89;Überweisung;;;\n"
    'a2;02.09.22;10:15;007;80;K1;"Müller & Söhne";DE;008;91;5;Bar;yes;R1;Fan_Out\n'
    "a3;02.09.2022;10:16;007;80;K1;Müller & Söhne;DE;008;92;1.5;Bar;no;;\n"
    "a4;02.09.2022;10:16;008;92;;;;007;80;0,50;Bar;0;R1;Fan_Out\n"
)


def write(tmp_path: Path, map_: str = MAP, content: str = FILE) -> tuple[Path, Options]:
    (tmp_path / "f.csv").write_bytes(content.encode("cp1252"))
    (tmp_path / "map.toml").write_text(map_)
    return tmp_path / "f.csv", Options(map=tmp_path / "map.toml", bad_share=0.5)


def test_a_map_reads_signs_encoding_formats_parties_and_rings(tmp_path: Path) -> None:
    path, options = write(tmp_path)
    ledger = ingest.read("mapped", [path], options)
    assert ledger.transactions.select("id", "amount", "value", "format").rows() == [
        ("a1", "1234567.89", 1234567.89, "Überweisung"), ("a2", "5", 5.0, "Bar"), ("a4", "0.50", 0.5, "Bar"),
    ]  # fmt: skip
    assert ledger.transactions["time"].to_physical()[0] == instant("2022-09-01T10:15")
    assert ledger.meta.resolution == "minute"
    assert (ledger.meta.reference_currency, ledger.meta.rates_digest) == ("EUR", "")
    # 1.5 could be one and a half or fifteen: it is not grouped as a thousand, so it is no number.
    assert ledger.quarantine.select("line", "column", "value").rows() == [(4, "Betrag", "1.5")]
    assert "grouped by '.'" in ledger.quarantine["reason"][0]
    assert ledger.accounts.select("name", "country").rows() == [
        ("007:80", "DE"),
        ("008:90", None),
        ("008:91", None),
        ("008:92", None),
    ]
    assert ledger.parties.select("party", "name").rows() == [("K1", "Müller & Söhne")]
    assert ledger.ownership.rows() == [("K1", 0, "owner")]
    assert ledger.labels[:, :4].rows() == [(1, True, "fan-out", "R1"), (2, False, "fan-out", "R1")]
    assert ledger.attempts["account"].to_list() == [0, 2, 3]


def test_a_map_makes_auto_take_mapped(tmp_path: Path) -> None:
    path, options = write(tmp_path)
    assert ingest.read("auto", [path], options).meta.format == "mapped"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[time]\ncolumn = [\"Tag\", \"Zeit\"]", "[time]", "names no column of dates"),
        ('amount = "Betrag"', "", "names no amount"),
        ('amount = "Betrag"', 'amount = "Betrga"', r"names the columns \['Betrga'\]"),
        ('amount = "Betrag"', "amount = 5", "amount = 5"),
        ('currency = "EUR"', "", "needs one of"),
        ("[payee]", "[payeee]", "'payeee'; known are"),
        ('ring = "Ring"', 'rings = "Ring"', "'rings' in"),
        ('account = ["Bank an", "Konto an"]', "", "account = None"),
        ('account = ["Bank an", "Konto an"]', 'account = ["a", "b", "c"]', "BANK COLUMN"),
        ('decimal = ","', 'decimal = "."', "two different signs"),
        ('encoding = "cp1252"', 'encoding = "klingon"', "'klingon' is no encoding"),
        ('separator = ";"', 'separator = ";;"', "one character"),
        ("format = [\"%d.%m.%Y %H:%M\", \"%d.%m.%y %H:%M\"]", 'format = "DD.MM.YYYY"', "DD.MM.YYYY"),
        ("format = [\"%d.%m.%Y %H:%M\", \"%d.%m.%y %H:%M\"]", 'step = "week"', "'week'"),
        ("currency", "[[[", "no TOML"),
        ("[file]", "[file", "no TOML"),
    ],
)  # fmt: skip
def test_a_wrong_map_is_refused_with_what_is_wrong(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in MAP
    path, options = write(tmp_path, MAP.replace(old, new, 1))
    with pytest.raises(InputError, match=says):
        ingest.read("mapped", [path], options)


def test_a_map_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path, _ = write(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        ingest.read("mapped", [path], Options(map=tmp_path / "no.toml"))
    with pytest.raises(InputError, match="needs --map"):
        ingest.read("mapped", [path])


def test_steps_and_epochs_are_times(tmp_path: Path) -> None:
    rows = "from_account,to_account,amount,at\nA,B,5,1662026400\nB,A,6,1662026401\n"
    map_ = (
        'currency = "USD"\n[time]\ncolumn = "at"\nstep = "second"\n[payer]\naccount = "from_account"\n[payee]\n'
        'account = "to_account"\n[columns]\namount = "amount"\n'
    )
    path, options = write(tmp_path, map_, rows)
    times = ingest.read("mapped", [path], options).transactions["time"].to_physical().to_list()
    assert times == [instant("2022-09-01T10:00:00"), instant("2022-09-01T10:00:01")]
    path, options = write(
        tmp_path, map_.replace('"second"', '"day"\norigin = "2020-01-01"'), rows.replace("16620264", "")
    )
    times = ingest.read("mapped", [path], options).transactions["time"].to_physical().to_list()
    assert times == [instant("2020-01-01"), instant("2020-01-02")]


GUESSES = {
    "german": ("Von Konto;To Account;Betrag;Datum\n", None, "no column that looks like payer"),
    "plain": ("sender_iban,receiver_iban,amount,currency,date\nDE1,DE2,5.10,EUR,2022-09-01\nDE2,DE1,7,EUR,2022-09-02\n", 2, ""),
    "unnamed": ("sender account,receiver account,amount,when\nA,B,5,01.09.2022\nB,A,6,02.09.2022\n", 2, ""),
    "grouped": ('from account;to account;amount eur;booking date\nA;B;"1.234,50";31.12.2022\nB;A;"7,00";01.01.2023\n', 2, ""),
    "months first": ("payerAccount,payeeAccount,amount,date\nA,B,5,12/31/2022\nB,A,6,01/02/2023\n", 2, ""),
    "epoch": ("source_acct|target_acct|value|timestamp\nA|B|5|1662026400000\nB|A|6|1662026401000\n", 2, ""),
    "two columns": ("from_account,to_account,amount,date,time\nA,B,5,2022-09-01,10:20:30\nB,A,6,2022-09-01,10:20:31\n", 2, ""),
    "no dates": ("payerAccount,beneficiaryAccount,amount\nA,B,5\n", None, "has no dates"),
    "no amount": ("payerAccount,beneficiaryAccount,date\nA,B,2022-09-01\n", None, "looks like amount"),
}  # fmt: skip


@pytest.mark.parametrize("name", GUESSES)
def test_a_guess_is_a_map_that_works_or_a_refusal_that_says_why(tmp_path: Path, name: str) -> None:
    content, rows, says = GUESSES[name]
    (tmp_path / "f.csv").write_text(content)
    if rows is None:
        with pytest.raises(InputError, match=says):
            ingest.guess(tmp_path / "f.csv")
        return
    (tmp_path / "map.toml").write_text(ingest.guess(tmp_path / "f.csv"))
    ledger = ingest.read("mapped", [tmp_path / "f.csv"], Options(map=tmp_path / "map.toml", rates=None))
    assert ledger.meta.rows_kept == rows
    assert ledger.transactions["time"].is_sorted()
    assert ledger.transactions["time"].dt.year().min() == 2022


def test_a_date_that_can_be_read_two_ways_is_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("payerAccount,payeeAccount,amount,date\nA,B,5,01/02/2022\n")
    assert '"%d/%m/%Y"  # or "%m/%d/%Y"? The values allow both' in ingest.guess(tmp_path / "f.csv")


def test_a_wrong_format_of_time_is_refused_with_the_value_and_the_format(tmp_path: Path) -> None:
    path, options = write(tmp_path, MAP.replace("%d.%m.%Y", "%Y.%m.%d").replace("%d.%m.%y", "%H.%m.%y"))
    with pytest.raises(BadShare, match=r"expected %Y\.%m\.%d %H:%M or .*'01\.09\.2022 10:15'"):
        ingest.read("mapped", [path], options)
