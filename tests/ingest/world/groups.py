"""Define the normal groups that look like laundering: each a predicate on the payments among its members."""

from collections.abc import Callable, Sequence

import polars as pl

from tests.ingest.world.reading import DAY, Row, World

Test = Callable[[Sequence[Row]], bool]


def members(world: World) -> pl.DataFrame:
    """Return (group, kind, account) of the normal groups in the ledger's answer key."""
    names = world.ledger("accounts")["name"]
    table = world.ledger("attempts").filter(~pl.col("laundering"))
    return table.select(
        pl.col("attempt").alias("group"), pl.col("typology").alias("kind"),
        pl.col("account").map_elements(names.__getitem__, pl.String),
    )  # fmt: skip


def found(kind: str, rows: Sequence[Row]) -> bool:
    """Say whether *rows* hold the shape of a normal group."""
    if kind in CHAINS:
        return CHAINS[kind](rows)
    return any(TESTS[kind](rows, hub) for hub in hubs(rows))


def hubs(rows: Sequence[Row]) -> set[str]:
    return {r.payer for r in rows} | {r.payee for r in rows}


def _into(rows: Sequence[Row], hub: str) -> list[Row]:
    return [r for r in rows if r.payee == hub]


def _from(rows: Sequence[Row], hub: str) -> list[Row]:
    return [r for r in rows if r.payer == hub]


