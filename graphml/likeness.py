"""Learn from labelled patterns which shapes launder."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphml.candidates import Candidates
from graphml.hits import hit_any
from graphml.ledger import Ledger
from graphml.lists import Lists
from graphml.ring import Reason
from graphml.shapes import MEASURES
from graphml.window import to_datetime

if TYPE_CHECKING:
    from graphml.models.lightgbm import Boosted

__all__ = ["Lessons", "Likeness"]

_NAMES = ("kind", *MEASURES)


@dataclass(frozen=True, slots=True)
class Lessons:
    """Say how shapes are learned; trees are few and small, for patterns that launder are few."""

    fewest: int = 20  # patterns that launder; of less nothing is learned
    half: float = 0.5  # share of a pattern's payments that launder from which it is taken to launder, hit or not
    most: int = 100_000  # patterns that trees are grown on, at most: all that launder, others by seed
    models: int = 3  # of different seeds, whose log odds are averaged
    rounds: int = 50  # trees of each
    leaves: int = 15  # of each tree
    rate: float = 0.1  # learning rate
    said: int = 3  # measures that a ring's reasons name, at most


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """Hold what was learned; the probability that a pattern of a shape launders."""

    trees: "tuple[Boosted, ...]" = field(repr=False)
    usual: NDArray[np.float32]  # (F,) medians of the patterns learned from
    patterns: int  # learned from
    laundering: int  # of them
    kept: float  # share of the others that trees were grown on, by which odds are put right (King and Zeng, 2001)
    until: int  # microseconds UTC; each ended before, and so were their labels known
    lessons: Lessons

    @classmethod
    def of(
        cls, ledger: Ledger, candidates: Candidates, shapes: NDArray[np.float32], until: int, seed: int = 0,
        lessons: Lessons = Lessons(),
    ) -> Self | None:  # fmt: skip
        """Return what the candidates with *shapes* (C, MEASURES) that ended before *until* teach, None where too little.

        A candidate launders where `half` of its payments are labelled so, or where it hits an attempt (`hit_any`), of which
        are known the payments whose labels are. No payment, label or account of later counts:
        what is found later is judged by a model that never saw it (Altman et al., 2023, split by time likewise).
        """
        from graphml.models.lightgbm import Boosted, LightGBMScorer, train_trees

        label, known = _labels(ledger, until)
        size = np.diff(candidates.rows.start)
        launders = candidates.rows.sums(label) >= lessons.half * size
        launders |= hit_any(candidates.accounts, _attempts(ledger, until), ledger.accounts.height)
        lesson = (candidates.end < until) & (candidates.rows.sums(known) > 0)
        if launders[lesson].sum() < lessons.fewest or launders[lesson].all():
            return None
        values, true = _table(shapes[lesson], candidates.kind[lesson]), launders[lesson]
        clean = np.flatnonzero(~true)
        few = min(max(lessons.most - int(true.sum()), 1), len(clean))
        chosen = np.sort(np.r_[np.flatnonzero(true), np.random.default_rng(seed).choice(clean, few, replace=False)])
        own = values[chosen], true[chosen].astype(np.int8)
        how = LightGBMScorer(
            rounds=lessons.rounds, leaves=lessons.leaves, rate=lessons.rate, features=0.7, ridge=0.0, weight=1.0,
            categories=("kind",),
        )  # fmt: skip
        trees = tuple(Boosted(train_trees(how, own, None, _NAMES, seed + i), _NAMES) for i in range(lessons.models))
        usual = np.nanmedian(values, axis=0)
        return cls(trees, usual, len(true), int(true.sum()), few / len(clean), until, lessons)

    def probability(self, shapes: NDArray[np.float32], kind: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return (sets,) the probability that sets with *shapes* (sets, MEASURES) launder.

        *kind* (sets,) has the numbers that the candidates learned from give to typologies.
        """
        table = _table(shapes, kind)
        odds = np.mean([model.raw(table) for model in self.trees], axis=0) + np.log(self.kept)
        return np.asarray(np.exp(-np.logaddexp(0.0, -odds)), np.float64)

    def reasons(self, shapes: NDArray[np.float32], kind: NDArray[np.int64]) -> list[tuple[Reason, ...]]:
        """Return for each set how alike it is to what laundered, and the measures that say so most (TreeSHAP)."""
        table = _table(shapes, kind)
        share = np.mean([model.contributions(table) for model in self.trees], axis=0)
        usual = self.laundering / self.patterns
        return [
            (self._sentence(float(p), usual), *self._most(row, parts))
            for p, row, parts in zip(self.probability(shapes, kind), table, share, strict=True)
        ]

    def save(self, folder: Path) -> None:
        """Write the trees as LightGBM's own text."""
        for number, model in enumerate(self.trees):
            (folder / f"seed-{number}").mkdir(parents=True)
            model.save(folder / f"seed-{number}")

    def _sentence(self, p: float, usual: float) -> Reason:
        learned = f"{self.patterns:,} patterns that ended before {to_datetime(self.until):%Y-%m-%d}"
        said = (
            f"Of {learned} {self.laundering:,} laundered; of those shaped like this one the model expects {p:.1%} to."
        )
        return Reason(said, p, usual)

    def _most(self, row: NDArray[np.float32], parts: NDArray[np.float64]) -> tuple[Reason, ...]:
        order = [f for f in np.argsort(-parts[1:], kind="stable") + 1 if parts[f] > 0 and np.isfinite(row[f])]
        return tuple(
            Reason(
                f"Like those that laundered: {MEASURES[_NAMES[f]]} {row[f]:,.3g} (half of the patterns: at most "
                f"{self.usual[f]:,.3g}).",
                float(row[f]), float(self.usual[f]),
            )
            for f in order[: self.lessons.said]
        )  # fmt: skip


def _table(shapes: NDArray[np.float32], kind: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.column_stack([kind.astype(np.float32), shapes])


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
