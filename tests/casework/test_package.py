import csv
import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import networkx as nx
import polars as pl
import pytest

from casework.package import write_package
from casework.verify import verify
from graphml.errors import ParameterError
from graphml.evidence import Evidence, digest_of
from graphml.window import instant
from tests.casework import example
from tests.casework.example import ring_of

FILES = {
    "accounts.csv", "drawing.svg", "manifest.json", "report.html", "ring.gexf", "ring.graphml", "ring.json",
    "transactions.csv",
}  # fmt: skip
HOSTILE = '=1+1|"</td><script>alert(1)</script>&\n\x01'


def parallel() -> Evidence:
    """Return a ring with parallel payments, a payment to oneself, and amounts that no double can hold."""
    rows = [(0, 1, 0.5, 9.0), (0, 1, 0.5, 9.0), (0, 1, 0.7, 8.0), (1, 1, 0.8, 1.0), (1, 2, 1.123456, 7.0)]
    evidence = ring_of(rows, ("source", "mule", "cash-out"), "chain")
    exact = ["0.10000000000000000001", "123456789012345678901234.5", "-3", "1E+2", "7.00"]
    return replace(evidence, transactions=evidence.transactions.with_columns(amount=pl.Series(exact)))


def hostile() -> Evidence:
    evidence = parallel()
    return replace(
        evidence,
        ring={**evidence.ring, "reasons": [{"sentence": HOSTILE, "value": 1.0, "threshold": None}]},
        transactions=evidence.transactions.with_columns(
            id=HOSTILE + pl.col("id"), format=pl.lit("@SUM(A1)"), to=pl.col("to").str.replace("B2:A2", "<b>out")
        ),
        accounts=evidence.accounts.with_columns(
            owner=pl.lit("-2+3"), account=pl.col("account").str.replace("B2:A2", "<b>out")
        ),
    )


def edges(graph: Any) -> dict[str, tuple[str, str, dict[str, Any]]]:
    assert graph.is_directed()
    assert graph.is_multigraph()
    return {data["transaction"]: (payer, payee, data) for payer, payee, data in graph.edges(data=True)}


@pytest.mark.parametrize("name", ["ring.graphml", "ring.gexf"])
@pytest.mark.parametrize("make", [parallel, example.around])
def test_network_files_read_back_whole(tmp_path: Path, name: str, make: Any) -> None:
    evidence = make()
    write_package(evidence, tmp_path / "p")
    if name.endswith("gexf"):
        graph = nx.read_gexf(tmp_path / "p" / name, version="1.3")
    else:
        graph = nx.read_graphml(tmp_path / "p" / name, force_multigraph=True, edge_key_type=str)
    found = edges(graph)
    assert graph.number_of_edges() == evidence.transactions.height == len(found)
    assert {key for _, _, key in graph.edges(keys=True)} == set(evidence.transactions["id"])
    for row in evidence.transactions.to_dicts():
        payer, payee, data = found[row["id"]]
        assert (payer, payee) == (row["from"], row["to"])
        assert data["amount"] == row["amount"]
        assert Decimal(data["amount"]) == Decimal(row["amount"])
        assert data["amount_float"] == float(row["amount"])
        assert data["time"] == row["time"]
        assert data["epoch_ms"] == instant(row["time"]) // 1000
        assert data["value"] == row["value"]
        assert (data["currency"], data["format"]) == (row["currency"], row["format"])
    assert set(graph) == set(evidence.accounts["account"])
    for row in evidence.accounts.to_dicts():
        stated = {k: v for k, v in row.items() if v is not None}
        assert {k: graph.nodes[row["account"]].get(k) for k in stated} == stated


def test_an_end_outside_the_ring_is_a_node_too(tmp_path: Path) -> None:
    evidence = parallel()
    evidence = replace(evidence, accounts=evidence.accounts.head(2))
    write_package(evidence, tmp_path / "p")
    graph = nx.read_graphml(tmp_path / "p/ring.graphml", force_multigraph=True)
    assert "B2:A2" in graph
    assert graph.nodes["B2:A2"]["role"] in ("", None)
    assert "B2:A2" in (tmp_path / "p/drawing.svg").read_text()


def test_package_has_its_files_and_proves_itself(tmp_path: Path) -> None:
    evidence = example.around()
    write_package(evidence, tmp_path / "p")
    assert {p.name for p in (tmp_path / "p").iterdir()} == FILES
    manifest = json.loads((tmp_path / "p/manifest.json").read_text())
    assert set(manifest["files"]) == FILES - {"manifest.json"}
    assert manifest["evidence"] == evidence.digest == digest_of(json.loads((tmp_path / "p/ring.json").read_text()))
    assert manifest["provenance"]["seed"] == 7
    assert verify(tmp_path / "p") == []


