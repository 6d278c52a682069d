"""Measure what each switch does, and that the default has none of the shortcuts."""

from collections import Counter
from itertools import pairwise

import polars as pl
import pytest

from ingest.world import SWITCHES
from tests.ingest.world.conftest import Make
from tests.ingest.world.reading import DAY, World
from tests.ingest.world.shapes import dense, flows, pairs

ROWS, SEED = 100_000, 1
CROSS = pl.col("got_in") != pl.col("gave_in")


@pytest.fixture(scope="module")
def plain(make: Make) -> World:
    return make("demo", ROWS, SEED)


def bad(world: World) -> pl.DataFrame:
    return world.rows.filter("bad")


def distance(world: World, view: pl.Expr) -> float:
    """Return how far apart laundering and normal rows are in *view*: half the sum of differences of shares."""
    rows = world.rows.select(view.alias("what"), "bad")
    shares = [
        dict(rows.filter(pl.col("bad") == b)["what"].value_counts(normalize=True).iter_rows()) for b in (True, False)
    ]
    one, other = shares
    return sum(abs(one.get(x, 0) - other.get(x, 0)) for x in one.keys() | other.keys()) / 2


def own(world: World) -> pl.DataFrame:
    """Return the payments in attempts and of integration, without those that launder by commingling only."""
    return world.rows.filter(pl.col("line").is_in(list(world.named("attempts") | world.named("integration"))))


def test_switches_are_told_in_the_answer_key(make: Make, plain: World) -> None:
    assert plain.answers["switches"] == {}
    assert make("demo", ROWS, SEED, "amlworld").answers["switches"] == {
        "one-format": 1, "tail": 1, "no-cross-currency": 1, "disjoint-bipartite": 1,
        "single-payments": 1, "own-amounts": 1,
    }  # fmt: skip
    hardened = make("demo", ROWS, SEED, "hardened", "delays=3").answers["switches"]
    assert hardened == {n: s.default for n, s in SWITCHES.items() if s.kind == "hardening"} | {"delays": 3}


def test_by_default_no_single_column_tells_laundering(demo: World) -> None:
    assert distance(demo, pl.col("format")) < 0.13  # a tenth is interest, which is never laundered
    assert distance(demo, pl.col("gave_in")) < 0.15
    assert distance(demo, pl.col("when").dt.hour()) < 0.15
    assert distance(demo, CROSS) < 0.012
    assert distance(demo, pl.col("when").dt.date()) < 0.3


def test_by_default_nothing_is_done_by_launderers_only(retail: World, demo: World) -> None:
    for world in (retail, demo):
        kind = dict(world.ledger("accounts").select("name", "kind").iter_rows())
        rows = world.rows.with_columns(
            pl.col("payer").replace_strict(kind).alias("from_kind"),
            pl.col("payee").replace_strict(kind).alias("to_kind"),
        )
        each = rows.group_by("from_kind", "to_kind", "format").agg(pl.col("bad").mean(), pl.len())
        told = each.filter((pl.col("len") >= 5) & (pl.col("bad") > 0.5))
        assert told.height == 0, told


@pytest.mark.parametrize("switches", [("one-format",), ("amlworld",)])
def test_one_format_puts_all_laundering_into_one(switches: tuple[str, ...], make: Make) -> None:
    for seed in (1, 2):
        world = make("demo", ROWS, seed, *switches)
        assert bad(world)["format"].unique().to_list() == ["ACH"], (
            "all laundering, so what is paid with mixed money too"
        )
        assert own(world).filter(pl.col("gave_in") == "Bitcoin").height == 0, "Bitcoin is its own format"


def test_one_format_is_a_shortcut(make: Make, demo: World) -> None:
    assert distance(make("demo", ROWS, SEED, "one-format"), pl.col("format")) > 3 * distance(demo, pl.col("format"))


def test_own_amounts_is_a_shortcut(make: Make, plain: World) -> None:
    size = (pl.col("usd").log10() * 4).floor()
    own_amounts = make("demo", 100_000, 2, "own-amounts")
    assert distance(own_amounts, size) > 1.5 * distance(plain, size)


