"""Answer the saved questions by brute force from a ledger's rows: slow and obvious."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphml.ledger import Ledger

Payment = dict[str, Any]


def payments(ledger: Ledger) -> list[Payment]:
    names = ledger.accounts["name"].to_list()
    return [
        {
            "id": r["id"],
            "source": names[r["source"]],
            "target": names[r["target"]],
            "value": r["value"],
            "date": time // 1_000,
        }
        for r, time in zip(ledger.transactions.to_dicts(), ledger.transactions["time"].to_physical(), strict=True)
    ]


def flagged_neighbourhood(ledger: Ledger, flagged: set[str], p: Mapping[str, Any]) -> list[dict[str, Any]]:
    every = payments(ledger)
    inside = [x for x in every if p["from"] <= x["date"] < p["to"]]
    degree: dict[str, int] = defaultdict(int)
    for x in every:
        degree[x["source"]] += 1
        degree[x["target"]] += 1
    distance, ids = {p["account"]: 0}, {p["account"]: set[str]()}
    for hop in range(1, p["hops"] + 1):
        new: dict[str, set[str]] = defaultdict(set)
        for x in inside:
            for here, there in ((x["source"], x["target"]), (x["target"], x["source"])):
                open_ = here == p["account"] or degree[here] <= p["hub_limit"]
                if distance.get(here) == hop - 1 and there not in distance and open_:
                    new[there] |= ids[here] | {x["id"]}
        for name, found in new.items():
            distance[name], ids[name] = hop, found
    rows = []
    for name, hop in distance.items():
        row = {"account": name, "hops": hop, "transactions": sorted(ids[name])}
        if hop and name in flagged:
            rows.append({"kind": "flagged", **row})
        if 0 < hop < p["hops"] and degree[name] > p["hub_limit"]:
            rows.append({"kind": "hub", **row})
    return sorted(rows, key=lambda r: (r["kind"], r["hops"], r["account"]))


def forward_trail(ledger: Ledger, p: Mapping[str, Any]) -> list[dict[str, Any]]:
    every = payments(ledger)

    def grown(path: list[Payment]) -> Iterator[list[Payment]]:
        yield path
        accounts = [path[0]["source"], *(x["target"] for x in path)]
        if len(path) == p["hops"] or accounts[-1] == accounts[0]:
            return
        last = path[-1]
        for x in every:
            fits = x["source"] == last["target"] and last["date"] < x["date"] <= last["date"] + p["max_gap"]
            inside = x["date"] - path[0]["date"] <= p["window"]
            share = p["keep"] * last["value"] <= x["value"] <= p["most"] * last["value"]
            fresh = x["target"] not in accounts[1:]
            if fits and inside and share and fresh:
                yield from grown([*path, x])

    starts = [x for x in every if x["source"] == p["account"] and p["from"] <= x["date"] < p["to"]]
    found = [path for start in starts for path in grown([start])]
    rows = [
        {
            "transactions": [x["id"] for x in path],
            "accounts": [path[0]["source"], *(x["target"] for x in path)],
            "amount_in": path[0]["value"],
            "amount_out": path[-1]["value"],
            "returned": path[-1]["target"] == path[0]["source"],
            "elapsed": path[-1]["date"] - path[0]["date"],
            "paths": len(found),
        }
        for path in found
    ]
    return sorted(rows, key=lambda r: (-r["amount_out"], r["transactions"]))[: p["limit"]]


def ring_profile(ledger: Ledger, roles: Sequence[tuple[str, str]], p: Mapping[str, Any]) -> list[dict[str, Any]]:
    members = {name for name, _ in roles}
    inside = [x for x in payments(ledger) if p["from"] <= x["date"] < p["to"]]
    rows = []
    for name, role in sorted(roles):
        own = [x for x in inside if name in (x["source"], x["target"])]
        dates = [x["date"] for x in own]
        rows.append(
            {
                "account": name,
                "role": role,
                "paid_inside": sum(x["value"] for x in own if x["source"] == name and x["target"] in members),
                "received_inside": sum(x["value"] for x in own if x["target"] == name and x["source"] in members),
                "inflow": sum(x["value"] for x in own if x["target"] == name and x["source"] not in members),
                "outflow": sum(x["value"] for x in own if x["source"] == name and x["target"] not in members),
                "payments": len(own),
                "first_seen": min(dates, default=None),
                "last_seen": max(dates, default=None),
            }
        )
    return rows
