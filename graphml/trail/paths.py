"""Follow money along paths: payments in strictly rising time that keep the amount."""

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from graphml.errors import ParameterError
from graphml.graph import TransactionGraph
from graphml.ring import Cut
from graphml.trail.seeds import Seeds
from graphml.window import DAY, HOUR, LONGEST

__all__ = ["Path", "Paths", "Terms", "paths"]

_MOST = 10**9
_EARLIEST, _LATEST = "earliest first", "latest first"


@dataclass(frozen=True, slots=True)
class Terms:
    """Say which payments continue a path."""

    hops: int = 6  # payments of a path at most
    max_gap: int = 72 * HOUR  # microseconds from one payment to the next at most
    window: int = 30 * DAY  # microseconds from the first payment to the last at most
    keep: float = 0.8  # least ratio of a payment to the one before
    most: float = 1.25  # largest ratio
    hub_limit: int = 1000  # payments of one account that continue one payment; more are cut, see `Cut`
    most_paths: int = 100_000  # paths in the answer; the search stops there and says so

    def __post_init__(self) -> None:
        for what, count in (("hops", self.hops), ("hub limit", self.hub_limit), ("most paths", self.most_paths)):
            if not 1 <= count <= _MOST:
                raise ParameterError(f"{what} {count} must be 1 or more, and {_MOST:,} at most.")
        if not 0 <= min(self.max_gap, self.window) <= max(self.max_gap, self.window) <= LONGEST:
            raise ParameterError(
                "The longest gap and the window lie between 0 and 1,000 years. Write them as 72h or 30d."
            )
        if not 0 <= self.keep <= self.most:
            raise ParameterError(
                f"keep {self.keep} must be 0 or more and not above most {self.most}; give for example 0.8 and 1.25."
            )


@dataclass(frozen=True, slots=True)
class Path:
    """Hold one path in order of time."""

    rows: tuple[int, ...]
    accounts: tuple[int, ...]  # payer of the first row, then the payee of each
    amount_in: float  # of the first row, reference currency
    amount_out: float  # of the last row
    returned: bool  # ends at its origin (backward: begins at its end)


@dataclass(frozen=True, slots=True)
class Paths:
    """Hold the paths of a trail, largest amount_out first, then by transaction ids, and what was cut."""

    found: tuple[Path, ...]
    cut: tuple[Cut, ...]


def paths(graph: TransactionGraph, seeds: Seeds, ids: Sequence[str], terms: Terms = Terms()) -> Paths:
    """Return every path in the view that begins with a seed; backward: every path that ends with one.

    A path is rows e1 .. ek, 1 <= k <= hops, with target(e_i) = source(e_i+1), t_i < t_i+1 <= t_i + max_gap,
    t_k - t_1 <= window and keep * v(e_i) <= v(e_i+1) <= most * v(e_i), no account twice, except that it may end at its
    origin. So the beginning of a path is a path too. *ids* are the transaction ids (E,), by which equals are ordered.
    """
    columns, lists = (graph.source, graph.target, graph.time, graph.value), (graph.out_start, graph.out_rows)
    if seeds.backward:
        # The mirror image: time runs backward and money the other way, while a ratio stays that of later to earlier.
        columns = graph.target, graph.source, -graph.time, graph.value
        lists = graph.in_start, graph.in_rows
    limits = np.array(
        [min(terms.hops, graph.n + 1), terms.max_gap, terms.window, terms.hub_limit, terms.most_paths], np.int64
    )
    bounds = (graph.lo, graph.hi, terms.keep, terms.most, seeds.backward)
    flat, cuts, full = _search(np.array(seeds.rows, np.int64), columns, lists, limits, bounds)
    ends = np.flatnonzero(flat < 0)
    every = [flat[a:b].tolist() for a, b in zip(np.r_[0, ends[:-1] + 1], ends, strict=True)] if len(ends) else []
    found = [_path(graph, rows[::-1] if seeds.backward else rows) for rows in every]
    found.sort(key=lambda path: (-path.amount_out, [ids[row] for row in path.rows]))
    return Paths(tuple(found), _told(graph, seeds, terms, cuts, full))


def _path(graph: TransactionGraph, rows: list[int]) -> Path:
    accounts = (int(graph.source[rows[0]]), *(int(graph.target[row]) for row in rows))
    return Path(
        tuple(rows), accounts, float(graph.value[rows[0]]), float(graph.value[rows[-1]]), accounts[0] == accounts[-1]
    )


