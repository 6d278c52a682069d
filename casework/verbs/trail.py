"""The verb that follows money: trail."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casework.verbs import answer

if TYPE_CHECKING:
    from graphml.graph import TransactionGraph
    from graphml.ledger import Ledger
    from graphml.trail import Seeds

__all__ = ["VERBS", "trail"]

_UNITS = {"m": 60, "h": 3600, "d": 86_400}  # seconds
_SHOWN = 40  # rows of a table
_ONLY = {"paths": ("hops", "max_gap", "keep", "most", "hub_limit"), "flow": ("rule", "picture")}  # options of one mode


def trail(
    context: typer.Context,
    ledger: Annotated[Path, typer.Argument(help="A ledger, or a run's ledger folder.", show_default=False)],
    transaction: Annotated[list[str] | None, typer.Option(help="Begin with this transaction; may be repeated.")] = None,
    account: Annotated[
        list[str] | None, typer.Option(help="Begin with what BANK:ACCOUNT pays (backward: receives) in --from, --to.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="First day or time (UTC) of the account's window.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="End of that window, exclusive.")] = None,
    backward: Annotated[bool, typer.Option("--backward", help="Follow to where the money came from.")] = False,
    mode: Annotated[str, typer.Option(help="paths, or flow.")] = "paths",
    rule: Annotated[str, typer.Option(help="Of flow: fifo, pro_rata or poison.")] = "pro_rata",
    hops: Annotated[int, typer.Option(help="Of paths: most payments.")] = 6,
    max_gap: Annotated[str, typer.Option(help="Of paths: longest rest at an account.")] = "72h",
    window: Annotated[
        str, typer.Option(help="Longest time from the first payment; of a flow, after the last seed.")
    ] = "30d",
    keep: Annotated[float, typer.Option(help="Of paths: least ratio of a payment to the one before.")] = 0.8,
    most: Annotated[float, typer.Option(help="Of paths: largest ratio.")] = 1.25,
    hub_limit: Annotated[int, typer.Option(help="Of paths: onward payments of an account that are followed.")] = 1000,
    picture: Annotated[Path | None, typer.Option(help="Draw the flow by hop into this SVG or HTML file.")] = None,
    as_json: answer.Json = False,
) -> None:
    """Follow the money of transactions or of an account, forward or backward in time."""
    from casework.trails import flow_json, paths_json
    from graphml.errors import UnknownName
    from graphml.graph import TransactionGraph
    from graphml.ledger import Ledger
    from graphml.trail import Books, Terms, follow, paths

    if mode not in ("paths", "flow"):
        raise UnknownName.of("mode", mode, ("paths", "flow"))
    _belongs(context, mode)
    terms = Terms(hops, _span(max_gap), _span(window), keep, most, hub_limit)
    read = Ledger.load(ledger)
    graph = TransactionGraph.of(read)
    seeds = _seeds(read, graph, (transaction or [], account or []), (start, end), backward)
    if mode == "paths":
        found = paths(graph, seeds, read.transactions["id"].to_list(), terms)
        content = paths_json(read, found)
    else:
        flow = follow(Books.of(read, graph), seeds, rule, terms.window)
        content = flow_json(read, flow)
    if picture is not None:
        _draw(picture, content, (read.meta.reference_currency, backward))
    if as_json:
        answer.document(content)
    elif mode == "paths":
        _show_paths(content)
    else:
        _show_flow(content, read.meta.reference_currency, backward)


def _belongs(context: typer.Context, mode: str) -> None:
    from graphml.errors import ParameterError

    for name in _ONLY["flow" if mode == "paths" else "paths"]:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            other = "flow" if mode == "paths" else "paths"
            raise ParameterError(
                f"--{name.replace('_', '-')} belongs to --mode {other}, and this is {mode}. Leave it out, or change the mode."
            )


def _seeds(
    read: "Ledger", graph: "TransactionGraph", named: tuple[list[str], list[str]],
    window: tuple[str | None, str | None], backward: bool,
) -> "Seeds":  # fmt: skip
    from graphml.errors import ParameterError
    from graphml.trail import Seeds
    from graphml.window import Window, instant, to_datetime

    transactions, accounts = named
    if transactions and accounts:
        raise ParameterError("Give --transaction or --account, not both.")
    if not accounts:
        if window != (None, None):
            raise ParameterError("--from and --to belong to --account; a transaction has its own time.")
        return Seeds.of_transactions(read, transactions, backward)
    span = read.span
    first = span.start if window[0] is None else instant(window[0])
    last = span.end if window[1] is None else instant(window[1])
    if first >= span.end or last <= span.start:
        raise ParameterError(
            f"No transaction lies in that window; those of this ledger go from {to_datetime(span.start):%Y-%m-%d %H:%M} to "
            f"{to_datetime(span.end):%Y-%m-%d %H:%M}. Choose --from and --to inside."
        )
    if first == last:
        raise ParameterError("--from and --to are the same instant, so nothing lies between. Choose a later --to.")
    return Seeds.of_accounts(read, graph, accounts, Window.of(first, last), backward)


def _span(text: str) -> int:
    from graphml.errors import ParameterError

    part = re.fullmatch(r"(\d+(?:\.\d+)?)([mhd])", text.strip())
    if part is None:
        raise ParameterError(f"'{text}' is no length of time. Write it in minutes, hours or days: 90m, 72h, 30d.")
    return round(float(part[1]) * _UNITS[part[2]] * 1_000_000)


def _draw(picture: Path, content: dict[str, object], said: tuple[str, bool]) -> None:
    from casework.sankey import sankey
    from graphml.errors import ParameterError

    if picture.suffix not in (".svg", ".html"):
        raise ParameterError(f"'{picture}' must end in .svg or .html.")
    currency, backward = said
    page = picture.suffix == ".html"
    picture.write_text(sankey(content, currency, page, backward), encoding="utf-8")
    answer.complain(f"drew {picture}")


def _show_paths(content: dict[str, Any]) -> None:
    found = content["paths"]
    answer.say(
        f"{len(found):,} path{'' if len(found) == 1 else 's'}; {sum(p['returned'] for p in found):,} return to their origin."
    )
    answer.table(
        ("in", "out", "payments", "returned", "accounts"),
        [
            (p["amount_in"], p["amount_out"], len(p["transactions"]), "yes" if p["returned"] else "", " > ".join(p["accounts"]))
            for p in found[:_SHOWN]
        ],
    )  # fmt: skip
    _show_rest(len(found), content["cut"])


def _show_flow(content: dict[str, Any], currency: str, backward: bool) -> None:
    ends = content["ends"]
    sums = {how: sum(end["amount"] for end in ends if end["how"] == how) for how in ("held", "left", "returned")}
    from casework.trails import WAYS

    way = "came from" if backward else "went to"
    held, left, returned = (
        ("there when the window begins", "from outside the books", "from a payee of a seed")
        if backward
        else ("held", "left the books", "returned")
    )
    answer.say(
        f"Traced {content['traced']:,.2f} {currency} by {content['rule']}{', backward' if backward else ''}: "
        f"{sums['held']:,.2f} {held}, {sums['left']:,.2f} {left}, {sums['returned']:,.2f} {returned}."
    )
    ways = {way: sum(end["by"].get(way, 0.0) for end in ends if "by" in end) for way in WAYS}
    if sums["left"]:
        said = {
            "cash": "in cash",
            "crypto": "in cryptocurrency",
            "external": f"{'from' if backward else 'to'} accounts elsewhere",
        }
        by = ", ".join(f"{amount:,.2f} {said[way]}" for way, amount in ways.items() if amount)
        answer.say(f"Of what {'came from outside' if backward else 'left'}: {by}.")
    if content["rule"] == "poison":
        answer.say("Poison calls every later payment tainted whole, so these are upper bounds and do not add up.")
    answer.say(f"\nWhere it {way}:")
    answer.table(("account", "how", "amount"), [(e["account"], _how(e, backward), e["amount"]) for e in ends[:_SHOWN]])
    moved, traced = (sum(leg[key] for leg in content["legs"]) for key in ("amount", "tainted"))
    answer.say(
        f"\n{len(content['legs']):,} payment{'' if len(content['legs']) == 1 else 's'} carried it. Of the {moved:,.2f} "
        f"{currency} moved so, {traced:,.2f} is traced, each hop counted, and {moved - traced:,.2f} is other money:"
    )
    legs = content["legs"][:_SHOWN]
    answer.table(
        ("hop", "time", "from", "to", "amount", "traced", "transaction"),
        [(x["hop"], x["time"][:16], x["from"], x["to"], x["amount"], x["tainted"], x["transaction"]) for x in legs],
    )
    _show_rest(max(len(content["legs"]), len(ends)), content["cut"])


def _how(end: dict[str, Any], backward: bool) -> str:
    said = {"held": "there before", "left": "from outside", "returned": "from a payee"} if backward else {}
    how = said.get(end["how"], str(end["how"]))
    return f"{how}: {', '.join(end['by'])}" if "by" in end else how


def _show_rest(count: int, cut: list[dict[str, Any]]) -> None:
    if count > _SHOWN:
        answer.complain(f"only the first {_SHOWN} of {count:,} are shown; all of them are in --json")
    for one in cut:
        if not one["dropped"]:
            answer.say(f"At {one['account']} {one['order']}.")
            continue
        answer.say(
            f"At {one['account']} {one['dropped']:,} of {one['degree']:,} payments ({one['dropped_value']:,.2f} in all) "
            f"{'was' if one['dropped'] == 1 else 'were'} left out, {one['kept']:,} kept: {one['order']}."
        )


VERBS = (trail,)
