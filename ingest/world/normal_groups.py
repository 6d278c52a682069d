"""Build normal groups of one hub, one chain or two stages: each returns exactly the payments that are wanted."""

import numpy as np
from numpy.typing import NDArray

from graphml.elementary import exp, log
from ingest.world.normal_draw import Cast, Columns, Draw, Floats, both

__all__ = [
    "agents",
    "bills",
    "circles",
    "flats",
    "markets",
    "purchases",
    "shares",
    "supplies",
    "takings",
    "treasury",
    "trips",
]


def bills(draw: Draw) -> Columns:
    """Return groups in which friends pay back the one who paid: fan-in, equal amounts."""
    group, count = draw.sized(draw.rows)
    host = draw.people.persons.payers(count, draw.rng)[group]
    guest = draw.persons(group, host)
    when = draw.later(draw.rows, 0, 1.5)
    return guest, host, when, np.round(draw.spread(count, 28.0, 0.6)[group], 2), group


def purchases(draw: Draw) -> Columns:
    """Return groups in which several buy together, or buy from one, and each pays its part: fan-in, unequal amounts."""
    group, count = draw.sized(draw.rows)
    cast = Cast.of(draw, group)
    buyer = cast.lead()[group]
    when = draw.later(draw.rows, 0, 3)
    usd = draw.spread(count, 400.0, 0.9)[group] * draw.uneven(group, 0.4, 1.6)
    return cast.near(buyer, paid=False), buyer, when, usd, group


def circles(draw: Draw) -> Columns:
    """Return groups in which a savings circle: all pay the keeper the same, who pays it out: gather-scatter."""
    half = (draw.rows + 1) // 2
    group, count = draw.sized(half)
    keeper = draw.people.persons.payers(count, draw.rng)[group]
    member = draw.persons(group, keeper)
    when = draw.later(half, 0, 2)
    back = when + draw.later(half, 1, 4)
    usd = np.round(draw.spread(count, 200.0, 0.4), -1)[group] + 10.0
    return both(draw.rows, (member, keeper, when, usd, group), (keeper, member, back, usd, group))


def trips(draw: Draw) -> Columns:
    """Return groups in which somebody advances a trip or a feast, and all who come pay at one place: scatter-gather."""
    half = (draw.rows + 1) // 2
    group, count = draw.sized(half)
    cast = Cast.of(draw, group)
    firm = cast.lead(False)[group]
    place = cast.near(firm, 2.0)
    place = place[np.searchsorted(group, group)]
    staff = cast.near(firm)
    when = draw.later(half, 0, 0.1)
    later = when + draw.later(half, 0.5, 4)
    usd = draw.spread(count, 450.0, 0.5)[group] * draw.uneven(group, 0.9, 1.1)
    spent = usd * draw.kept(group, 0.1)
    return both(draw.rows, (firm, staff, when, usd, group), (staff, place, later, spent, group))


def markets(draw: Draw) -> Columns:
    """Return groups in which a market place or who holds a bazaar takes from buyers and pays sellers less its fee: gather-scatter, unequal amounts."""
    half = (draw.rows + 1) // 2
    group, _ = draw.sized(half, 3, 16)
    cast = Cast.of(draw, group)
    market = cast.lead()[group]
    buyer, seller = cast.near(market, paid=False), cast.near(market)
    when = draw.later(half, 0, 3)
    later = when + draw.later(half, 0.3, 3)
    usd = draw.spread(half, 120.0, 1.1)
    return both(
        draw.rows, (buyer, market, when, usd, group), (market, seller, later, usd * draw.kept(group, 0.1), group)
    )


def supplies(draw: Draw) -> Columns:
    """Return groups in which a shop or a client orders, the wholesaler or builder orders, the maker orders: a chain with a margin kept at each hop."""
    group, count = draw.sized(draw.rows, 2, 10)
    each = draw.spread(count, 3000.0, 1.0)
    cast = Cast.of(draw, group, each)
    shop = cast.lead(False)[group]
    firm = cast.near(shop, 1.3)
    first = np.searchsorted(group, group)
    payer = np.where(np.arange(draw.rows) == first, shop, np.concatenate([shop[:1], firm[:-1]]))
    rest = draw.later(draw.rows, 0.1, 1.15)
    when = np.cumsum(rest) - np.cumsum(rest)[first]
    usd = each[group] * _passed_on(draw.kept(group, 0.06), first)
    return payer, firm, when, usd, group


