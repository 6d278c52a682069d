"""Train a model as a tracked run, and score accounts with what was learnt."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from casework import provenance
from casework.tables import write_json
from graphml import registry
from graphml.config import Config
from graphml.errors import InputError, ParameterError
from graphml.examples import build
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.metrics import best_threshold, measure
from graphml.protocol import plan
from graphml.scorer import UNKNOWN, Examples

__all__ = ["Training", "score"]

_HOME = "graphml.models"


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """Train one model on a ledger, once for each seed; seeds that are done are kept when it is resumed."""

    ledger: Ledger
    model: str
    seeds: int = 1

    def run(self, out: Path, resume: bool) -> dict[str, Any]:
        """Write MODEL/seed-K/ (what was learnt) and MODEL/model.json (the tracked run); return the latter.

        Raises:
            UnknownName: no such model. ParameterError: seeds are not positive, or *out* has another training.
            InputError: the ledger's labels do not allow training.
        """
        if self.seeds < 1:
            raise ParameterError(f"--seeds {self.seeds} trains nothing; give 1 or more.")
        scorer = registry.plugin(_HOME, self.model, "SCORER")
        if not hasattr(scorer, "needs_labels") or self.model == "stack":
            raise ParameterError("The stack is trained by run, from its bases. Train lightgbm, gnn, rules or anomaly.")
        graph = TransactionGraph.of(self.ledger)
        examples = build(self.ledger, graph)
        protocol = plan(self.ledger, graph, examples, Config().split)
        if not protocol.parts:
            raise InputError(f"{protocol.sentence} Training needs labelled transactions or accounts of both kinds.")
        tracked = self._begun(out, resume, examples, protocol.sentence)
        part = protocol.parts[0]
        seen = protocol.seen(examples)
        train, choose, report = seen.take(part.train), seen.take(part.choose), examples.take(part.report)
        for seed in range(len(tracked["runs"]), self.seeds):
            fitted = scorer.fit(graph, train, choose, seed)
            home = out / f"seed-{seed}"
            home.mkdir(exist_ok=True)
            fitted.save(home)
            files = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(home.iterdir())}
            chosen = fitted.score(graph, choose)
            threshold = best_threshold(choose.label, chosen)
            tracked["runs"].append(
                {
                    "seed": seed,
                    "files": files,
                    "choose": measure(choose.label, chosen, choose.account, threshold, seed),
                    "report": measure(report.label, fitted.score(graph, report), report.account, threshold, seed),
                }
            )
            _replace(out / "model.json", tracked)
        return tracked

    def _begun(self, out: Path, resume: bool, examples: Examples, sentence: str) -> dict[str, Any]:
        fresh = {
            "model": self.model,
            "ledger": self.ledger.meta.digest,
            "code": provenance.code_digest(),
            "versions": provenance.versions(),
            "protocol": sentence,
            "features": list(examples.names),
            "runs": [],
        }
        out.mkdir(parents=True, exist_ok=True)
        path = out / "model.json"
        if not path.exists():
            return fresh
        if not resume:
            raise ParameterError(
                f"'{out}' holds a training already. Go on with it by --resume, or name another folder."
            )
        old: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        changed = [key for key in ("model", "ledger", "code") if old.get(key) != fresh[key]]
        if changed:
            raise ParameterError(f"The training in '{out}' has another {' and '.join(changed)}; name another folder.")
        return old


def score(ledger: Ledger, model: Path, at: int) -> pl.DataFrame:
    """Return account, at, score and rank of each account that moved money before *at*, best seed of the choose part.

    Only transactions strictly earlier than *at* (microseconds UTC) are used.

    Raises:
        InputError: *model* is no trained model, or no transaction is earlier than *at*.
    """
    try:
        tracked = json.loads((model / "model.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError) as fault:
        raise InputError(
            f"'{model}' is no trained model. Make one with: muletrail train LEDGER --model NAME --out {model}"
        ) from fault
    graph = TransactionGraph.of(ledger).before(at)
    if not len(graph):
        raise InputError("No transaction is earlier than that instant, so there is nothing to score.")
    from graphml.families import Families

    account = np.unique(np.concatenate([graph.source[graph.rows], graph.target[graph.rows]])).astype(np.int32)
    instant = np.full(len(account), at, np.int64)
    families = Families.of(None, ledger)
    values, names = families.accounts(graph, account, instant), tuple(f.name for f in families.of_accounts)
    if list(names) != tracked["features"]:
        raise InputError("The model was trained on other features than this version computes. Train it again.")
    blank = np.full(len(account), UNKNOWN, np.int8)
    examples = Examples(account, instant, blank, np.zeros_like(instant), values, names, np.zeros_like(account))
    best = max(tracked["runs"], key=lambda run: (run["choose"]["average_precision"], -run["seed"]))
    fitted = registry.plugin(_HOME, tracked["model"], "SCORER").load(_proven(model / f"seed-{best['seed']}", best))
    table = pl.DataFrame(
        {
            "account": ledger.accounts["name"].gather(account),
            "at": pl.Series(instant).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            "score": fitted.score(graph, examples),
        }
    ).sort("score", "account", descending=[True, False])
    return table.with_columns(pl.int_range(1, pl.len() + 1).alias("rank"))


def _proven(home: Path, run: dict[str, Any]) -> Path:
    # Only what the training wrote is loaded.
    for name, digest in run["files"].items():
        path = home / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise InputError(f"'{path}' is missing or not what the training wrote. Train the model again.")
    return home


def _replace(path: Path, content: object) -> None:
    # The record is exchanged as a whole, so that a killed training can be resumed.
    partial = path.with_suffix(".partial")
    write_json(partial, content)
    partial.replace(path)
