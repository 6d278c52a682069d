"""Write the tables of a run."""

import json
from dataclasses import asdict
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from casework.wide import write_wide
from graphml.catalogue import catalogue
from graphml.families import Families, Features, Part
from graphml.feature import Feature
from graphml.ledger import Ledger
from graphml.pipeline import Findings
from graphml.stream import Stream

__all__ = ["score_table", "top_reasons", "write_features", "write_json", "write_tables", "write_told"]


def write_json(path: Path, content: object) -> None:
    """Write *content* as UTF-8 JSON; what JSON does not know becomes text."""
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")


def write_tables(found: Findings, folder: Path) -> None:
    """Write ledger, features, scores, models and metrics of a run into *folder*."""
    found.ledger.save(folder / "ledger")
    for name in ("features", "scores", "model"):
        (folder / name).mkdir()
    write_features(found.features, found.ledger, folder / "features")
    table = score_table(found)
    table.drop("flagged").write_parquet(folder / "scores/accounts.parquet")
    ids = found.ledger.transactions["id"]
    transactions = pl.DataFrame({"transaction": ids, "score": found.suspicion.transaction_score})
    transactions.write_parquet(folder / "scores/transactions.parquet")
    for name, fitted in sorted(found.suspicion.fitted.items()):
        (folder / "model" / name).mkdir()
        fitted.save(folder / "model" / name)
    if found.likeness is not None:
        found.likeness.save(folder / "model" / "rings")
    if found.suspicion.metrics:
        metrics = {"protocol": found.suspicion.sentence, "accounts": found.suspicion.metrics}
        write_json(folder / "metrics.json", {**metrics, "rings": found.ring_metrics})


def write_features(found: Features, ledger: Ledger, folder: Path) -> None:
    """Write both feature tables and the catalogue of a run into *folder*."""
    _write_accounts(found.accounts, found.of_accounts, ledger, folder)
    rows = pl.DataFrame(found.transactions, schema=[f.name for f in found.of_transactions])
    rows.insert_column(0, ledger.transactions["id"].alias("transaction")).write_parquet(folder / "transactions.parquet")
    write_json(folder / "catalogue.json", catalogue(found.families.names))


def write_told(
    families: Families, stream: Stream, of: tuple[Ledger, int], at: int, folder: Path, *, look_ahead: bool, keep: bool
) -> tuple[int, int]:
    """Compute and write the same of a stream of any size, and return how many columns accounts and transactions have.

    *of* is the ledger and its row with which the stream begins to tell; accounts are as of *at*, microseconds UTC.
    *keep* is for a state that is made from the stream later.
    """
    ledger, first = of
    accounts = np.empty((stream.graph.n, len(families.of_accounts)), np.float32)
    parts = families.parts(stream, accounts, at, keep=keep)
    if look_ahead:
        last = len(families.of_transactions)
        parts = chain(parts, [Part(last, families.of_look_ahead, partial(_look_ahead, families, stream))])
    columns = write_wide(folder / "transactions.parquet", ledger.transactions["id"][first:].alias("transaction"), parts)
    _write_accounts(accounts, families.of_accounts, ledger, folder)
    write_json(folder / "catalogue.json", catalogue(families.names, look_ahead=look_ahead))
    return len(families.of_accounts), columns


def _look_ahead(families: Families, stream: Stream, out: NDArray[np.float32]) -> None:
    np.copyto(out, families.look_ahead(stream.graph))


def _write_accounts(values: NDArray[np.float32], features: tuple[Feature, ...], ledger: Ledger, folder: Path) -> None:
    table = pl.DataFrame(values, schema=[f.name for f in features])
    table.insert_column(0, ledger.accounts["name"].alias("account")).write_parquet(folder / "accounts.parquet")


def score_table(found: Findings) -> pl.DataFrame:
    """Return the accounts with score, rank, flag and reasons (JSON), flagged ones first, then by score."""
    suspicion, accounts = found.suspicion, found.ledger.accounts
    reasons = [
        json.dumps([asdict(reason) for reason in suspicion.reasons.get(i, ())], ensure_ascii=False)
        for i in range(accounts.height)
    ]
    table = pl.DataFrame(
        {
            "account": accounts["name"],
            "bank": accounts["bank"],
            "at": pl.Series(suspicion.at, dtype=pl.Int64).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            "score": suspicion.score,
            "flagged": suspicion.flagged,
            "reasons": reasons,
        }
    ).sort(["flagged", "score", "account"], descending=[True, True, False])
    return table.insert_column(4, pl.int_range(1, table.height + 1, eager=True).alias("rank"))


def top_reasons(ledger: Ledger) -> list[tuple[str, int]]:
    """Return the five most frequent reasons of quarantine with their number of rows."""
    counts = ledger.quarantine.group_by("reason").len().sort(["len", "reason"], descending=[True, False])
    return [(str(reason), int(count)) for reason, count in counts.head(5).iter_rows()]
