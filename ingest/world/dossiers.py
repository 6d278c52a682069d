"""Say who everyone is: parties, what they own, and what they have in common."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml import schema
from graphml.elementary import exp, power
from ingest.world import naming
from ingest.world.draws import stream, unit
from ingest.world.population import FAMILY, together
from ingest.world.underworld import HOLDING
from ingest.world.world import World

__all__ = ["account_order", "tables"]

_WORK = ("unskilled", "skilled", "clerical", "professional", "self-employed", "without work")
_TRADES = ("retail", "hospitality", "construction", "services", "import and export", "transport", "manufacture")
_ONE_DEVICE, _ONE_PHONE = 0.25, 0.05  # of families, that use one device, one telephone
_TWO_DEVICES = 0.15  # of persons
_APART = 0.05  # of persons, who share a device or a telephone with others than those they live with
_TOGETHER = 4  # persons who use one, on average
_HERDS_AT_HOME = 0.4  # of herds, whose mules have an address in common
_CONCERN = 0.5  # of normal groups, in which whoever pays first owns some of the companies
_SERIAL = 0.3  # of companies, founded by those who found several


def account_order(world: World) -> tuple[pl.Series, NDArray[np.int32]]:
    """Return the account names in order, and the row (N,) of each account of the population in that order."""
    people = world.people
    name = naming.bank_codes(people).gather(people.bank) + ":" + naming.account_numbers(people)
    order = name.arg_sort().to_numpy()
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return name.gather(order), place


def tables(world: World, opening: NDArray[np.float64]) -> dict[str, pl.DataFrame]:
    """Return accounts, parties, ownership, contacts and holdings; *opening* are balances (N,) in US dollars; tables have the reference currency."""
    people = world.people
    names, place = account_order(world)
    order = np.argsort(place, kind="stable")
    entity = naming.entities(people)
    return {
        "accounts": _accounts(world, names, order, opening),
        "parties": _parties(world, entity),
        "ownership": pl.DataFrame(
            {"party": entity.gather(people.owner), "account": place, "role": pl.Series(["owner"]).new_from_index(0, len(place))}
        ).sort("party", "account"),
        "contacts": _contacts(world, entity),
        "holdings": _holdings(world, entity),
    }  # fmt: skip


def _accounts(world: World, names: pl.Series, order: NDArray[np.int64], opening: NDArray[np.float64]) -> pl.DataFrame:
    people = world.people
    first = datetime.combine(world.calendar.first, datetime.min.time(), UTC)
    kinds = np.zeros(len(people), np.int64)
    if people.institutions > 2:
        kinds[2], kinds[3:6] = 1, 2
    opened = pl.Series(people.opened[order]).cast(pl.Int64) * 86_400_000_000
    return pl.DataFrame(
        {
            "name": names,
            "bank": naming.bank_codes(people).gather(people.bank[order]),
            "number": naming.account_numbers(people).gather(order),
            "kind": pl.Series(["internal", "cash", "external"]).gather(kinds[order]),
            "country": pl.Series(world.preset.money.countries).gather(people.home[people.bank[order]]),
            "opened": pl.Series([first]).dt.cast_time_unit("us").new_from_index(0, len(order)) - opened.cast(pl.Duration("us")),
            "opening_balance": np.round(opening[order] / world.preset.money.rates[0], 2),
        }
    )  # fmt: skip


def _parties(world: World, entity: pl.Series) -> pl.DataFrame:
    people, m = world.people, np.arange(len(world.people.kind))
    person = people.kind == 0
    age = world.calendar.first.year - people.born
    drawn = (unit(people.seed, 50, m) * len(_WORK)).astype(int)
    work = np.where(age < 22, len(_WORK), np.where(age >= 66, len(_WORK) + 1, drawn))
    trade = len(_WORK) + 2 + (unit(people.seed, 51, m) * len(_TRADES)).astype(int)
    occupation = pl.Series([*_WORK, "student", "retired", *_TRADES, "holding"])
    what = np.where(person, work, np.where(people.shell & (unit(people.seed, 52, m) < 0.7), len(occupation) - 1, trade))
    day = 1 + (unit(people.seed, 53, m) * 365).astype(int)
    born = pl.DataFrame({"year": people.born, "day": day, "person": person}).select(
        pl.when("person")
        .then(pl.date("year", 1, 1) + pl.duration(days=pl.col("day") - 1))
        .otherwise(None)
        .alias("born")
    )["born"]
    usual = np.zeros(len(m))
    np.add.at(
        usual, people.owner, 1500.0 * world.preset.level * people.scale * np.minimum(np.sqrt(people.weight), 50.0)
    )
    usual /= world.preset.money.rates[0]
    stated = np.round(usual * np.where(person, 1.0, 8.0) * exp(stream(people.seed, 12).normal(0.0, 0.3, len(m))), -2)
    return pl.DataFrame(
        {
            "party": entity,
            "name": naming.entity_names(people),
            "kind": pl.Series(["person", "company"]).gather((~person).astype(int)),
            "country": pl.Series(world.preset.money.countries).gather(people.country),
            "born": born,
            "occupation": occupation.gather(what),
            "expected_turnover": np.maximum(stated, 100.0),
        }
    )


def _contacts(world: World, entity: pl.Series) -> pl.DataFrame:
    # Families live together and often share a device; shells have the address of who founds many; herds share devices.
    people, m = world.people, np.arange(len(world.people.kind))
    person = people.kind == 0
    household = m // FAMILY
    one = together(people.seed, household)
    home = np.where(person & one, household, m + len(m))
    agent = (unit(people.seed, 55, m) * max(1, len(m) // 400)).astype(int)
    address = np.where(people.shell, agent + 4 * len(m), home)
    shared = person & one & (unit(people.seed, 56, household) < _ONE_DEVICE)
    device = np.where(shared, household, m + len(m))
    second = np.flatnonzero(person & (unit(people.seed, 57, m) < _TWO_DEVICES))
    called = np.where(person & one & (unit(people.seed, 58, household) < _ONE_PHONE), household, m + len(m))
    parts = [
        _values(people.seed, entity, "address", m, address), _values(people.seed, entity, "device", m, device),
        _values(people.seed, entity, "device", second, second + 2 * len(m)),
        _values(people.seed, entity, "phone", m[person], called[person]),
    ]  # fmt: skip
    parts += _apart(world, entity)
    parts += _herds(world, entity)
    # Who shares a flat has its address too, and as often as not a tablet and a telephone.
    member, flat = world.lookalikes.flats
    for kind, share, first in (("address", 1.0, 5), ("device", 0.5, 6), ("phone", 0.5, 7)):
        mine = unit(people.seed, 59, flat, len(kind)) < share
        parts.append(_values(people.seed, entity, kind, people.owner[member[mine]], flat[mine] + first * len(m)))
    return pl.concat(parts).unique().sort("party", "kind", "value")


def _apart(world: World, entity: pl.Series) -> list[pl.DataFrame]:
    # A child who studies elsewhere, a carer, a call shop, the second hand: some use one device, one telephone or both,
    # and live apart.
    people = world.people
    person = np.flatnonzero(people.kind == 0)
    mine = person[unit(people.seed, 62, person) < _APART]
    number = (unit(people.seed, 63, mine) * max(1, len(mine) // _TOGETHER)).astype(np.int64)
    what = unit(people.seed, 64, number)
    first = 8 * len(people.kind)
    return [
        _values(people.seed, entity, "device", mine[what < 0.75], number[what < 0.75] + first),
        _values(people.seed, entity, "phone", mine[what >= 0.25], number[what >= 0.25] + first),
    ]


def _herds(world: World, entity: pl.Series) -> list[pl.DataFrame]:
    # Mules of a herd use one device and one telephone; of some herds they live together too.
    people, herds = world.people, world.crime.underworld.devices
    owners = np.array([people.owner[a] for herd in herds for a in herd], np.int64)
    herd = np.repeat(np.arange(len(herds)), [len(herd) for herd in herds]).astype(np.int64)
    number, home = herd + 3 * len(people.kind), unit(people.seed, 65, herd) < _HERDS_AT_HOME
    parts = [_values(people.seed, entity, kind, owners, number) for kind in ("device", "phone")]
    return [*parts, _values(people.seed, entity, "address", owners[home], number[home])]


def _values(
    seed: int, entity: pl.Series, kind: str, who: NDArray[np.integer], number: NDArray[np.integer]
) -> pl.DataFrame:
    # Values are scrambled numbers, so that nothing can be read from their size or order.
    value = [f"{int(x * 2**48):012x}" for x in unit(seed, 60, number, len(kind)).tolist()]
    return pl.DataFrame(
        {"party": entity.gather(who), "kind": [kind] * len(who), "value": value}, schema=schema.CONTACTS
    )


def _holdings(world: World, entity: pl.Series) -> pl.DataFrame:
    # Each company has an owner or two, one in six of them a company; controllers of gangs own what they use.
    people, rng = world.people, stream(world.people.seed, 13)
    company = np.flatnonzero(people.kind > 0)[people.institutions :]
    persons = np.flatnonzero(people.kind == 0)
    parts: list[tuple[list[int], list[int], list[float]]] = []
    if len(company) and len(persons):
        owner = np.where(
            rng.random(len(company)) < 1 / 6, rng.choice(company, len(company)), _investors(persons, len(company), rng)
        )
        controller = dict(_concerns(world))
        controller |= {b: a for a, b in reversed(world.crime.underworld.holdings) if a != b}
        owner = np.array([controller.get(c, o) for c, o in zip(company.tolist(), owner.tolist(), strict=True)])
        share = np.round(np.where(rng.random(len(company)) < 0.6, 1.0, rng.uniform(0.3, 0.7, len(company))), 2)
        mine = owner != company
        parts.append((owner[mine].tolist(), company[mine].tolist(), share[mine].tolist()))
        rest = mine & (share < 1)
        second = rng.choice(persons, int(rest.sum()))
        parts.append((second.tolist(), company[rest].tolist(), np.round(1 - share[rest], 2).tolist()))
    table = pl.DataFrame(
        {
            "owner": entity.gather([a for part in parts for a in part[0]]),
            "company": entity.gather([b for part in parts for b in part[1]]),
            "share": [share for part in parts for share in part[2]],
        }
    )
    return table.unique(["owner", "company"], keep="first", maintain_order=True).sort("owner", "company")


def _concerns(world: World) -> list[tuple[int, int]]:
    # Companies in normal groups, each with an owner who is in the group too: in some groups, as in all gangs.
    people, alike = world.people, world.lookalikes
    pays = alike.payments
    number, first = np.unique(alike.group, return_index=True)
    head = people.owner[pays.payer[first]]
    group = np.tile(np.searchsorted(number, alike.group), 2)
    company = people.owner[np.concatenate([pays.payer, pays.payee])]
    held = (unit(people.seed, 66, number) < _CONCERN)[group] & (people.kind[company] > 0) & (company != head[group])
    held &= (unit(people.seed, 67, company) < HOLDING) & (company >= people.institutions)
    return list(zip(company[held].tolist(), head[group[held]].tolist(), strict=True))


def _investors(persons: NDArray[np.int64], k: int, rng: np.random.Generator) -> NDArray[np.int64]:
    # Most own one company; a few own many, and more own some.
    n = len(persons)
    place = (power(rng.random(k), 2.5) * n).astype(np.int64)
    some = (n * (1 - _SERIAL / 12 * rng.random(k))).astype(np.int64)
    place = np.where(rng.random(k) < _SERIAL, np.minimum(some, n - 1), place)
    return rng.permutation(persons)[place]
