"""Use each verb as a person would, on one small run."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from casework.run import Run

MULETRAIL = [sys.executable, "-c", "from casework.cli import main; main()"]


def call(*words: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*MULETRAIL, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    call("demo", "--out", folder / "demo", "--transactions", 12_000, "--seed", 2)
    return folder / "demo"


@pytest.fixture(scope="module")
def run(home: Path) -> Path:
    return home / "run"


def test_a_run_leaves_the_files_of_the_contract(run: Path) -> None:
    for name in (
        "manifest.json", "rings.json", "cuts.json", "metrics.json", "report.html", "ledger/transactions.parquet",
        "ledger/quarantine.parquet", "features/accounts.parquet", "features/transactions.parquet",
        "features/catalogue.json", "scores/accounts.parquet", "scores/transactions.parquet", "graph", "evidence", "model",
    ):  # fmt: skip
        assert (run / name).exists(), name
    assert not [p for p in run.rglob("*") if p.suffix in {".pkl", ".pickle", ".pt", ".joblib"}]


def test_scores_name_every_account_and_transaction_once(run: Path) -> None:
    ledger = pl.read_parquet(run / "ledger/transactions.parquet")
    accounts = pl.read_parquet(run / "scores/accounts.parquet")
    assert {"account", "bank", "at", "score", "rank", "reasons"} <= set(accounts.columns)
    assert accounts["rank"].to_list() == list(range(1, accounts.height + 1))
    assert accounts["account"].n_unique() == accounts.height
    assert accounts["score"].is_between(0, 1).all()
    transactions = pl.read_parquet(run / "scores/transactions.parquet")
    assert transactions["transaction"].equals(ledger["id"].rename("transaction"))


def test_the_demo_has_as_many_attempts_as_asked(tmp_path: Path) -> None:
    call("demo", "--out", tmp_path, "--transactions", 1_500, "--attempts", 2)
    assert len(json.loads((tmp_path / "world" / "answers.json").read_text(encoding="utf-8"))["attempts"]) == 2
    assert (tmp_path / "run" / "manifest.json").is_file()


def test_rings_are_listed_best_first_and_lead_back_to_source_rows(run: Path, home: Path) -> None:
    found = json.loads(call("rings", run, "--json").stdout)
    assert found
    assert [r["score"] for r in found] == sorted((r["score"] for r in found), reverse=True)
    best = found[0]
    assert {
        "id",
        "typology",
        "score",
        "start",
        "end",
        "amount",
        "currency",
        "accounts",
        "transactions",
        "reasons",
        "lineage",
    } <= set(best)
    assert isinstance(best["amount"], str)
    file, line = best["transactions"][0].rsplit(":", 1)
    source = (home / "world" / file).read_text().splitlines()[int(line) - 1].split(",")
    payer = f"{source[1]}:{source[2]}"
    assert payer in {a["account"] for a in best["accounts"]}
    shown = call("ring", run, best["id"]).stdout
    assert "Amounts in sentences are in US Dollar, those of transactions as they were paid." in shown
    for account in best["accounts"]:
        assert account["account"] in shown
    for transaction in best["transactions"]:
        assert transaction in shown


def test_evidence_is_proven_and_a_changed_byte_is_found(run: Path, tmp_path: Path) -> None:
    ring = Run.load(run).rings[0]["id"]
    call("evidence", run, ring, "--out", tmp_path / "e")
    call("verify", tmp_path / "e")
    made = (run / "evidence" / ring / "manifest.json").read_text()
    assert json.loads(made)["evidence"] == json.loads((tmp_path / "e/manifest.json").read_text())["evidence"]
    table = tmp_path / "e/transactions.csv"
    table.write_bytes(table.read_bytes().replace(b"1", b"2", 1))
    assert "transactions.csv" in call("verify", tmp_path / "e", code=1).stdout


def test_a_saved_question_is_answered_by_the_run_s_own_store(run: Path) -> None:
    listed = call("ask", "--list").stdout
    assert "flagged_neighbourhood" in listed
    ring = Run.load(run).rings[0]
    rows = json.loads(
        call("ask", "ring_profile", "--param", f"ring={ring['id']}", "--param", f"run={Run.load(run).manifest['run']}",
             "--store", f"embedded:{run / 'graph'}", "--json").stdout
    )  # fmt: skip
    assert rows


def test_a_run_as_of_a_day_holds_only_earlier_transactions(home: Path, tmp_path: Path) -> None:
    call("features", home / "world" / "ledger", "--out", tmp_path / "f", "--at", "2022-09-04")
    rows = pl.read_parquet(tmp_path / "f/transactions.parquet")
    ledger = pl.read_parquet(home / "world/ledger/transactions.parquet")
    assert rows.height == ledger.filter(pl.col("time") < pl.datetime(2022, 9, 4, time_zone="UTC")).height > 0


def test_rings_keep_their_ids_in_the_next_run(home: Path, run: Path, tmp_path: Path) -> None:
    ledger, first, second = home / "world/ledger", tmp_path / "first", tmp_path / "second"
    call("run", ledger, "--out", first, "--at", "2022-09-04")
    said = call("run", ledger, "--out", second, "--at", "2022-09-05", "--before", first).stdout
    assert "Since the run before: " in said
    later = call("run", ledger, "--out", tmp_path / "third", "--at", "2022-09-03", "--before", first, code=2)
    assert "looks from 2022-09-04 00:00, later than this one" in later.stderr.replace("\n", " ")
    assert "would be lost with it" in call("run", ledger, "--out", first, "--before", first, code=2).stderr.replace(
        "\n", " "
    )
    old, new = ({r["id"]: r for r in Run.load(folder).rings} for folder in (first, second))
    events = {ring["lineage"]["event"] for ring in new.values()}
    assert {"born", "unchanged"} <= events
    for name, ring in new.items():
        assert (ring["lineage"]["event"] in ("born", "split")) == (name not in old) or ring["lineage"][
            "event"
        ] == "split"
        if ring["lineage"]["event"] == "unchanged":
            assert ring["transactions"] == old[name]["transactions"]
    story = json.loads((second / "story.json").read_text())
    assert [change["ring"] for change in story["rings"]] == list(new)
    assert {one["id"] for one in story["ended"]} == old.keys() - new.keys()
    absorbed = {name for ring in new.values() for name in ring["lineage"].get("absorbed", "").split()}
    assert [ring["id"] for ring in story["silent"]] == [name for name in old if name not in new.keys() | absorbed]
    assert all(old[ring["id"]].items() <= ring.items() for ring in story["silent"])
    known = Run.load(second).known()
    assert [k.ring.id for k in known] == [*new, *(ring["id"] for ring in story["silent"])]
    assert {k.until for k in known if k.silent} == {Run.load(first).known()[0].until}
    grown = next(name for name, ring in new.items() if ring["lineage"]["event"] != "born")
    assert "Since the run before it" in call("ring", second, grown).stdout
    call("evidence", second, grown, "--out", tmp_path / "e")
    call("verify", tmp_path / "e", "--run", second)
    told = json.loads((second / "rings.json").read_text())
    told[0]["lineage"] |= {"event": "split", "changed": "nothing", "why": "-", "former": "0a", "absorbed": "0b 0c"}
    (second / "rings.json").write_text(json.dumps(told))
    shown = call("ring", second, told[0]["id"]).stdout
    assert "- Part of it stood in ring 0a of the run before, whose id another ring keeps." in shown
    assert "- It took in what were rings of their own before: 0b 0c." in shown
    told[0]["lineage"] |= {"event": "born", "changed": "2 accounts more, 1 payment less"}
    (second / "rings.json").write_text(json.dumps(told))
    shown = call("ring", second, told[0]["id"]).stdout
    assert "- The run before did not tell it as a ring of its own: part of it stood in ring 0a, whose id" in shown
    assert "another ring keeps. Beside that one it has 2 accounts more, 1 payment less. -\n" in shown
    for ring in told:
        figures = ring["figures"]
        border = next(r for r in ring["reasons"] if r["sentence"].startswith("From its first to its last payment"))
        assert border["value"] == figures.get("kept")
        if figures["received_payments"]:
            assert f"{figures['received']:,.2f} in {figures['received_payments']} payment" in border["sentence"]
        said = {r["value"] for r in ring["reasons"] if r["sentence"].startswith("Against it")}
        shares = figures["repeated_share"], figures["same_owner_share"], figures["to_shops_share"]
        assert said == {share for share in shares if share >= 0.25}


def test_features_go_on_from_a_state_with_the_values_of_the_whole(home: Path, tmp_path: Path) -> None:
    words = ("features", home / "world/ledger", "--family", "flow", "--family", "contact", "--out")
    call(*words, tmp_path / "whole")
    call(*words, tmp_path / "first", "--state", tmp_path / "state", "--at", "2022-09-06")
    said = json.loads(call(*words, tmp_path / "rest", "--state", tmp_path / "state", "--json").stdout)
    parts = [pl.read_parquet(tmp_path / name / "transactions.parquet") for name in ("first", "rest")]
    assert said["gone_on_from"] == parts[0].height > 0 < parts[1].height == said["transactions"][0]
    assert pl.concat(parts).equals(pl.read_parquet(tmp_path / "whole/transactions.parquet"))
    twice = call(*words, tmp_path / "rest", "--state", tmp_path / "state", code=2).stderr.replace("\n", " ")
    assert "would be replaced by a table of none" in twice
    assert pl.read_parquet(tmp_path / "rest/transactions.parquet").equals(parts[1])
    same = call(*words, tmp_path / "both", "--state", tmp_path / "both", code=2).stderr
    assert "--out and --state are both" in same
    refused = call("features", home / "world/ledger", "--out", tmp_path / "x", "--state", tmp_path / "state", code=2)
    assert "Ask for the same, or begin a new state" in refused.stderr


def test_looking_ahead_is_named_so_and_warned_of(home: Path, tmp_path: Path) -> None:
    words = ("features", home / "world/ledger", "--family", "contact", "--out", tmp_path / "f", "--look-ahead")
    assert "look into the future" in call(*words).stderr
    columns = pl.read_parquet(tmp_path / "f/transactions.parquet").columns
    assert {"payer_gap_h", "look_ahead_payer_gap_h"} <= set(columns)
    told = [f["name"] for f in json.loads((tmp_path / "f/catalogue.json").read_text()) if f["scope"] == "transaction"]
    assert told == columns[1:]
    assert "Give one of them" in call(*words, "--state", tmp_path / "s", code=2).stderr


def test_looking_from_long_after_the_end_is_remarked(home: Path, tmp_path: Path) -> None:
    words = ("features", home / "world/ledger", "--out", tmp_path / "f", "--family", "contact", "--at")
    assert "every account looks silent" in call(*words, "2030-01-01").stderr
    assert "silent" not in call(*words, "2022-09-09").stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "nowhere", "--out", "x"), "is no ledger. Make one with: muletrail ingest"),
        (("rings", "nowhere"), "is no run. Make one with: muletrail run"),
        (("generate", "hi-smal", "--out", "x"), "Did you mean hi-small"),
        (("ingest", "ibm_aml", "nowhere.csv", "--out", "x"), "nowhere.csv"),
        (("ingest", "imb_aml", "nowhere.csv", "--out", "x"), "Did you mean"),
        (("verify", "nowhere"), "nowhere"),
        (("ask", "ring_profil"), "Did you mean ring_profile"),
        (("ask", "ring_profile", "--param", "ring"), "has no '='"),
    ],
)
def test_bad_use_is_answered_with_the_value_and_the_way_out(words: tuple[str, ...], says: str) -> None:
    assert says in call(*words, code=2).stderr


def test_a_broken_run_or_ledger_is_named(run: Path, home: Path, tmp_path: Path) -> None:
    harmed = tmp_path / "run"
    harmed.mkdir()
    (harmed / "manifest.json").write_bytes((run / "manifest.json").read_bytes())
    for content, says in (('{"a": 1}', "holds something else than a run writes"), ("[{", "is broken")):
        (harmed / "rings.json").write_text(content)
        assert f"'{harmed / 'rings.json'}' {says}" in call("rings", harmed, code=2).stderr
    assert f"Its ledger is '{run / 'ledger'}'." in call("trail", run, "--account", "x", code=2).stderr
    shutil.copytree(home / "world/ledger", tmp_path / "ledger")
    file = tmp_path / "ledger/transactions.parquet"
    file.write_bytes(file.read_bytes()[:-100])
    assert (
        f"The ledger '{tmp_path / 'ledger'}' is broken"
        in call("run", tmp_path / "ledger", "--out", tmp_path / "x", code=2).stderr
    )


def test_a_folder_that_is_replaced_must_not_hold_what_is_read_or_written(home: Path, tmp_path: Path) -> None:
    ledger, a, b = home / "world/ledger", tmp_path / "a", tmp_path / "b"
    shutil.copytree(ledger, a / "ledger")
    for words in (
        ("features", ledger, "--out", a / "out", "--state", a),
        ("features", ledger, "--out", b, "--state", b / "state"), ("features", a / "ledger", "--out", a),
        ("features", a / "ledger", "--out", b, "--state", a), ("run", a / "ledger", "--out", a),
    ):  # fmt: skip
        assert "would be lost with it. Name another folder." in call(*words, code=2).stderr
    assert (a / "ledger/transactions.parquet").exists()
    assert "holds something else" in call("features", ledger, "--out", b, "--state", a, code=2).stderr


def test_doctor_finds_what_is_needed() -> None:
    checks = json.loads(call("doctor", "--json").stdout)
    assert {"polars", "torch", "neo4j"} <= {check["part"] for check in checks}
    assert all(check["found"] for check in checks if check["needed"])


def test_a_model_is_trained_and_scores_accounts_as_of_a_day(home: Path, tmp_path: Path) -> None:
    call("train", home / "world" / "ledger", "--model", "lightgbm", "--out", tmp_path / "m", "--seeds", 2)
    tracked = json.loads((tmp_path / "m/model.json").read_text())
    assert tracked["model"] == "lightgbm"
    assert len(tracked["runs"]) == 2
    call(
        "score", home / "world/ledger", "--model", tmp_path / "m", "--at", "2022-09-09", "--out", tmp_path / "s.parquet"
    )
    scores = pl.read_parquet(tmp_path / "s.parquet")
    assert scores["score"].is_between(0, 1).all()
    assert scores.height > 100
