"""Verbs that turn a ledger into tables and runs: run, features."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casework.verbs import answer

if TYPE_CHECKING:
    from graphml.ledger import Ledger

__all__ = ["VERBS", "features", "run", "summarise"]

LedgerPath = Annotated[Path, typer.Argument(help="A ledger made by ingest.", show_default=False)]
At = Annotated[str | None, typer.Option(help="Look from this day or time (UTC): only earlier transactions exist.")]


def run(
    ledger: LedgerPath,
    out: Annotated[Path, typer.Option(help="Folder of the run; replaced as a whole.")],
    store: Annotated[str, typer.Option(help="embedded:DIR or bolt://HOST:PORT; default: inside the run.")] = "",
    at: At = None,
    config: Annotated[Path | None, typer.Option(help="TOML file with parameters.")] = None,
    before: Annotated[Path | None, typer.Option(help="The run before: rings that go on keep their ids.")] = None,
    as_json: answer.Json = False,
) -> None:
    """Do the main job: entity graph, features, models, flags, rings, evidence."""
    from casework.job import STAGES, Job
    from casework.run import Run
    from graphml.config import Config
    from graphml.errors import ParameterError
    from graphml.folder import require_apart
    from graphml.ledger import Ledger
    from graphml.stages import Stages
    from graphml.window import instant, to_datetime

    require_apart(out, ledger, *([] if before is None else [before]))
    read, day = Ledger.load(ledger), instant(at) if at is not None else None
    _remark(read, day)
    earlier = None if before is None else Run.load(before)
    if earlier is not None and earlier.at > (read.span.end if day is None else day):
        raise ParameterError(
            f"The run in '{before}' looks from {to_datetime(earlier.at):%Y-%m-%d %H:%M}, later than this one. Give a run of an "
            "earlier day, or a later --at."
        )
    if earlier is not None and earlier.strange_to(read):
        answer.complain(f"note: this ledger has no account of the rings in '{before}', so none of them goes on.")
    job = Job(read, Config.load(config), store, day, earlier)
    with answer.progress(STAGES) as listen:
        job.run(out, Stages(listen))
    summarise(out, as_json)


def _remark(ledger: "Ledger", at: int | None) -> None:
    # Looking from long after the end is allowed, but seldom meant.
    from graphml.window import DAY, to_datetime

    times = ledger.transactions["time"].to_physical()
    if at is not None and len(times) and at > times[-1] + 2 * DAY:
        days = (at - times[-1]) // DAY
        answer.complain(
            f"note: the last transaction is of {to_datetime(times[-1]):%Y-%m-%d}, {days:,} days before --at, so every "
            "account looks silent."
        )


def summarise(out: Path, as_json: bool) -> None:
    """Print what the run in *out* found and where to look."""
    from casework.run import Run

    done = Run.load(out)
    if as_json:
        answer.document(done.manifest)
        return
    counts = done.manifest["counts"]
    answer.say(
        f"{counts['transactions']:,} transactions between {counts['accounts']:,} accounts; "
        f"{counts['flagged']:,} accounts flagged, {counts['rings']:,} rings found."
    )
    answer.say(done.manifest["protocol"])
    if (lives := _lives(done.rings)) is not None:
        answer.say(lives)
    rows = [(r["id"], r["typology"], len(r["accounts"]), len(r["transactions"]), r["score"]) for r in done.rings[:5]]
    if rows:
        answer.say("")
        answer.table(("ring", "typology", "accounts", "transactions", "score"), rows)
    seconds = sum(stage["seconds"] for stage in done.manifest["stages"])
    peak = max(stage["peak_mb"] for stage in done.manifest["stages"])
    answer.say(f"\n{seconds:.0f} s, {peak:,} MB at most. Open {out / 'report.html'}")


def _lives(rings: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the sentence on what became of the rings of the run before; None where none was given."""
    told = [ring["lineage"] for ring in rings if "alert" in ring["lineage"]]
    if not told:
        return None
    events = ", ".join(f"{count:,} {event}" for event, count in sorted(Counter(t["event"] for t in told).items()))
    alerts = Counter(t["alert"] for t in told)
    return (
        f"Since the run before: {events}. {alerts['new']:,} are new alerts, {alerts['again']:,} are worth another one, "
        f"{alerts['known']:,} are known and not worth one."
    )


