"""Verbs that bring data: demo, generate, ingest."""

from dataclasses import asdict
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from casework.verbs import answer, tables

if TYPE_CHECKING:
    from graphml.ledger import Ledger

__all__ = ["VERBS", "demo", "generate", "ingest"]

Transactions = Annotated[int, typer.Option(help="How many transactions.")]
Attempts = Annotated[int | None, typer.Option(help="How many laundering attempts; else as the preset has.")]
Seed = Annotated[int, typer.Option(help="Equal seeds give equal bytes.")]


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the world, its ledger and the run.")] = Path("demo-run"),
    transactions: Transactions = 50_000,
    seed: Seed = 1,
    attempts: Attempts = None,
    as_json: answer.Json = False,
) -> None:
    """Do the main job on generated data with the embedded store, in one go."""
    generate("demo", out / "world", transactions, seed, attempts=attempts)
    tables.run(out / "world" / "ledger", out / "run", as_json=as_json)


def generate(
    preset: Annotated[
        str | None, typer.Argument(help="demo, {hi,li}-{small,medium,large} or uk-retail.", show_default=False)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the world; replaced as a whole.")] = None,
    transactions: Transactions = 50_000,
    seed: Seed = 1,
    switch: Annotated[
        list[str] | None, typer.Option("--with", help="A shortcut or a difficulty: NAME or NAME=VALUE; see --list.")
    ] = None,
    accounts: Annotated[int | None, typer.Option(help="How many accounts; else as the preset has.")] = None,
    attempts: Attempts = None,
    start: Annotated[str | None, typer.Option(help="First day, as 2022-09-01.")] = None,
    end: Annotated[str | None, typer.Option(help="The day after the last one.")] = None,
    report: Annotated[bool, typer.Option("--report", help="Draw what was made as FOLDER/world.html.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="List presets and switches.")] = False,
    as_json: answer.Json = False,
) -> None:
    """Make a synthetic world in AMLworld's file layout and as a ledger, with its answer key."""
    from graphml.errors import ParameterError
    from ingest import world

    if listed:
        _list_worlds(as_json)
        return
    if preset is None or out is None:
        raise ParameterError("generate needs a PRESET and --out FOLDER. See them all with: muletrail generate --list")
    for name, number in (("accounts", accounts), ("attempts", attempts)):
        if number == 0:
            raise ParameterError(f"0 {name} were asked for. Leave --{name} out for as many as the preset has.")
    chosen = world.Preset.of(preset).changed(start, end, accounts or 0, attempts or 0)
    world.generate(chosen, transactions, seed, out, switch or ())
    if report:
        from ingest.world.measured.report import report as drawn

        (out / "world.html").write_text(drawn(out), encoding="utf-8")
    made = sorted(p.name for p in out.iterdir())
    if as_json:
        answer.document({"folder": str(out), "files": made})
    answer.complain(f"wrote {', '.join(made)} to {out}")


def _list_worlds(as_json: bool) -> None:
    from ingest import world

    rows = [(name, "preset", "", world.describe(name)) for name in world.presets()]
    rows += [(n, s.kind, f"{s.default:g} ({s.unit})" if s.unit else "", s.sentence) for n, s in world.SWITCHES.items()]
    rows += [(n, "bundle", "", f"All of {', '.join(parts)}.") for n, parts in world.BUNDLES.items()]
    columns = ("name", "kind", "value", "what it is")
    if as_json:
        answer.document([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        lines: list[tuple[str, str, str, str]] = []
        for *cells, sentence in rows:
            first, *rest = wrap(sentence, 80)
            lines += [(cells[0], cells[1], cells[2], first), *(("", "", "", line) for line in rest)]
        answer.table(columns, lines)


def ingest(
    format: Annotated[
        str, typer.Argument(help="A format, auto to detect it, or mapped with --map.", show_default=False)
    ],
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="Folder of the ledger; replaced as a whole.")] = None,
    map: Annotated[Path | None, typer.Option(help="TOML map of the columns, for mapped.")] = None,
    guess: Annotated[bool, typer.Option("--guess", help="Print a first map for the file, to be corrected.")] = False,
    rates: Annotated[Path | None, typer.Option(help="Rate table to use instead of the built-in one.")] = None,
    currency: Annotated[
        str | None, typer.Option(help="Reference currency, as the source or rate table names it.")
    ] = None,
    zone: Annotated[str, typer.Option(help="Time zone of the source's times.")] = "UTC",
    bad_share: Annotated[float, typer.Option(help="Stop when more than this share of rows is bad.")] = 0.05,
    as_json: answer.Json = False,
) -> None:
    """Read files into a ledger; bad rows are quarantined with their reason."""
    import ingest as reader
    from graphml.errors import ParameterError
    from graphml.folder import require_place

    if guess:
        answer.say(reader.guess(paths[0]))
        return
    if out is None:
        raise ParameterError("ingest needs --out FOLDER for the ledger (or --guess to print a first map).")
    inside = [path for path in paths if path.resolve().is_relative_to(out.resolve())]
    if inside:
        raise ParameterError(f"'{inside[0]}' lies in '{out}', which would be replaced. Name another folder.")
    require_place(out, "transactions.parquet")
    options = reader.Options(map=map, rates=rates, reference_currency=currency, zone=zone, bad_share=bad_share)
    ledger = reader.read(format, paths, options)
    ledger.save(out)
    if as_json:
        answer.document(asdict(ledger.meta))
    _report(ledger, out)


def _report(ledger: "Ledger", out: Path) -> None:
    meta = ledger.meta
    answer.complain(
        f"{meta.format}: {meta.rows_in:,} rows in = {meta.rows_kept:,} kept + {meta.rows_quarantined:,} quarantined; "
        f"{ledger.accounts.height:,} accounts; ledger {meta.digest[:12]} in {out}"
    )
    for note in meta.notes:
        answer.complain(note)
    for line in ledger.quarantine.head(3).iter_rows(named=True):
        answer.complain(f"{line['file']}:{line['line']} {line['column']} = {line['value']!r}: {line['reason']}")


VERBS = (demo, generate, ingest)
