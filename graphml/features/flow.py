"""Tell how much of what an account got left again, how fast, what stayed, and how far money had come."""

from dataclasses import dataclass
from typing import Self

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.cores import over_accounts, side_by_side
from graphml.exact import fixed, fixed_product, less, plus
from graphml.feature import Feature, both_ends
from graphml.features._fifo import pass_through, queues, room
from graphml.features._hops import carried
from graphml.features._lots import Lots
from graphml.kernel import kernel
from graphml.past import Memory
from graphml.stream import Accounts, Asked, Floats, Ints, Out, Side, Stream
from graphml.window import DAY

__all__ = ["FAMILY", "Flow"]

_MONEY = "reference currency"


@dataclass(frozen=True, slots=True)
class Flow:
    """Match what an account paid with what it had got, first in first out.

    What an account gets at one instant is one lot; what it pays at one instant is one withdrawal. A withdrawal takes
    from the oldest lots that are strictly older than it and at most 8 days old, and no part of a lot twice. Payments to
    oneself move nothing. For an instant t, over the lots of [t - 8 d, t):
    `pass_share_8d` is the share of their value that left, `pass_share_within_1d` and `_4d` what left so soon after it
    came, NaN where nothing came in; `pass_hours_8d` the mean time held of what left; `sink_count_8d` lots of which
    nothing left, `through_count_8d` the others; `money_age_h` the mean age of what did not leave. `dispense_count_8d`
    are withdrawals of [t - 8 d, t) that met no lot. `balance` is received - paid since the records begin, `turnover`
    received + paid, `retention` the balance over the larger of the two.

    Of a payment, as if it were the only one of its instant: `covered_share` is the part that its payer took from lots;
    `carried_age_h` how long that part was held; `hops` over how many accounts its money came in this way, 0 for what
    is not covered, in the mean by value; `origin_age_h` how long ago it set out. `in_hops_8d` is the mean of `hops`, by
    value, over the payments received in [t - 8 d, t).

    AMLworld's intermediaries hold money for 8 to 72 hours (Altman et al., 2023); temporal flows and dispense and sink
    counts follow ExSTraQt (Tariq and Hassani, 2024), as of the instant.
    """

    @property
    def name(self) -> str:
        """Return `flow`."""
        return "flow"

    @property
    def cost(self) -> str:
        """Return what the work grows with."""
        return "a few steps for each payment, and a search among the lots of the last 8 days; no limit"

    @property
    def serial(self) -> str:
        """Return what is told payment after payment."""
        return "over how many accounts money came"

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return passed shares, hours, what stays, and counts."""
        recent = "of what came in during the last 8 days"
        return (
            Feature("pass_share_within_1d", "share", "8d", f"passed on a share of {{value}} {recent} within a day"),
            Feature("pass_share_within_4d", "share", "8d", f"passed on a share of {{value}} {recent} within 4 days"),
            Feature("pass_share_8d", "share", "8d", f"passed on a share of {{value}} {recent}"),
            Feature("pass_hours_8d", "hours", "8d", "held what it passed on for {value} hours on average"),
            Feature(
                "retention", "ratio", "all",
                "keeps {value} of what moves through it (1: keeps all, 0: pays as much as it gets, -1: only pays)",
            ),
            Feature("balance", _MONEY, "all", "received {value} in reference currency more than it paid"),
            Feature("turnover", _MONEY, "all", "received and paid {value} in reference currency together"),
            Feature("money_age_h", "hours", "8d", f"still holds a part {recent}, for {{value}} hours on average"),
            Feature("sink_count_8d", "count", "8d", "got money at {value} instants in the last 8 days and kept all of it"),
            Feature("through_count_8d", "count", "8d", "got money at {value} instants in the last 8 days and passed it on"),
            Feature(
                "dispense_count_8d", "count", "8d",
                "paid at {value} instants in the last 8 days with money that had not come in shortly before",
            ),
            Feature("in_hops_8d", "accounts", "8d", "got money that had come over {value} accounts within days on average"),
        )  # fmt: skip

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the same for payer and payee, and what the payment carries."""
        return (
            *both_ends(self.of_accounts),
            Feature("covered_share", "share", "8d", "came in to the payer within 8 days before, by a share of {value}"),
            Feature("carried_age_h", "hours", "8d", "carries money that the payer had held for {value} hours"),
            Feature("hops", "accounts", "all", "carries money that had come over {value} accounts, each within 8 days"),
            Feature("origin_age_h", "hours", "all", "carries money that had set out {value} hours before"),
        )

    def accounts(
        self, stream: Stream, account: NDArray[np.int32], at: NDArray[np.int64], out: NDArray[np.float32]
    ) -> None:
        """Fill (M, 12) as of each pair's instant."""
        _Moved.once(stream).fill(stream, Asked.of(stream.graph.n, account, at), out)

    def transactions(self, stream: Stream, out: NDArray[np.float32]) -> None:
        """Fill (E, 28): payer and payee as of the row's instant, and the row itself."""
        moved, half = _Moved.once(stream), len(self.of_accounts)
        moved.fill(stream, stream.payers, out[:, :half])
        moved.fill(stream, stream.payees, out[:, half : 2 * half])
        out[:, 2 * half :] = moved.carried[len(moved.carried) - len(out) :]

    def remember(self, stream: Stream, until: int) -> Memory:
        """Return the lots that are not used up before row *until* and at the end, what was moved, and the hops since."""
        moved, graph = _Moved.once(stream), stream.graph
        edge = int(graph.time[until]) if until < graph.hi else graph.span.end
        heads, parts = queues(moved.into.columns, moved.out.columns, moved.part, edge)
        ever, ends = moved.ever.copy(), [lots.before(edge) for lots in (moved.into, moved.out)]
        for k, lots in enumerate((moved.into, moved.out)):
            _sum(lots.start[:-1] + lots.old, ends[k], lots.value, ever[:, 2 * k : 2 * k + 2])
        kept, live = _between(heads, ends[0]), _between(moved.usable[:, 0], moved.usable[:, 1])
        since = stream.inward.rows >= until
        lists = {
            "queue": (kept[0], moved.into.time[kept[1]], moved.into.value[kept[1]]),
            "live": (live[0], moved.mix[live[1]]),
            "hops": (stream.inward.own[since], moved.hops[since]),
        }
        return Memory({"part": parts, "ever": ever, "used": moved.used}, lists)


