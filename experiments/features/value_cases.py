"""Turn a world into examples with the features of every family, split in time, once; models choose columns."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.features.apart import Took, clock
from experiments.world.examples import Examples
from graphml import examples as accounts
from graphml.config import Config
from graphml.families import Families
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.protocol import Part, plan
from graphml.window import DAY

__all__ = ["CHOOSE", "REPORT", "TRAIN", "Case", "constant", "of_accounts", "of_ledger", "of_world"]

NONE, TRAIN, CHOOSE, REPORT = range(4)
_REPORT_FROM, _TRAIN_SHARE = 0.8, 0.75  # of all rows; of those before it that may be learnt from

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Hold the examples (M) that are learnt from, chosen by or judged; normal ones of the first two are a sample."""

    values: Floats  # (M, F) as of each example
    ahead: Floats  # (M, F') the same at the end of the data; F' = 0 where an example is at the end itself
    part: NDArray[np.int8]  # (P, M) TRAIN, CHOOSE, REPORT or NONE in each split: one, or one for each fold
    label: NDArray[np.int8]  # (M,) as known when the judged part begins
    true: NDArray[np.int8]  # (M,)
    attempt: NDArray[np.int64]  # (M,) number of the attempt, else -1
    account: NDArray[np.int64]  # (M,) the account judged, or the payer
    about: dict[str, Any]  # columns and cost of each family, counts, sentence

    def save(self, folder: Path) -> None:
        """Write one file a column into *folder*."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("values", "ahead", "part", "label", "true", "attempt", "account"):
            np.save(folder / f"{name}.npy", getattr(self, name))
        (folder / "about.json").write_text(json.dumps(self.about), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the case saved in *folder*."""
        names = ("values", "ahead", "part", "label", "true", "attempt", "account")
        columns = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in names}
        return cls(**columns, about=json.loads((folder / "about.json").read_text(encoding="utf-8")))

    def columns(self, families: list[str]) -> NDArray[np.int64]:
        """Return the columns of `values` that *families* have, in the order of the table."""
        spans = [v["columns"] for name, v in self.about["families"].items() if name in families]
        return np.concatenate([np.arange(*span) for span in spans])


def of_world(folder: Path, asked: dict[str, Any], families: list[str]) -> Case:
    """Return the rows of a generated world, judged by what is true, learnt from as labels were known."""
    made, ledger = Examples.of(folder, ["amounts"]), Ledger.load(folder / "ledger")
    report = made.cuts([_REPORT_FROM])[0]
    return _rows(ledger, made, made.labels_at(report), report, {"families": families, **asked})


def of_ledger(ledger: Ledger, asked: dict[str, Any], families: list[str]) -> Case:
    """Return the rows of a *ledger* whose transactions are labelled; labels are taken as true and known at once."""
    rows = ledger.transactions.height
    label, attempt = np.zeros(rows, np.bool_), np.full(rows, -1, np.int64)
    bad = ledger.labels.filter("laundering")
    label[bad["row"].to_numpy()] = True
    named = bad["attempt"].rank("dense").cast(pl.Int64).fill_null(-1)
    attempt[bad["row"].to_numpy()] = named.to_numpy()
    empty, time = np.zeros((rows, 0), np.float32), ledger.transactions["time"].to_physical().to_numpy()
    made = Examples(empty, empty, label, np.zeros(rows, np.int64), time, label, attempt)
    return _rows(ledger, made, label, made.cuts([_REPORT_FROM])[0], {"families": families, **asked})


def _rows(ledger: Ledger, made: Examples, known: NDArray[np.bool_], report: int, asked: dict[str, Any]) -> Case:
    graph = TransactionGraph.of(ledger)
    usable = int(np.searchsorted(made.time, made.time[report] - asked.get("embargo", 0) * DAY))
    choose = int(np.searchsorted(made.time, made.time[int(_TRAIN_SHARE * usable)]))
    part = np.full(len(made.time), NONE, np.int8)
    part[:choose], part[choose:usable], part[report:] = TRAIN, CHOOSE, REPORT
    label = known.astype(np.int8)
    part = part[None]
    kept = _kept(part, label, asked)
    values, told = _values(graph, ledger, asked["families"], None)
    families = Families.of([name for name in asked["families"] if name != "taint"], ledger)
    ahead = families.look_ahead(graph)[kept]
    told["sentence"] = "temporal: the last fifth of the rows is judged"
    return _case(
        (values[kept], ahead, part[:, kept], label[kept], made.true[kept].astype(np.int8)),
        made.attempt[kept], graph.source[kept].astype(np.int64), told,
    )  # fmt: skip


