"""A ledger does not depend on the order of lines, keeps every transaction, and matches its answer key one to one."""

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import ingest
from graphml import schema
from graphml.errors import InputError, ParameterError, UnknownName
from graphml.ledger import Ledger
from graphml.window import instant
from ingest import Options
from tests.ingest import aml


def test_the_order_of_lines_does_not_matter(tmp_path: Path) -> None:
    rows = aml.lines(400)
    first = ingest.read("ibm_aml", [aml.write(tmp_path / "T_Trans.csv", rows)])
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        other = ingest.read("ibm_aml", [aml.write(tmp_path / "T_Trans.csv", rows)])
        assert replace(other.meta, answers=first.meta.answers) == first.meta  # ids are FILE:LINE, so they moved
        assert other.transactions.drop("id").equals(first.transactions.drop("id"))
        assert other.accounts.equals(first.accounts)
    rows[7] = rows[7].replace("8", "9", 1)
    assert ingest.read("ibm_aml", [aml.write(tmp_path / "T_Trans.csv", rows)]).meta.digest != first.meta.digest


def test_rows_lead_back_to_their_lines_and_stand_in_canonical_order(tmp_path: Path) -> None:
    rows = aml.lines(300)
    ledger = ingest.read("ibm_aml", [aml.write(tmp_path / "T_Trans.csv", rows)])
    names = ledger.accounts["name"].to_list()
    assert names == sorted(set(names))
    assert ledger.accounts["bank"].str.contains("^0").all()
    order = []
    for row in ledger.transactions.iter_rows(named=True):
        file, line = row["id"].split(":")
        cells = rows[int(line) - 2].split(",")
        assert file == "T_Trans.csv"
        assert names[row["source"]] == f"{cells[1]}:{cells[2]}"
        assert names[row["target"]] == f"{cells[3]}:{cells[4]}"
        assert (row["amount"], row["currency"]) == (cells[7], cells[8])
        assert (row["amount_received"], row["currency_received"], row["format"]) == (cells[5], cells[6], cells[9])
        assert row["time"].strftime("%Y/%m/%d %H:%M") == cells[0]
        order.append((row["time"], row["source"], row["target"], row["amount"], row["currency"], int(line)))
    assert order == sorted(order)
    assert len(order) == 300
    bad = {int(r) for r in ledger.labels.filter("laundering")["row"]}
    assert bad == {i for i, o in enumerate(order) if rows[o[-1] - 2].endswith(",1")}
    assert set(ledger.transactions.columns) == set(schema.TRANSACTIONS)


def test_value_is_the_amount_paid_in_the_reference_currency(tmp_path: Path) -> None:
    path = aml.write(tmp_path / "T_Trans.csv", [aml.line(ap="10.00", cp=c) for c in ("US Dollar", "Euro", "Bitcoin")])
    usd = ingest.read("ibm_aml", [path])
    assert sorted(usd.transactions["value"]) == pytest.approx([10, 11.718, 118790])
    assert usd.transactions.filter(pl.col("currency") == "US Dollar")["value"].to_list() == [10.0]
    assert (usd.meta.reference_currency, usd.meta.rates_date) == ("US Dollar", "2022-09-01")
    eur = ingest.read("ibm_aml", [path], Options(reference_currency="Euro"))
    assert sorted(eur.transactions["value"]) == pytest.approx([10 / 1.1718, 10, 118790 / 1.1718])
    with pytest.raises(UnknownName, match="Did you mean Euro"):
        ingest.read("ibm_aml", [path], Options(reference_currency="Eurro"))


def test_a_table_of_the_user_replaces_the_rates(tmp_path: Path) -> None:
    path = aml.write(tmp_path / "T_Trans.csv", [aml.line(ap="10.00", cp="Doubloon", cr="Doubloon")])
    (tmp_path / "r.toml").write_text('date = "1717-01-01"\nbase = "US Dollar"\n[rates]\nDoubloon = 2.5\n')
    (tmp_path / "r.csv").write_text("name,usd,date\nDoubloon,2.5,1717-01-01\nUS Dollar,1,1717-01-01\n")
    made = [ingest.read("ibm_aml", [path], Options(rates=tmp_path / name)) for name in ("r.toml", "r.csv")]
    assert [m.transactions["value"].to_list() for m in made] == [[25.0], [25.0]]
    assert {m.meta.rates_date for m in made} == {"1717-01-01"}
    assert made[0].meta.rates_digest == made[1].meta.rates_digest != ""


