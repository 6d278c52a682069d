"""Let owners use several accounts in a normal group, as they do in attempts."""

import numpy as np
from numpy.typing import NDArray

from ingest.world.population import Ints, Population

__all__ = ["of_one_owner"]

_AGAIN = 0.07  # of members, another account of the owner of somebody in the group, where there is one


def of_one_owner(
    people: Population, ends: tuple[Ints, Ints], group: NDArray[np.int64], rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Return the *ends* (E,) of payments with some members of each *group* (E,) replaced.

    The other account of an owner takes the place of a member of its kind, person or company, in all its payments; it is
    new to the group, so that no two members become one. An account that nobody used before keeps its place.
    """
    accounts, n = np.concatenate(ends).astype(np.int64), len(people)
    members, place = np.unique(np.concatenate([group, group]) * n + accounts, return_inverse=True)
    of, member = np.divmod(members, n)
    first, size = np.unique(of, return_index=True, return_counts=True)[1:]
    first, size = np.repeat(first, size), np.repeat(size, size)
    drawn = rng.random(len(members)) < _AGAIN
    # Another member of the group, whose owner has the account that comes in.
    step = 1 + (rng.random(len(members)) * np.maximum(size - 1, 1)).astype(np.int64)
    whose = first + (np.arange(len(members)) - first + step) % size
    other = _other(people, member[whose], rng)
    person = people.kind[people.owner] == 0
    drawn &= ~drawn[whose] & (other != member[whose]) & (person[other] == person[member]) & (people.weight[member] > 0)
    key = of * n + other
    drawn &= ~np.isin(key, members)
    rows = np.flatnonzero(drawn)
    rows = rows[np.unique(key[rows], return_index=True)[1]]
    member[rows] = other[rows]
    payer, payee = np.split(member[place].astype(np.int32), 2)
    return payer, payee


def _other(people: Population, accounts: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    # Of each of *accounts*: one beside it that its owner has too and uses, or itself.
    found, way = accounts.copy(), np.where(rng.random(len(accounts)) < 0.5, 1, -1)
    for step in (-way, way):
        beside = np.clip(accounts + step, 0, len(people) - 1)
        found = np.where((people.owner[beside] == people.owner[accounts]) & (people.weight[beside] > 0), beside, found)
    return found
