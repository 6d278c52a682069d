"""Each format gives what its files say; files are as small as they can be."""

import gzip
from pathlib import Path

import polars as pl
import pytest

import ingest
from graphml.errors import InputError
from graphml.ledger import Ledger
from graphml.window import DAY, HOUR, instant
from ingest import Options

ORIGIN = instant("2017-01-01")


def read(tmp_path: Path, format_: str, **files: str | pl.DataFrame) -> Ledger:
    for name, content in files.items():
        stem, _, suffix = name.rpartition("_")
        path = tmp_path / f"{stem}.{suffix}"
        if isinstance(content, pl.DataFrame):
            content.write_parquet(path)
        else:
            path.write_text(content)
    ledger = ingest.read("auto", [tmp_path], Options(bad_share=0.6))
    assert ledger.meta.format == format_
    assert ingest.read(format_, [tmp_path], Options(bad_share=0.6)).meta == ledger.meta
    return ledger


def owned(ledger: Ledger) -> list[tuple[str, str]]:
    names = ledger.accounts["name"]
    return [(r["party"], names[r["account"]]) for r in ledger.ownership.iter_rows(named=True)]


SAML = (
    "Time,Date,Sender_account,Receiver_account,Amount,Payment_currency,Received_currency,Sender_bank_location,"
    "Receiver_bank_location,Payment_type,Is_laundering,Laundering_type\n"
    "10:35:19,2022-10-07,0871,20,1459.15,UK pounds,Euro,UK,Spain,Cash Deposit,0,Normal_Cash_Deposits\n"
    "10:35:20,2022-10-07,20,0871,100,Naira,UK pounds,Spain,UK,Cross-border,1,Layered_Fan_In\n"
    "10:35:21,2022-10-08,20,5,100,UK pounds,UK pounds,France,UK,Cheque,0,Normal_Group\n"
    "10:35:22,2022-10-08,20,5,100,UK pounds,UK pounds,France,UK,Cheque,0,Normal_Group\n"
)


def test_saml_d_joins_date_and_time_and_knows_countries_and_typologies(tmp_path: Path) -> None:
    ledger = read(tmp_path, "saml_d", s_csv=SAML)
    assert ledger.transactions["time"].to_physical()[0] == instant("2022-10-07T10:35:19")
    assert ledger.transactions["currency_received"].to_list()[:2] == ["Euro", "UK pounds"]
    assert ledger.transactions["value"].to_list() == pytest.approx([1459.15, 100 * 0.0023 / 1.2917, 100, 100])
    assert ledger.accounts.select("name", "country").rows() == [("0871", "UK"), ("20", "France"), ("5", "UK")]
    assert ledger.labels["typology"].to_list()[:2] == ["normal-cash-deposits", "layered-fan-in"]
    assert ledger.labels["laundering"].to_list() == [False, True, False, False]
    assert ledger.meta.reference_currency == "UK pounds"


PEOPLE = (
    "acct_id,type,acct_rptng_crncy,initial_deposit,bank_id,first_name,last_name,country,birth_date\n"
    "1,I,USD,500.5,bank_a,Ann,Li,US,1995-07-23\n2,O,USD,10,bank_b,Firm,X,US,\n3,I,USD,7,bank_a,No,One,US,1990-01-01\n"
)
MADE = (
    "tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp,is_sar,alert_id\n"
    "7,1,2,TRANSFER,10.5,2017-01-01T00:00:00Z,True,4\n8,2,1,TRANSFER,3,2017-01-02T00:00:00Z,False,9\n"
    "9,2,1,TRANSFER,4,2017-01-02T00:00:00Z,False,-1\n"
)
ALERTS = (
    "alert_id,alert_type,is_sar,tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp\n"
    "4,fan_in,True,7,1,2,TRANSFER,10.5,2017-01-01T00:00:00Z\n9,fan_out,False,8,2,1,TRANSFER,3,2017-01-02T00:00:00Z\n"
)
MEMBERS = (
    "alert_id,alert_type,acct_id,acct_name,is_sar,model_id,start,end,schedule_id,bank_id\n4,fan_in,2,2,True,1,0,9,2,b\n"
)
SARS = "ALERT_ID,ACCOUNT_ID,CUSTOMER_ID,EVENT_DATE,ALERT_TYPE,ACCOUNT_TYPE,IS_SAR\n4,1,C_1,20170101,fan_in,INDIVIDUAL,YES\n"


