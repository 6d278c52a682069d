"""Measure the money of laundering: where it comes from, how long it rests, what is kept, where it goes."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

import polars as pl
import pytest

from tests.ingest.world.conftest import Make
from tests.ingest.world.reading import DAY, DOLLARS, Row, World

WORLDS = (("demo", 100_000, 1), ("demo", 100_000, 2), ("hi-large", 150_000, 5), ("uk-retail", 150_000, 5))


@pytest.fixture(scope="module", params=WORLDS, ids=lambda w: "-".join(map(str, w)))
def world(request: pytest.FixtureRequest, make: Make) -> World:
    return make(*request.param)


def quantiles(values: list[float], *at: float) -> list[float]:
    ordered = sorted(values)
    return [ordered[int(len(ordered) * q)] for q in at]


def passed(worlds: list[World], *typologies: str) -> Iterator[tuple[Row, Row, str]]:
    """Yield what came to and what left each account of an attempt that received once and paid once."""
    for world in worlds:
        for attempt in world.attempts(*typologies):
            pays = world.pays(attempt["transactions"])
            got, gave = Counter(r.payee for r in pays), Counter(r.payer for r in pays)
            for account in got:
                if got[account] == gave[account] == 1:
                    one = next(r for r in pays if r.payee == account)
                    other = next(r for r in pays if r.payer == account)
                    if one.minute < other.minute:  # else it is where a cycle begins
                        yield one, other, attempt["typology"]


@pytest.fixture(scope="module")
def several(demo: World, make: Make) -> list[World]:
    return [demo, *(make("demo", 100_000, seed) for seed in (1, 2))]


def test_both_amounts_of_a_row_are_worth_the_same(world: World) -> None:
    def rate(cell: str) -> pl.Expr:
        return pl.col(cell).replace_strict(DOLLARS, return_dtype=pl.Float64)

    def smallest(cell: str) -> pl.Expr:
        return rate(cell) * pl.when(pl.col(cell) == "Bitcoin").then(1e-6).otherwise(0.01)

    rows = world.rows.with_columns(
        (pl.col("got").cast(float) * rate("got_in") - pl.col("usd")).abs().alias("apart"),
        pl.max_horizontal(smallest("got_in"), smallest("gave_in")).alias("unit"),
    )
    assert rows.filter(pl.col("apart") > 1.01 * pl.col("unit")).height == 0
    same = rows.filter(pl.col("got_in") == pl.col("gave_in"))
    assert (same["got"] == same["gave"]).all()


def test_payments_change_the_currency_as_often_in_laundering_as_elsewhere(several: list[World]) -> None:
    rows = pl.concat([w.rows.select("bad", pl.col("got_in") != pl.col("gave_in")) for w in several])
    good, bad = rows.filter(~pl.col("bad"))["got_in"].mean(), rows.filter("bad")["got_in"].mean()
    assert good == pytest.approx(0.015, abs=0.002)
    assert bad == pytest.approx(0.015, abs=0.009)


def test_first_payments_are_as_large_as_was_measured_where_that_is_switched_on(make: Make) -> None:
    worlds = [make("demo", 200_000, 1, "amlworld"), make("demo", 200_000, 2, "own-amounts")]
    usd = [
        r.usd for w in worlds for a in w.attempts("fan-in", "fan-out", "bipartite") for r in w.pays(a["transactions"])
    ]
    tenth, half, most = quantiles(usd, 0.1, 0.5, 0.9)  # HI-Small: 2,042, 10,294, 18,756
    assert (tenth, half, most) == pytest.approx((2042, 10294, 18756), rel=0.35)


def test_laundering_is_as_large_as_normal_payments(several: list[World]) -> None:
    for inside in (True, False):
        usd, normal = [], []
        for world in several:
            lines = list(world.named("attempts" if inside else "integration"))
            usd += world.rows.filter(pl.col("line").is_in(lines))["usd"].to_list()
            normal += world.rows.filter(~pl.col("bad"), pl.col("payer") != pl.col("payee"))["usd"].to_list()
        bounds = quantiles(normal, *(i / 10 for i in range(1, 10)))
        tenths = [sum(a <= v < b for v in usd) / len(usd) for a, b in pairwise((0.0, *bounds, float("inf")))]
        assert max(tenths) < 0.22, f"a tenth of normal payments holds more than two tenths of laundering: {tenths}"


@pytest.mark.parametrize(
    ("name", "measured"),
    [("cycle", (0.91, 1.0, 1.09)), ("scatter-gather", (0.83, 0.99, 1.19)), ("stack", (0.95, 1.0, 1.05))],
)
def test_amounts_are_kept_as_was_measured(name: str, measured: tuple[float, ...], several: list[World]) -> None:
    names = ("stack", "stacked-bipartite") if name == "stack" else (name,)
    kept = [b.usd / a.usd for a, b, _ in passed(several, *names)] if name != "stack" else []
    for world in several if name == "stack" else ():  # dense stacks: what came in all against what left in all
        for attempt in world.attempts("stack"):
            one, two = (world.pays(p["transactions"]) for p in attempt["phases"])
            for account in {r.payee for r in one}:
                came = sum(r.usd for r in one if r.payee == account)
                kept.append(sum(r.usd for r in two if r.payer == account) / came)
    assert len(kept) > 30
    assert quantiles(kept, 0.1, 0.5, 0.9) == pytest.approx(measured, abs=0.045)


@pytest.mark.parametrize(
    ("name", "least", "most"), [("random", 6.5, 14.5), ("stack", 27, 50), ("scatter-gather", 40, 75)]
)
def test_money_rests_as_long_as_was_measured(name: str, least: float, most: float, several: list[World]) -> None:
    hours = []  # HI-Small's medians: random 8 to 13, stack 31 to 46, scatter-gather 47 to 72
    for world in several:
        for attempt in world.attempts(name):
            pays = world.pays(attempt["transactions"])
            for account in {r.payee for r in pays} & {r.payer for r in pays}:
                came = max(r.minute for r in pays if r.payee == account)
                hours.append((min(r.minute for r in pays if r.payer == account) - came) / 60)
    assert least < quantiles(hours, 0.5)[0] < most


def test_two_thirds_of_gather_scatters_begin_to_scatter_before_all_is_gathered(several: list[World]) -> None:
    waits = []
    for world in several:
        for attempt in world.attempts("gather-scatter"):
            one, two = (world.pays(p["transactions"]) for p in attempt["phases"])
            waits.append(max(r.minute for r in one) < min(r.minute for r in two))
    assert 0.1 < sum(waits) / len(waits) < 0.55  # HI-Small: 0.30 to 0.34


def test_attempts_begin_all_the_time_and_no_tail_is_left(several: list[World]) -> None:
    starts = [w.pays(a["transactions"][:1])[0].minute // DAY for w in several for a in w.attempts()]
    assert set(range(6)) <= set(starts)
    for world in several:
        last = world.rows.filter(pl.col("minute") >= (world.days - 1) * DAY)
        assert last["bad"].mean() < 3 * world.rows["bad"].mean(), "a tail of laundering"


def test_the_end_of_a_world_is_as_quiet_as_any_other_minute(several: list[World]) -> None:
    for world in several:
        end = world.days * DAY
        last = world.rows.filter(pl.col("minute") == end - 1)
        before = world.rows.filter(pl.col("minute").is_between(end - 61, end - 2)).height / 60
        assert last.height <= 5 * before + 5, "payments pile up at the last minute"
        assert last["bad"].sum() <= 2, "laundering piles up at the last minute"


def test_placement_comes_before_the_attempt_to_those_who_start_it(world: World) -> None:
    for attempt in world.attempts():
        begins: dict[str, int] = {}
        for r in world.pays(attempt["phases"][0]["transactions"]):
            begins.setdefault(r.payer, r.minute)
        for r in world.pays(attempt["placement"]):
            assert r.minute < begins[r.payee], attempt["id"]
            assert begins[r.payee] - r.minute <= 9 * DAY, attempt["id"]


def test_proceeds_of_crime_come_from_outsiders(several: list[World], world: World) -> None:
    for each in (*several, world):
        for attempt in each.attempts():
            own = {a["account"] for a in attempt["accounts"]}
            assert not own & {r.payer for r in each.pays(attempt["placement"])}, attempt["id"]


def test_nearly_every_attempt_that_begins_later_than_the_first_two_days_has_its_placement(world: World) -> None:
    late = [a for a in world.attempts() if world.pays(a["transactions"])[0].minute > 2 * DAY]
    assert all(a["placement"] for a in late)
    crimes = {a["crime"] for a in world.attempts()}
    assert len(crimes) > 1


def test_in_retail_banking_victims_pay_mules_or_cash_is_paid_in(retail: World) -> None:
    kind = dict(retail.ledger("accounts").select("name", "kind").iter_rows())
    name = dict(retail.accounts.select("account", "Entity Name").iter_rows())
    ways = set()
    for attempt in retail.attempts():
        fraud = attempt["crime"] == "authorised push payment fraud"
        for r in retail.pays(attempt["placement"]):
            ways.add(fraud)
            assert name[r.payer].startswith("Individual") if fraud else kind[r.payer] == "cash"
    assert ways == {True, False}
    cash = retail.rows.filter(pl.col("payer").replace_strict(kind) == "cash")
    assert cash["format"].unique().to_list() == ["Cash"]


def test_integration_spends_dirty_money_after_it_came(world: World) -> None:
    came: dict[str, int] = {}
    inside = [t for a in world.attempts() for t in a["transactions"]]
    spent = world.pays(world.answers["integration"])
    for r in [*world.pays(inside), *spent]:
        came[r.payee] = min(r.minute, came.get(r.payee, r.minute))
    assert spent
    own = [r.line for r in spent if r.payer == r.payee]
    assert set(world.rows.filter(pl.col("line").is_in(own))["format"].to_list()) <= {"Reinvestment", "Bitcoin"}
    assert [r.line for r in spent if came[r.payer] >= r.minute] == []


def test_integration_is_linked_to_the_attempt_that_its_money_comes_from(world: World) -> None:
    every = [t for a in world.attempts() for t in a["integration"]]
    assert sorted(every) == sorted(world.answers["integration"])
    for attempt in world.attempts():
        came: dict[str, int] = {}
        for r in world.pays([*attempt["transactions"], *attempt["integration"]]):
            came[r.payee] = min(r.minute, came.get(r.payee, r.minute))
        assert [r.line for r in world.pays(attempt["integration"]) if came[r.payer] >= r.minute] == [], attempt["id"]


def test_no_account_integrates_more_than_it_got_in_dirty_money(world: World) -> None:
    got: defaultdict[str, float] = defaultdict(float)
    gave: defaultdict[str, float] = defaultdict(float)
    inside = [t for a in world.attempts() for t in a["transactions"]]
    spent = world.pays(world.answers["integration"])
    for r in [*world.pays(inside), *spent]:
        got[r.payee] += r.usd
    for r in spent:
        gave[r.payer] += r.usd
    over = {a: (round(gave[a]), round(got[a])) for a in gave if gave[a] > got[a] * 1.001 + 1}
    assert not over, "spent, received"
