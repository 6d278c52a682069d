"""Verbs that show and prove findings: rings, ring, evidence, verify."""

from pathlib import Path
from typing import Annotated

import typer

from casework.verbs import answer

__all__ = ["VERBS", "evidence", "ring", "rings", "verify"]

RunPath = Annotated[Path, typer.Argument(help="Folder of a run.", show_default=False)]
_EVENTS = {
    "unchanged": "is unchanged", "dormant": "is dormant", "grew": "grew", "shrank": "shrank", "split": "split",
    "merged": "merged with others",
}  # fmt: skip
RingId = Annotated[str, typer.Argument(help="A ring's id, as rings prints it.", show_default=False)]


def rings(
    run: RunPath,
    most: Annotated[int, typer.Option(help="How many to list.", min=1)] = 20,
    as_json: answer.Json = False,
) -> None:
    """List the rings of a run, most suspicious first."""
    from casework.run import Run

    found = Run.load(run).rings
    if as_json:
        answer.document(found)
        return
    columns = (
        "ring",
        "typology",
        "start",
        "end",
        "accounts",
        "transactions",
        "amount",
        "currency",
        "score",
        "life",
        "alert",
    )
    answer.table(
        columns,
        [
            (r["id"], r["typology"], r["start"][:16], r["end"][:16], len(r["accounts"]), len(r["transactions"]),
             r["amount"], r["currency"], r["score"], r["lineage"]["event"], r["lineage"].get("alert", "new"))
            for r in found[:most]
        ],
    )  # fmt: skip
    if len(found) > most:
        answer.complain(f"{len(found) - most} more rings; see them with --most {len(found)}")


def ring(run: RunPath, id: RingId, as_json: answer.Json = False) -> None:
    """Show one ring in full: why, who, and each transaction."""
    from casework.run import Run

    loaded = Run.load(run)
    content = loaded.ring(id)
    if as_json:
        answer.document(content)
        return
    answer.say(f"{content['typology']} ring {id}, {content['start']} to {content['end']}, score {content['score']:.3f}")
    answer.say("")
    found = loaded.evidence(id)
    answer.say(f"Amounts in sentences are in {found.reference_currency}, those of transactions as they were paid.")
    for reason in content["reasons"]:
        answer.say(f"- {reason['sentence']}")
    life = content["lineage"]
    former = life.get("former")
    if "changed" in life and life["event"] != "born":
        changed = "" if life["changed"] == "nothing" else f": {life['changed']}"
        since = f"it was told last, as of {life['last_told'][:16]}," if "last_told" in life else "the run before"
        answer.say(f"- Since {since} it {_EVENTS[life['event']]}{changed}. {life['why']}")
    elif former is not None:
        answer.say(
            f"- The run before did not tell it as a ring of its own: part of it stood in ring {former}, whose id another "
            f"ring keeps. Beside that one it has {life['changed']}. {life['why']}"
        )
    elif "why" in life:
        answer.say(f"- The run before did not tell it. {life['why']}")
    if former is not None and life["event"] != "born":
        answer.say(f"- Part of it stood in ring {former} of the run before, whose id another ring keeps.")
    if "absorbed" in life:
        answer.say(f"- It took in what were rings of their own before: {life['absorbed']}.")
    for key in ("merged", "linked", "shared", "owners", "limit", "leaves"):
        if key in life:
            answer.say(f"- {life[key][:1].upper()}{life[key][1:]}.")
    answer.say("")
    answer.table(("account", "role"), [(a["account"], a["role"]) for a in content["accounts"]])
    answer.say("")
    columns = ("id", "time", "from", "to", "amount", "currency", "format")
    answer.table(columns, found.transactions.select(columns).rows())
    inside = {a["account"] for a in content["accounts"]}
    for cut in content["cut"]:
        who = "" if cut["account"] in inside else ", which is no part of the ring but was paid by it,"
        answer.say(
            f"At {cut['account']}{who} {cut['dropped']} of {cut['degree']} transactions "
            f"({cut['dropped_value']:,.2f}) {'was' if cut['dropped'] == 1 else 'were'} left out; kept: {cut['order']}."
        )


def evidence(
    run: RunPath,
    id: RingId,
    out: Annotated[Path, typer.Option(help="Folder of the package; replaced as a whole.")],
    profile: Annotated[str, typer.Option(help="full, or masked (pseudonyms for accounts and names).")] = "full",
    as_json: answer.Json = False,
) -> None:
    """Write the evidence package of a ring: network files, tables, report, manifest."""
    from casework.package import write_package
    from casework.run import Run

    write_package(Run.load(run).evidence(id), out, profile)
    made = sorted(p.name for p in out.iterdir())
    if as_json:
        answer.document({"folder": str(out), "files": made})
    else:
        of_run = f" --run {run}" if profile == "full" else ""  # pseudonyms are not what the run has
        answer.say(f"{', '.join(made)} are in {out}. Prove it with: muletrail verify {out}{of_run}")


def verify(
    folder: Annotated[Path, typer.Argument(help="An evidence package.", show_default=False)],
    run: Annotated[Path | None, typer.Option(help="The run it came from: its digests are compared too.")] = None,
    as_json: answer.Json = False,
) -> None:
    """Prove that nothing in an evidence package changed; exit 1 if something did."""
    from casework.verify import identity, of_run
    from casework.verify import verify as check

    differences = check(folder)
    who = identity(folder)
    if run is not None:
        differences += of_run(who, run)
    if as_json:
        answer.document({**who, "unchanged": not differences, "differences": differences})
    else:
        for line in differences or [f"{folder}: every file is as its manifest says."]:
            answer.say(line)
        answer.say(
            f"evidence {who['evidence']}\nseal     {who['seal']} (SHA-256 of manifest.json, which names every file)"
        )
    if differences:
        raise typer.Exit(1)


VERBS = (rings, ring, evidence, verify)