def test_amlsim_knows_owners_alerts_and_hard_negatives(tmp_path: Path) -> None:
    ledger = read(
        tmp_path, "amlsim", transactions_csv=MADE, accounts_csv=PEOPLE, alert_transactions_csv=ALERTS,
        alert_accounts_csv=MEMBERS, sar_accounts_csv=SARS,
    )  # fmt: skip
    assert (ledger.meta.rows_in, ledger.meta.own_ids, ledger.meta.resolution) == (3, True, "day")
    assert ledger.transactions["id"].to_list() == ["7", "8", "9"]
    assert ledger.accounts["name"].to_list() == ["bank_a:1", "bank_a:3", "bank_b:2"]
    assert ledger.accounts["opening_balance"].to_list() == [500.5, 7, 10]
    assert ledger.parties.select("name", "kind").rows() == [
        ("Ann Li", "person"),
        ("Firm X", "company"),
        ("No One", "person"),
    ]
    assert ledger.parties["born"].is_null().to_list() == [False, True, False]
    assert owned(ledger) == [("1", "bank_a:1"), ("2", "bank_b:2"), ("3", "bank_a:3")]
    assert ledger.labels[:, :4].rows() == [(0, True, "fan-in", "4"), (1, False, "fan-out", "9"), (2, False, None, None)]
    assert ledger.account_labels.rows() == [(0, True), (1, False), (2, False)]
    assert ledger.attempts.select("attempt", "typology", "laundering").unique(maintain_order=True).rows() == [
        ("4", "fan-in", True), ("9", "fan-out", False),
    ]  # fmt: skip


def test_amlsim_transactions_alone_are_enough(tmp_path: Path) -> None:
    ledger = read(tmp_path, "amlsim", transactions_csv=MADE)
    assert ledger.accounts["name"].to_list() == ["1", "2"]
    assert ledger.attempts["attempt"].unique(maintain_order=True).to_list() == ["4", "9"]


def test_a_sample_of_amlsim_counts_days_and_labels_accounts(tmp_path: Path) -> None:
    ledger = read(
        tmp_path, "amlsim", transactions_csv="sourceNodeId,targetNodeId,value,time\n0,2,1.5,0\n2,0,2,149\n",
        nodes_csv="nodeid,isFraud,init_balance,fraudStep\n0,1,184.44,3\n1,0,5,-1\n2,0,6,-1\n",
    )  # fmt: skip
    assert ledger.transactions["time"].to_physical().to_list() == [ORIGIN, ORIGIN + 149 * DAY]
    assert ledger.account_labels.rows() == [(0, True), (1, False), (2, False)]
    assert ledger.accounts["opening_balance"].to_list() == [184.44, 5, 6]
    assert ledger.labels.is_empty()


def log() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "step": [0, 0, 1, 2, 2],
            "type": ["INITALBALANCE", "INITALBALANCE", "TRANSFER", "CASH", "TRANSFER"],
            "amount": [100.25, 50.0, 7.125, 1e-7, 3.0],
            "nameOrig": [-2, -2, 10, 11, -2],
            "nameDest": [10, 11, 11, -1, 10],
            "bankOrig": ["source", "source", "a", "b", "source"],
            "bankDest": ["a", "b", "b", "sink", "a"],
            "isSAR": [0, 0, 1, 0, 0],
            "patternID": [-1, -1, 33, 5, -1],
            "modelType": [0, 0, 2, 10, 0],
        },
        schema_overrides={"type": pl.Categorical, "bankOrig": pl.Categorical, "isSAR": pl.Int8},
    )


def test_amlgentex_makes_balances_of_its_opening_rows_and_knows_what_is_outside(tmp_path: Path) -> None:
    ledger = read(
        tmp_path, "amlgentex", log_parquet=log(),
        accounts_csv="ACCOUNT_ID,CUSTOMER_ID,INIT_BALANCE,SALARY,AGE,CITY,IS_SAR,BANK_ID\n10,C_0,1,1,57,x,true,a\n11,C_1,1,1,57,x,false,b\n",
        alert_models_csv="modelID,type,accountID,isMain,sourceType,phase\n0,fan_in,11,true,T,0\n0,fan_in,10,false,T,0\n0,fan_in,99,false,T,0\n",
    )  # fmt: skip
    assert ledger.meta.rows_in == ledger.transactions.height == 3
    assert any("2 INITALBALANCE rows are no transactions" in note for note in ledger.meta.notes)
    assert ledger.accounts.select("name", "kind", "opening_balance").rows() == [
        ("-1", "external", None), ("-2", "external", None), ("a:10", "internal", 100.25), ("b:11", "internal", 50.0),
    ]  # fmt: skip
    assert ledger.transactions["time"].to_physical().to_list() == [ORIGIN + DAY, ORIGIN + 2 * DAY, ORIGIN + 2 * DAY]
    assert sorted(ledger.transactions["amount"]) == ["0.0000001", "3.0", "7.125"]
    assert ledger.labels[:, :4].row(0) == (0, True, "fan-in", "33")
    assert ledger.labels["attempt"].to_list() == ["33", None, None]
    assert ledger.attempts.rows() == [
        ("model 0", "fan-in", True, 2, "mule"),
        ("model 0", "fan-in", True, 3, "collector"),
    ]
    assert any("1 of 3 members of the answer key" in note for note in ledger.meta.notes)
    assert owned(ledger) == [("C_0", "a:10"), ("C_1", "b:11")]


