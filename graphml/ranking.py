"""Order rings by what speaks for them and against them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.ring import Reason, Ring
from graphml.window import DAY

__all__ = ["Weights", "rank"]


@dataclass(frozen=True, slots=True)
class Weights:
    """Say how much each piece of evidence counts; all pieces lie in 0 to 1."""

    suspicion: float = 6.0  # rarity of account and payment scores
    variety: float = 1.0  # different typologies, 3 are full
    new: float = 1.0  # share of payments between accounts that never met before
    value: float = 0.5  # share of all payments that are smaller than the ring's median
    speed: float = 0.5  # 1 at once, 0 at 8 days
    size: float = 0.5  # full at 12 accounts
    rhythm: float = -1.0  # share of payments whose pair repeats one amount
    owner: float = -1.0  # share of payments between accounts of one owner
    told: float = 0.25  # share from which what speaks against a ring is said


def rank(
    ledger: Ledger, graph: TransactionGraph, rings: Sequence[Ring], account_score: NDArray[np.floating],
    transaction_score: NDArray[np.floating], weights: Weights = Weights(),
) -> tuple[Ring, ...]:  # fmt: skip
    """Return *rings* with scores and the sentence on suspicion, best first, ties by id; scores are (N,) and (E,)."""
    view = np.arange(graph.lo, graph.hi)
    accounts, payments = _rarity_of_active(graph, view, account_score), _rarity(transaction_score)
    active = int(np.count_nonzero(accounts >= 0))
    first, repeats = _pairs(graph, view)
    order = np.sort(graph.value[view])
    owners = _owners(ledger)
    done = []
    for ring in rings:
        rows = np.array(ring.rows)
        suspicion = (_top(accounts[list(ring.accounts)]) + _top(payments[rows])) / 2
        decades = max(active, 2) ** suspicion
        ends = list(zip(graph.source[rows].tolist(), graph.target[rows].tolist(), strict=True))
        same = float(np.mean([bool(owners.get(a, set()) & owners.get(b, set())) for a, b in ends]))
        score = (
            weights.suspicion * suspicion
            + weights.variety * min(len(ring.parts), 3) / 3
            + weights.new * float(first[rows - graph.lo].mean())
            + weights.value * float(np.searchsorted(order, np.median(graph.value[rows])) / len(order))
            + weights.speed * max(0.0, 1 - (ring.end - ring.start) / (8 * DAY))
            + weights.size * min(len(ring.accounts), 12) / 12
            + weights.rhythm * (rhythm := float(repeats[rows - graph.lo].mean()))
            + weights.owner * same
        )
        against = _against(rhythm, same, weights.told)
        said = f"Scores as high as those of its more suspicious half are found at one in {decades:,.0f} accounts or payments."
        done.append(replace(ring, score=round(score, 9), reasons=(*ring.reasons, *against, Reason(said, suspicion))))
    return tuple(sorted(done, key=lambda ring: (-ring.score, ring.id)))


def _against(rhythm: float, owner: float, least: float) -> tuple[Reason, ...]:
    said = (
        (
            rhythm,
            f"Against it: {rhythm:.0%} of its payments repeat one amount between the same two, as wages or rent do.",
        ),
        (owner, f"Against it: {owner:.0%} of its payments are between accounts of one owner."),
    )
    return tuple(Reason(sentence, share, least) for share, sentence in said if share >= least)


def _rarity_of_active(
    graph: TransactionGraph, view: NDArray[np.int64], score: NDArray[np.floating]
) -> NDArray[np.float64]:
    # Among the accounts that moved money; -1 for the others, who must not count, for nobody knows of them yet.
    moved = np.unique(np.concatenate([graph.source[view], graph.target[view]]))
    found = np.full(len(score), -1.0)
    found[moved] = _rarity(score[moved])
    return found


def _rarity(score: NDArray[np.floating]) -> NDArray[np.float64]:
    # How rare so high a score is, in decades, as a share of the rarest possible: the best of N has 1, the best tenth
    # of 10,000 has 1/4. A percentile would put the best and the best hundredth together. Equal scores share a rank.
    order = np.sort(score)
    above, same = len(order) - np.searchsorted(order, score, "right"), np.searchsorted(order, score, "right")
    same = same - np.searchsorted(order, score, "left")
    share = (above + np.maximum(same, 1) / 2 + 0.5) / max(len(order), 1)
    decades: NDArray[np.float64] = np.log(share) / np.log(1.0 / max(len(order), 2))
    return np.clip(decades, 0.0, 1.0)


def _top(values: NDArray[np.float64]) -> float:
    return float(np.sort(values)[len(values) // 2 :].mean())


def _pairs(graph: TransactionGraph, view: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    # (len(view),) whether a payment is at its pair's first instant, and whether its pair pays the same amount three
    # times or more. Payments of one instant count alike, so their order does not matter.
    pair = graph.source[view].astype(np.int64) * graph.n + graph.target[view]
    _, index, pair = np.unique(pair, return_index=True, return_inverse=True)
    first = graph.time[view] == graph.time[view[index[pair]]]
    amount = np.unique(graph.value[view], return_inverse=True)[1].astype(np.int64)
    both = pair.astype(np.int64) * (int(amount.max(initial=0)) + 1) + amount
    _, place, count = np.unique(both, return_inverse=True, return_counts=True)
    return first, count[place] >= 3


def _owners(ledger: Ledger) -> dict[int, set[str]]:
    owners: dict[int, set[str]] = {}
    for party, account in ledger.ownership.select("party", "account").iter_rows():
        owners.setdefault(account, set()).add(party)
    return owners
