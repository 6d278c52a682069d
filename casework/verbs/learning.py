"""Verbs that learn and score: train, score."""

from pathlib import Path
from typing import Annotated

import typer

from casework.verbs import answer

__all__ = ["VERBS", "score", "train"]


def train(
    ledger: Annotated[Path, typer.Argument(help="A ledger made by ingest.", show_default=False)],
    model: Annotated[str, typer.Option(help="rules, lightgbm, gnn or anomaly.")],
    out: Annotated[Path, typer.Option(help="Folder of the model.")],
    seeds: Annotated[int, typer.Option(help="How often to train, with seeds 0, 1, 2, ...")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a training that was stopped.")] = False,
    as_json: answer.Json = False,
) -> None:
    """Train a model: fitted on early periods, chosen on later ones, reported on the last."""
    from casework.quality import of_measure
    from casework.training import Training
    from graphml.ledger import Ledger

    tracked = Training(Ledger.load(ledger), model, seeds).run(out, resume)
    if as_json:
        answer.document(tracked)
        return
    answer.say(tracked["protocol"])
    columns = ("seed", "average precision", "base rate", "recall at 1 %", "precision at 1 %")
    keys = ("average_precision", "base_rate", "recall_at_1.0%", "precision_at_1.0%")
    answer.table(columns, [(run["seed"], *(of_measure(run["report"], key) for key in keys)) for run in tracked["runs"]])


def score(
    ledger: Annotated[Path, typer.Argument(help="A ledger made by ingest.", show_default=False)],
    model: Annotated[Path, typer.Option(help="Folder of a model made by train.")],
    at: Annotated[str, typer.Option(help="Score as of this day or time (UTC).")],
    out: Annotated[Path, typer.Option(help="Parquet file of account, at, score, rank.")],
    as_json: answer.Json = False,
) -> None:
    """Score every account as of a date; only earlier transactions are used."""
    from casework.training import score as scored
    from graphml.errors import ParameterError
    from graphml.ledger import Ledger
    from graphml.window import instant

    if out.is_dir():
        raise ParameterError(
            f"'{out}' is a folder; expected the name of a Parquet file, such as {out / 'scores.parquet'}."
        )
    table = scored(Ledger.load(ledger), model, instant(at))
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    table.write_parquet(partial)
    partial.replace(out)
    if as_json:
        answer.document({"file": str(out), "accounts": table.height, "at": at})
        return
    answer.say(f"{table.height:,} accounts scored as of {at}, best first, in {out}")


VERBS = (train, score)