def test_a_zone_shifts_times_and_a_skipped_hour_is_no_time(tmp_path: Path) -> None:
    rows = [aml.line(t=f"2022/{t}") for t in ("07/01 12:00", "03/27 02:30", "10/30 02:30")]
    path = aml.write(tmp_path / "T_Trans.csv", rows)
    ledger = ingest.read("ibm_aml", [path], Options(zone="Europe/Berlin", bad_share=0.5))
    assert ledger.transactions["time"].to_physical().to_list() == [
        instant("2022-07-01T10:00"),
        instant("2022-10-30T00:30"),
    ]
    assert ledger.quarantine["value"].to_list() == ["2022/03/27 02:30"]
    assert "zone Europe/Berlin" in ledger.quarantine["reason"][0]
    assert ledger.meta.zone == "Europe/Berlin"


def test_an_unknown_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="'Europe/Berln' is no time zone"):
        ingest.read("ibm_aml", [aml.write(tmp_path / "T_Trans.csv", [aml.GOOD])], Options(zone="Europe/Berln"))


def key(blocks: dict[str, list[str]]) -> str:
    text = ""
    for title, rows in blocks.items():
        name = title.split(":")[0].split("/")[0]
        text += "\n".join(
            [f"BEGIN LAUNDERING ATTEMPT - {title.split('/')[0]}", *rows, f"END LAUNDERING ATTEMPT - {name}", "", ""]
        )
    return text


def test_the_answer_key_is_matched_one_to_one_even_where_rows_are_equal(tmp_path: Path) -> None:
    equal = aml.line(l="1")
    other = aml.line(t="2022/09/02 10:00", l="1")
    rows = [equal, *aml.lines(50), equal, other, equal]
    aml.write(tmp_path / "T_Trans.csv", rows)
    (tmp_path / "T_Patterns.txt").write_text(key({"FAN-OUT:  Max 2-degree": [equal, other], "STACK": [equal]}))
    ledger = ingest.read("ibm_aml", [tmp_path])
    marked = ledger.labels.filter(pl.col("attempt").is_not_null())
    line = ledger.transactions["id"].str.extract(r"(\d+)$").cast(pl.Int64).gather(marked["row"])
    found = list(zip(line, marked["attempt"], marked["typology"], strict=True))
    assert found == [(2, "1", "fan-out"), (53, "2", "stack"), (54, "1", "fan-out")]
    assert ledger.labels.height == len(rows)
    assert ledger.labels["laundering"].sum() == sum(r.endswith(",1") for r in rows)
    assert not ledger.meta.notes


def test_a_line_of_the_key_without_a_transaction_is_told(tmp_path: Path) -> None:
    aml.write(tmp_path / "T_Trans.csv", [aml.GOOD, aml.line(l="1")])
    (tmp_path / "T_Patterns.txt").write_text(key({"CYCLE": [aml.line(l="1"), aml.line(l="1")]}))
    ledger = ingest.read("ibm_aml", [tmp_path])
    assert ledger.meta.notes == ("1 of 2 rows of the answer key name no transaction that was kept.",)


def edge(a: str, b: str, hour: int) -> str:
    return aml.line(t=f"2022/09/01 {hour:02}:00", fb="01", fa=a, tb="01", ta=b, l="1")