def treasury(draw: Draw) -> Columns:
    """Return groups in which a concern, a family and its firms, or friends who lend in turn move money on and back: a cycle with steady amounts."""
    group, count = draw.sized(draw.rows, 2, 10)
    each = draw.spread(count, 3000.0, 1.3)
    cast = Cast.of(draw, group, each)
    lead = cast.lead()[group]
    firm = cast.near(lead)
    first = np.searchsorted(group, group)
    last = np.append(group[1:] != group[:-1], True)
    payer = np.where(np.arange(draw.rows) == first, lead, np.concatenate([lead[:1], firm[:-1]]))
    payee = np.where(last, lead, firm)
    rest = draw.later(draw.rows, 0.05, 1.15)
    when = np.cumsum(rest) - np.cumsum(rest)[first]
    usd = each[group] * _passed_on(draw.kept(group, 0.005), first)
    return payer, payee, when, usd, group


def takings(draw: Draw) -> Columns:
    """Return groups in which customers, or shops, pay a trader or a seller in amounts that are often just below a round limit: structuring's look."""
    group, count = draw.sized(draw.rows, 3, 8)
    # Where normal life is small, so much is paid between firms mostly.
    cast = Cast.of(draw, group, np.where(draw.rng.random(count) < 0.8 / draw.usual.preset.level, np.inf, 0.0))
    shop = cast.lead()[group]
    # Some buyers pay several times, and who brings its takings to the bank is one.
    first = np.searchsorted(group, group)
    buyers = (draw.rng.random(count) * np.bincount(group, minlength=count)).astype(np.int64) + 1
    buyer = cast.near(shop, paid=False)[first + (np.arange(draw.rows) - first) % buyers[group]]
    when = draw.later(draw.rows, 0, 3)
    return buyer, shop, when, draw.rng.uniform(8200.0, 9995.0, draw.rows).round(2), group


def agents(draw: Draw) -> Columns:
    """Return groups in which an agent, or who helps out, receives for others and passes it on within hours: pass-through."""
    half = (draw.rows + 1) // 2
    group, _ = draw.sized(half, 1, 4)
    cast = Cast.of(draw, group)
    agent = cast.lead()[group]
    client, principal = cast.near(agent, paid=False), cast.near(agent, 1.2)
    when = draw.later(half, 0, 2)
    later = when + draw.later(half, 0.02, 0.6)
    usd = draw.spread(half, 2200.0, 0.8)
    return both(
        draw.rows, (client, agent, when, usd, group), (agent, principal, later, usd * draw.kept(group, 0.03), group)
    )


def flats(draw: Draw) -> Columns:
    """Return groups in which one supports all who live in a flat, who all pay their rent to one: a herd's look."""
    half = (draw.rows + 1) // 2
    group, count = draw.sized(half, 4, 8)
    parent = draw.people.persons.payers(count, draw.rng)[group]
    landlord = Cast.of(draw, group).near(parent, 1.3)
    landlord = landlord[np.searchsorted(group, group)]
    member = draw.persons(group, parent)
    when = draw.later(half, 0, 0.4)
    later = when + draw.later(half, 0.02, 1.2)
    usd = draw.spread(count, 700.0, 0.5)[group] * draw.uneven(group, 0.95, 1.05)
    paid = usd * draw.kept(group, 0.04)
    return both(draw.rows, (parent, member, when, usd, group), (member, landlord, later, paid, group))


def shares(draw: Draw) -> Columns:
    """Return groups in which a club pays back its members, a firm its partners, an heir the others: fan-out."""
    group, count = draw.sized(draw.rows)
    cast = Cast.of(draw, group)
    payer = cast.lead(False)[group]
    when = draw.later(draw.rows, 0, 3)
    usd = draw.spread(count, 400.0, 0.9)[group] * draw.uneven(group, 0.4, 1.6)
    return payer, cast.near(payer, 1.3), when, usd, group


def _passed_on(kept: Floats, first: NDArray[np.int64]) -> Floats:
    # The share (E,) of a group's first payment that is left after so many hops, given what each hop keeps; *first*
    # (E,) is the place of its group's first payment.
    whole = np.cumsum(log(kept))
    return np.asarray(exp(whole - whole[first]), np.float64)
