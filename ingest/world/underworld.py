"""Hold who launders: gangs with controllers, shells and recruited mules, and what they share."""

from collections.abc import Collection, Sequence
from typing import Self

import numpy as np

from ingest.world.population import FAR, Ints, Population
from ingest.world.preset import Preset

__all__ = ["HOLDING", "Underworld"]

_SAME_GANG = 0.4  # of attempts, made by the gang of the attempt before
_AGAIN = 0.03  # of accounts, used in an earlier attempt of the gang too
_SIBLING = 0.06  # of accounts, another one of somebody in the attempt, where there is one
_YOUNG = ("mule", "distributor", "collector")  # roles that are recruited
HOLDING = 0.2  # of companies in an attempt, owned by the gang's controller; the others by men of straw
_YOUTH, _NEW = 3.5, 2.0  # in retail banking, how much likelier who is young, whose account is new, is recruited
_GROWN = 1.5  # elsewhere, how much likelier who is young is
_SHELL = 3.0  # how much likelier a shell is used than another company
_BUSY, _BUSIEST = 0.5, 20.0  # part of launderers drawn by activity; times the mean that counts at most
_OF_AGE, _RECENT = 28, 400  # years until which one is young, days for which an account is new


class Underworld:
    """Deal accounts to attempts, now and then another one of an owner who is in the attempt already."""

    def __init__(self, people: Population, queues: dict[str, Ints], retail: bool, rng: np.random.Generator) -> None:
        self.people, self._retail, self._rng = people, retail, rng
        self._queues: dict[str, Ints] = dict(queues)
        self._next: dict[str, int] = {}
        self._home = 0  # currency of the present gang
        self._used: set[int] = set()
        self._usable = np.zeros(len(people), np.bool_)
        self._usable[queues[""]] = True
        self._mine: list[int] = []  # accounts of the present gang
        self.most = len(queues[""])  # accounts that one attempt may have
        self.controller: list[int] = []  # entity of each gang
        self.holdings: list[tuple[int, int]] = []  # controller, company it owns
        self.devices: list[list[int]] = []  # accounts that are used from one device

    @classmethod
    def of(cls, people: Population, preset: Preset, rng: np.random.Generator, without: int = -1) -> Self:
        """Return the underworld of *people*, with no account in the currency *without*.

        In retail banking mules are oftener young and their accounts new than by chance.
        """
        n = np.arange(len(people))
        # By weight, without replacement (Efraimidis and Spirakis, 2006): nobody is sure to be used before another.
        chance = rng.exponential(1.0, len(people))
        person = people.kind[people.owner] == 0
        usable = (n >= people.institutions) & (people.currency != without)
        asleep = (people.weight == 0) & usable
        retail, young = preset.retail, int(preset.start[:4]) - people.born[people.owner] <= _OF_AGE
        recruited = np.where(young, _YOUTH if retail else _GROWN, 1.0)
        recruited *= np.where((people.opened <= _RECENT) & retail, _NEW, 1.0)
        formed = np.where(people.shell[people.owner], _SHELL, 1.0)

        def order(mine: np.ndarray, weight: np.ndarray) -> Ints:
            rows, key = np.flatnonzero(mine), chance / weight
            return rows[np.lexsort((rows, key[rows]))].astype(np.int32)

        busy = _busy(people)
        queues = {
            "": order(usable & ~asleep, busy), "person": order(usable & ~asleep & person, busy * recruited),
            "company": order(usable & ~asleep & ~person, busy * formed), "asleep": order(asleep, np.ones(len(people))),
        }  # fmt: skip
        return cls(people, queues, retail, rng)

    def take(self, roles: Sequence[str], who: str, firms: Collection[int] = ()) -> tuple[Ints, int]:
        """Return a different account for each of *roles*, and the gang; the first one, or all mules, are *who*.

        Accounts of the places *firms* are companies' where nothing else is asked for.
        """
        if not self.controller or (len(roles) > 1 and self._rng.random() >= _SAME_GANG):
            account = self._deal("", set())
            self.controller.append(int(self.people.owner[account]))
            self._home = int(self.people.currency[account])
            self._mine = []
        chosen: list[int] = []
        for place, role in enumerate(roles):
            queue = who if who and (place == 0 or role == "mule" or who == "company") and who != "asleep" else ""
            queue = "asleep" if who == "asleep" and place == 0 else queue
            queue = "company" if place in firms and not queue else queue
            if self._retail and not queue and role in _YOUNG and self._rng.random() < 0.7:
                queue = "person"
            again = [a for a in self._mine if a not in chosen] if self._rng.random() < _AGAIN and not queue else []
            again = again or self._siblings(chosen, queue)
            chosen.append(again[0] if again else self._deal(self._near(queue), set(chosen)))
        self._mine += chosen
        for account in chosen:
            entity = int(self.people.owner[account])
            if self.people.kind[entity] > 0 and self._rng.random() < HOLDING:
                self.holdings.append((self.controller[-1], entity))
        return np.array(chosen, np.int32), len(self.controller) - 1

    @property
    def sleepers(self) -> int:
        """Return how many accounts are still asleep."""
        return max(0, len(self._queues["asleep"]) - self._next.get("asleep", 0))

    def share_devices(self, accounts: Sequence[int]) -> None:
        """Note that *accounts* are used from one device, by four in five of them."""
        kept = [a for a in accounts if self._rng.random() < 0.8]
        if len(kept) > 1:
            self.devices.append(kept)

    def _siblings(self, chosen: Sequence[int], queue: str) -> list[int]:
        # Now and then: accounts that nobody uses yet of the owner of one of *chosen*, where the queue may have them.
        if not chosen or self._rng.random() >= _SIBLING:
            return []
        one = chosen[int(self._rng.integers(len(chosen)))]
        person = self.people.kind[self.people.owner[one]] == 0
        if queue not in ("", "person" if person else "company"):
            return []
        for other in self.people.siblings(one):
            if self._usable[other] and other not in self._used and other not in chosen:
                self._used.add(other)
                return [other]
        return []

    def _near(self, queue: str) -> str:
        # Like everyone, a gang mostly has to do with accounts in its own currency.
        if queue == "asleep" or self._rng.random() < FAR:
            return queue
        near = f"{queue}/{self._home}"
        if near not in self._queues:
            rows = self._queues[queue]
            self._queues[near] = rows[self.people.currency[rows] == self._home]
        # When its country is used up, a gang goes abroad before it uses an account twice.
        return near if self._next.get(near, 0) < len(self._queues[near]) else queue

    def _deal(self, queue: str, chosen: set[int]) -> int:
        rows = self._queues[queue]
        if not len(rows):
            rows, queue = self._queues[""], ""
        for _ in range(2 * len(rows)):
            place = self._next.get(queue, 0) % len(rows)
            self._next[queue] = self._next.get(queue, 0) + 1
            account = int(rows[place])
            # When everyone has been used once, the queue begins again.
            if account not in chosen and (account not in self._used or self._next[queue] > len(rows)):
                self._used.add(account)
                return account
        return next(int(a) for a in self._queues[""] if int(a) not in chosen)


def _busy(people: Population) -> np.ndarray:
    # Of an owner, over all accounts; shells trade little, which is no reason against them.
    often = np.bincount(people.owner, people.weight) / np.maximum(np.bincount(people.owner), 1)
    often = np.minimum(often / max(float(often.mean()), 1e-9), _BUSIEST)
    return np.asarray(1 - _BUSY + _BUSY * np.where(people.shell, 1.0, often))[people.owner]