def test_equal_evidence_gives_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_package(example.around(), tmp_path / name)
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_csv_cells_cannot_be_formulas_and_lose_nothing(tmp_path: Path) -> None:
    evidence = hostile()
    write_package(evidence, tmp_path / "p")
    for name, table in (("transactions.csv", evidence.transactions), ("accounts.csv", evidence.accounts)):
        with (tmp_path / "p" / name).open(newline="") as lines:
            header, *rows = csv.reader(lines)
        assert header == table.columns
        for cells, row in zip(rows, table.rows(), strict=True):
            for cell, value in zip(cells, row, strict=True):
                if isinstance(value, str):
                    assert not cell.startswith(("=", "+", "-", "@"))
                    assert cell.removeprefix("'") == value
                else:
                    assert cell == ("" if value is None else str(value))


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    write_package(hostile(), tmp_path / "p")
    page = (tmp_path / "p/report.html").read_text()
    assert "<script" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert(1)" in page
    for name in ("ring.graphml", "ring.gexf", "drawing.svg"):
        assert "<script" not in (tmp_path / "p" / name).read_text()
    assert nx.read_graphml(tmp_path / "p/ring.graphml", force_multigraph=True).number_of_edges() == 5
    assert nx.read_gexf(tmp_path / "p/ring.gexf", version="1.3").number_of_edges() == 5


def test_unknown_profile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="full, masked"):
        write_package(parallel(), tmp_path / "p", "secret")
    assert not (tmp_path / "p").exists()


def named() -> Evidence:
    evidence = example.around()
    owners = ["Maria Muster; Hans Muster", *["Hans Muster"] * 7]
    reason = {
        "sentence": "B0:A00 of Maria Muster paid 5 accounts; A03 waited for B1:Z9-9, bank B1",
        "value": 5.0,
        "threshold": None,
    }
    ids = pl.when(pl.col("id") == "t3").then(pl.lit("B0:A00/77")).otherwise("id")
    table = evidence.transactions.with_columns(id=ids)
    return replace(
        evidence,
        ring={**evidence.ring, "reasons": [reason], "transactions": table["id"].to_list()},
        transactions=table,
        accounts=evidence.accounts.with_columns(
            owner=pl.Series(owners), controlled_by=pl.Series(["Erika Muster", *[None] * 7])
        ),
    )


def test_masked_package_names_no_one(tmp_path: Path) -> None:
    evidence = named()
    write_package(evidence, tmp_path / "p", "masked")
    assert verify(tmp_path / "p") == []
    secret = [
        *evidence.accounts["account"],
        *evidence.accounts["number"],
        "Z9",
        "B1",
        "B0",
        "B2",
        "Maria",
        "Hans",
        "Erika",
        "Muster",
        evidence.digest,
    ]
    banned = re.compile("|".join(rf"(?<![0-9A-Za-z]){re.escape(s)}(?![0-9A-Za-z])" for s in secret))
    for path in (tmp_path / "p").iterdir():
        assert banned.search(path.read_text()) is None, path.name
    content = json.loads((tmp_path / "p/ring.json").read_text())
    assert " paid 5 accounts; A-" in content["ring"]["reasons"][0]["sentence"]


def test_short_bare_numbers_are_masked_only_where_they_are_accounts(tmp_path: Path) -> None:
    evidence = named()
    to = {name: str(i) for i, name in enumerate(evidence.accounts["account"])}
    reason = {"sentence": "account 5 paid 5 accounts", "value": 5.0, "threshold": None}
    members = [{"account": to[m["account"]], "bank": "", "role": m["role"]} for m in evidence.ring["accounts"]]
    plain = replace(
        evidence,
        ring={**evidence.ring, "reasons": [reason], "accounts": members, "cut": []},
        transactions=evidence.transactions.with_columns(pl.col("from", "to").replace_strict(to)),
        accounts=evidence.accounts.with_columns(
            pl.col("account").replace_strict(to), number=pl.col("account").replace_strict(to), bank=pl.lit("")
        ),
    )
    write_package(plain, tmp_path / "p", "masked")
    content = json.loads((tmp_path / "p/ring.json").read_text())
    assert re.fullmatch(r"account A-[0-9A-F]{6} paid 5 accounts", content["ring"]["reasons"][0]["sentence"])


def test_masked_network_has_the_same_shape(tmp_path: Path) -> None:
    evidence = named()
    for profile in ("full", "masked"):
        write_package(evidence, tmp_path / profile, profile)
    full, hidden = (nx.read_graphml(tmp_path / p / "ring.graphml", force_multigraph=True) for p in ("full", "masked"))
    to: dict[str, str] = {}
    key = ("time", "amount", "format")
    for one, two in zip(full.edges(data=True), hidden.edges(data=True), strict=False):
        assert one[2].keys() == two[2].keys()
    by = {tuple(d[k] for k in key): (a, b) for a, b, d in hidden.edges(data=True)}
    for payer, payee, data in full.edges(data=True):
        for real, shown in zip((payer, payee), by[tuple(data[k] for k in key)], strict=True):
            assert to.setdefault(real, shown) == shown
    assert len(set(to.values())) == len(to) == 8


def test_pseudonyms_differ_between_packages(tmp_path: Path) -> None:
    write_package(example.around(), tmp_path / "one", "masked")
    write_package(example.scatter_gather(), tmp_path / "two", "masked")
    one, two = (pl.read_csv(tmp_path / p / "accounts.csv")["account"].to_list() for p in ("one", "two"))
    assert not set(one) & set(two)
