"""Take a ledger to flagged accounts and ranked rings: the one path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graphml import registry
from graphml.config import Config
from graphml.errors import InputError, UnknownName
from graphml.families import Families, Features
from graphml.graph import TransactionGraph
from graphml.hits import evaluate
from graphml.ledger import Ledger
from graphml.likeness import Likeness
from graphml.linking import linked
from graphml.networks import networks
from graphml.people import People
from graphml.ranking import comparable
from graphml.ring import Cut, Found, Ring
from graphml.rings import Scores, assemble
from graphml.stages import Stages
from graphml.story import Known, Story, tell
from graphml.suspicion import Suspicion, judge
from graphml.typology import search
from graphml.window import to_datetime

__all__ = ["Findings", "find", "ring_scores"]


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """Hold what one run found."""

    ledger: Ledger
    graph: TransactionGraph
    features: Features
    suspicion: Suspicion
    rings: tuple[Ring, ...]  # best first
    left: int  # candidates for rings that are told nowhere, for better ones took the room
    likeness: Likeness | None  # by which rings were ranked too, where labels allow it
    ring_metrics: dict[str, object]  # empty where the ledger has no answer key
    cuts: Mapping[str, tuple[Cut, ...]]  # by typology: where its limits stopped the search, near a ring or not
    story: Story | None  # what became of the rings of the run before, where one was given


def find(
    ledger: Ledger, config: Config, stages: Stages, at: int | None = None, before: Sequence[Known] | None = None
) -> Findings:
    """Return the findings in *ledger* as of *at* (microseconds UTC); equal input gives equal findings.

    Where *at* is given only strictly earlier transactions exist; else all of them do. Rings that continue those of the
    run *before* keep their ids.

    Raises:
        InputError: the ledger has no transaction. UnknownName: it has no account that *config* calls a victim's.
    """
    try:
        ledger.numbers(config.victims)
    except UnknownName as fault:
        raise UnknownName(f"victims: {fault}") from fault
    ledger = ledger if at is None else ledger.before(at)
    if ledger.transactions.is_empty():
        raise InputError("The ledger holds no transaction (as of the given date), so there is nothing to look at.")
    with stages.stage("graph"):
        graph = TransactionGraph.of(ledger)
    with stages.stage("features"):
        features = Families.of(config.families or None, ledger).features(graph, at)
    with stages.stage("suspicion"):
        suspicion = judge(ledger, graph, config, features)
    with stages.stage("rings"):
        people = People.of(ledger).with_victims(ledger, config.victims)
        found = _found(graph, people, config)
        scores = ring_scores(graph, suspicion, config.seed)
        if suspicion.payments_judged:
            found.append(networks(graph, scores.transaction, people=people))
        made = assemble(ledger, graph, found, scores, config.most_rings(graph.n), people)
        rings = made.rings
        ring_metrics = _measured(ledger, rings, suspicion.since) if ledger.attempts.height else {}
        story = (
            None
            if before is None
            else tell([Known.of(ledger, ring) for ring in rings], before, features.at, left=made.left)
        )
    rings = linked(rings if story is None else story.rings, people)
    cuts = {one.typology: one.cuts for one in found}
    return Findings(ledger, graph, features, suspicion, rings, made.left, made.likeness, ring_metrics, cuts, story)


def _measured(ledger: Ledger, rings: tuple[Ring, ...], since: int) -> dict[str, object]:
    day = f"{to_datetime(since):%Y-%m-%d}"
    sentence = (
        f"Only attempts that begin on {day} or later count, and rings whose middle payment is made then: no model was fitted "
        "or chosen on them. A ring that hits only an earlier attempt is left out."
    )
    return {"sentence": sentence, **evaluate(ledger, rings, since=since), "whole_ledger": evaluate(ledger, rings)}


def ring_scores(graph: TransactionGraph, suspicion: Suspicion, seed: int) -> Scores:
    """Return what *suspicion* says as rings are ranked by it: ranks among those judged alike.

    Accounts that a model had seen are apart from those it had not; who moved no money counts among neither.
    """
    by = np.where(graph.active, suspicion.reported.astype(np.int8), -1)
    learned = suspicion.since if suspicion.payments_judged else None
    paid = comparable(suspicion.transaction_score, suspicion.transaction_model)
    return Scores(comparable(suspicion.score, by), paid, learned, seed)


def _found(graph: TransactionGraph, people: People, config: Config) -> list[Found]:
    names = config.typologies or registry.names("graphml.typologies")
    chosen = (registry.plugin("graphml.typologies", name, "TYPOLOGY") for name in names)
    return search(graph, [replace(one, people=people) if hasattr(one, "people") else one for one in chosen])
