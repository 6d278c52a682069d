"""Write answers to standard output and progress to standard error."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

__all__ = ["Json", "complain", "document", "progress", "say", "table"]

Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")]


def say(text: str) -> None:
    """Write a line of the answer."""
    sys.stdout.write(text + "\n")


def complain(text: str) -> None:
    """Write a line to standard error."""
    sys.stderr.write(f"muletrail: {text}\n")


def document(content: object) -> None:
    """Write the answer as one JSON document."""
    say(json.dumps(content, indent=2, ensure_ascii=False, default=str))


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write the answer as an aligned table; numbers stand right."""
    text = [[_number(cell) if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    widths = [max(len(name), *(len(row[i]) for row in text), 0) for i, name in enumerate(columns)]
    right = [bool(rows) and all(isinstance(row[i], int | float) for row in rows) for i in range(len(columns))]
    for line in [list(columns), ["-" * width for width in widths], *text]:
        cells = (c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True))
        say("  ".join(cells).rstrip())


def _number(value: float) -> str:
    # Money to the cent, shares and scores to four digits.
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4g}"


@contextmanager
def progress(total: int) -> Iterator[Any]:
    """Yield a listener for `Stages` that draws a bar of *total* stages with the time taken and left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=not sys.stderr.isatty()) as bar:
        task = bar.add_task("start", total=total)

        def listen(name: str, done: bool) -> None:
            bar.update(task, description=name, advance=int(done))

        yield listen