def features(
    ledger: LedgerPath,
    out: Annotated[
        Path,
        typer.Option(help="Folder for accounts.parquet, transactions.parquet, catalogue.json; replaced as a whole."),
    ],
    at: At = None,
    family: Annotated[list[str] | None, typer.Option(help="Only this family, such as flow; may be repeated.")] = None,
    state: Annotated[
        Path | None,
        typer.Option(help="Go on from this folder: only later transactions are told, and it is brought up to date."),
    ] = None,
    look_ahead: Annotated[
        bool, typer.Option("--look-ahead", help="Add columns that LOOK INTO THE FUTURE, to measure what that inflates.")
    ] = False,
    as_json: answer.Json = False,
) -> None:
    """Compute account and transaction features as of a date."""
    from casework.tables import write_told
    from graphml.errors import ParameterError
    from graphml.families import Families
    from graphml.folder import new_folder
    from graphml.saved_state import load_state, save_state
    from graphml.state import State

    if state is not None and look_ahead:
        raise ParameterError(
            "--look-ahead needs all rows, and with --state only later ones are told. Give one of them."
        )
    _require_folders(ledger, out, state)
    read, day = _seen(ledger, at)
    families = Families.of(family or None, read)
    before = load_state(state) if state is not None and state.exists() else None
    stream, first = State.begin(read, families, before)
    if before is not None and first == read.transactions.height and out.exists():
        raise ParameterError(
            f"The state in '{state}' has told all {first:,} transactions, so '{out}' would be replaced by a table of none. Give "
            "--out a new folder, or the ledger with later transactions added."
        )
    at_end = stream.graph.span.end if day is None else day
    if state is None:  # the stream has its own copy of all else
        read = replace(read, transactions=read.transactions.select("id"))
    with new_folder(out, "catalogue.json") as folder:
        accounts, columns = write_told(
            families, stream, (read, first), at_end, folder, look_ahead=look_ahead, keep=state is not None
        )
    if look_ahead:
        answer.complain(
            "note: the columns look_ahead_... look into the future. No model that is to be believed may use them."
        )
    if state is not None:
        save_state(State.after(read, families, stream), state)
    rows = read.transactions.height - first
    counts = {
        "folder": str(out),
        "accounts": [read.accounts.height, accounts],
        "transactions": [rows, columns],
        "gone_on_from": first,
    }
    if as_json:
        answer.document(counts)
        return
    which = f"{rows:,} transactions" if before is None else f"the {rows:,} transactions after the first {first:,}"
    answer.say(f"{accounts} features of {read.accounts.height:,} accounts and {columns} of {which} are in {out}")


def _require_folders(ledger: Path, out: Path, state: Path | None) -> None:
    # Nothing that is read or kept may lie in a folder that is replaced.
    from graphml.errors import ParameterError
    from graphml.folder import require_apart, require_place

    if state is None:
        require_apart(out, ledger)
        return
    if state.resolve() == out.resolve():
        raise ParameterError(f"--out and --state are both '{out}'. Name two folders.")
    require_apart(out, ledger, state)
    require_apart(state, ledger, out)
    require_place(state, "state.json")


def _seen(ledger: Path, at: str | None) -> tuple["Ledger", int | None]:
    # The ledger as of *at*, and *at* in microseconds UTC.
    from graphml.errors import InputError
    from graphml.ledger import Ledger
    from graphml.window import instant, to_datetime

    read, day = Ledger.load(ledger), instant(at) if at is not None else None
    _remark(read, day)
    seen = read if day is None else read.before(day)
    if seen.transactions.is_empty():
        first = f"{to_datetime(read.span.start):%Y-%m-%d %H:%M:%S}"
        why = "has no transaction" if at is None else f"has no transaction earlier than {at}: its first is of {first}"
        raise InputError(f"The ledger {why}. There is nothing to compute.")
    return seen, day


VERBS = (run, features)
