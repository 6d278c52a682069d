"""Hold every format to the same promises, on data made elsewhere."""

from pathlib import Path

import pytest

import ingest
from graphml import registry
from graphml.errors import InputError
from graphml.ledger import Ledger
from graphml.source import Source
from ingest import Options

FOLDERS = {
    "amlgentex": "amlgentex_sample",
    "amlsim": "amlsim_20k_cycle200",
    "fincen": "fincen_files",
    "ibm_aml": "amlworld_samples/HI-Small_Patterns.txt",
    "paysim": "paysim_sample",
    "saml_d": "saml_d_sample",
}
KEPT = {"amlgentex": 1_500, "amlsim": 117_805, "fincen": 4_501, "ibm_aml": 3_209, "paysim": 19_999, "saml_d": 1_000}


@pytest.mark.parametrize("name", ingest.formats())
def test_each_file_binds_a_source_of_its_name(name: str) -> None:
    source = registry.plugin("ingest", name, "SOURCE")
    assert isinstance(source, Source)
    assert source.name == name
    assert not source.recognises(("nothing", "of", "the", "kind"))


def test_every_format_is_tried_on_data() -> None:
    assert set(FOLDERS) | {"mapped"} == set(ingest.formats())


@pytest.fixture(scope="module")
def ledgers(data: Path) -> dict[str, Ledger]:
    return {name: ingest.read("auto", [data / folder], Options()) for name, folder in FOLDERS.items()}


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_auto_finds_the_format_and_no_row_is_lost(name: str, ledgers: dict[str, Ledger]) -> None:
    ledger = ledgers[name]
    meta = ledger.meta
    assert meta.format == name
    assert meta.rows_kept == KEPT[name] == ledger.transactions.height
    assert meta.rows_in == meta.rows_kept + meta.rows_quarantined
    assert ledger.quarantine.height == meta.rows_quarantined


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_a_ledger_is_in_order_and_whole(name: str, ledgers: dict[str, Ledger]) -> None:
    ledger = ledgers[name]
    rows, n = ledger.transactions, ledger.accounts.height
    assert rows["time"].is_sorted()
    assert rows["id"].is_unique().all()
    assert ledger.accounts["name"].is_sorted()
    assert ledger.accounts["name"].is_unique().all()
    assert rows["source"].is_between(0, n - 1).all()
    assert rows["target"].is_between(0, n - 1).all()
    assert (rows["value"] > 0).all()
    for column in ("id", "time", "amount", "currency", "value", "format", "payments"):
        assert rows[column].null_count() == 0, column
    assert ledger.labels["row"].is_between(0, rows.height - 1).all()
    assert ledger.labels["row"].is_unique().all()
    for table in (ledger.attempts, ledger.account_labels, ledger.ownership):
        assert table["account"].is_between(0, n - 1).all()


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_answers_are_no_columns_of_the_transactions(name: str, ledgers: dict[str, Ledger]) -> None:
    words = ("launder", "sar", "fraud", "alert", "pattern", "typology", "attempt", "label")
    assert not [c for c in ledgers[name].transactions.columns for word in words if word in c.lower()]


def test_attempts_of_the_patterns_file_are_all_there(ledgers: dict[str, Ledger]) -> None:
    assert ledgers["ibm_aml"].attempts["attempt"].n_unique() == 370


def test_the_laundromat_is_refused_because_it_has_no_dates(data: Path) -> None:
    with pytest.raises(InputError, match="no column of dates or times"):
        ingest.read("auto", [data / "azerbaijani_laundromat"], Options())