def of_accounts(ledger: Ledger, asked: dict[str, Any], families: list[str]) -> Case:
    """Return accounts judged at the end of each period, or out of fold at the end of the data, as a run does it."""
    graph = TransactionGraph.of(ledger)
    task = accounts.task(ledger, graph)
    protocol = plan(ledger, graph, task, Config().split)
    part = np.stack([_numbered(p) for p in protocol.parts])
    kept = _kept(part, task.label, asked)
    values, told = _values(graph, ledger, families, (task.account[kept], task.at[kept]))
    ahead = np.zeros((len(kept), 0), np.float32)
    if protocol.kind == "temporal":
        late = Families.of([name for name in families if name != "taint"], ledger)
        ahead = late.accounts(graph, task.account[kept], np.full(len(kept), graph.span.end, np.int64))
    attempt = np.full(graph.n, -1, np.int64)
    inside = ledger.attempts.filter("laundering").unique("account", keep="first", maintain_order=True)
    attempt[inside["account"].to_numpy()] = inside["attempt"].rank("dense").cast(pl.Int64).to_numpy()
    told["sentence"] = protocol.sentence
    own = np.where(task.label == 1, attempt[task.account], -1)[kept]
    label = protocol.seen(task).label[kept], task.label[kept]
    return _case((values, ahead, part[:, kept], *label), own, task.account[kept].astype(np.int64), told)


def _numbered(part: Part) -> NDArray[np.int8]:
    return np.select([part.train, part.choose, part.report], [TRAIN, CHOOSE, REPORT], NONE).astype(np.int8)


def _kept(part: NDArray[np.int8], label: NDArray[np.int8], asked: dict[str, Any]) -> NDArray[np.int64]:
    # Normal examples that are not drawn leave the parts that are learnt from; what is in no part is left out.
    drawn = np.random.default_rng(0).random(len(label)) < asked["negatives"]
    part[(part != REPORT) & ~((label == 1) | drawn)] = NONE
    return np.flatnonzero((part != NONE).any(axis=0))


def _values(
    graph: TransactionGraph, ledger: Ledger, names: list[str], pairs: tuple[NDArray[np.int32], NDArray[np.int64]] | None
) -> tuple[Floats, dict[str, Any]]:
    # Every family on its own, to see what it takes; a little of the same graph first, so that all is compiled.
    found: list[Floats] = []
    told: dict[str, Any] = {"families": {}, "rows": len(graph), "accounts": graph.n}
    first = 0
    for name in names:
        family, took = Families.of([name], ledger), Took()
        family.features(graph.before(int(graph.time[min(2_000, len(graph) - 1)])))
        with clock(took):
            made = family.transactions(graph) if pairs is None else family.accounts(graph, *pairs)
        us = took.cpu_seconds / len(made) * 1e6
        span = [first, first + made.shape[1]]
        told["families"][name] = {"columns": span, "cpu_us": round(us, 3), "empty": constant(made)}
        found.append(made)
        first = span[1]
    return np.hstack(found), told


def constant(values: Floats) -> bool:
    """Return whether no column has two different values, apart from having none."""
    known = np.isfinite(values)
    low, high = values.min(axis=0, where=known, initial=np.inf), values.max(axis=0, where=known, initial=-np.inf)
    return not bool((high > low).any())


def _case(
    columns: tuple[Floats, Floats, NDArray[np.int8], NDArray[np.int8], NDArray[np.int8]],
    attempt: NDArray[np.int64],
    account: NDArray[np.int64],
    told: dict[str, Any],
) -> Case:
    _, _, part, label, true = columns
    judged = (part == REPORT).any(axis=0)
    mine = attempt[judged]
    told["counts"] = {
        **{
            name: {"examples": [int((p == k).sum()) for p in part], "positives": [int((label[p == k] == 1).sum()) for p in part]}
            for name, k in (("train", TRAIN), ("choose", CHOOSE))
        },
        "report": {
            "examples": int(judged.sum()), "positives": int(true[judged].sum()),
            "in_attempts": int((mine >= 0).sum()), "attempts": len(np.unique(mine[mine >= 0])),
        },
    }  # fmt: skip
    return Case(*columns, attempt, account, told)
