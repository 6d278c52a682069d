"""Choose feature families by name, bind them to a ledger, and compute them side by side."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from graphml import registry
from graphml.cores import at_once, side_by_side
from graphml.errors import UnknownName
from graphml.feature import Family, Feature, InParts, Part, Remembers, Serial, Shares, Together, both_ends
from graphml.graph import TransactionGraph
from graphml.knowledge import Knowledge
from graphml.ledger import Ledger
from graphml.past import Past
from graphml.people import People
from graphml.stream import Stream

__all__ = ["Families", "Features", "Part"]

_PACKAGE = "graphml.features"


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Hold the features of transactions, and of all accounts as of one instant."""

    at: int  # microseconds UTC, of the accounts
    accounts: NDArray[np.float32]  # (N, F)
    of_accounts: tuple[Feature, ...]
    transactions: NDArray[np.float32]  # (E, F)
    of_transactions: tuple[Feature, ...]
    families: "Families"
    first: int = 0  # row of the ledger that the first of `transactions` is


@dataclass(frozen=True, slots=True)
class Families:
    """Hold families in the order asked for; each column is a feature, those of a family stand together."""

    chosen: tuple[Family, ...]

    @classmethod
    def of(cls, names: Iterable[str] | None = None, ledger: Ledger | None = None) -> Self:
        """Return the families of *names*, None: all, in order of name.

        Where a *ledger* is given, families that look at people or at confirmed laundering learn of them from it.

        Raises:
            UnknownName: there is no such family.
        """
        known = registry.names(_PACKAGE)
        wanted = known if names is None else tuple(dict.fromkeys([names] if isinstance(names, str) else names))
        for name in wanted:
            if name.replace("_", "-") not in known:
                raise UnknownName.of("feature family", name, known)
        chosen = tuple(registry.plugin(_PACKAGE, name, "FAMILY") for name in wanted)
        return cls(chosen if ledger is None else tuple(_bound(family, ledger) for family in chosen))

    @property
    def of_accounts(self) -> tuple[Feature, ...]:
        """Return the columns of `accounts`."""
        return tuple(f for family in self.chosen for f in family.of_accounts)

    @property
    def of_transactions(self) -> tuple[Feature, ...]:
        """Return the columns of `transactions`."""
        return tuple(f for family in self.chosen for f in family.of_transactions)

    @property
    def of_look_ahead(self) -> tuple[Feature, ...]:
        """Return the columns of `look_ahead`."""
        return tuple(
            replace(f, name=f"look_ahead_{f.name}", sentence=f"{f.sentence}, as of the end of the data")
            for f in both_ends(self.of_accounts)
        )

    def features(self, graph: TransactionGraph, at: int | None = None) -> Features:
        """Return the features of the view, of accounts as of *at*, by default just after the last transaction."""
        return self.tell(Stream.of(graph), at)

    def tell(self, stream: Stream, at: int | None = None, first: int = 0, *, keep: bool = False) -> Features:
        """Return the same of a stream; *first* is the row of the ledger from which it tells; *keep* for `forget` later."""
        n, at = stream.graph.n, stream.graph.span.end if at is None else at
        accounts = np.empty((n, len(self.of_accounts)), np.float32)
        rows = np.empty((stream.graph.hi - stream.new, len(self.of_transactions)), np.float32)
        asked = np.arange(n, dtype=np.int32), np.full(n, at, np.int64)
        walks: list[Callable[[], None]] = []
        snapshots: list[Callable[[], None]] = []
        told: list[Callable[[], None]] = []
        for family, own, out in zip(self.chosen, self._of_accounts(accounts), self._of_transactions(rows), strict=True):
            if isinstance(family, Together):
                walks.append(partial(family.tell, stream, *asked, own, out, keep))
            else:
                snapshots.append(partial(family.accounts, stream, *asked, own))
                told.append(partial(family.transactions, stream, out))
        # The longest begin first, and what one family makes once is asked for at two times: none waits for another.
        at_once(*walks, *snapshots, *told)
        return Features(at, accounts, self.of_accounts, rows, self.of_transactions, self, first)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the families."""
        return tuple(family.name for family in self.chosen)

    @property
    def complete(self) -> bool:
        """Return whether these are all families, in order of name."""
        return self.names == tuple(registry.names(_PACKAGE))

    def accounts(
        self, graph: TransactionGraph, account: NDArray[np.int32], at: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return (M, F) features of the pairs (account, instant), from rows strictly earlier than the instant.

        *at* is in microseconds UTC. NaN where a feature has no value.
        """
        stream, values = Stream.of(graph), np.empty((len(account), len(self.of_accounts)), np.float32)
        parts = zip(self.chosen, self._of_accounts(values), strict=True)
        at_once(*(partial(family.accounts, stream, account, at, out) for family, out in parts))
        return values

    def transactions(self, graph: TransactionGraph) -> NDArray[np.float32]:
        """Return (E, F) features of the rows of the view, from rows strictly earlier than each row's instant."""
        stream, values = Stream.of(graph), np.empty((len(graph), len(self.of_transactions)), np.float32)
        parts = zip(self.chosen, self._of_transactions(values), strict=True)
        at_once(*(partial(family.transactions, stream, out) for family, out in parts))
        return values

    def _of_accounts(self, values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        return _columns(values, [len(family.of_accounts) for family in self.chosen])

    def _of_transactions(self, values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        return _columns(values, [len(family.of_transactions) for family in self.chosen])

    def parts(
        self, stream: Stream, accounts: NDArray[np.float32] | None = None, at: int = 0, *, keep: bool = False
    ) -> Iterator[Part]:
        """Yield the columns of `transactions` in parts narrow enough to be held one at a time, however many rows.

        Where there is *accounts* (N, F), the parts fill it too, with all accounts as of *at* (microseconds UTC). What a
        family makes of the stream goes with its last part; with *keep* it stays, for `forget` needs it. Families that
        share what they make come first, so that it goes early, but for one other beside the first of them, which makes it
        alone: one that is serial as well, where there is one; then narrow ones before wide ones, which take more memory.
        """
        n, views = stream.graph.n, dict[object, Stream]()
        sharers = Counter(family.shares for family in self.chosen if isinstance(family, Shares))
        asked = np.arange(n, dtype=np.int32), np.full(n, at, np.int64)
        own = [None] * len(self.chosen) if accounts is None else self._of_accounts(accounts)
        begin = np.cumsum([0, *(len(family.of_transactions) for family in self.chosen)]).tolist()
        turns = [_turn(family) for family in self.chosen]
        for k in _in_turn(turns, sharers.total()):
            family = self.chosen[k]
            view = stream if keep else stream.view()
            if isinstance(family, Shares) and not keep:
                view = views.setdefault(family.shares, stream.view(sharers[family.shares]))
            for part in _parts(family, view, (*asked, own[k]), keep):
                yield replace(part, first=begin[k] + part.first)

    def forget(self, stream: Stream, until: int) -> Past:
        """Return what has to be kept of the rows before row *until*, and of those that the stream's past stands for."""
        able = [family for family in self.chosen if isinstance(family, Remembers)]
        memory = side_by_side(lambda family: family.remember(stream, until), able)
        named = {family.name: one for family, one in zip(able, memory, strict=True)}
        return Past(stream.past.pairs.with_rows(stream.graph, until), stream.first, named)

    def look_ahead(self, graph: TransactionGraph) -> NDArray[np.float32]:
        """Return (E, F): what payer and payee of each row have become by the end of the view, whatever the row's day.

        THIS LOOKS INTO THE FUTURE. It is how most published features were computed (over the whole data set), and is
        here to measure what that inflates; nothing else may use it.
        """
        every, end = np.arange(graph.n, dtype=np.int32), np.full(graph.n, graph.span.end, np.int64)
        accounts = self.accounts(graph, every, end)
        return np.hstack([accounts[graph.source[graph.rows]], accounts[graph.target[graph.rows]]])


def _turn(family: Family) -> int:
    # 0: it shares what it makes, 1: one core is long at it, else how wide it is.
    return 0 if isinstance(family, Shares) else 1 if isinstance(family, Serial) else len(family.of_transactions)


def _in_turn(turns: Sequence[int], sharers: int) -> list[int]:
    # The places of the *sharers*, whose turn is 0, then those of the others by turn; the first of these second.
    order = sorted(range(len(turns)), key=turns.__getitem__)
    if 1 < sharers < len(order):
        order.insert(1, order.pop(sharers))
    return order


def _parts(
    family: Family, stream: Stream, asked: tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float32] | None],
    keep: bool,
) -> Iterator[Part]:  # fmt: skip
    account, at, own = asked
    if own is not None and isinstance(family, Together):
        told = partial(family.tell, stream, account, at, own, keep=keep)
        yield Part(0, family.of_transactions, lambda out: told(rows=out))
        return
    columns = Part(0, family.of_transactions, partial(family.transactions, stream))
    first, *rest = family.parts(stream) if isinstance(family, InParts) else (columns,)
    if own is not None:
        first = replace(first, fill=partial(_after, partial(family.accounts, stream, account, at, own), first.fill))
    yield from (first, *rest)


def _after(before: Callable[[], None], fill: Callable[[NDArray[np.float32]], None], out: NDArray[np.float32]) -> None:
    before()
    fill(out)


def _columns(values: NDArray[np.float32], widths: list[int]) -> list[NDArray[np.float32]]:
    edges = np.cumsum([0, *widths])
    return [values[:, first:last] for first, last in pairwise(edges)]


def _bound(family: Any, ledger: Ledger) -> Family:
    if hasattr(family, "people"):
        family = replace(family, people=People.of(ledger))
    if hasattr(family, "knowledge"):
        family = replace(family, knowledge=Knowledge.of(ledger))
    bound: Family = family
    return bound
