"""Learn from labelled patterns which launder: from their shape, and from what models say of payments and accounts."""

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.candidates import Candidates
from graphml.elementary import exp
from graphml.hits import hit_any
from graphml.ledger import Ledger
from graphml.lists import Lists
from graphml.ranking import RARITIES
from graphml.ring import Reason
from graphml.shapes import MEASURES
from graphml.window import to_datetime

if TYPE_CHECKING:
    from graphml.models.lightgbm import Boosted

__all__ = ["TRAITS", "Alike", "Lessons", "Likeness"]

TRAITS = {**MEASURES, **RARITIES}
_NAMES = ("kind", *TRAITS)


@dataclass(frozen=True, slots=True)
class Lessons:
    """Say how it is learned; trees are few and small, for patterns that launder are few."""

    fewest: int = 20  # patterns that launder; of less nothing is learned
    half: float = 0.5  # share of a pattern's payments that launder from which it is taken to launder, hit or not
    most: int = 100_000  # patterns that trees are grown on, at most: all that launder, others by seed
    models: int = 3  # of different seeds, whose log odds are averaged
    rounds: int = 50  # trees of each
    leaves: int = 15  # of each tree
    rate: float = 0.1  # learning rate
    said: int = 3  # traits that a ring's reasons name, at most


class Alike(NamedTuple):
    """Hold what was learned says of each of many sets."""

    probability: NDArray[
        np.float64
    ]  # (sets,) that it launders, of a model that did not learn from it where there is one
    model: NDArray[np.int8]  # (sets,) 0: of all lessons, 1 and 2: of those before and from `middle` on


