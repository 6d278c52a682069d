"""Build normal groups of several layers, and those of one account that gets much and pays much."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.world.normal_draw import Cast, Columns, Draw, Floats
from ingest.world.population import Ints

__all__ = ["agencies", "branches", "collections", "distribution", "inheritances", "loans", "syndicates"]

Longs = NDArray[np.int64]

_PASSES = 0.6  # of groups in layers, in which accounts pay on about what they got
_EVEN = 0.6  # of groups with a windfall, in which it is spent in about equal parts
_LEAST = 0.4  # of groups in which all pay all, of two accounts on each side


def syndicates(draw: Draw) -> Columns:
    """Return groups in which some all deal with the same others, firms or a pool of persons, in a few days: bipartite."""
    return _tiers(draw, 2, 3.0)


def distribution(draw: Draw) -> Columns:
    """Return groups in which shops or clients pay wholesalers or family firms, who pay makers, who may pay their suppliers: stacks."""
    return _tiers(draw, 4, 1.0)


def branches(draw: Draw) -> Columns:
    """Return groups in which customers pay branches, which pay their head office: fan-in in layers."""
    lead, middle, leaf, usd, (last, key, group) = _tree(draw, False)
    when = draw.later(draw.rows, 0, 2)
    done = np.zeros(int(key.max(initial=0)) + 1, np.int64)
    np.maximum.at(done, key, when)
    when = np.where(last, done[key] + draw.later(draw.rows, 0.05, 2), when)
    return np.where(last, middle, leaf), np.where(last, lead, middle), when, usd, group


def agencies(draw: Draw) -> Columns:
    """Return groups in which a firm pays agencies, which pay their staff: fan-out in layers."""
    lead, middle, leaf, usd, (first, key, group) = _tree(draw, True)
    paid = draw.later(draw.rows, 0, 0.5)
    got = np.zeros(int(key.max(initial=0)) + 1, np.int64)
    np.maximum.at(got, key, np.where(first, paid, 0))
    when = np.where(first, paid, got[key] + draw.later(draw.rows, 0.1, 3))
    return np.where(first, lead, middle), np.where(first, middle, leaf), when, usd, group


def inheritances(draw: Draw) -> Columns:
    """Return groups in which an account that nobody used gets an inheritance or the price of a house, and spends it."""
    return _windfall(draw, 0)


def loans(draw: Draw) -> Columns:
    """Return groups in which somebody gets a loan and then pays builders at once: behaviour that changes."""
    return _windfall(draw, 1)


def collections(draw: Draw) -> Columns:
    """Return groups in which many give to a charity or a sale in season, which pays it on: a funnel."""
    group, count = draw.sized(draw.rows, 6, 18)
    cast = Cast.of(draw, group)
    hub = cast.lead()[group]
    giver, target = cast.near(hub, paid=False), cast.near(hub, 1.3)
    last = np.append(group[1:] != group[:-1], True)
    usd = draw.spread(count, 120.0, 0.9)[group] * draw.uneven(group, 0.4, 1.6)
    whole = np.bincount(group, np.where(last, 0, usd))[group]
    when = np.where(last, draw.later(draw.rows, 3.05, 5), draw.later(draw.rows, 0, 3))
    usd = np.where(last, np.maximum(whole, 1.0) * draw.kept(group, 0.03), usd)
    return np.where(last, hub, giver), np.where(last, target, hub), when, usd, group


def _windfall(draw: Draw, least: int) -> Columns:
    # The first payment of a group comes in, and is what the others add up to and a rest.
    group, count = draw.sized(draw.rows, 3, 8)
    firm = Cast.of(draw, np.arange(count)).near(draw.people.persons.payers(count, draw.rng), 1.5, paid=False)
    rows = draw.sleepers if not least else Cast.of(draw, group).lead()
    hub = rows[:count][group]
    person = draw.persons(group, hub)
    trade = draw.people.companies.any(draw.people.currency[hub], 1.5, draw.rng)
    payee = np.where(draw.rng.random(draw.rows) < (0.2 if least else 0.6), person, trade)
    first = np.insert(group[1:] != group[:-1], 0, True)[: draw.rows]
    # Some are spent in about equal parts, as much as is left each time.
    even = (draw.rng.random(count) < _EVEN)[group]
    usd = np.where(
        even, draw.spread(count, 600.0, 1.0)[group] * draw.rng.uniform(0.7, 1.3, draw.rows),
        draw.spread(draw.rows, 600.0, 1.0),
    )  # fmt: skip
    whole = np.bincount(group, np.where(first, 0, usd))[group]
    usd = np.where(
        first,
        np.maximum(whole, usd) / np.where(even, draw.kept(group, 0.03), draw.rng.uniform(0.75, 1.0, draw.rows)),
        usd,
    )
    when = np.where(first, 0, draw.later(draw.rows, 0.05, 3))
    return np.where(first, firm[group], hub), np.where(first, hub, payee), when, usd, group


def _tree(draw: Draw, out: bool) -> tuple[Ints, Ints, Ints, Floats, tuple[NDArray[np.bool_], Longs, Longs]]:
    # One lead, two to four middles, two to four leaves each. Rows of a middle stand together, the one between lead and
    # middle first where money goes *out*, else last; it is what the others add up to.
    rng = draw.rng
    n = draw.rows // 6 + 1
    middles, leaves = rng.integers(2, 5, n), rng.integers(2, 5, n)
    group = np.repeat(np.arange(n), middles * (leaves + 1))[: draw.rows]
    place = np.arange(draw.rows) - np.searchsorted(group, group)
    within, key = place % (leaves[group] + 1), group * 4 + place // (leaves[group] + 1)
    cast = Cast.of(draw, np.repeat(np.arange(n), 4))
    lead = cast.lead(not out)
    middle = cast.near(np.repeat(lead, 4), 1.2)[key]
    leaf = replace(cast, group=group).near(lead[group], 1.2, out)
    joint = within == (0 if out else leaves[group])
    usd = draw.spread(n, 250.0, 0.9)[group] * draw.uneven(group, 0.4, 1.6)
    whole = np.bincount(key, np.where(joint, 0, usd))[key]
    usd = np.where(joint, np.maximum(whole, usd) * draw.kept(group, 0.04), usd)
    return lead[group], middle, leaf, usd, (joint, key.astype(np.int64), group)


def _tiers(draw: Draw, most: int, days: float) -> Columns:
    # Two layers up to *most*; all of a layer pay all of the next, in about *days* days for each pair of layers.
    rng, people = draw.rng, draw.people
    parts: list[tuple[Longs, Longs, Longs, Longs]] = []
    rows = count = 0
    while rows < draw.rows:
        layers = 2 if most == 2 else int(rng.integers(3, most + 1))
        left = int(rng.integers(2, 8)) if layers == 2 else 0
        sizes = [left, int(rng.integers(2, max(2, 15 // left) + 1))] if left else rng.integers(2, 4, layers).tolist()
        if rng.random() < _LEAST:
            sizes = [2] * min(layers, 3)
        start = np.cumsum([0, *sizes])
        for p, (one, two) in enumerate(pairwise(sizes)):
            a, b = np.divmod(np.arange(one * two), two)
            parts.append((start[p] + a, start[p + 1] + b, np.full(len(a), p), np.full(len(a), count)))
            rows += len(a)
        count += 1
    payer, payee, layer, group = (
        np.concatenate([np.zeros(0, np.int64), *c])[: draw.rows]
        for c in (zip(*parts, strict=True) if parts else [()] * 4)
    )
    width = 16  # accounts of a group at most
    each = draw.spread(max(count, 1), 2500.0, 0.9)
    cast = Cast.of(draw, np.repeat(np.arange(max(count, 1)), width), each)
    where = np.repeat(people.companies.payers(max(count, 1), rng), width)
    first, firm = cast.near(where, paid=False), cast.near(where)  # of the first layer, of the others
    when = draw.later(draw.rows, 0, days * 0.9)
    when += (layer * days * draw.day).astype(np.int64)
    usd = each[group] * draw.uneven(group, 0.6, 1.4)
    usd = _shared_out(draw, group, (group * width + payer, group * width + payee), layer, usd)
    payers = np.where(layer == 0, first[group * width + payer], firm[group * width + payer])
    return payers, firm[group * width + payee], when, usd, group


def _shared_out(draw: Draw, group: Longs, ends: tuple[Longs, Longs], layer: Longs, usd: Floats) -> Floats:
    # In some groups what those between pay is what they got, but for a little; *ends* (E,) are numbers of accounts.
    (payer, payee), rng = ends, draw.rng
    width = int(max(payer.max(initial=-1), payee.max(initial=-1))) + 1
    passes, usd = (rng.random(int(group.max(initial=-1)) + 1) < _PASSES)[group], usd.copy()
    for now in range(1, int(layer.max(initial=0)) + 1):
        rows = np.flatnonzero((layer == now) & passes)
        got = np.bincount(payee[layer == now - 1], usd[layer == now - 1], minlength=width)
        part = rng.uniform(0.7, 1.3, len(rows))
        whole = np.bincount(payer[rows], part, minlength=width)
        usd[rows] = got[payer[rows]] * part / whole[payer[rows]] * draw.kept(payer[rows], 0.02)
    return usd
