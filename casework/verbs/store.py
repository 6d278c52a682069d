"""Verbs about the entity graph and the installation: load, ask, doctor."""

from pathlib import Path
from typing import Annotated

import typer

from casework.verbs import answer

__all__ = ["VERBS", "ask", "doctor", "load"]

Store = Annotated[str, typer.Option(help="embedded:DIR or bolt://HOST:PORT.")]


def load(
    ledger: Annotated[Path, typer.Argument(help="A ledger made by ingest.", show_default=False)],
    store: Store,
    as_json: answer.Json = False,
) -> None:
    """Load a ledger into an entity graph; loading twice is loading once."""
    from cypher import open_store
    from graphml.ledger import Ledger

    read = Ledger.load(ledger)
    with open_store(store) as graph:
        counts = graph.load(read)
    if as_json:
        answer.document(dict(sorted(counts.items())))
        return
    answer.table(("what", "count"), sorted(counts.items()))


def ask(
    question: Annotated[str | None, typer.Argument(help="A saved question.")] = None,
    param: Annotated[list[str] | None, typer.Option("--param", help="KEY=VALUE; may be repeated.")] = None,
    store: Store = "embedded:demo-run/run/graph",
    show: Annotated[bool, typer.Option("--list", help="List the questions and their parameters.")] = False,
    as_json: answer.Json = False,
) -> None:
    """Ask the entity graph a saved Cypher question."""
    import cypher
    from graphml.errors import ParameterError

    if show or question is None:
        _list(as_json)
        return
    for pair in param or []:
        if "=" not in pair:
            raise ParameterError(f"--param {pair} has no '='. Write it as --param account=012:80057E030.")
    given = dict(pair.split("=", 1) for pair in param or [])
    bound = cypher.bind(question, given)
    with cypher.open_store(store) as graph:
        rows = graph.ask(question, bound)
    if as_json:
        answer.document(rows)
    elif rows:
        answer.table(tuple(rows[0]), [tuple(row.values()) for row in rows])
    else:
        answer.say("No row answers this question.")


def _list(as_json: bool) -> None:
    import cypher

    known = cypher.questions()
    if as_json:
        answer.document([question.describe() for question in known])
        return
    for question in known:
        answer.say(f"{question.name}: {question.sentence}")
        for p in question.parameters:
            answer.say(f"    --param {p.name}=…  {p.sentence}")


def doctor(as_json: answer.Json = False) -> None:
    """Say what is installed, what is missing and what would fix it; exit 1 if something needed is missing."""
    from casework.doctor import examine

    checks = examine()
    if as_json:
        answer.document([check.describe() for check in checks])
    else:
        answer.table(("part", "state", "needed for", "way out"), [check.row() for check in checks])
    if any(check.needed and not check.found for check in checks):
        raise typer.Exit(1)


VERBS = (load, ask, doctor)
