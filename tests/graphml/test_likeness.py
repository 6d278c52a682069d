"""What is learned of shapes comes from labelled patterns of before, and from nothing later."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from graphml.candidates import Candidates
from graphml.graph import TransactionGraph
from graphml.histories import Histories
from graphml.ledger import Ledger
from graphml.likeness import TRAITS, Alike, Lessons, Likeness
from graphml.models.lightgbm import SCORER
from graphml.people import People
from graphml.ranking import RARITIES
from graphml.ring import Found, Ring
from graphml.shapes import measured
from graphml.window import DAY
from tests import toy

PATTERNS = 120
CYCLES = np.zeros(PATTERNS, np.int64)  # the number of their typology


def _world(bad: Sequence[int], patterns: int = PATTERNS) -> tuple[Ledger, Candidates, np.ndarray]:
    # A pattern of two payments a day; those of even days are between accounts that never met. *bad* are days.
    rows: list[toy.Row] = []
    for day in range(patterns):
        payer = 10 + 3 * day if day % 2 == 0 else 0
        rows += [(payer, payer + 1, day, 50.0), (payer + 1, payer + 2, day + 0.5, 50.0)]
    ledger = toy.ledger(rows, n=20 + 3 * patterns, laundering=[2 * day + i for day in bad for i in (0, 1)])
    graph = TransactionGraph.of(ledger)
    rings = []
    for row in range(0, 2 * patterns, 2):
        ends = sorted({int(a) for r in (row, row + 1) for a in (graph.source[r], graph.target[r])})
        rings.append(Ring("cycle", (row, row + 1), tuple((a, "mule") for a in ends), (), int(graph.time[row]),
                          int(graph.time[row + 1]), 100.0))  # fmt: skip
    candidates = Candidates.of(ledger, graph, [Found.of("cycle", tuple(rings))])
    shapes = measured(Histories.of(graph, People.of(ledger)), candidates.rows, candidates.accounts)
    return ledger, candidates, np.column_stack([shapes, np.zeros((patterns, len(RARITIES)), np.float32)])


UNTIL = toy.START + 80 * DAY
EVEN = range(0, PATTERNS, 2)


def _learned(ledger: Ledger, candidates: Candidates, shapes: np.ndarray, **terms: int) -> Likeness:
    found = Likeness.of(ledger, candidates, shapes, UNTIL, lessons=Lessons(**terms))
    assert found is not None
    return found


def test_the_shape_that_laundered_before_is_found_again_later() -> None:
    ledger, candidates, shapes = _world(EVEN)
    found = _learned(ledger, candidates, shapes)
    p = found.probability(shapes, CYCLES)
    assert (found.patterns, found.laundering) == (80, 40)
    assert p[80::2].min() > 0.9
    assert p[81::2].max() < 0.1
    judged = found.judged(shapes[[90, 91]], CYCLES[:2], candidates.end[[90, 91]])
    (even, odd) = found.reasons(shapes[[90, 91]], CYCLES[:2], judged)
    assert even[0].value == pytest.approx(p[90])
    assert even[0].sentence.startswith("Of 80 patterns that ended before 2020-12-02 40 laundered; ")
    assert (
        "never met before 1 " in even[1].sentence or "days that a usual account has been active 0 " in even[1].sentence
    )
    assert all(reason.sentence.startswith("Like those that laundered: ") for reason in even[1:])
    assert [reason.value for reason in odd] == [pytest.approx(p[91])]  # less than usual: nothing speaks for it
    assert len(even) <= 4


def test_what_was_learned_from_is_judged_by_the_other_half() -> None:
    # In the first half of the lessons even days launder, in the second odd ones; later nothing is known.
    ledger, candidates, shapes = _world([*range(0, 150, 2), *range(151, 300, 2)], 400)
    until, cycles = toy.START + 300 * DAY, np.zeros(400, np.int64)
    found, few = (Likeness.of(ledger, candidates, shapes, until, lessons=Lessons(fewest=fewest)) for fewest in (75, 76))
    assert found is not None
    assert few is not None
    judged = found.judged(shapes, cycles, candidates.end)
    p = judged.probability
    assert judged.model.tolist() == [2] * 150 + [1] * 150 + [0] * 100
    assert p[3:150:2].min() > 0.8 > 0.2 > p[0:150:2].max()  # as the second half has it; on day 1 the two met
    assert p[150:300:2].min() > 0.8 > 0.2 > p[151:300:2].max()
    assert p[300:] == pytest.approx(found.probability(shapes[300:], cycles[300:]))
    (reasons,) = found.reasons(shapes[[3]], CYCLES[:1], Alike(p[[3]], judged.model[[3]]))
    assert reasons[0].value == pytest.approx(p[3])
    assert (
        "Of 150 patterns that ended from 2021-02-10 00:00 on and before 2021-07-10 75 laundered" in reasons[0].sentence
    )
    (name,) = (name for name, said in TRAITS.items() if f": {said} " in reasons[1].sentence)
    late = shapes[150:300, list(TRAITS).index(name)]
    assert reasons[1].threshold == np.nanmedian(late) != np.nanmedian(shapes[:300, list(TRAITS).index(name)])
    assert len(reasons) > 1  # measures speak for it, as they do in the half that judged it
    assert not few.judged(shapes, cycles, candidates.end).model.any()  # neither half has 76


def test_what_models_say_is_learned_where_shapes_do_not_tell() -> None:
    # Of patterns of one shape every second launders, and the model finds its accounts rare.
    ledger, candidates, traits = _world(EVEN)
    alike = traits[np.zeros(PATTERNS, np.int64)]
    alike[::2, list(TRAITS).index("rare_accounts")] = 0.9
    p = _learned(ledger, candidates, alike).probability(alike, CYCLES)
    assert p[80::2].min() > 0.9
    assert p[81::2].max() < 0.1
    found = _learned(ledger, candidates, alike)
    (reasons,) = found.reasons(alike[[80]], CYCLES[:1], found.judged(alike[[80]], CYCLES[:1], candidates.end[[80]]))
    said = "Like those that laundered: rarity of its accounts under the model (0 to 1) 0.9 (half of the patterns: at most 0.45)."
    assert reasons[1].sentence == said


def test_nothing_later_is_learned() -> None:
    ledger, candidates, shapes = _world(EVEN)
    p = _learned(ledger, candidates, shapes).probability(shapes, CYCLES)
    turned, others, _ = _world([*EVEN[:40], *range(81, PATTERNS, 2)])  # later the other shape launders
    wild = shapes.copy()
    wild[80:] = 7.0
    assert np.array_equal(_learned(turned, others, wild).probability(shapes, CYCLES), p)


def test_a_label_counts_from_when_it_was_known() -> None:
    ledger, candidates, shapes = _world(EVEN)
    labels = ledger.labels
    known = pl.when(pl.col("row") < 100).then(UNTIL).otherwise(UNTIL + 1).cast(labels["known"].dtype)
    found = _learned(replace(ledger, labels=labels.with_columns(known=known)), candidates, shapes)
    assert (found.patterns, found.laundering) == (50, 25)
    late = replace(ledger, labels=labels.with_columns(known=pl.lit(UNTIL + 1).cast(labels["known"].dtype)))
    assert Likeness.of(late, candidates, shapes, UNTIL) is None


def test_a_pattern_launders_where_half_of_its_payments_do() -> None:
    ledger, candidates, shapes = _world(EVEN)
    labels = ledger.labels
    half = labels.with_columns(laundering=pl.col("laundering") & (pl.col("row") % 2 == 0))
    assert _learned(replace(ledger, labels=half), candidates, shapes).laundering == 40
    none = Likeness.of(replace(ledger, labels=half), candidates, shapes, UNTIL, lessons=Lessons(half=0.6))
    assert none is None
    few = replace(ledger, labels=labels.filter(pl.col("row") < 60))
    assert _learned(few, candidates, shapes, fewest=10).patterns == 30  # of the others nothing is known


def test_a_pattern_launders_where_it_hits_an_attempt_that_is_known() -> None:
    ledger, candidates, shapes = _world(EVEN)
    attempt = pl.lit("attempt ") + (pl.col("row") // 2).cast(pl.String)
    labels = ledger.labels.with_columns(
        attempt=pl.when(pl.col("laundering")).then(attempt), laundering=pl.col("laundering") & (pl.col("row") % 2 == 0)
    )
    # Of two payments the second is of the attempt as well, but not labelled: the attempt has two accounts.
    assert Likeness.of(replace(ledger, labels=labels), candidates, shapes, UNTIL, lessons=Lessons(half=0.6)) is None
    third = ledger.labels.with_columns(attempt=pl.when(pl.col("laundering")).then(attempt))
    assert _learned(replace(ledger, labels=third), candidates, shapes, half=2).laundering == 40
    known = pl.when(pl.col("row") % 4 == 1).then(UNTIL + 1).otherwise(UNTIL).cast(third["known"].dtype)
    late = replace(ledger, labels=third.with_columns(known=known))
    assert Likeness.of(late, candidates, shapes, UNTIL, lessons=Lessons(half=2)) is None


def test_an_attempt_is_what_its_payments_of_before_show() -> None:
    # The last pattern of before shares its attempt with payments of later among four more accounts.
    ledger, candidates, shapes = _world(EVEN)
    attempt = pl.when(pl.col("laundering")).then(pl.lit("attempt ") + (pl.col("row") // 2).cast(pl.String))
    labels = ledger.labels.with_columns(attempt=attempt, known=pl.lit(None, ledger.labels["known"].dtype))
    straddling = labels.with_columns(
        attempt=pl.when(pl.col("row").is_between(156, 165)).then(pl.lit("attempt 78")).otherwise(pl.col("attempt")),
        laundering=pl.col("laundering") | pl.col("row").is_between(160, 165),
    )
    for table in (labels, straddling):
        assert _learned(replace(ledger, labels=table), candidates, shapes, half=2).laundering == 40


@pytest.mark.parametrize(("fewest", "learns"), [(40, True), (41, False)])
def test_too_few_teach_nothing(fewest: int, learns: bool) -> None:
    ledger, candidates, shapes = _world(EVEN)
    found = Likeness.of(ledger, candidates, shapes, UNTIL, lessons=Lessons(fewest=fewest))
    assert (found is not None) == learns


def test_equal_lessons_make_equal_trees(tmp_path: Path) -> None:
    ledger, candidates, shapes = _world(EVEN)
    one, two = (_learned(ledger, candidates, shapes) for _ in range(2))
    for name, found in (("one", one), ("two", two)):
        found.save(tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.txt"))
    assert len(files) == 3
    assert len({(tmp_path / "one" / file).read_bytes() for file in files}) == 3  # of three seeds
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    loaded = SCORER.load(tmp_path / "one" / files[0].parent)
    assert loaded.names == ("kind", *TRAITS)
    assert one.probability(shapes[:0], CYCLES[:0]).shape == (0,)


def test_odds_are_put_right_for_the_patterns_that_were_left_out() -> None:
    ledger, candidates, shapes = _world(list(range(0, 60, 2)))
    whole, some = (_learned(ledger, candidates, shapes, most=most) for most in (10**6, 45))
    assert (whole.taught[0].kept, some.taught[0].kept) == (1.0, 15 / (some.patterns - some.laundering))
    assert (some.patterns, some.laundering) == (whole.patterns, whole.laundering)
    for found in (whole, some):
        p = found.probability(shapes, CYCLES)[: found.patterns]
        assert p.mean() == pytest.approx(found.laundering / found.patterns, abs=0.08)
