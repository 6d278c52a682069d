"""Ask Neo4j our own saved question, and the same of `paths`, on one ledger."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cypher.questions import question
from experiments.neo4j_peer import Absent, peer
from experiments.trail.timing import quantiles, timed
from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.trail import Seeds, Terms, paths

__all__ = ["beside_neo4j"]

_QUESTION = "forward_trail"
_ROWS = 1_000_000  # all paths are listed


def beside_neo4j(ledger: Ledger, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return milliseconds of both for trails of 6 hops of accounts that pay an ordinary number of times, and of hubs.

    An answer counts where both list the same number of paths; Neo4j has no limit on hubs, so ours has none here.
    """
    graph, rng = TransactionGraph.of(ledger), np.random.default_rng(wanted["seed"])
    degree = np.diff(graph.out_start)
    low, high = np.quantile(degree[degree > 0], [0.25, 0.75])
    ordinary = np.flatnonzero((degree >= max(low, 1)) & (degree <= high))
    hubs = np.flatnonzero(degree >= np.quantile(degree, 0.999))
    asked = {
        "ordinary": rng.choice(ordinary, wanted["accounts"], replace=False),
        "hubs": rng.choice(hubs, wanted["hubs"], replace=False),
    }
    try:
        with peer(ledger, "6g", "3g") as store:
            said: dict[str, Any] = {"version": store.version, "loading_seconds": round(store.loading, 1)}
            for name, accounts in asked.items():
                said[name] = _asked(ledger, graph, store, accounts, wanted["limit"])
    except Absent as why:
        return {"skipped": str(why)}
    return {"transactions": ledger.transactions.height, **said}


def _asked(
    ledger: Ledger, graph: TransactionGraph, store: Any, accounts: NDArray[np.int64], limit: float
) -> dict[str, Any]:
    text = question(_QUESTION).text
    terms, ids, names = Terms(hub_limit=len(graph)), ledger.transactions["id"], ledger.accounts["name"]
    gap, window = terms.max_gap // 1000, terms.window // 1000  # milliseconds there
    same = {"from": 0, "to": 1 << 50, "hops": terms.hops, "max_gap": gap, "window": window, "keep": terms.keep,
            "most": terms.most, "limit": _ROWS}  # fmt: skip
    ours, theirs, found, over = [], [], [], 0
    for account in accounts.tolist():
        rows, seconds = store.ask(text, {**same, "account": names[account]}, limit)
        seeds = Seeds.of_accounts(ledger, graph, [names[account]], graph.span)
        answer, took = timed(lambda seeds=seeds: paths(graph, seeds, ids, terms))
        if rows is None:
            over += 1
            continue
        if len(rows) != len(answer.found):
            raise AssertionError(f"{names[account]}: Neo4j lists {len(rows)} paths, ours {len(answer.found)}")
        ours.append(took)
        theirs.append(1000 * seconds)
        found.append(len(rows))
    ratio = np.array(theirs) / np.array(ours)
    return {
        "accounts": len(accounts), "not_done_in_time": over, "paths_p50": float(np.median(found)), "paths_max": max(found),
        "neo4j_ms": quantiles(theirs), "ours_ms": quantiles(ours),
        "times_as_fast": {"p50": round(float(np.median(ratio)), 1), "least": round(float(ratio.min()), 1)},
    }  # fmt: skip
