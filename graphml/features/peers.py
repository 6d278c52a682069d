"""Tell how an account compares with accounts like it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphml.cores import side_by_side
from graphml.feature import Feature, both_ends
from graphml.features._known import Known
from graphml.features._peers import TENTHS, grouped, ranks
from graphml.features._refresh import Days, OfDays, Table
from graphml.people import People
from graphml.stream import Stream
from graphml.window import to_datetime

__all__ = ["FAMILY", "Peers"]

_AGES = np.array([18, 25, 35, 45, 55, 65, 75])  # years at which an age band begins
_WAYS = 5


@dataclass(frozen=True, slots=True)
class Peers(OfDays):
    """Rank an account among its peers by what was known on a refresh day (peer group analysis, Bolton and Hand, 2001).

    Peers are the other known accounts whose holders are of one kind (person, company, ...), one age band (under 18,
    25, 35, 45, 55, 65, 75, or above) and one occupation or trade, with a turnover in the same tenth of all accounts,
    at one bank. Who has fewer than `least` such peers is compared without regard to the bank; then by kind and tenth;
    then by tenth; then with all known accounts. What is not known is a kind, an age or an occupation of its own, so
    without `people` peers are accounts of one bank and tenth, then of one tenth, then all. `peer_width` says how many
    times the group was widened, 0 to 4. Age is that of the refresh day in whole calendar years.

    A rank is the share of the peers that have less, equals counted half: 0 is below all peers, 1 above all. Turnover
    is money received and paid, `in_share` the part of it received; payments to oneself do not count. An account whose
    turnover is 0 has the lowest tenth and an `in_share` of one half. NaN: the account was not seen before the refresh
    day; for ranks also: it has no peers at all.
    """

    least: int = 20  # fewest peers
    people: People | None = None  # who holds the accounts; None: not known

    @property
    def name(self) -> str:
        """Return `peers`."""
        return "peers"

    @property
    def cost(self) -> str:
        """Return what the work grows with, and what limits it."""
        return "pairs of accounts on each refresh day; accounts sorted 5 times; no limit"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return the ranks, the number of peers, and how wide the group is."""
        told = (
            ("peer_rank_turnover", "share", "has moved more money than a share of {value} of its peers"),
            ("peer_rank_count_in", "share", "has received more payments than a share of {value} of its peers"),
            ("peer_rank_count_out", "share", "has made more payments than a share of {value} of its peers"),
            ("peer_rank_counterparties", "share", "has more counterparties than a share of {value} of its peers"),
            (
                "peer_rank_in_share", "share",
                "has received a greater part of the money it moved than a share of {value} of its peers",
            ),
            ("peer_count", "count", "is compared with {value} peers"),
            ("peer_width", "rank", "has had its peer group widened {value} times for want of peers"),
        )  # fmt: skip
        return tuple(Feature(name, unit, "day", said) for name, unit, said in told)

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the same for the payer and for the payee."""
        return both_ends(self.of_accounts)

    def days(self, stream: Stream) -> Days:
        """Return what computes one day after the other."""
        return _Days(self, stream.graph.bank)


class _Days:
    """Go from one refresh day to the next; only the age bands are kept, and only to save time."""

    def __init__(self, family: Peers, bank: NDArray[np.int32]) -> None:
        self.family, self.bank = family, bank
        self.year, self.static = 0, np.zeros((len(bank), _WAYS), np.int32)

    def __call__(self, known: Known) -> Table:
        """Return the table of a day."""
        k = len(known.account)
        turnover = known.money.sum(axis=1)
        order = np.argsort(turnover)  # equals in any order: they get one rank
        year = to_datetime(known.day).year
        if year != self.year:
            self.year, self.static = year, _static(self.family, self.bank, year)
        groups = grouped(self.static, known.account, _tenths(turnover, order), self.family.least)
        values = np.empty((k, 7), np.float32)
        values[:, 5], values[:, 6] = groups[2], groups[1]
        share = np.divide(known.money[:, 0], turnover, out=np.full(k, 0.5), where=turnover > 0)
        compared = (turnover, known.count[:, 0], known.count[:, 1], np.diff(known.start), share)

        def rank(column: int) -> None:
            value = compared[column].astype(np.float64)
            by_value = np.argsort(value) if column else order  # equals in any order
            ranks(groups, value, by_value, values[:, column])

        side_by_side(rank, range(5))
        return Table(values, np.empty((k, 0), np.int32))

    def carried(self) -> dict[str, NDArray[Any]]:
        """Return nothing: a day needs no other."""
        return {}

    def resume(self, carried: Mapping[str, NDArray[Any]]) -> None:
        """Take nothing."""


def _tenths(turnover: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    # (K,) tenth of the accounts by turnover; equals are in that of the first of them.
    ordered = turnover[order]
    new = np.append(True, ordered[1:] > ordered[:-1]) if len(order) else np.zeros(0, np.bool_)
    first = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    found = np.empty(len(order), np.int64)
    found[order] = first * TENTHS // max(len(order), 1)
    return found


def _static(family: Peers, bank: NDArray[np.int32], year: int) -> NDArray[np.int32]:
    # (N, 5) what does not change from day to day, narrow to wide: holder and bank, holder, kind, nothing, nothing.
    people, n = family.people, len(bank)
    kind, holder = np.zeros(n, np.int64), np.zeros(n, np.int64)
    if people is not None and len(people.kind):
        age = np.where(people.born > 0, np.searchsorted(_AGES, year - people.born, "right") + 1, 0)
        kind = _numbers(people.kind)
        holder = _numbers(kind, age, people.occupation)
    nothing = np.zeros(n, np.int64)
    ways = _numbers(holder, bank), holder, kind, nothing
    return np.stack([*(_useful(way, family.least) for way in ways), nothing], axis=1).astype(np.int32)


def _useful(label: NDArray[np.int64], least: int) -> NDArray[np.int64]:
    # (N,) labels numbered anew; -1 where accounts are too few for one of them ever to have enough peers.
    enough = np.bincount(label, minlength=1) > least
    number = np.where(enough, np.cumsum(enough) - 1, -1)
    return np.asarray(number[label], np.int64)


def _numbers(*columns: NDArray[np.integer]) -> NDArray[np.int64]:
    # (N,) equal numbers, from 0 on, for equal rows.
    found = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        label = np.unique(column, return_inverse=True)[1].astype(np.int64)
        found = np.unique(found * (int(label.max(initial=0)) + 1) + label, return_inverse=True)[1].astype(np.int64)
    return found


FAMILY = Peers()
