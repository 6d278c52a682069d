"""Describe the neighbourhood of chosen accounts as of an instant, found by personalised PageRank."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphml.cores import over_accounts
from graphml.feature import Feature
from graphml.features._push import describe, heaviest, push
from graphml.graph import TransactionGraph
from graphml.stream import Side

__all__ = ["Neighbourhood"]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Find who is close to an account in what was paid before an instant, and what these accounts are as a whole.

    A walk begins at the account, at each step stops with chance 1 - `damping`, and else goes to a counterparty in
    proportion to the value paid between the two in either direction, or, where no value was, stops. Only the `most`
    heaviest counterparties of an account are followed (ties: the lower account number). Where walks stop is
    personalised PageRank; it is found by pushing what is left (Andersen, Chung and Lang, 2006) until no account holds
    more than `rest` for each of its counterparties followed, so the cost of an account does not grow with the graph.
    The neighbourhood is who has at least `share` of the greatest rank, as in ExSTraQt (Tariq and Hassani), but as of
    the instant. Payments to oneself do not count.

    This is for chosen accounts, some thousands: it is no family, for all accounts would take too long.
    """

    damping: float = 0.95  # chance to go on
    most: int = 100  # counterparties followed of an account
    rest: float = 1e-4  # share of the walks left unfinished at an account, for each counterparty followed
    share: float = 0.01  # of the greatest rank: who has less is not in the neighbourhood

    @property
    def features(self) -> tuple[Feature, ...]:
        """Return the columns of `values`."""
        near, money = "has a neighbourhood", "reference currency"
        told = (
            ("neighbourhood_size", "count", f"{near} of {{value}} accounts"),
            ("neighbourhood_banks", "count", f"{near} of accounts at {{value}} banks"),
            ("neighbourhood_sources", "count", f"{near} with {{value}} accounts that have only ever paid"),
            ("neighbourhood_sinks", "count", f"{near} with {{value}} accounts that have only ever received"),
            ("neighbourhood_payments", "count", f"{near} inside which {{value}} payments were made"),
            ("neighbourhood_turnover", money, f"{near} that has moved {{value}} in reference currency"),
            ("neighbourhood_inner_share", "share", f"{near} of whose money a share of {{value}} stays inside"),
            ("neighbourhood_rank", "share", "is where a share of {value} of the walks from it stop"),
            (
                "neighbourhood_cut", "count",
                f"{near} with {{value}} accounts of which only the {self.most} heaviest counterparties were followed",
            ),
        )  # fmt: skip
        return tuple(Feature(name, unit, "all", said) for name, unit, said in told)

    def values(self, graph: TransactionGraph, seeds: NDArray[np.int32], at: int) -> NDArray[np.float32]:
        """Return (S, 9) for the accounts *seeds* (S,) from rows strictly earlier than *at* (microseconds UTC).

        An account that has paid and received nothing is alone in its neighbourhood; NaN: a share of nothing.
        """
        view = graph.before(at)
        inward, outward = Side.of(view, "in").without_loops(), Side.of(view, "out").without_loops()
        near = heaviest(inward.columns, outward.columns, self.most)
        out = np.empty((len(seeds), len(self.features)), np.float32)
        limits = np.array([self.damping, self.rest, self.share, float(self.most)])
        sides = inward.columns, outward.columns
        over_accounts(
            lambda lo, hi: describe(near, sides, (view.bank, seeds[lo:hi]), limits, out[lo:hi]),
            np.arange(len(seeds) + 1, dtype=np.int64) * 1000,
        )
        return out

    def ranks(self, graph: TransactionGraph, seed: int, at: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (N,) where walks from *seed* have stopped, and (N,) where they still are; both add up to 1."""
        view = graph.before(at)
        sides = [Side.of(view, side).without_loops().columns for side in ("in", "out")]
        near = heaviest(sides[0], sides[1], self.most)
        rank, left = np.zeros(graph.n), np.zeros(graph.n)
        room = rank, left, np.empty(graph.n, np.int32), np.zeros(graph.n, np.bool_)
        push(near[:3], seed, self.damping, self.rest, room)
        return rank, left
