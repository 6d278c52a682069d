"""Define each typology in plain Python, so that an attempt of an answer key can be held against its name.

Sources: Altman et al. (2023), section 3.4, for the eight patterns; Oztas et al. (2023) for what goes beyond them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.ingest.world.reading import Row


@dataclass(frozen=True)
class Flow:
    """Hold what one account pays another within a phase: one payment, or the parts of a split one."""

    payer: str
    payee: str
    first: int  # minute
    last: int
    usd: float
    parts: int


Phases = Sequence[Sequence[Flow]]


def flows(rows: Sequence[Row]) -> list[Flow]:
    """Return the flows of one phase: parts are put together, and accounts that only pass on are left out."""
    parts: dict[tuple[str, str], list[Row]] = {}
    for r in rows:
        parts.setdefault((r.payer, r.payee), []).append(r)
    found = [
        Flow(*ends, min(r.minute for r in p), max(r.minute for r in p), sum(r.usd for r in p), len(p))
        for ends, p in parts.items()
    ]
    while between := {f.payee for f in found} & {f.payer for f in found}:
        hop = min(between)
        (one,) = [f for f in found if f.payee == hop]
        (other,) = [f for f in found if f.payer == hop]
        assert one.last < other.first, f"{hop} passes on what it has not received"
        found = [f for f in found if f not in (one, other)]
        found.append(Flow(one.payer, other.payee, one.first, other.last, other.usd, 1))
    return sorted(found, key=lambda f: (f.last, f.payer, f.payee))


def fault(typology: str, phases: Phases) -> str | None:
    """Say in which way *phases* are not what *typology* is defined to be; None: they are."""
    if not phases or not all(phases):
        return "a phase is empty"
    if any(f.payer == f.payee for p in phases for f in p):
        return "an account pays itself"
    if len(phases) == len(phases[0]) == 1 and typology in SINGLE:
        return None
    return DEFINITIONS[typology](phases)


SINGLE = ("fan-out", "fan-in", "random", "bipartite")  # may be one payment under the switch single-payments


def payers(phase: Sequence[Flow]) -> set[str]:
    return {f.payer for f in phase}


def payees(phase: Sequence[Flow]) -> set[str]:
    return {f.payee for f in phase}


def early(phases: Phases) -> str | None:
    """Say which account pays on before it received everything of the phase before."""
    for one, two in pairwise(phases):
        for account in payees(one) & payers(two):
            if max(f.last for f in one if f.payee == account) >= min(f.first for f in two if f.payer == account):
                return f"{account} pays before it received"
    return None


def layered(phases: Phases) -> str | None:
    """Say where layers do not follow each other: all who received pay on, and nobody is in two layers."""
    layers = [payers(phases[0]), *(payees(p) for p in phases)]
    if sum(map(len, layers)) != len(set().union(*layers)):
        return "an account is in two layers"
    if any(payees(one) != payers(two) for one, two in pairwise(phases)):
        return "the money does not pass through the middle layer"
    return early(phases)


def dense(phase: Sequence[Flow]) -> bool:
    return len(phase) == len(payers(phase)) * len(payees(phase)) and min(len(payers(phase)), len(payees(phase))) > 1


def pairs(phase: Sequence[Flow]) -> bool:
    return len(phase) == len(payers(phase)) == len(payees(phase)) > 1


def fan_out(phases: Phases) -> str | None:
    (p,) = phases
    right = len(payers(p)) == 1 and len(payees(p)) == len(p) >= 2 and not payers(p) & payees(p)
    return None if right else "not one payer with two payees or more"


def fan_in(phases: Phases) -> str | None:
    (p,) = phases
    right = len(payees(p)) == 1 and len(payers(p)) == len(p) >= 2 and not payers(p) & payees(p)
    return None if right else "not one payee with two payers or more"


def chain(phases: Phases) -> str | None:
    if any(len(p) != 1 for p in phases):
        return "a hop is not one payment"
    if any(a[0].payee != b[0].payer for a, b in pairwise(phases)):
        return "the payee does not pay on"
    return early(phases)


def cycle(phases: Phases) -> str | None:
    hops = [p[0] for p in phases]
    if len(hops) < 2 or hops[-1].payee != hops[0].payer or len({f.payer for f in hops}) != len(hops):
        return "does not return to its start, or meets an account twice"
    return chain(phases)


def walk(phases: Phases) -> str | None:
    seen = [phases[0][0].payer, *(p[0].payee for p in phases)]
    return "meets an account twice" if len(seen) != len(set(seen)) else chain(phases)


def bipartite(phases: Phases) -> str | None:
    (p,) = phases
    if payers(p) & payees(p):
        return "the two sides are not disjoint"
    return None if dense(p) or pairs(p) else "neither all pay all nor disjoint pairs"


def stack(phases: Phases) -> str | None:
    one, two = phases
    if not (dense(one) and dense(two)) and not (pairs(one) and pairs(two)):
        return "neither two dense layers nor disjoint chains"
    return layered(phases)


def scatter_gather(phases: Phases) -> str | None:
    one, two = phases
    if len(payers(one)) != 1 or len(payees(two)) != 1 or not len(payees(one)) == len(one) == len(two) >= 2:
        return "not one source, middle accounts used once each, one collector"
    return layered(phases)


def gather_scatter(phases: Phases) -> str | None:
    one, two = phases
    hub, sources, targets = payees(one), payers(one), payees(two)
    if len(hub) != 1 or hub != payers(two) or (sources | targets) & hub or sources & targets:
        return "not one account that gathers and scatters"
    if not len(sources) == len(one) >= 2 or not len(targets) == len(two) >= 2:
        return "a source or target is used twice, or is the only one"
    return None if min(f.last for f in one) < min(f.first for f in two) else "scatters before anything was gathered"


def structuring(phases: Phases) -> str | None:
    (p,) = phases
    if len(payees(p)) != 1 or payees(p) & payers(p) or sum(f.parts for f in p) < 3:
        return "not three payments or more to one account"
    limit = 10_000 * 1.2917  # of the world's first currency, dollars or pounds, in dollars
    return None if all(f.usd / f.parts < limit for f in p) else "payments are not below the limit"


def layered_fan_in(phases: Phases) -> str | None:
    one, two = phases
    if len(payees(two)) != 1 or len(two) < 2 or len(payers(one)) != len(one):
        return "not two middle accounts or more that pay one collector"
    if any(sum(f.payee == m for f in one) < 2 for m in payees(one)):
        return "a middle account gathers from one source only"
    return layered(phases)


def layered_fan_out(phases: Phases) -> str | None:
    one, two = phases
    if len(payers(one)) != 1 or len(one) < 2 or len(payees(two)) != len(two):
        return "not one source that pays two middle accounts or more"
    if any(sum(f.payer == m for f in two) < 2 for m in payers(two)):
        return "a middle account pays one target only"
    return layered(phases)


def stacked_bipartite(phases: Phases) -> str | None:
    return layered(phases) if len(phases) >= 2 and all(map(dense, phases)) else "not dense layers"


def hinge(phases: Phases, least_in: int, most_in: int, least_out: int, most_out: int) -> str | None:
    """Say whether not one account receives from so many and, after everything came, pays so many."""
    one, two = phases
    if not least_in <= len(one) <= most_in or not least_out <= len(two) <= most_out:
        return f"{len(one)} sources and {len(two)} targets"
    return layered(phases) if len(payees(one)) == 1 else "not one account in the middle"


def herd(phases: Phases) -> str | None:
    one, two = phases
    if len(payers(one)) != 1 or len(one) < 3 or not 1 <= len(payees(two)) <= 3 or len(two) != len(payers(two)):
        return "not three mules or more that pass on, each once, to at most three"
    return layered(phases)


DEFINITIONS: dict[str, Callable[[Phases], str | None]] = {
    "fan-out": fan_out,
    "fan-in": fan_in,
    "gather-scatter": gather_scatter,
    "scatter-gather": scatter_gather,
    "cycle": cycle,
    "random": walk,
    "bipartite": bipartite,
    "stack": stack,
    "structuring": structuring,
    "layered-fan-in": layered_fan_in,
    "layered-fan-out": layered_fan_out,
    "stacked-bipartite": stacked_bipartite,
    "deposit-send": lambda phases: hinge(phases, 2, 99, 1, 1),
    "behaviour-change": lambda phases: hinge(phases, 1, 1, 3, 99),
    "dormant-woken": lambda phases: hinge(phases, 1, 99, 2, 99),
    "funnel": lambda phases: hinge(phases, 5, 99, 1, 2),
    "shell-chain": lambda phases: walk(phases) if len(phases) >= 3 else "fewer than three hops",
    "mule-herd": herd,
}
EIGHT = tuple(DEFINITIONS)[:8]