def test_one_format_is_faster_payments_in_retail_banking(make: Make) -> None:
    assert own(make("uk-retail", 6_000, 1, "one-format"))["format"].unique().to_list() == ["Faster Payments"]


def test_no_cross_currency_leaves_laundering_in_one_currency(make: Make, plain: World) -> None:
    world = make("demo", 200_000, SEED, "no-cross-currency")
    assert own(world).filter(CROSS).height == 0
    assert world.rows.filter(CROSS).height / world.rows.height == pytest.approx(0.015, abs=0.002)
    assert bad(plain).filter(CROSS).height > 0
    assert bad(world).filter(CROSS).height == 0, "no laundering payment, so none that launders by commingling either"


def test_tail_lets_attempts_begin_to_the_end_and_end_after_normal_life(make: Make, plain: World) -> None:
    world = make("demo", ROWS, SEED, "tail")
    tail = world.rows.filter(pl.col("minute") >= 10 * DAY)
    assert plain.days == 10
    assert 11 <= world.days <= 18
    assert tail["bad"].sum() > 0.02 * world.rows["bad"].sum()
    assert tail["bad"].mean() > 0.55, "science: 59 % in HI-Small"
    starts = Counter(world.pays(a["transactions"][:1])[0].minute // DAY for a in world.attempts())
    assert max(starts) == 9
    assert sum(starts[d] for d in (7, 8, 9)) > 0.05 * sum(starts.values())


def test_disjoint_bipartite_makes_pairs_and_mostly_chains(make: Make, demo: World) -> None:
    world = make("demo", 200_000, SEED, "disjoint-bipartite")
    for attempt in world.attempts("bipartite"):
        assert pairs(flows(world.pays(attempt["transactions"])))
    chains = [pairs(flows(world.pays(a["phases"][0]["transactions"]))) for a in world.attempts("stack")]
    assert 0.3 < sum(chains) / len(chains) < 1
    for attempt in demo.attempts("bipartite", "stack"):
        assert all(dense(flows(demo.pays(p["transactions"]))) for p in attempt["phases"])


def repeats(world: World) -> float:
    """Return the share of payments in attempts that repeat a pair of accounts of their attempt."""
    twice = total = 0
    for attempt in world.attempts():
        if attempt["typology"] != "structuring":
            pays = world.pays(attempt["transactions"])
            twice += len(pays) - len({(r.payer, r.payee) for r in pays})
            total += len(pays)
    return twice / total


def between(world: World) -> float:
    """Return how many accounts were put in between for each other payment of attempts."""
    hops = total = 0
    for attempt in world.attempts():
        for phase in attempt["phases"]:
            pays = world.pays(phase["transactions"])
            hops += len({r.payee for r in pays} & {r.payer for r in pays})
            total += len({(r.payer, r.payee) for r in pays})
    return hops / (total - hops)


def test_split_amounts_splits_payments_with_its_probability(make: Make, plain: World) -> None:
    assert repeats(plain) == 0
    assert repeats(make("demo", 200_000, SEED, "split-amounts")) == pytest.approx(
        1 / 3, abs=0.08
    )  # half of them, in two
    assert repeats(make("demo", ROWS, SEED, "split-amounts=1")) == pytest.approx(1 / 2, abs=0.05)


def test_extra_hops_puts_accounts_in_between_with_its_probability(make: Make, plain: World) -> None:
    assert between(plain) == 0
    assert between(make("demo", 200_000, SEED, "extra-hops")) == pytest.approx(0.3, abs=0.08)
    assert between(make("demo", ROWS, SEED, "extra-hops=1")) > 0.85


def spans(world: World) -> list[int]:
    found = []
    for attempt in world.attempts("fan-in", "fan-out", "scatter-gather", "layered-fan-in", "layered-fan-out"):
        pays = world.pays(attempt["transactions"])
        found.append(pays[-1].minute - pays[0].minute)
    return sorted(found)


def rests(world: World) -> list[int]:
    found = []
    for attempt in world.attempts("random", "cycle", "shell-chain"):
        found += [b.minute - a.minute for a, b in pairwise(world.pays(attempt["transactions"]))]
    return sorted(found)


def test_delays_makes_attempts_and_rests_longer(make: Make, demo: World) -> None:
    ones = [demo, *(make("demo", 250_000, seed) for seed in (4, 5, 6))]
    twos = [make("demo", 250_000, seed, "delays=2") for seed in (3, 4, 5, 6)]
    for measure in (spans, rests):
        before, after = (sorted(x for w in worlds for x in measure(w)) for worlds in (ones, twos))
        assert len(before) >= 20
        assert after[len(after) // 2] == pytest.approx(2 * before[len(before) // 2], rel=0.35), measure.__name__


def one_way(world: World) -> float:
    """Return the mean share of an attempt's payments that are in its most frequent format."""
    shares = []
    for attempt in world.attempts():
        rows = world.table(attempt["transactions"]).filter(pl.col("gave_in") != "Bitcoin")
        if rows.height > 5:
            shares.append(rows["format"].value_counts(normalize=True)["proportion"].max())
    return sum(shares) / len(shares)


def test_mixed_formats_gives_each_payment_its_own_way(make: Make, plain: World) -> None:
    mixed = make("demo", 200_000, SEED, "mixed-formats")
    assert one_way(plain) > 0.75 > 0.65 > one_way(mixed)
    # Taken together formats are as frequent as before, so the switch is no shortcut.
    both = [
        own(w).filter(pl.col("gave_in") != "Bitcoin")["format"].value_counts(normalize=True) for w in (plain, mixed)
    ]
    one, other = (dict(table.iter_rows()) for table in both)
    assert all(abs(one.get(f, 0) - other.get(f, 0)) < 0.12 for f in one | other), (one, other)


def test_single_payments_makes_some_attempts_one_payment(make: Make, plain: World) -> None:
    single = [len(a["transactions"]) == 1 for a in make("demo", 400_000, SEED, "single-payments").attempts()]
    assert 0.03 < sum(single) / len(single) < 0.25
    assert all(len(a["transactions"]) > 1 for a in plain.attempts())


@pytest.mark.parametrize("share", [0.0, 0.15, 0.4])
def test_look_alikes_sets_the_share_of_normal_groups(share: float, make: Make) -> None:
    world = make("demo", 60_000, SEED, "look-alikes" if share == 0.15 else f"look-alikes={share}")
    if share == 0:
        assert world.answers["normal_groups"] == []
        return
    assert sum(len(g["transactions"]) for g in world.answers["normal_groups"]) == round(share * world.rows.height)


def test_label_noise_hides_attempts_and_accuses_as_many_normal_groups(make: Make) -> None:
    world = make("demo", 200_000, SEED, "label-noise=0.3")
    hidden = [a for a in world.attempts() if not a["labelled"]]
    assert len(hidden) / len(world.attempts()) == pytest.approx(0.3, abs=0.12)
    for part in ("transactions", "integration"):
        assert world.table(t for a in world.attempts() if a["labelled"] for t in a[part])["bad"].all()
        assert not world.table(t for a in hidden for t in a[part])["bad"].any()
    true = world.named("attempts") | world.named("integration") | world.named("transitive")
    accused = [g for g in world.answers["normal_groups"] if g["accused"]]
    assert len(accused) == len(hidden)
    wrong = set(world.lines(t for g in accused for t in g["transactions"]))
    assert set(bad(world)["line"].to_list()) - true == wrong - true, "only normal groups are accused, and each whole"
    assert all(a["labelled"] for a in make("demo", ROWS, SEED).attempts())


def test_proceeds_come_to_no_account_that_was_put_in_between(make: Make) -> None:
    world, placed = make("demo", 200_000, SEED, "extra-hops"), 0
    for attempt in world.attempts():
        pays = world.pays(attempt["transactions"])
        for start in {r.payee for r in world.pays(attempt["placement"])}:
            first = min(r.minute for r in pays if r.payer == start)
            assert not [r for r in pays if r.payee == start and r.minute < first], attempt["id"]
            placed += 1
    assert placed > 50