@dataclass(frozen=True, slots=True, eq=False)
class _Moved:
    """Hold the lots of a stream, what is left of the past, and what rows carry that no stream has told before."""

    into: Lots
    out: Lots
    part: Floats  # (N, 4) what is gone of each account's first lot
    ever: Floats  # (N, 4) received and paid in rows that are gone, two double-doubles
    carried: Floats  # (E, 4) of the last rows of the view
    hops: Floats  # (P,) of each payment in
    mix: Floats  # (L, 4) of the lots in that can still be used
    usable: Ints  # (N, 2) the first of these and one past the last
    used: Floats  # (N,) what is gone of the first of them

    @classmethod
    def once(cls, stream: Stream) -> Self:
        return stream.once("flow", lambda: cls.of(stream))

    @classmethod
    def of(cls, stream: Stream) -> Self:
        graph, past, memory = stream.graph, stream.past, stream.past.memory.get("flow", Memory())
        part, ever = past.dense("flow", "part", (4,)), past.dense("flow", "ever", (4,))
        queue = memory.lists.get("queue")
        older = None if queue is None else (queue[0], queue[1], queue[2])
        into, out = side_by_side(lambda one: Lots.of(*one), ((stream.inward, older), (stream.outward, None)))
        told = slice(stream.new if memory.lists else graph.lo, graph.hi)
        of_row = [_of_row(side, lots, told) for side, lots in ((stream.inward, into), (stream.outward, out))]
        ends, rows = (graph.source[told], graph.target[told]), (graph.time[told], graph.value[told])
        live, mix = memory.lists.get("live", (np.zeros(0, np.int32), np.zeros((0, 4))))
        before = np.bincount(live, minlength=graph.n), past.dense("flow", "used", ()), mix
        found, mixed, usable, used = carried(ends, rows, (*into.columns, of_row[0]), (out.value, of_row[1]), before)
        hops, new = np.empty(len(stream.inward.rows)), stream.inward.rows >= told.start
        if memory.lists:
            hops[~new] = memory.lists["hops"][1]
        hops[new] = found[stream.inward.rows[new] - told.start, 2]
        return cls(into, out, part, ever, found, hops, mixed, usable, used)

    def fill(self, stream: Stream, asked: Asked, out: Out) -> None:
        """Fill *out* with what the accounts were at the asked instants."""
        own = stream.inward.start, stream.inward.time, stream.inward.value
        before = self.into.old, self.part, self.ever

        def work(first: int, last: int) -> None:
            lots, block = (self.into.columns, self.out.columns), (first, last)
            pass_through(*lots, before, asked.columns, block, room(*lots, block), out)
            _mean_hops(own, self.hops, asked.columns, (first, last), out[:, 11])

        over_accounts(work, stream.inward.start + stream.outward.start + asked.start)


def _of_row(side: Side, lots: Lots, told: slice) -> Accounts:
    # (E,) the lot of each row of a part of the view.
    found, inside = np.empty(told.stop - told.start, np.int32), side.rows >= told.start
    found[side.rows[inside] - told.start] = lots.of_entry[inside]
    return found


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _sum(first: Ints, last: Ints, value: Floats, total: Floats) -> None:
    for own in range(len(first)):
        for i in range(first[own], last[own]):
            total[own, 0], total[own, 1] = plus(total[own, 0], total[own, 1], value[i])


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _between(first: Ints, last: Ints) -> tuple[Accounts, Ints]:
    # Account and place of the lots from the first of each account to before its last.
    size = 0
    for own in range(len(first)):
        size += max(last[own] - first[own], 0)
    account, place = np.empty(size, np.int32), np.empty(size, np.int64)
    top = 0
    for own in range(len(first)):
        for i in range(first[own], last[own]):
            account[top], place[top] = own, i
            top += 1
    return account, place


@kernel
def _mean_hops(
    side: tuple[Ints, Ints, Floats], hops: Floats, asked: tuple[Ints, Ints, Ints], block: tuple[int, int], out: Out
) -> None:
    in_start, time, value = side
    start, at, row = asked
    for own in range(block[0], block[1]):
        lo = hi = in_start[own]
        new, new_rest, old, old_rest = 0.0, 0.0, 0.0, 0.0
        worth, worth_rest, past, past_rest = 0.0, 0.0, 0.0, 0.0
        for q in range(start[own], start[own + 1]):
            while hi < in_start[own + 1] and time[hi] < at[q]:
                if hops[hi] == hops[hi]:
                    new, new_rest = plus(new, new_rest, fixed_product(value[hi], hops[hi]))
                    worth, worth_rest = plus(worth, worth_rest, fixed(value[hi]))
                hi += 1
            while lo < hi and time[lo] < at[q] - 8 * DAY:
                if hops[lo] == hops[lo]:
                    old, old_rest = plus(old, old_rest, fixed_product(value[lo], hops[lo]))
                    past, past_rest = plus(past, past_rest, fixed(value[lo]))
                lo += 1
            total = less(worth, worth_rest, past, past_rest)
            out[row[q]] = less(new, new_rest, old, old_rest) / total if total > 0 else np.nan


FAMILY = Flow()