def _equal(rows: Sequence[Row]) -> bool:
    usual = sorted(r.usd for r in rows)[len(rows) // 2]
    return sum(abs(r.usd - usual) <= 0.01 + usual * 0.01 for r in rows) >= 0.8 * len(rows)


def bill(rows: Sequence[Row], hub: str) -> bool:
    """Say whether all pay *hub* the same within five days."""
    into = _into(rows, hub)
    return len(into) >= 2 and _equal(into) and into[-1].minute - into[0].minute < 5 * DAY


def shared(rows: Sequence[Row], hub: str) -> bool:
    """Say whether *hub* pays two or more others within five days."""
    out = _from(rows, hub)
    return len({r.payee for r in out}) >= 2 and out[-1].minute - out[0].minute < 5 * DAY


def purchase(rows: Sequence[Row], hub: str) -> bool:
    """Say whether two or more others pay *hub* within five days."""
    into = _into(rows, hub)
    return len({r.payer for r in into}) >= 2 and into[-1].minute - into[0].minute < 5 * DAY


def circle(rows: Sequence[Row], hub: str) -> bool:
    """Say whether all pay *hub* the same, and get the same from it later."""
    into, out = _into(rows, hub), _from(rows, hub)
    came = {r.payer: r.minute for r in into}
    back = [r for r in out if r.payee in came and came[r.payee] < r.minute]
    return len(into) >= 2 and _equal([*into, *out]) and len(back) >= 0.8 * len(into)


def market(rows: Sequence[Row], hub: str) -> bool:
    """Say whether *hub* takes from many and pays many others about what came."""
    into, out = _into(rows, hub), _from(rows, hub)
    if len(into) < 3 or len(out) < 3 or {r.payer for r in into} & {r.payee for r in out}:
        return False
    return into[0].minute < out[0].minute and 0.6 < sum(r.usd for r in out) / sum(r.usd for r in into) < 1.4


def agent(rows: Sequence[Row], hub: str) -> bool:
    """Say whether *hub* passes on what it gets within a day or so, and keeps or adds little."""
    into, out = _into(rows, hub), _from(rows, hub)
    passed = [r for r in into if any(0 < o.minute - r.minute <= 1.1 * DAY and 0.6 < o.usd / r.usd < 1.4 for o in out)]
    return bool(into) and len(passed) >= 0.7 * len(into)


def takings(rows: Sequence[Row], hub: str) -> bool:
    """Say whether all pay *hub* amounts just below ten thousand."""
    into = [r for r in _into(rows, hub) if 8000 < r.usd < 10_000]
    return len(into) >= 2


def trip(rows: Sequence[Row]) -> bool:
    """Say whether one pays all of the staff, who all pay one place later."""
    for firm in hubs(rows):
        paid = {r.payee: r.minute for r in _from(rows, firm)}
        for place in hubs(rows) - {firm}:
            later = {r.payer for r in _into(rows, place) if r.payer in paid and paid[r.payer] < r.minute}
            if len(later) >= 2 and len(later) >= 0.7 * len(paid):
                return True
    return False


def ways(rows: Sequence[Row], least: float, most: float) -> list[list[Row]]:
    """Return the longest chains in time, whose amounts change from hop to hop within bounds."""
    best: list[list[Row]] = []
    for r in rows:
        before = [w for w in best if w[-1].payee == r.payer and w[-1].minute < r.minute]
        before = [w for w in before if least <= r.usd / w[-1].usd <= most]
        best.append([*max(before, key=len, default=[]), r])
    return best


def supply(rows: Sequence[Row]) -> bool:
    """Say whether orders go up a chain of firms, most of them smaller than the one before."""
    return any(len(w) >= max(2, len(hubs(rows)) - 2) for w in ways(rows, 0.6, 1.3))


def treasury(rows: Sequence[Row]) -> bool:
    """Say whether money goes round and comes back, nearly the same."""
    return any(len(w) >= 2 and w[0].payer == w[-1].payee for w in ways(rows, 0.65, 1.45))


def windfall(rows: Sequence[Row], hub: str) -> bool:
    """Say whether *hub* gets one large sum and then pays two or more out of it."""
    into, out = _into(rows, hub), _from(rows, hub)
    if not into or len(out) < 2 or sum(r.usd for r in out) > 1.4 * sum(r.usd for r in into):
        return False
    return max(r.minute for r in into) < out[0].minute and len(into) <= 2


def collection(rows: Sequence[Row], hub: str) -> bool:
    """Say whether five or more give to *hub*, which then pays nearly all of it on."""
    into, out = _into(rows, hub), _from(rows, hub)
    if len({r.payer for r in into}) < 4 or not 1 <= len(out) <= 2:
        return False
    return into[-1].minute < out[-1].minute and 0.6 < sum(r.usd for r in out) / sum(r.usd for r in into) < 1.4


def branches(rows: Sequence[Row], hub: str) -> bool:
    """Say whether two or more gather from two or more each, and then pay *hub*."""
    middles = {r.payer: r.minute for r in _into(rows, hub)}
    fed = [m for m, when in middles.items() if len([r for r in _into(rows, m) if r.minute < when]) >= 2]
    return len(fed) >= 2 and len(fed) >= 0.7 * len(middles)


def agencies(rows: Sequence[Row], hub: str) -> bool:
    """Say whether *hub* pays two or more, who then pay two or more each."""
    middles = {r.payee: r.minute for r in _from(rows, hub)}
    pay = [m for m, when in middles.items() if len([r for r in _from(rows, m) if r.minute > when]) >= 2]
    return len(pay) >= 2 and len(pay) >= 0.7 * len(middles)


def distribution(rows: Sequence[Row]) -> bool:
    """Say whether all of a layer pay all of the next, layer after layer, in order of time."""
    layer = {r.payer for r in rows} - {r.payee for r in rows}
    layers = 0
    while following := {r.payee for r in rows if r.payer in layer}:
        mine = [r for r in rows if r.payer in layer]
        if len({(r.payer, r.payee) for r in mine}) < len(layer) * len(following):
            return False
        next_ = [r.minute for r in rows if r.payer in following]
        if layers > 5 or (next_ and min(next_) <= max(r.minute for r in mine)):
            return False
        layer, layers = following, layers + 1
    return layers >= 2


def syndicate(rows: Sequence[Row]) -> bool:
    """Say whether each of some firms pays each of some others."""
    ends = {(r.payer, r.payee) for r in rows}
    left, right = {a for a, _ in ends}, {b for _, b in ends}
    return not left & right and len(ends) == len(left) * len(right) and len(left) > 1 < len(right)


TESTS: dict[str, Callable[[Sequence[Row], str], bool]] = {
    "group-bill": bill, "joint-purchase": purchase, "shared-out": shared, "savings-circle": circle, "market-place": market, "agent": agent, "shop-takings": takings,
    "inheritance": windfall, "home-loan": windfall, "collection": collection, "branches": branches, "agencies": agencies,
}  # fmt: skip
CHAINS: dict[str, Test] = {
    "business-trip": trip, "supply-chain": supply, "treasury-round-trip": treasury, "syndicate": syndicate,
    "distribution": distribution, "shared-flat": trip,
}  # fmt: skip
KINDS = (*TESTS, *CHAINS)
