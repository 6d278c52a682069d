"""Cut, change and extend the files themselves: what is known as of a day stays the same to the byte."""

from pathlib import Path

import numpy as np
import pytest

import ingest
from graphml.config import Config
from graphml.evidence import ring_json
from graphml.families import Families
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.pipeline import find
from graphml.stages import Stages
from graphml.window import instant
from ingest import world

DAY = "2022-09-05"


def features(folder: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the bytes of the feature values by account name and by content of the transaction."""
    ledger = ingest.read("ibm_aml", [folder], ingest.Options()).before(instant(DAY))
    graph = TransactionGraph.of(ledger)
    every = np.arange(graph.n, dtype=np.int32)
    found = Families.of(None, ledger).features(graph, instant(DAY))
    accounts = {ledger.accounts["name"][int(i)]: found.accounts[i].tobytes() for i in every}
    rows = ledger.transactions.drop("id", "source", "target").rows()
    names = ledger.accounts["name"].to_list()
    ends = zip(ledger.transactions["source"], ledger.transactions["target"], strict=True)
    keys = [f"{names[a]}>{names[b]} {row}" for (a, b), row in zip(ends, rows, strict=True)]
    seen: dict[str, int] = {}
    result = {}
    for key, values in zip(keys, found.transactions, strict=True):
        seen[key] = seen.get(key, 0) + 1
        result[f"{key} #{seen[key]}"] = values.tobytes()
    return accounts, result


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    folder = tmp_path_factory.mktemp("ahead")
    world.generate("demo", 6_000, 5, folder / "w")
    (path,) = (folder / "w").glob("*_Trans.csv")
    return folder, path.read_text(encoding="utf-8").splitlines()


def later(line: str) -> bool:
    return line[:10].replace("/", "-") >= DAY


def rewritten(folder: Path, name: str, lines: list[str]) -> Path:
    target = folder / name
    target.mkdir()
    (target / "HI-Small_Trans.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return target


def changed(line: str, number: int) -> str:
    cells = line.split(",")
    cells[3], cells[4], cells[5] = cells[1], cells[2], f"{number}.25"
    cells[7] = cells[5]
    return ",".join(cells)


def test_features_of_a_day_do_not_depend_on_later_lines_of_the_file(lines: tuple[Path, list[str]]) -> None:
    folder, (header, *rows) = lines
    whole = features(rewritten(folder, "whole", [header, *rows]))
    assert len(whole[0]) > 500
    assert len(whole[1]) > 1_000
    deleted = [row for row in rows if not later(row)]
    altered = [changed(row, i) if later(row) else row for i, row in enumerate(rows)]
    more = [*rows, *(changed(row, i).replace(",8", ",9") for i, row in enumerate(rows) if later(row))]
    for name, variant in (("deleted", deleted), ("altered", altered), ("more", more)):
        accounts, transactions = features(rewritten(folder, name, [header, *variant]))
        assert transactions == whole[1], name
        for account, values in whole[0].items():
            assert accounts.get(account, values) == values, f"{name}: {account}"


def findings(folder: Path) -> dict[str, object]:
    """Return all that a run says as of the day, under names that do not depend on what else the file holds."""
    ledger = ingest.read("ibm_aml", [folder], ingest.Options())
    found = find(ledger, Config(), Stages(), instant(DAY))
    by_place = {row["id"]: i for i, row in enumerate(found.ledger.transactions.iter_rows(named=True))}
    rings = [ring_json(found.ledger, ring) for ring in found.rings]
    for ring in rings:
        ring["transactions"] = [by_place[t] for t in ring["transactions"]]  # lines move with the file
    return {
        "accounts": found.ledger.accounts["name"].to_list(),
        "digest": found.ledger.meta.digest,
        "score": found.suspicion.score.tobytes(),
        "flagged": found.suspicion.flagged.tolist(),
        "payments": found.suspicion.transaction_score.tobytes(),
        "why": found.suspicion.reasons,
        "rings": rings,
        "cuts": found.cuts,
    }


def test_a_whole_run_as_of_a_day_is_that_of_a_file_that_ends_there(lines: tuple[Path, list[str]]) -> None:
    # Later rows name accounts that nobody could know of, which must move no number, rank or ring either.
    folder, (header, *rows) = lines
    earlier = [row for row in rows if not later(row)]
    more = [changed(row, i).replace(",8", ",9") for i, row in enumerate(rows) if later(row)]
    one = findings(rewritten(folder, "ends", [header, *earlier]))
    other = findings(rewritten(folder, "goes-on", [header, *earlier, *more]))
    assert one["rings"]
    for name, said in one.items():
        assert other[name] == said, name


def test_a_feature_that_looks_ahead_is_caught_by_the_same_comparison(lines: tuple[Path, list[str]]) -> None:
    folder, (header, *rows) = lines
    ledger = ingest.read("ibm_aml", [rewritten(folder, "leak", [header, *rows])], ingest.Options())

    def degree(ledger: Ledger) -> dict[str, int]:
        counts = ledger.transactions["source"].value_counts()
        return {ledger.accounts["name"][a]: n for a, n in counts.iter_rows()}

    cut = ledger.before(instant(DAY))
    assert 0 < cut.transactions.height < len(rows)
    assert degree(ledger) != degree(cut)