def _told(
    graph: TransactionGraph, seeds: Seeds, terms: Terms, cuts: NDArray[np.float64], full: bool
) -> tuple[Cut, ...]:
    order = _LATEST if seeds.backward else _EARLIEST
    widest: dict[int, Cut] = {}
    for account, degree, kept, value in cuts.tolist():
        cut = Cut(int(account), int(degree), int(kept), int(degree - kept), value, order)
        if int(account) not in widest or cut.dropped > widest[int(account)].dropped:
            widest[int(account)] = cut
    told = [widest[account] for account in sorted(widest)]
    if full:
        start = int(graph.target[seeds.rows[0]] if seeds.backward else graph.source[seeds.rows[0]])
        said = f"the search stopped at {terms.most_paths} paths; how many more there are is not known"
        told.append(Cut(start, terms.most_paths, terms.most_paths, 0, 0.0, said))
    return tuple(told)


@numba.njit(cache=True)
def _onward(row, begin, columns, lists, limits, bounds):  # type: ignore[no-untyped-def]
    # Positions [a, b) (step 1 or -1) in the list of the payee's payments that time allows after *row*.
    _source, target, time, _value = columns
    start, rows = lists
    lo, hi, _keep, _most, backward = bounds
    account = target[row]
    until = min(time[row] + limits[1], begin + limits[2])
    first, last = start[account], start[account + 1]
    if backward:
        # Rows ascend in true time, so mirrored time descends: search from the end.
        a, b = first, last
        while a < b:  # first position whose mirrored time is <= time[row]
            middle = (a + b) // 2
            if time[rows[middle]] <= time[row]:
                b = middle
            else:
                a = middle + 1
        top = a - 1
        a, b = first, last
        while a < b:  # first position whose mirrored time is <= until
            middle = (a + b) // 2
            if time[rows[middle]] <= until:
                b = middle
            else:
                a = middle + 1
        bottom = a
        while bottom <= top and rows[bottom] < lo:
            bottom += 1
        return top, bottom - 1, -1
    a, b = first, last
    while a < b:
        middle = (a + b) // 2
        if time[rows[middle]] <= time[row]:
            a = middle + 1
        else:
            b = middle
    low = a
    a, b = low, last
    while a < b:
        middle = (a + b) // 2
        if time[rows[middle]] <= until:
            a = middle + 1
        else:
            b = middle
    while a > low and rows[a - 1] >= hi:
        a -= 1
    return low, a, 1


@numba.njit(cache=True)
def _search(seeds, columns, lists, limits, bounds):  # type: ignore[no-untyped-def]
    source, target, time, value = columns
    rows = lists[1]
    lo, hi, keep, most, backward = bounds
    hops, hub, most_paths = limits[0], limits[3], limits[4]
    flat = [np.int64(0) for _ in range(0)]
    cuts = [(0.0, 0.0, 0.0, 0.0) for _ in range(0)]
    path = np.empty(hops, np.int64)
    at, stop, step = np.empty(hops, np.int64), np.empty(hops, np.int64), np.empty(hops, np.int64)
    count, full = 0, False
    for seed in seeds:
        if seed < lo or seed >= hi or full:
            continue
        depth, enter, origin = 0, True, source[seed]
        path[0] = seed
        while depth >= 0:
            row = path[depth]
            if enter:
                enter = False
                if count >= most_paths:
                    full = True
                    break
                count += 1
                flat.extend(path[: depth + 1])
                flat.append(np.int64(-1))
                if target[row] == origin or depth + 1 >= hops:
                    at[depth], stop[depth], step[depth] = 0, 0, 1
                else:
                    at[depth], stop[depth], step[depth] = _onward(row, time[seed], columns, lists, limits, bounds)
                    degree = abs(stop[depth] - at[depth])
                    if degree > hub:
                        dropped = 0.0
                        for i in range(hub, degree):
                            dropped += value[rows[at[depth] + i * step[depth]]]
                        cuts.append((float(target[row]), float(degree), float(hub), dropped))
                        stop[depth] = at[depth] + hub * step[depth]
            if at[depth] == stop[depth]:
                depth -= 1
                continue
            onward = rows[at[depth]]
            at[depth] += step[depth]
            earlier, later = (onward, row) if backward else (row, onward)
            if not keep * value[earlier] <= value[later] <= most * value[earlier]:
                continue
            payee = target[onward]
            fresh = True
            for i in range(depth + 1):
                fresh = fresh and target[path[i]] != payee
            if fresh:
                depth += 1
                path[depth] = onward
                enter = True
    table = np.empty((len(cuts), 4), np.float64)
    for i in range(len(cuts)):
        table[i, 0], table[i, 1], table[i, 2], table[i, 3] = cuts[i]
    return np.array(flat, np.int64), table, full
