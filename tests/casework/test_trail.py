"""Follow money on the command line, as a person would, and compare with the library."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from casework.sankey import sankey
from casework.trails import flow_json
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.trail import Books, Seeds, follow
from graphml.window import DAY
from tests import toy
from tests.casework.test_cli import call

ROWS = [(0, 1, 0, 100.0), (1, 2, 1, 60.0), (1, 3, 2, 40.0), (2, 0, 3, 60.0), (3, 4, 40, 40.0)]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trail") / "ledger"
    toy.ledger(ROWS).save(folder)
    return folder


def test_paths_are_answered_in_the_form_of_the_contract(ledger: Path) -> None:
    found = json.loads(call("trail", ledger, "--transaction", "t0", "--keep", "0.5", "--json").stdout)
    assert set(found) == {"paths", "cut"}
    assert found["cut"] == []
    best = found["paths"][0]
    assert set(best) == {"transactions", "accounts", "amount_in", "amount_out", "returned"}
    assert {tuple(p["transactions"]): p["returned"] for p in found["paths"]} == {
        ("t0",): False, ("t0", "t1"): False, ("t0", "t1", "t3"): True,
    }  # fmt: skip
    amounts = [p["amount_out"] for p in found["paths"]]
    assert amounts == sorted(amounts, reverse=True)
    shown = call("trail", ledger, "--transaction", "t0", "--keep", "0.5").stdout
    assert "3 paths; 1 return to their origin." in shown


def test_a_flow_from_an_account_says_where_the_money_is(ledger: Path) -> None:
    name = Ledger.load(ledger).accounts["name"][0]
    words = (
        "trail",
        ledger,
        "--account",
        name,
        "--mode",
        "flow",
        "--rule",
        "fifo",
        "--from",
        "2020-09-13",
        "--to",
        "2020-09-14",
    )
    found = json.loads(call(*words, "--json").stdout)
    assert set(found) == {"seeds", "rule", "legs", "ends", "traced", "cut"}
    assert set(found["legs"][0]) == {"transaction", "from", "to", "time", "amount", "tainted", "hop"}
    assert sum(end["amount"] for end in found["ends"]) == pytest.approx(found["traced"])
    assert {(e["account"], e["how"], e["amount"]) for e in found["ends"]} == {
        (name, "returned", 60.0), (Ledger.load(ledger).accounts["name"][3], "held", 40.0),
    }  # fmt: skip
    assert "60.00 returned" in call(*words).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "needs a transaction or an account"),
        (("--transaction", "x"), "No transaction has the id 'x'"),
        (("--account", "nobody"), "Unknown account"),
        (("--transaction", "t0", "--mode", "walk"), "Unknown mode"),
        (("--transaction", "t0", "--mode", "flow", "--rule", "lifo"), "Unknown rule"),
        (("--transaction", "t0", "--window", "9"), "no length of time"),
        (("--transaction", "t0", "--from", "2020-01-01"), "belong to --account"),
        (("--account", "B:a0", "--from", "2020-09-14", "--to", "2020-09-14"), "the same instant"),
        (
            ("--account", "B:a0", "--from", "2031-01-01"),
            "No transaction lies in that window; those of this ledger go from",
        ),
        (("--transaction", "t0", "--hops", "0"), "must be 1 or more"),
        (("--transaction", "t0", "--hops", "99999999999999999999"), "1,000,000,000 at most"),
        (("--transaction", "t0", "--picture", "x.svg"), "--picture belongs to --mode flow, and this is paths"),
        (("--transaction", "t0", "--rule", "fifo"), "--rule belongs to --mode flow"),
        (("--transaction", "t0", "--mode", "flow", "--hub-limit", "9"), "--hub-limit belongs to --mode paths"),
        (("--transaction", "t0", "--mode", "flow", "--picture", "x.png"), "must end in .svg or .html"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(ledger: Path, words: tuple[str, ...], said: str) -> None:
    assert said in call("trail", ledger, *words, code=2).stderr


def test_the_picture_has_a_bar_for_each_account_and_bands_as_wide_as_the_money(ledger: Path, tmp_path: Path) -> None:
    call("trail", ledger, "--transaction", "t0", "--mode", "flow", "--picture", tmp_path / "flow.svg")
    tree = ET.fromstring((tmp_path / "flow.svg").read_text())  # noqa: S314  # our own file
    svg = "{http://www.w3.org/2000/svg}"
    bars = [r for r in tree.iter(f"{svg}rect") if r.get("width") == "14"]
    read = Ledger.load(ledger)
    content = flow_json(read, follow(Books.of(read, TransactionGraph.of(read)), Seeds((0,)), "pro_rata", 30 * DAY))
    accounts = {a for leg in content["legs"] for a in (leg["from"], leg["to"])}
    whole = [bar for bar in bars if bar.get("fill") == "#0072B2"]
    assert len(whole) == len(accounts)
    # what ended at an account is a part of its bar as large as its part of the money: the payer paid 100 and got 60 back
    wide = 160.0 / float(max(whole, key=lambda bar: float(bar.get("height", 0))).get("height", 0))
    parts = sorted(float(bar.get("height", 0)) * wide for bar in bars if bar not in whole)
    assert parts == pytest.approx(sorted(end["amount"] for end in content["ends"]), abs=0.2)
    text = "".join(tree.itertext())
    assert all(account in text for account in accounts)
    bands = [float(p.find(f"{svg}title").text.replace(",", "")) for p in tree.iter(f"{svg}path")]  # type: ignore[union-attr]
    assert sorted(bands) == sorted(leg["tainted"] for leg in content["legs"])
    call("trail", ledger, "--transaction", "t0", "--mode", "flow", "--picture", tmp_path / "flow.html")
    page = (tmp_path / "flow.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)


def test_money_that_is_followed_backward_runs_to_the_right_all_the_same() -> None:
    content = {
        "traced": 9.0, "rule": "fifo", "seeds": ["t2"], "ends": [{"account": "a", "how": "held", "amount": 9.0}],
        "legs": [
            {"transaction": "t1", "from": "a", "to": "b", "tainted": 9.0, "hop": 2},
            {"transaction": "t2", "from": "b", "to": "c", "tainted": 9.0, "hop": 1},
        ],
    }  # fmt: skip
    tree = ET.fromstring(sankey(content, "US Dollar", backward=True))  # noqa: S314  # our own text
    texts = {"".join(t.itertext()): float(t.get("x", 0)) for t in tree.iter("{http://www.w3.org/2000/svg}text")}
    assert texts["a 9"] < texts["b 9"] < texts["c 9"]
    assert texts["hop 2 back"] < texts["hop 1 back"] < texts["after the seeds"]
    assert "9.00 US Dollar traced by fifo back from 1 payment" in texts
    assert "had it when the window begins" in texts
    assert max(texts.values()) < float(tree.get("width", 0))


def test_what_left_the_books_says_by_which_way(tmp_path: Path) -> None:
    rows = [(0, 1, 0, 100.0), (1, 2, 1, 20.0), (1, 2, 2, 10.0), (1, 3, 3, 30.0), (1, 2, 4, 25.0)]
    read = toy.ledger(rows)
    kinds = read.accounts.with_columns(kind=pl.Series(["internal", "internal", "external", "cash"]))
    formats = pl.Series(["Wire", "ATM withdrawal", "Bitcoin", "Wire", "Cashier's check"])
    read = replace(read, accounts=kinds, transactions=read.transactions.with_columns(format=formats))
    read.save(tmp_path / "ledger")
    words = ("trail", tmp_path / "ledger", "--transaction", "t0", "--mode", "flow", "--rule", "fifo")
    ends = {e["account"]: e.get("by") for e in json.loads(call(*words, "--json").stdout)["ends"]}
    names = read.accounts["name"].to_list()
    assert ends == {
        names[2]: {"cash": 20.0, "crypto": 10.0, "external": 25.0}, names[3]: {"cash": 30.0}, names[1]: None,
    }  # fmt: skip
    shown = call(*words).stdout
    assert "Of what left: 50.00 in cash, 10.00 in cryptocurrency, 25.00 to accounts elsewhere." in shown
    assert "left: cash, crypto, external" in shown


@pytest.mark.parametrize("payment", ["Non-cash transfer", "no cash", "cash-free", "Cashless card"])
def test_what_is_called_no_cash_is_none(payment: str) -> None:
    read = toy.ledger([(0, 1, 0, 50.0), (1, 2, 1, 20.0), (1, 2, 2, 30.0)])
    kinds = read.accounts.with_columns(kind=pl.Series(["internal", "internal", "external"]))
    formats = pl.Series(["Wire", payment, "Cash"])
    read = replace(read, accounts=kinds, transactions=read.transactions.with_columns(format=formats))
    flow = follow(Books.of(read, TransactionGraph.of(read)), Seeds((0,)), "fifo", 30 * DAY)
    assert [end["by"] for end in flow_json(read, flow)["ends"]] == [{"cash": 30.0, "external": 20.0}]


def test_backward_the_table_of_ends_says_where_money_came_from(tmp_path: Path) -> None:
    # 3 is elsewhere, 1 had money before, and 2, whom the seed pays, had paid 1: its money has gone round.
    rows = [(3, 1, 0, 60.0), (2, 1, 1, 25.0), (1, 2, 2, 100.0)]
    read = toy.ledger(rows)
    kinds = pl.Series(["internal", "internal", "internal", "external"])
    read = replace(read, accounts=read.accounts.with_columns(kind=kinds))
    read.save(tmp_path / "ledger")
    words = ("trail", tmp_path / "ledger", "--transaction", "t2", "--mode", "flow", "--rule", "fifo", "--backward")
    shown = call(*words).stdout
    assert (
        "by fifo, backward: 15.00 there when the window begins, 60.00 from outside the books, 25.00 from a payee"
        in shown
    )
    assert "Of what came from outside: 60.00 from accounts elsewhere." in shown
    table = {
        line.split()[0]: " ".join(line.split()[1:-1])
        for line in shown.split("Where it came from:")[1].splitlines()[1:6]
        if line.split()
    }
    names = read.accounts["name"].to_list()
    assert (table[names[3]], table[names[2]], table[names[1]]) == (
        "from outside: external",
        "from a payee",
        "there before",
    )


def _bars(tree: ET.Element) -> list[tuple[float, float, str]]:
    rects = (r for r in tree.iter("{http://www.w3.org/2000/svg}rect") if r.get("width") == "14")
    return [(float(r.get("y", 0)), float(r.get("height", 0)), r.get("fill", "")) for r in rects]


@pytest.mark.parametrize("many", [3, 40, 60])
def test_however_many_accounts_a_column_has_they_fit_into_the_picture(many: int) -> None:
    rows = [(0, 1, 0.0, 1000.0), *((1, 2 + i, 1.0, 1000.0 / many) for i in range(many))]
    read = toy.ledger(rows)
    content = flow_json(read, follow(Books.of(read, TransactionGraph.of(read)), Seeds((0,)), "fifo", 30 * DAY))
    tree = ET.fromstring(sankey(content, "US Dollar"))  # noqa: S314  # our own text
    bars = _bars(tree)
    assert max(top + height for top, height, _ in bars) <= float(tree.get("height", 0)) - 60 + 1e-6
    whole = sorted(height for _, height, fill in bars if fill == "#0072B2")
    assert whole[-1] > 2 * whole[0]  # money still shows in heights


def test_what_ended_at_an_account_lies_beside_what_it_passed_on() -> None:
    rows = [(9, 1, 0, 500.0), (0, 1, 1, 100.0), (1, 2, 2, 300.0), (1, 3, 3, 50.0), (0, 2, 4, 20.0)]
    read = toy.ledger(rows)
    content = flow_json(read, follow(Books.of(read, TransactionGraph.of(read)), Seeds((1,)), "poison", 30 * DAY))
    name = read.accounts["name"][1]
    went = sum(leg["tainted"] for leg in content["legs"] if leg["from"] == name)
    held = next(end["amount"] for end in content["ends"] if end["account"] == name)
    assert (went, held) == (350.0, 250.0)
    bars = _bars(ET.fromstring(sankey(content, "US Dollar")))  # noqa: S314  # our own text
    top, height, _ = max((bar for bar in bars if bar[2] == "#0072B2"), key=lambda bar: bar[1])
    part = next(bar for bar in bars if bar[2] != "#0072B2" and abs(bar[0] + bar[1] - top - height) < 0.2)
    assert part[1] == pytest.approx(height * held / (went + held), abs=0.2)
