"""Offer muletrail on the command line."""

import logging
import os
import sys
import warnings
from typing import Annotated

import typer

from casework.verbs import answer, findings, learning, store, tables, trail, world
from graphml.errors import GraphMLError

__all__ = ["app", "main"]

app = typer.Typer(
    name="muletrail",
    help="Find money-laundering networks: features that never look ahead, exact rings, evidence that can be verified.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (world, tables, learning, findings, trail, store):
    for verb in part.VERBS:
        app.command()(verb)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        answer.say(f"muletrail {version('muletrail')}")
        raise typer.Exit


@app.callback()
def _options(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what the library does.")] = False,
    _show: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if not verbose:
        warnings.simplefilter("ignore")  # libraries warn about themselves, which no user can mend
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(name)s: %(message)s",
    )


def main() -> None:
    """Run the command line; exit with 0 done, 1 the answer is no, 2 bad use or bad input."""
    # OpenMP's threads spin while they wait; beside another busy program that made training 8 times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        app()
    except GraphMLError as fault:
        answer.complain(str(fault))
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as fault:
        place = f"'{fault.filename}'" if fault.filename else "A file"
        answer.complain(f"{place} cannot be used: {fault.strerror or fault}. Name a place that exists and may be used.")
        sys.exit(2)
    except KeyboardInterrupt:
        answer.complain("Stopped. What was there before is unchanged.")
        sys.exit(130)
