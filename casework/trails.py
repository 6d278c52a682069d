"""Write trails as JSON under the names of the ledger; amounts are in the reference currency."""

from collections import defaultdict
from dataclasses import asdict
from typing import Any

import polars as pl

from graphml.ledger import Ledger
from graphml.ring import Cut
from graphml.trail import Flow, Paths
from graphml.window import to_datetime

__all__ = ["WAYS", "flow_json", "paths_json"]

WAYS = ("cash", "crypto", "external")  # by which money leaves the books, or comes from outside
_CASH = r"(?i)\b(cash|atm|cash ?(out|in|withdrawal|deposit))\b"
_NO_CASH = r"(?i)\b(non|no)[- ]?cash|cash[- ]?(free|less)\b"
_CRYPTO = r"(?i)\b(crypto\w*|bitcoin|btc|xbt|ethereum|ether|eth|stablecoin|usd coin|tether|usdt|usdc|monero|xmr|litecoin|ltc)\b"


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
    """Return seeds, rule, legs, ends, what was traced and what was cut.

    An end that left the books says *by* which of `WAYS`, and how much by each: `crypto` where the payment's format or one
    of its currencies is, else `cash` where its format or the other account is, else `external`.
    """
    ids, names = ledger.transactions["id"], ledger.accounts["name"]
    table = ledger.transactions[[leg.row for leg in flow.legs]]
    by = _ways(ledger, flow, table)
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
        "ends": [
            {"account": names[end.account], "how": end.how, "amount": end.amount}
            | ({"by": by[end.account]} if end.how == "left" else {})
            for end in flow.ends
        ],
        "traced": flow.traced,
        "cut": _cuts(ledger, flow.cut),
    }  # fmt: skip


def _ways(ledger: Ledger, flow: Flow, legs: pl.DataFrame) -> dict[int, dict[str, float]]:
    # Of each account where money left, how much of what the payments to it (backward: from it) carried went which way.
    gone = {end.account for end in flow.ends if end.how == "left"}
    said = pl.concat_str(
        [pl.col(name).cast(pl.String).fill_null("") for name in ("currency", "currency_received")], separator=" "
    )
    format_ = pl.col("format").cast(pl.String).fill_null("").str.replace_all("_", " ")
    told = legs.select(
        "source",
        "target",
        cash=format_.str.contains(_CASH) & ~format_.str.contains(_NO_CASH),
        crypto=(format_ + " " + said).str.contains(_CRYPTO),
    )
    kinds, found = ledger.accounts["kind"], defaultdict[int, dict[str, float]](dict)
    for leg, (payer, payee, cash, crypto) in zip(flow.legs, told.iter_rows(), strict=True):
        for account in {payer, payee} & gone:
            way = "crypto" if crypto else "cash" if cash or kinds[account] == "cash" else "external"
            found[account][way] = found[account].get(way, 0.0) + leg.tainted
    return {account: {way: some[way] for way in WAYS if way in some} for account, some in found.items()}


def _cuts(ledger: Ledger, cuts: tuple[Cut, ...]) -> list[dict[str, Any]]:
    return [{**asdict(cut), "account": ledger.accounts["name"][cut.account]} for cut in cuts]
