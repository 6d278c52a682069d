"""Ask of every source what the port promises."""

import shutil
from pathlib import Path

import polars as pl
import pytest

import ingest
from graphml import schema
from graphml.errors import InputError
from graphml.source import Head, Source
from ingest import Options, _files

SAMPLES = {  # format: what of the data made elsewhere is in it, rows in
    "amlgentex": ("amlgentex_sample", 1_500),
    "amlsim": ("amlsim_20k_cycle200", 117_805),
    "fincen": ("fincen_files", 4_507),
    "ibm_aml": ("amlworld_samples/HI-Small_Patterns.txt", 3_209),
    "paysim": ("paysim_sample", 19_999),
    "saml_d": ("saml_d_sample", 1_000),
}
LABELS = {"label", "laundering", "attempt", "typology", "is_laundering", "issar", "isfraud", "alert_id"}


def test_every_format_has_a_sample() -> None:
    assert set(SAMPLES) | {"mapped"} == set(ingest.formats())


@pytest.mark.parametrize("name", ingest.formats())
def test_a_source_has_the_name_of_its_file_and_takes_no_foreign_file(name: str) -> None:
    source = ingest.source(name)
    assert isinstance(source, Source)
    assert source.name == name
    assert not source.recognises(Head(Path("x.csv"), (), ""))
    assert not source.recognises(Head(Path("x.csv"), ("a", "b"), "a,b"))


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_no_source_takes_the_file_of_another(name: str, data: Path) -> None:
    heads = [_files.head(path) for path, _ in _files.expand([data / SAMPLES[name][0]])]
    takers = {other for other in ingest.formats() for head in heads if ingest.source(other).recognises(head)}
    assert takers == {name}


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_sample_becomes_a_ledger_that_keeps_its_promises(name: str, data: Path) -> None:
    path, rows = SAMPLES[name]
    ledger = ingest.read("auto", [data / path])
    meta, table = ledger.meta, ledger.transactions
    assert (meta.format, meta.rows_in) == (name, rows)
    assert meta.rows_in == table.height + ledger.quarantine.height
    assert table["id"].n_unique() == table.height
    assert table["time"].is_sorted()
    assert (table["value"] > 0).all()
    assert table.null_count().drop("until").row(0) == (0,) * (table.width - 1)
    assert table["amount"].str.contains(r"^(\d+\.?\d*|\.\d+)$").all()
    assert ledger.accounts["name"].is_sorted()
    assert ledger.accounts["name"].n_unique() == ledger.accounts.height
    assert set(ledger.accounts["kind"]) <= {"internal", "external", "cash", "merchant"}
    assert (
        table.select(pl.max_horizontal(pl.col("source").max(), pl.col("target").max())).item() < ledger.accounts.height
    )
    assert table.select(pl.min_horizontal(pl.col("source").min(), pl.col("target").min())).item() >= 0
    assert not LABELS & {c.lower() for c in (*table.columns, *ledger.accounts.columns)}
    assert ledger.labels["row"].is_sorted()
    assert ledger.labels["row"].n_unique() == ledger.labels.height
    assert ledger.attempts.select("attempt", "account").is_unique().all()
    for part in (
        "transactions",
        "accounts",
        "parties",
        "ownership",
        "labels",
        "account_labels",
        "attempts",
        "quarantine",
    ):
        assert getattr(ledger, part).schema == getattr(schema, part.upper())
    for note in meta.notes:
        assert note.endswith(".")
    assert ingest.read(name, [data / path]).meta.digest == meta.digest


def test_the_bigger_amlsim_world_has_its_alerts_and_hard_negatives(data: Path) -> None:
    ledger = ingest.read("auto", [data / "amlsim_350k"])
    assert (ledger.transactions.height, ledger.accounts.height) == (349_749, 12_043)
    assert ledger.labels["laundering"].sum() == 1_035
    assert ledger.labels["attempt"].n_unique() - 1 == 182
    assert ledger.attempts.filter(~pl.col("laundering"))["attempt"].n_unique() == 29
    assert ledger.account_labels["laundering"].sum() == 1_101


def test_ids_damaged_by_a_spreadsheet_are_quarantined_and_nothing_else(data: Path) -> None:
    ledger = ingest.read("ibm_aml", [data / "amlworld_samples/LI-Small_head572_thiagobaez.csv"])
    assert (ledger.meta.rows_in, ledger.meta.rows_quarantined) == (572, 16)
    assert ledger.quarantine["value"].str.contains(r"^\d,\d+E\+\d+$").all()
    assert ledger.quarantine["column"].unique().to_list() == ["Account"]


def test_all_attempts_of_the_patterns_file_are_found(data: Path) -> None:
    ledger = ingest.read("ibm_aml", [data / "amlworld_samples/HI-Small_Patterns.txt"])
    assert ledger.labels["attempt"].n_unique() == 370
    assert ledger.labels["laundering"].all()
    assert ledger.accounts.height == 3_170
    count = dict(ledger.labels.group_by("typology").agg(pl.col("attempt").n_unique()).iter_rows())
    assert count == {"bipartite": 49, "cycle": 54, "fan-in": 40, "fan-out": 48, "gather-scatter": 51, "random": 41, "scatter-gather": 44, "stack": 43}  # fmt: skip


@pytest.mark.parametrize("paths", [["azerbaijani_laundromat"], ["azerbaijani_laundromat/bank-account-holders.csv"]])
def test_payments_without_dates_are_refused_with_that_sentence(data: Path, paths: list[str], tmp_path: Path) -> None:
    for name in ("auto", "mapped"):
        with pytest.raises(InputError, match=r"'bank-account-holders\.csv' has no dates"):
            ingest.read(name, [data / p for p in paths])
    with pytest.raises(InputError, match="has no dates"):
        ingest.guess(data / "azerbaijani_laundromat/bank-account-holders.csv")
    map_ = tmp_path / "m.toml"
    map_.write_text(
        '[payer]\naccount = "payerAccount"\n[payee]\naccount = "beneficiaryAccount"\n[columns]\namount = "amount"\n'
    )
    with pytest.raises(InputError, match="without dates"):
        ingest.read("mapped", [data / paths[0]], Options(map=map_))


@pytest.mark.parametrize(
    ("path", "rows"),
    [
        ("amlworld_samples/HI-Small_first1000_alokjha16.csv", 1_000),
        ("azerbaijani_laundromat/transactions.csv", 10),
        ("saml_d_sample/SAML-D_sample_1k.csv", 1_000),
        ("amlsim_20k_cycle200/transactions.csv", 117_805),
        ("fincen_files/download_transactions_map.csv", 4_501),
        ("paysim_sample/PS_log_first19998.csv", 19_997),
    ],
)
def test_a_guessed_map_reads_real_files(data: Path, tmp_path: Path, path: str, rows: int) -> None:
    (tmp_path / "m.toml").write_text(ingest.guess(data / path))
    ledger = ingest.read("mapped", [data / path], Options(map=tmp_path / "m.toml"))
    assert ledger.meta.rows_kept == rows


def test_a_renamed_copy_is_the_same_ledger_but_for_its_ids(data: Path, tmp_path: Path) -> None:
    one = data / "saml_d_sample/SAML-D_sample_1k.csv"
    shutil.copy(one, tmp_path / "other.csv")
    assert ingest.read("saml_d", [one]).meta.digest == ingest.read("saml_d", [tmp_path / "other.csv"]).meta.digest