def test_newer_columns_of_amlgentex_are_passed_over(tmp_path: Path) -> None:
    newer = log().with_columns(daysInBankOrig=pl.lit(3), phoneChangesDest=pl.lit(0), oldbalanceOrig=pl.lit(1.0))
    assert read(tmp_path, "amlgentex", log_parquet=newer).transactions.height == 3


def test_paysim_sends_cash_to_one_account_outside(tmp_path: Path) -> None:
    header = "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,isFlaggedFraud\n"
    rows = "1,PAYMENT,5,C1,0,0,M9,0,0,0,0\n2,CASH_IN,6,C1,0,0,C7,0,0,0,0\n3,CASH_OUT,7,C2,0,0,C7,0,0,1,0\n"
    ledger = read(tmp_path, "paysim", p_csv=header + rows)
    names = ledger.accounts["name"]
    ends = [(names[s], names[t]) for s, t in ledger.transactions.select("source", "target").iter_rows()]
    assert ends == [("C1", "M9"), ("CASH", "C1"), ("C2", "CASH")]
    assert ledger.accounts.select("name", "kind").rows() == [
        ("C1", "internal"),
        ("C2", "internal"),
        ("CASH", "cash"),
        ("M9", "merchant"),
    ]
    assert ledger.transactions["time"].to_physical().to_list() == [ORIGIN + h * HOUR for h in (1, 2, 3)]
    assert ledger.labels["laundering"].to_list() == [False, False, True]


FINCEN = (
    "id,icij_sar_id,filer_org_name_id,filer_org_name,begin_date,end_date,originator_bank_id,originator_bank,"
    "originator_bank_country,originator_iso,beneficiary_bank_id,beneficiary_bank,beneficiary_bank_country,beneficiary_iso,"
    "number_transactions,amount_transactions\n"
    '5,1,f,F,"Mar 25, 2015","Sep 25, 2015",cimb,CIMB,Singapore,SGP,barclays,"Barclays, Plc",UK,GBR,68,5.689852347E7\n'
    '6,1,f,F,"Jul 5, 2012","Jul 5, 2012",barclays,"Barclays, Plc",UK,GBR,cimb,CIMB,Singapore,SGP,,10\n'
    '7,1,f,F,"Jul 5, 2012","Jul 4, 2012",barclays,"Barclays, Plc",UK,GBR,cimb,CIMB,Singapore,SGP,1,10\n'
    '8,1,f,F,"Jul 5, 2012",,barclays,"Barclays, Plc",UK,GBR,cimb,CIMB,Singapore,SGP,1,10\n'
)


def test_fincen_rows_are_aggregates_of_banks_and_positives_only(tmp_path: Path) -> None:
    ledger = read(tmp_path, "fincen", f_csv=FINCEN)
    assert ledger.transactions.select("id", "amount", "payments").rows() == [("6", "10", 1), ("5", "56898523.47", 68)]
    assert ledger.transactions["until"].to_physical().to_list() == [instant("2012-07-05"), instant("2015-09-25")]
    assert ledger.parties.select("party", "name", "kind", "country").rows() == [
        ("barclays", "Barclays, Plc", "bank", "GBR"), ("cimb", "CIMB", "bank", "SGP"),
    ]  # fmt: skip
    assert owned(ledger) == [("barclays", "barclays"), ("cimb", "cimb")]
    assert ledger.labels["laundering"].to_list() == [True, True]
    assert ledger.quarantine.select("line", "column", "value").rows() == [
        (4, "end_date", "Jul 4, 2012"), (5, "end_date", ""),
    ]  # fmt: skip
    assert "aggregated" in ledger.meta.notes[0]
    assert "Positives only" in ledger.meta.notes[1]


def test_a_file_of_another_format_is_refused_where_it_was_named(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(SAML)
    with pytest.raises(InputError, match=r"'s\.csv' is not of the format ibm_aml"):
        ingest.read("ibm_aml", [tmp_path / "s.csv"])
    with pytest.raises(InputError, match="not there"):
        ingest.read("ibm_aml", [tmp_path / "nowhere.csv"])
    with pytest.raises(InputError, match="holds no file"):
        ingest.read("auto", [(tmp_path / "empty").mkdir() or tmp_path / "empty"])


def test_what_is_no_text_is_refused_without_showing_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    with pytest.raises(InputError, match=r"'picture\.csv' is no text in UTF-8") as said:
        ingest.read("auto", [tmp_path / "picture.csv"])
    assert str(said.value).isprintable()


def test_a_folder_with_a_file_both_plain_and_compressed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(SAML)
    with gzip.open(tmp_path / "s.csv.gz", "wt") as file:
        file.write(SAML)
    with pytest.raises(InputError, match="each row would count twice"):
        ingest.read("auto", [tmp_path])


def test_files_of_two_formats_are_not_mixed(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(SAML)
    (tmp_path / "f.csv").write_text(FINCEN)
    with pytest.raises(InputError, match="could be fincen or saml_d"):
        ingest.read("auto", [tmp_path])
    assert ingest.read("saml_d", [tmp_path]).meta.files == ("s.csv",)
