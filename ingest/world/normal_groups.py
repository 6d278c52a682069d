"""Build normal groups of one hub, one chain or two stages: each returns exactly the payments that are wanted."""

import numpy as np

from ingest.world.normal_draw import Columns, Draw, both

__all__ = ["agents", "bills", "circles", "flats", "markets", "supplies", "takings", "treasury", "trips"]


def bills(draw: Draw) -> Columns:
    """Return groups in which friends pay back the one who paid: fan-in, equal amounts."""
    group, count = draw.sized(draw.rows)
    host = draw.people.persons.payers(count, draw.rng)[group]
    guest = draw.people.persons.any(draw.people.currency[host], 1.0, draw.rng)
    when = draw.starts(count, 2)[group] + draw.later(draw.rows, 0, 1.5)
    return guest, host, when, np.round(draw.spread(count, 28.0, 0.6)[group], 2), group


def circles(draw: Draw) -> Columns:
    """Return groups in which a savings circle: all pay the keeper the same, who pays it out: gather-scatter."""
    half = (draw.rows + 1) // 2
    group, count = draw.sized(half)
    keeper = draw.people.persons.payers(count, draw.rng)[group]
    member = draw.people.persons.any(draw.people.currency[keeper], 1.0, draw.rng)
    when = draw.starts(count, 6)[group] + draw.later(half, 0, 2)
    back = when + draw.later(half, 1, 4)
    usd = np.round(draw.spread(count, 200.0, 0.4), -1)[group] + 10.0
    return both(draw.rows, (member, keeper, when, usd, group), (keeper, member, back, usd, group))


def trips(draw: Draw) -> Columns:
    """Return groups in which a firm advances a trip, and all staff pay at one place: scatter-gather."""
    half = (draw.rows + 1) // 2
    group, count = draw.sized(half)
    firm = draw.people.companies.payers(count, draw.rng)[group]
    place = draw.people.companies.any(draw.people.currency[firm], 2.0, draw.rng)
    place = place[np.searchsorted(group, group)]
    staff = draw.people.persons.any(draw.people.currency[firm], 1.0, draw.rng)
    when = draw.starts(count, 5)[group] + draw.later(half, 0, 0.1)
    later = when + draw.later(half, 0.5, 4)
    usd = draw.spread(count, 450.0, 0.5)[group]
    spent = usd * draw.rng.uniform(0.7, 1.1, half)
    return both(draw.rows, (firm, staff, when, usd, group), (staff, place, later, spent, group))


def markets(draw: Draw) -> Columns:
    """Return groups in which a market place takes from buyers and pays sellers less its fee: gather-scatter, unequal amounts."""
    half = (draw.rows + 1) // 2
    group, count = draw.sized(half, 4, 16)
    market = draw.people.companies.payers(count, draw.rng)[group]
    buyer = draw.people.persons.any(draw.people.currency[market], 1.0, draw.rng)
    seller = draw.people.companies.any(draw.people.currency[market], 1.0, draw.rng)
    when = draw.starts(count, 6)[group] + draw.later(half, 0, 3)
    later = when + draw.later(half, 0.3, 3)
    usd = draw.spread(half, 120.0, 1.1)
    return both(draw.rows, (buyer, market, when, usd, group), (market, seller, later, usd * 0.9, group))


def supplies(draw: Draw) -> Columns:
    """Return groups in which a shop orders, its wholesaler orders, the maker orders: a chain with a margin kept at each hop."""
    group, count = draw.sized(draw.rows, 3, 6)
    shop = draw.people.companies.payers(count, draw.rng)[group]
    firm = draw.people.companies.any(draw.people.currency[shop], 1.3, draw.rng)
    first = np.searchsorted(group, group)
    hop = np.arange(draw.rows) - first
    payer = np.where(hop == 0, shop, np.concatenate([shop[:1], firm[:-1]]))
    rest = draw.later(draw.rows, 0.1, 1.15)
    when = draw.starts(count, 6)[group] + np.cumsum(rest) - np.cumsum(rest)[first]
    usd = draw.spread(count, 8000.0, 1.0)[group] * 0.93**hop * draw.rng.uniform(0.95, 1.05, draw.rows)
    return payer, firm, when, usd, group


def treasury(draw: Draw) -> Columns:
    """Return groups in which a concern moves its cash through its firms and back: a cycle with steady amounts."""
    group, count = draw.sized(draw.rows, 3, 6)
    lead = draw.people.companies.payers(count, draw.rng)[group]
    firm = draw.people.companies.any(draw.people.currency[lead], 1.0, draw.rng)
    first = np.searchsorted(group, group)
    hop = np.arange(draw.rows) - first
    last = np.append(group[1:] != group[:-1], True)
    payer = np.where(hop == 0, lead, np.concatenate([lead[:1], firm[:-1]]))
    payee = np.where(last, lead, firm)
    rest = draw.later(draw.rows, 0.05, 1.15)
    when = draw.starts(count, 6)[group] + np.cumsum(rest) - np.cumsum(rest)[first]
    usd = draw.spread(count, 30000.0, 0.9)[group] * draw.rng.uniform(0.97, 1.03, draw.rows)
    return payer, payee, when, usd, group


def takings(draw: Draw) -> Columns:
    """Return groups in which a trader's customers pay in amounts that are often just below a round limit: structuring's look."""
    group, count = draw.sized(draw.rows, 3, 8)
    shop = draw.people.companies.payers(count, draw.rng)[group]
    buyer = draw.people.persons.any(draw.people.currency[shop], 1.0, draw.rng)
    when = draw.starts(count, 4)[group] + draw.later(draw.rows, 0, 3)
    return buyer, shop, when, draw.rng.uniform(8200.0, 9995.0, draw.rows).round(2), group


def agents(draw: Draw) -> Columns:
    """Return groups in which an agent receives for others and passes it on within hours: pass-through."""
    half = (draw.rows + 1) // 2
    group, count = draw.sized(half, 1, 4)
    agent = draw.people.companies.payers(count, draw.rng)[group]
    client = draw.people.persons.any(draw.people.currency[agent], 1.0, draw.rng)
    principal = draw.people.companies.any(draw.people.currency[agent], 1.2, draw.rng)
    when = draw.starts(count, 4)[group] + draw.later(half, 0, 2)
    later = when + draw.later(half, 0.02, 1.0)
    usd = draw.spread(half, 2200.0, 0.8)
    return both(draw.rows, (client, agent, when, usd, group), (agent, principal, later, usd * 0.97, group))


def flats(draw: Draw) -> Columns:
    """Return groups in which one supports all who live in a flat, who all pay their rent to one: a herd's look."""
    half = (draw.rows + 1) // 2
    group, count = draw.sized(half, 4, 8)
    parent = draw.people.persons.payers(count, draw.rng)[group]
    landlord = draw.people.companies.any(draw.people.currency[parent], 1.3, draw.rng)
    landlord = landlord[np.searchsorted(group, group)]
    member = draw.people.persons.any(draw.people.currency[parent], 1.0, draw.rng)
    when = draw.starts(count, 3)[group] + draw.later(half, 0, 0.4)
    later = when + draw.later(half, 0.02, 1.2)
    usd = draw.spread(count, 700.0, 0.5)[group] * draw.rng.uniform(0.95, 1.05, half)
    paid = usd * draw.rng.uniform(0.88, 1.06, half)
    return both(draw.rows, (parent, member, when, usd, group), (member, landlord, later, paid, group))
