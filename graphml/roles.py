"""Give each account of a ring the role that its payments in time bear out."""

from collections import Counter
from collections.abc import Mapping, Sequence

from graphml.graph import TransactionGraph
from graphml.people import People
from graphml.ring import ROLES

__all__ = ["roles_of"]

_ORDER = {role: place for place, role in enumerate(ROLES)}
_CONTROLLED = 2  # fewest accounts of companies under the holder of another one, from which he is a controller
_PASSES_ON = ("collector", "mule", "distributor")


def roles_of(
    graph: TransactionGraph, rows: Sequence[int], said: Mapping[int, Sequence[str]], people: People | None = None
) -> tuple[tuple[int, str], ...]:  # fmt: skip
    """Return (account, role) by account for the payments *rows*; *said* are the roles that patterns gave an account.

    Who receives before it last pays passes money on: mule, or collector or distributor where a pattern says so. Who
    only pays, or pays all before it first receives, is a source, or the distributor of a pattern; who only receives
    is a cash-out, or the collector of a pattern. What is known of *people* comes first: who is known to be defrauded is
    a victim; who holds an account, and companies that hold at least two others, is their controller, unless a pattern
    calls him collector or distributor.
    """
    pays: dict[int, list[int]] = {}
    gets: dict[int, list[int]] = {}
    for row in rows:
        moment = int(graph.time[row])
        pays.setdefault(int(graph.source[row]), []).append(moment)
        gets.setdefault(int(graph.target[row]), []).append(moment)
    found = []
    allowed: tuple[str, ...]
    for account in sorted(pays.keys() | gets.keys()):
        paid, got = pays.get(account, []), gets.get(account, [])
        if paid and got and min(got) < max(paid):
            allowed, usual = _PASSES_ON, "mule"
        elif paid:
            allowed, usual = ("source", "distributor"), "source"
        else:
            allowed, usual = ("cash-out", "collector"), "cash-out"
        named = Counter(role for role in said.get(account, ()) if role in allowed)
        role = min(named, key=lambda role: (-named[role], _ORDER[role])) if named else usual
        found.append((account, role))
    return tuple(found) if people is None else _known(found, people)


def _known(found: Sequence[tuple[int, str]], people: People) -> tuple[tuple[int, str], ...]:
    controllers: set[int] = set()
    for owner, held in people.under_control([account for account, _ in found]).items():
        mine = {account for account in held if people.party[account] == owner}
        controllers |= mine if len(held) - len(mine) >= _CONTROLLED else set()
    return tuple(
        (account, "victim" if account in people.victims
         else "controller" if account in controllers and role not in ("collector", "distributor") else role)
        for account, role in found
    )  # fmt: skip