SHAPES = {
    "FAN-OUT": ("ab ac ad", "a:distributor b:mule c:mule d:mule"),
    "FAN-IN": ("ba ca da", "a:collector b:mule c:mule d:mule"),
    "CYCLE": ("bc ca ab", "b:source c:mule a:mule"),
    "RANDOM": ("ab bc cd", "a:source b:mule c:mule d:cash-out"),
    "BIPARTITE": ("ac ad bd", "a:source b:source c:cash-out d:cash-out"),
    "STACK": ("ac bc cd", "a:source b:source c:mule d:cash-out"),
    "SCATTER-GATHER": ("ab ac bd cd", "a:source b:mule c:mule d:collector"),
    "GATHER-SCATTER": ("ac bc cd ce", "a:source b:source c:collector d:cash-out e:cash-out"),
    "UNHEARD-OF": ("ab", "a:member b:member"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_accounts_of_an_attempt_have_the_roles_of_its_shape(tmp_path: Path, shape: str) -> None:
    edges, wanted = SHAPES[shape]
    rows = [edge(a, b, i) for i, (a, b) in enumerate(edges.split())]
    (tmp_path / "T_Patterns.txt").write_text(key({shape: rows}))
    ledger = ingest.read("ibm_aml", [tmp_path / "T_Patterns.txt"])
    names = ledger.accounts["number"]
    found = {f"{names[r['account']]}:{r['role']}" for r in ledger.attempts.iter_rows(named=True)}
    assert found == set(wanted.split())
    assert ledger.attempts["typology"].unique().to_list() == [shape.lower()]
    assert any("every transaction is a positive" in note for note in ledger.meta.notes)


def test_owners_are_found_even_where_the_bank_lost_its_zeros_but_not_by_guessing(tmp_path: Path) -> None:
    pay = [("012", "80A"), ("0012", "80B"), ("12", "80B"), ("07", "80C"), ("0012", "80E"), ("012", "80E")]
    aml.write(tmp_path / "T_Trans.csv", [aml.line(fb=b, fa=a, tb="09", ta="80F") for b, a in pay])
    (tmp_path / "T_accounts.csv").write_text(
        "Bank Name,Bank ID,Account Number,Entity ID,Entity Name\n"
        "X,12,80A,E1,Corporation #1\nX,12,80B,E2,Individual #2\nX,7,80D,E3,Partnership #3\nX,9,80F,E1,Corporation #1\nX,12,80E,E3,Partnership #3\n"
    )
    ledger = ingest.read("ibm_aml", [tmp_path])
    owned = {(r["party"], ledger.accounts["name"][r["account"]]) for r in ledger.ownership.iter_rows(named=True)}
    assert owned == {("E1", "012:80A"), ("E2", "12:80B"), ("E3", "7:80D"), ("E1", "09:80F"), ("E3", "12:80E")}
    assert ledger.parties.select("party", "name", "kind").rows() == [
        ("E1", "Corporation #1", "company"), ("E2", "Individual #2", "person"), ("E3", "Partnership #3", "company"),
    ]  # fmt: skip


def simulated(path: Path, rows: list[str]) -> Ledger:
    header = "tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp,is_sar,alert_id"
    path.write_text("\n".join([header, *rows, ""]))
    return ingest.read("amlsim", [path], Options(bad_share=1))


def test_an_id_that_was_given_before_is_quarantined_whatever_the_order(tmp_path: Path) -> None:
    rows = ["1,a,b,T,5.0,2017-01-01T00:00:00Z,False,-1", "2,b,c,T,6.0,2017-01-03T00:00:00Z,False,-1",
            "1,a,b,T,5.0,2017-01-01T00:00:00Z,False,-1", "2,b,c,T,6.0,2017-01-02T00:00:00Z,False,-1"]  # fmt: skip
    ledger = simulated(tmp_path / "t.csv", rows)
    assert ledger.quarantine.select("line", "column", "value").rows() == [(3, "tran_id", "2"), (4, "tran_id", "1")]
    assert [
        "given before to another" in ledger.quarantine["reason"][0],
        "repeats" in ledger.quarantine["reason"][1],
    ] == [True, True]
    assert Counter(ledger.transactions["id"]) == {"1": 1, "2": 1}
    assert simulated(tmp_path / "t.csv", rows[::-1]).meta.digest == ledger.meta.digest


def test_an_account_that_stands_only_in_quarantined_rows_is_no_account(tmp_path: Path) -> None:
    rows = ["1,a,b,T,5.0,2017-01-01T00:00:00Z,False,-1", "1,x,y,T,6.0,2017-01-03T00:00:00Z,False,-1"]
    assert simulated(tmp_path / "t.csv", rows).accounts["name"].to_list() == ["a", "b"]


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        aml.write(tmp_path / folder / "T_Trans.csv", [aml.GOOD])
    with pytest.raises(InputError, match=r"Two files are named 'T_Trans\.csv'"):
        ingest.read("ibm_aml", [tmp_path / "a", tmp_path / "b"])


def test_two_files_make_one_ledger_whatever_their_order(tmp_path: Path) -> None:
    rows = aml.lines(60)
    whole = ingest.read("ibm_aml", [aml.write(tmp_path / "W_Trans.csv", rows)])
    parts = [aml.write(tmp_path / "B_Trans.csv", rows[:25]), aml.write(tmp_path / "A_Trans.csv", rows[25:])]
    one, two = ingest.read("ibm_aml", parts), ingest.read("ibm_aml", parts[::-1])
    assert one.meta.digest == two.meta.digest == whole.meta.digest
    assert one.transactions.equals(two.transactions)


def test_equal_files_give_equal_bytes(tmp_path: Path) -> None:
    path = aml.write(tmp_path / "T_Trans.csv", aml.lines(200))
    for name in ("one", "two"):
        ingest.read("ibm_aml", [path]).save(tmp_path / name)
    for file in sorted((tmp_path / "one").iterdir()):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name
