"""Write trails as JSON under the names of the ledger; amounts are in the reference currency."""

from dataclasses import asdict
from typing import Any

from graphml.ledger import Ledger
from graphml.ring import Cut
from graphml.trail import Flow, Paths
from graphml.window import to_datetime

__all__ = ["flow_json", "paths_json"]


def paths_json(ledger: Ledger, found: Paths) -> dict[str, Any]:
    """Return the paths and what was cut."""
    ids, names = ledger.transactions["id"], ledger.accounts["name"]
    return {
        "paths": [
            {
                "transactions": [ids[row] for row in path.rows],
                "accounts": [names[account] for account in path.accounts],
                "amount_in": path.amount_in,
                "amount_out": path.amount_out,
                "returned": path.returned,
            }
            for path in found.found
        ],
        "cut": _cuts(ledger, found.cut),
    }


def flow_json(ledger: Ledger, flow: Flow) -> dict[str, Any]:
    """Return seeds, rule, legs, ends, what was traced and what was cut."""
    ids, names = ledger.transactions["id"], ledger.accounts["name"]
    table = ledger.transactions[[leg.row for leg in flow.legs]]
    ends = zip(table["source"], table["target"], table["time"].to_physical(), table["value"], strict=True)
    return {
        "seeds": [ids[row] for row in flow.seeds],
        "rule": flow.rule,
        "legs": [
            {
                "transaction": ids[leg.row], "from": names[payer], "to": names[payee],
                "time": to_datetime(moment).isoformat(), "amount": value, "tainted": leg.tainted, "hop": leg.hop,
            }
            for leg, (payer, payee, moment, value) in zip(flow.legs, ends, strict=True)
        ],
        "ends": [{"account": names[end.account], "how": end.how, "amount": end.amount} for end in flow.ends],
        "traced": flow.traced,
        "cut": _cuts(ledger, flow.cut),
    }  # fmt: skip


def _cuts(ledger: Ledger, cuts: tuple[Cut, ...]) -> list[dict[str, Any]]:
    return [{**asdict(cut), "account": ledger.accounts["name"][cut.account]} for cut in cuts]