class _Taught(NamedTuple):
    trees: "tuple[Boosted, ...]"
    when: str  # the patterns learned from ended
    patterns: int  # learned from
    laundering: int  # of them
    usual: NDArray[np.float32]  # (F,) their medians
    kept: float  # share of what did not launder that trees were grown on, by which odds are put right (King and Zeng, 2001)

    def probability(self, table: NDArray[np.float32]) -> NDArray[np.float64]:
        odds = np.mean([model.raw(table) for model in self.trees], axis=0) + math.log(self.kept)
        return np.asarray(exp(-np.logaddexp(0.0, -odds)), np.float64)

    def sentence(self, p: float) -> Reason:
        learned = f"Of {self.patterns:,} patterns that ended {self.when} {self.laundering:,} laundered"
        said = f"{learned}; of those like this one the model expects {p:.1%} to."
        return Reason(said, p, self.laundering / self.patterns)


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """Hold what was learned; the probability that a pattern of such traits launders."""

    taught: tuple[_Taught, ...] = field(repr=False)  # by all lessons, and by each half of them where there is enough
    patterns: int  # learned from
    laundering: int  # of them
    middle: int  # microseconds UTC; half of the lessons ended before
    until: int  # microseconds UTC; each ended before, and so were their labels known
    lessons: Lessons

    @classmethod
    def of(
        cls, ledger: Ledger, candidates: Candidates, traits: NDArray[np.float32], until: int, seed: int = 0,
        lessons: Lessons = Lessons(),
    ) -> Self | None:  # fmt: skip
        """Return what the candidates with *traits* (C, TRAITS) that ended before *until* teach, None where too little.

        A candidate launders where `half` of its payments are labelled so, or where it hits an attempt (`hit_any`), of which
        are known the payments whose labels are. No label and no pattern of later counts: what is found later is judged by
        a model that never saw it (Altman et al., 2023, split by time likewise). The rarity of an account is that of its
        latest score, so it holds what the account has done since, here as in the patterns that are judged.
        """
        label, known = _labels(ledger, until)
        size = np.diff(candidates.rows.start)
        launders = candidates.rows.sums(label) >= lessons.half * size
        launders |= hit_any(candidates.accounts, _attempts(ledger, until), ledger.accounts.height)
        lesson = np.flatnonzero((candidates.end < until) & (candidates.rows.sums(known) > 0))
        values, true, end = _table(traits[lesson], candidates.kind[lesson]), launders[lesson], candidates.end[lesson]
        if _few(true, lessons):
            return None
        middle = int(np.median(end))
        last, half = f"before {to_datetime(until):%Y-%m-%d}", to_datetime(middle).strftime("%Y-%m-%d %H:%M")
        taught = [_teach((values, true), last, seed, lessons)]
        halves = {f"before {half}": end < middle, f"from {half} on and {last}": end >= middle}
        if not any(_few(true[own], lessons) for own in halves.values()):
            less = replace(lessons, models=1, most=lessons.most // 2)
            taught += [_teach((values[own], true[own]), when, seed, less) for when, own in halves.items()]
        return cls(tuple(taught), len(true), int(true.sum()), middle, until, lessons)

    def probability(self, traits: NDArray[np.float32], kind: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return (sets,) the probability that sets with *traits* (sets, TRAITS) launder, by all that was learned.

        *kind* (sets,) has the numbers that the candidates learned from give to typologies.
        """
        return self.taught[0].probability(_table(traits, kind))

    def judged(self, traits: NDArray[np.float32], kind: NDArray[np.int64], end: NDArray[np.int64]) -> Alike:
        """Return the same of sets that *end* (sets,) then; those that ended before `until` by the other half of the lessons.

        For what was learned from is remembered, and would stand above all that came later.
        """
        table, found = _table(traits, kind), np.zeros(len(end))
        model = np.where(end >= self.until, 0, np.where(end < self.middle, 2, 1)).astype(np.int8)
        if len(self.taught) == 1:
            model[:] = 0
        for number, one in enumerate(self.taught):
            own = np.flatnonzero(model == number)
            if len(own):
                found[own] = one.probability(table[own])
        return Alike(found, model)

    def reasons(
        self, traits: NDArray[np.float32], kind: NDArray[np.int64], judged: Alike
    ) -> list[tuple[Reason, ...]]:  # fmt: skip
        """Return for each set, as it was *judged*, how alike it is to what laundered.

        Where that is more than is usual, what says so most (TreeSHAP) follows.
        """
        table = _table(traits, kind)
        share = np.zeros((len(table), len(_NAMES)))
        for number, one in enumerate(self.taught):
            own = np.flatnonzero(judged.model == number)
            if len(own):
                share[own] = np.mean([model.contributions(table[own]) for model in one.trees], axis=0)
        told = []
        for p, number, row, parts in zip(judged.probability, judged.model, table, share, strict=True):
            first = self.taught[number].sentence(float(p))
            told.append(
                (first, *self._most(row, parts, self.taught[number].usual))
                if p > (first.threshold or 0.0)
                else (first,)
            )
        return told

    def save(self, folder: Path) -> None:
        """Write the trees as LightGBM's own text."""
        for number, model in enumerate(self.taught[0].trees):
            (folder / f"seed-{number}").mkdir(parents=True)
            model.save(folder / f"seed-{number}")

    def _most(
        self, row: NDArray[np.float32], parts: NDArray[np.float64], usual: NDArray[np.float32]
    ) -> tuple[Reason, ...]:
        order = [f for f in np.argsort(-parts[1:], kind="stable") + 1 if parts[f] > 0 and np.isfinite(row[f])]
        return tuple(
            Reason(
                f"Like those that laundered: {TRAITS[_NAMES[f]]} {row[f]:,.3g} (half of the patterns: at most "
                f"{usual[f]:,.3g}).",
                float(row[f]), float(usual[f]),
            )
            for f in order[: self.lessons.said]
        )  # fmt: skip


def _few(true: NDArray[np.bool_], lessons: Lessons) -> bool:
    return bool(true.sum() < lessons.fewest or true.all())


def _teach(patterns: tuple[NDArray[np.float32], NDArray[np.bool_]], when: str, seed: int, lessons: Lessons) -> _Taught:
    from graphml.models.lightgbm import Boosted, LightGBMScorer, train_trees

    values, true = patterns
    clean = np.flatnonzero(~true)
    few = min(max(lessons.most - int(true.sum()), 1), len(clean))
    chosen = np.sort(np.r_[np.flatnonzero(true), np.random.default_rng(seed).choice(clean, few, replace=False)])
    own = values[chosen], true[chosen].astype(np.int8)
    how = LightGBMScorer(
        rounds=lessons.rounds, leaves=lessons.leaves, rate=lessons.rate, features=0.7, ridge=0.0, weight=1.0,
        categories=("kind",),
    )  # fmt: skip
    trees = tuple(Boosted(train_trees(how, own, None, _NAMES, seed + i), _NAMES) for i in range(lessons.models))
    return _Taught(trees, when, len(true), int(true.sum()), np.nanmedian(values, axis=0), few / len(clean))


def _table(traits: NDArray[np.float32], kind: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.column_stack([kind.astype(np.float32), traits])


def _known(ledger: Ledger, until: int) -> pl.DataFrame:
    # The labels of payments before *until* that are known by then; without a day, since the payment.
    time = ledger.transactions["time"].to_physical()[ledger.labels["row"]]
    known = ledger.labels["known"].to_physical().fill_null(0)
    return ledger.labels.filter((time < until) & (known <= until))


def _attempts(ledger: Ledger, until: int) -> Lists:
    # The accounts, at least three, of each attempt that launders, as far as its labels are known at *until*.
    known = _known(ledger, until).filter(pl.col("laundering"), pl.col("attempt").is_not_null())
    paid = ledger.transactions[known["row"]].select("source", "target").with_columns(known["attempt"])
    ends = paid.unpivot(index="attempt", value_name="account").unique(["attempt", "account"])
    found = ends.group_by("attempt").agg(pl.col("account").cast(pl.Int64).sort())
    return Lists.of(found.filter(pl.col("account").list.len() >= 3).sort("attempt")["account"].to_list())


def _labels(ledger: Ledger, until: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # (E,) 1 where a payment is labelled laundering, (E,) 1 where it is labelled at all, as known at *until*.
    label, known = (np.zeros(ledger.transactions.height, np.int64) for _ in range(2))
    table = _known(ledger, until)
    rows = table["row"].to_numpy()
    label[rows], known[rows] = table["laundering"].to_numpy(), 1
    return label, known
