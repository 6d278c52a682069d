import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from casework.drawing import draw
from casework.report import RunSummary, ring_report, run_report
from graphml.stages import Stage
from tests import toy
from tests.casework import example

HOSTILE = "<script>alert('x')</script>"


class Page(HTMLParser):
    """Collects words, and checks that tags close in order."""

    VOID = ("meta", "br", "link", "img")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def summary(**change: Any) -> RunSummary:
    evidence = example.around()
    whole = RunSummary(
        title="muletrail run 1f0c",
        meta=replace(toy.ledger(example.SCATTER_GATHER).meta, rows_in=25, rows_kept=13, rows_quarantined=12,
                     notes=("Only positives are labelled.",)),
        quarantine=[("The amount is not a number.", 12)],
        protocol="Scores were measured on the last fifth of the days.",
        metrics={"stack": {"average_precision": 0.4321, "recall": {"1%": 0.5}}, "rules": {"average_precision": 0.1}},
        flagged_count=41, accounts_count=9000,
        flagged=[{"account": "B0:A0", "score": 0.93, "at": datetime(2020, 9, 24, tzinfo=UTC),
                  "reasons": [{"sentence": "paid 5 accounts", "value": 5.0, "threshold": 3.0}]}],
        rings_count=12, rings=[dict(evidence.ring)], drawings={evidence.ring["id"]: draw(evidence)},
        ring_metrics={"whole ledger": {"hits_at": 4}}, stages=[Stage("graph", 1.25, 310)], provenance=example.ORIGIN,
    )  # fmt: skip
    return replace(whole, **change)


def test_ring_page_says_all_there_is() -> None:
    evidence = example.around()
    text = Page(ring_report(evidence, draw(evidence))).text
    for row in evidence.transactions.to_dicts():
        assert row["id"] in text
        assert f"{float(row['amount']):,.2f}" in text
    for account in evidence.accounts["account"]:
        assert account in text
    for words in (
        "8 accounts moved 141,250.00 US Dollar in 13 transactions",
        "B0:A00 paid 5 accounts within 2.4 hours", "(value 2.4, threshold 24)",
        "received 52,120.00 from outsiders and paid 44,000.00 to outsiders",
        "1 transaction, worth 75.00, between members",
        "212 transactions of 412, worth 18,250.50 US Dollar, were not followed; 200 were kept, largest first.",
        "muletrail verify", evidence.digest, *("d" * 64, "c" * 64, "a" * 64, "e" * 64),
    ):  # fmt: skip
        assert words in text


def test_masked_page_says_so() -> None:
    evidence = example.around()
    assert "pseudonyms" in ring_report(evidence, draw(evidence), "masked")
    assert "pseudonyms" not in ring_report(evidence, draw(evidence))


def test_run_page_says_all_there_is() -> None:
    text = Page(run_report(summary())).text
    for words in (
        "41 accounts of 9,000 are flagged, and 12 rings were found in 13 transactions",
        "Scores were measured on the last fifth of the days.", "average precision", "recall, 1%", "0.4321",
        "25 rows came in", "13 were kept and 12 put in quarantine", "The amount is not a number.",
        "Only positives are labelled.", "paid 5 accounts", "Scatter-gather ring 7c41e9", "hits at", "310",
        "The first 1 of 41", "The first 1 of 12", "d" * 64,
    ):  # fmt: skip
        assert words in text
    assert "has no labels" not in text


def test_run_page_without_labels_says_so_and_gives_the_protocol() -> None:
    text = Page(run_report(summary(metrics={}, ring_metrics={}))).text
    assert "This ledger has no labels that could be used, so nothing here was measured" in text
    assert "Scores were measured on the last fifth" in text
    assert "answer key" not in text


def test_run_page_of_an_empty_run() -> None:
    text = Page(run_report(summary(rings=[], rings_count=0, drawings={}, flagged=[], flagged_count=0))).text
    assert "No ring was found." in text
    assert "No account was flagged." in text


@pytest.mark.parametrize("page", ["ring", "run"])
def test_hostile_names_stay_text(page: str) -> None:
    evidence = example.around()
    evidence = replace(
        evidence,
        ring={**evidence.ring, "typology": HOSTILE, "id": HOSTILE, "reasons": [{"sentence": HOSTILE, "value": None,
              "threshold": None}]},
        accounts=evidence.accounts.with_columns(owner=evidence.accounts["account"] + HOSTILE),
    )  # fmt: skip
    if page == "ring":
        text = ring_report(evidence, draw(evidence))
    else:
        flagged = [{"account": HOSTILE, "score": 0.1, "reasons": evidence.ring["reasons"]}]
        text = run_report(
            summary(
                title=HOSTILE, protocol=HOSTILE, quarantine=[(HOSTILE, 1)], metrics={HOSTILE: {HOSTILE: HOSTILE}},
                flagged=flagged, rings=[evidence.ring], drawings={HOSTILE: draw(evidence)}, notes=(HOSTILE,),
            )
        )  # fmt: skip
    assert "script" not in Page(text).tags
    assert "<script" not in text.lower()


@pytest.mark.parametrize("page", ["ring", "run"])
def test_pages_fetch_nothing(page: str) -> None:
    evidence = example.around()
    text = ring_report(evidence, draw(evidence)) if page == "ring" else run_report(summary())
    assert not {"script", "link", "img", "iframe", "a"} & set(Page(text).tags)
    assert set(re.findall(r"https?://[^\"'\s]*", text)) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\((?!#)", text)
