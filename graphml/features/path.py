"""Follow money in rising time: to an account, from it, back to it, and through many hands at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphml.cores import over_accounts, side_by_side
from graphml.feature import Feature, both_ends
from graphml.features._deeds import Deeds, Known
from graphml.features._path_walk import STATES, walk, walk_room
from graphml.features._paths import link
from graphml.past import Memory
from graphml.stream import Asked, Out, Side, Stream
from graphml.window import DAY

__all__ = ["FAMILY", "Path"]

_MONEY = "reference currency"
_WHEN = "in the last 8 days"


@dataclass(frozen=True, slots=True)
class Path:
    """Follow payments: f follows e where e's payee pays f and e's instant is in [t - gap, t), t being that of f.

    Payments to oneself are left out. A way is a chain of payments in which each follows the one before; a window has
    the ways whose last payment is in [t - window, t). `in_` ways end at the account; `out_` ways begin there and do
    not pass it again; other accounts may occur twice. One way keeps the smallest of its amounts, and ways with the
    same last payment keep together no more than that: kept_1 is the amount (for `out_`, of the account's own payments
    alone), kept_k(f) = min(amount of f, sum of kept_k-1 over what f follows). `most` is the largest of one way.

    A return is a way of 2 to 6 payments from an account to itself that does not touch it between; of those that one
    payment closes, the one that keeps most is told. A payment closes a scatter-gather over as many accounts, its payer
    the last, as have in the window paid the payee with payments that follow one by the same other account, which the
    payer's follows too. It closes a gather-scatter, if it follows any, of as many accounts as the smaller of two
    numbers: those that paid the payer in the window, and those, its payee the last, that the payer has paid in it
    with payments that follow any. Neither is told below 2. A payment is steady if it has 0.8 to 1.25 times the amount
    of the one that it follows (as in trails). A steady scatter-gather has steady second payments; a steady chain is a
    way of steady payments of which none goes back to where the one before came from, counted up to 6.

    Limit: of the payments that f could follow, only the latest `hub_limit` count, an instant in whole or not at all.
    The features in `_cut` tell where it bit. An amount counts as the nearest 1/1024 and as at most 2^36. After the
    temporal cycles and scatter-gathers of Blanusa et al. (2024) and the global flows of ExSTraQt (Tariq and Hassani).
    """

    window: int = 8 * DAY  # microseconds
    gap: int = 4 * DAY  # microseconds, longest time between two payments of a way
    hub_limit: int = 64  # payments

    @property
    def name(self) -> str:
        """Return `path`."""
        return "path"

    @property
    def cost(self) -> str:
        """Return what the work grows with."""
        return "ways of 2 and 3 payments; no more than hub_limit (64) payments are followed into one, what that cuts is told"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return ways in and out with what they keep, returns, fans, steady chains, and where the limit bit."""
        ways = []
        for side, verb, did in (("in", "was reached by", "got"), ("out", "started", "sent")):
            for name, unit, said in (
                ("paths", "count", f"{verb} {{value}} ways of {{k}} payments in rising time"),
                ("kept", _MONEY, f"{did} up to {{value}} in reference currency over ways of {{k}} payments"),
            ):
                for k in (2, 3):
                    words = f"{said.replace('{k}', str(k))} {_WHEN}"
                    ways.append(Feature(f"{side}_{name}_{k}_8d", unit, "8d", words))
        count, hands = "count", "different accounts"
        return (
            *ways,
            Feature("return_count_8d", count, "8d", f"had money come back over 2 to 6 payments on {{value}} ways {_WHEN}"),
            Feature("return_kept_8d", _MONEY, "8d", f"had up to {{value}} in reference currency come back over 2 to 6 payments {_WHEN}"),
            Feature("scatter_gather_8d", count, "8d", f"was reached from one account over up to {{value}} {hands} {_WHEN}"),
            Feature("steady_scatter_gather_8d", count, "8d", f"was reached with steady amounts from one account over up to {{value}} {hands} {_WHEN}"),
            Feature("gather_scatter_8d", count, "8d", f"gathered from and paid on to up to {{value}} {hands} {_WHEN}"),
            Feature("steady_chain_8d", count, "8d", f"was at the end of up to {{value}} payments in a row with steady amounts {_WHEN} (6: or more)"),
            Feature("in_paths_cut", count, "8d", f"got {{value}} payments whose ways lead through hubs and were followed in part only {_WHEN}"),
            Feature("out_paths_cut", count, "8d", f"started {{value}} ways into hubs that were followed in part only {_WHEN}"),
        )  # fmt: skip

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the same for the payer and the payee, and what this payment closes."""
        count, ends = "count", "ends"
        return (
            *both_ends(self.of_accounts),
            Feature("closes_paths_2", count, "4d", f"{ends} {{value}} ways of 2 payments in rising time"),
            Feature("closes_paths_3", count, "8d", f"{ends} {{value}} ways of 3 payments in rising time"),
            Feature("closes_kept_2", _MONEY, "4d", "carries up to {value} in reference currency over ways of 2 payments"),
            Feature("closes_kept_3", _MONEY, "8d", "carries up to {value} in reference currency over ways of 3 payments"),
            Feature("closes_most_2", _MONEY, "4d", "carries at most {value} in reference currency over one way of 2 payments"),
            Feature("closes_most_3", _MONEY, "8d", "carries at most {value} in reference currency over one way of 3 payments"),
            Feature("closes_return", count, "20d", "brings money back to the payee, which had paid it out 1 to 5 payments before, on {value} ways"),
            Feature("closes_return_length", count, "20d", "brings money back to the payee as the last of {value} payments (0: it does not)"),
            Feature("closes_return_kept", _MONEY, "20d", "brings up to {value} in reference currency back to the payee on one way"),
            Feature("closes_scatter_gather", count, "12d", "is the last of {value} ways from one account over different accounts to the payee"),
            Feature("closes_steady_scatter_gather", count, "12d", "is the last of {value} ways with steady amounts from one account over different accounts to the payee"),
            Feature("closes_gather_scatter", count, "8d", "pays on what the payer gathered, from and to at least {value} different accounts"),
            Feature("closes_steady_chain", count, "20d", "is the last of {value} payments in a row with steady amounts (6: or more)"),
            Feature("closes_cut", count, "20d", "ends ways that lead through a hub and were followed in part only, {value} payments back (0: none)"),
        )  # fmt: skip

    def accounts(
        self, stream: Stream, account: NDArray[np.int32], at: NDArray[np.int64], out: NDArray[np.float32]
    ) -> None:
        """Fill (M, 16) as of each pair's instant."""
        nobody = _nobody(stream)
        self._fill(stream, (Asked.of(stream.graph.n, account, at), nobody, nobody), (out, out, out, out))

    def transactions(self, stream: Stream, out: NDArray[np.float32]) -> None:
        """Fill (E, 46) from payments strictly earlier than each row's instant."""
        parts = _parts(out)
        self._fill(stream, (_nobody(stream), stream.payers, stream.payees), (parts[0], *parts))

    def tell(
        self, stream: Stream, account: NDArray[np.int32], at: NDArray[np.int64], out: NDArray[np.float32],
        rows: NDArray[np.float32], keep: bool,
    ) -> None:  # fmt: skip
        """Fill *out* (M, 16) as `accounts` does and *rows* (E, 46) as `transactions` does, in one walk."""
        asked = (Asked.of(stream.graph.n, account, at), stream.payers, stream.payees)
        fresh = self._fill(stream, asked, (out, *_parts(rows)), keeping=keep)
        if keep:
            stream.once(f"{self}", lambda: fresh)

    def remember(self, stream: Stream, until: int) -> Memory:
        """Return what payments from row *until* on have closed, as far back as the window reaches from the end."""
        nobody, none = _nobody(stream), np.empty((0, STATES), np.float32)
        asked, outs = (nobody, nobody, nobody), (none, none, none, none)
        fresh = stream.once(f"{self}", lambda: self._fill(stream, asked, outs, keeping=True))
        return Known.of(stream).with_rows(stream, fresh, until, self.window)

    def _fill(self, stream: Stream, asked: tuple[Asked, ...], outs: tuple[Out, ...], *, keeping: bool = False) -> Deeds:
        graph, known = stream.graph, Known.of(stream)
        inward, outward = side_by_side(Side.without_loops, (stream.inward, stream.outward))
        links = link(inward, outward, (self.gap, self.hub_limit), known)
        sides = (
            (inward.start, inward.other, inward.time, inward.rows),
            (outward.start, outward.other, outward.time, outward.rows),
        )
        ways = (links.came, links.went, links.pair, links.kept, links.trail)
        units = np.array([f.unit == _MONEY for f in self.of_transactions])
        whole = len(asked[1].at) > 0
        if whole:
            outs[3][graph.source[stream.told] == graph.target[stream.told]] = 0
        widths = (self.window, self.gap, stream.new, whole, known.first, keeping)
        columns, money = tuple(one.columns for one in asked), (units[:STATES], units[2 * STATES :])
        fresh = known.room(graph.hi - known.first if keeping else 0)
        load = inward.start + outward.start + sum(one.start for one in asked)

        def work(first: int, last: int) -> None:
            block = first, last
            walk(
                sides, ways, columns, outs, money, widths, known.columns, fresh, block, walk_room(sides, columns, block)
            )

        over_accounts(work, load)
        return fresh


def _nobody(stream: Stream) -> Asked:
    return Asked.of(stream.graph.n, np.zeros(0, np.int32), np.zeros(0, np.int64))


def _parts(rows: Out) -> tuple[Out, Out, Out]:
    # Columns of the payer, of the payee, and of the payment.
    return rows[:, :STATES], rows[:, STATES : 2 * STATES], rows[:, 2 * STATES :]


FAMILY = Path()
