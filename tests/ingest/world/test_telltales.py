"""Look for rules of one line that would tell a launderer without looking at laundering."""

import math
import statistics
from collections import Counter, defaultdict
from typing import Any

import polars as pl
import pytest
from scipy.stats import ks_2samp

from tests.ingest.world.conftest import Make
from tests.ingest.world.reading import DAY, Row, World


@pytest.fixture(scope="module")
def british(make: Make) -> World:
    return make("uk-retail", 400_000, 5)


ALIKE = {  # typology -> normal groups in its shape
    "cycle": ("treasury-round-trip",), "bipartite": ("syndicate",), "stack": ("distribution",), "fan-out": ("shared-out",),
    "random": ("supply-chain", "agent"), "gather-scatter": ("market-place", "savings-circle"),
    "fan-in": ("group-bill", "collection", "shop-takings"), "scatter-gather": ("business-trip", "shared-flat"),
}  # fmt: skip


def owners(world: World) -> dict[str, str]:
    return dict(world.accounts.select("account", "Entity ID").iter_rows())


def launderers(world: World) -> set[str]:
    """Return the parties with an account in an attempt."""
    owner = owners(world)
    return {owner[account] for account in world.launderers()}


def test_persons_pay_in_cash_who_launder_nothing(british: World) -> None:
    kind = dict(british.ledger("accounts").select("name", "kind").iter_rows())
    person = dict(british.accounts.select("account", pl.col("Entity Name").str.starts_with("Individual")).iter_rows())
    desk = british.rows.filter(pl.col("payer").replace_strict(kind) == "cash")
    placed = british.named("placement")
    for mine in (True, False):
        rows = desk.filter(pl.col("payee").replace_strict(person) == mine)
        assert 0 < rows["line"].is_in(list(placed)).mean() < 0.03
        assert rows["payee"].value_counts()["count"].max() < 0.2 * rows.height, "all cash is paid in by one"
        rest = rows.filter(~pl.col("line").is_in(list(placed)))["usd"]
        sums = rows.filter(pl.col("line").is_in(list(placed)))["usd"]
        assert rest.quantile(0.97) > sums.median() > rest.quantile(0.05), "sums tell what is placed"


def test_money_is_reinvested_at_any_hour_and_on_any_day(make: Make) -> None:
    for preset in ("demo", "hi-small", "li-small"):
        world = make(preset, 200_000, 3)
        own = world.rows.filter(pl.col("payer") == pl.col("payee"))
        late = own.filter((pl.col("minute") % 1440 >= 360) | (pl.col("when").dt.weekday() > 5))
        assert late.height > 20
        assert late["bad"].mean() < 10 * world.rows["bad"].mean()


def test_no_work_is_that_of_launderers_only(make: Make, british: World) -> None:
    for worlds in ([british, make("uk-retail", 400_000, 6)], [make("demo", 250_000, 4)]):
        used, whole = Counter[str](), Counter[str]()
        for world in worlds:
            bad = launderers(world)
            for party, work in world.ledger("parties").select("party", "occupation").iter_rows():
                whole[work] += 1
                used[work] += party in bad
        base = sum(used.values()) / sum(whole.values())
        lift = {work: used[work] / whole[work] / base for work in whole if whole[work] >= 50}
        assert max(lift.values()) < 5, lift


@pytest.mark.parametrize("preset", ["hi-small", "uk-retail"])
def test_accounts_of_one_owner_are_together_in_normal_groups_as_in_attempts(preset: str, make: Make) -> None:
    together: dict[str, list[bool]] = {"attempts": [], "normal_groups": []}
    for seed in (1, 2, 3):
        world = make(preset, 400_000, seed, "look-alikes=0.1")
        over = {company: owner for owner, company, share in world.ledger("holdings").iter_rows() if share > 0.5}
        held = {account: over.get(party, party) for account, party in owners(world).items()}
        for name, many in together.items():
            for group in world.answers[name]:
                accounts = {a["account"] if isinstance(a, dict) else a for a in group["accounts"]}
                if len(accounts) > 2:
                    many.append(len({held[a] for a in accounts}) < len(accounts))
    share = {name: sum(many) / len(many) for name, many in together.items()}
    assert 0.1 < share["attempts"] < 2 * share["normal_groups"] < 4 * share["attempts"], share


@pytest.mark.parametrize("preset", ["hi-small", "uk-retail"])
def test_accounts_of_one_owner_are_together_in_every_kind_of_normal_group(preset: str, make: Make) -> None:
    groups, together = Counter[str](), Counter[str]()
    for seed in (1, 2, 3):
        world = make(preset, 400_000, seed, "look-alikes=0.1")
        owner = owners(world)
        for group in world.answers["normal_groups"]:
            groups[group["kind"]] += 1
            together[group["kind"]] += len({owner[a] for a in group["accounts"]}) < len(group["accounts"])
    share = {kind: together[kind] / many for kind, many in groups.items() if many >= 60}
    assert len(share) >= 16
    assert min(share.values()) > 0.05, share
    assert max(share.values()) < 0.6, share


def of_group(rows: list[Row]) -> dict[str, float]:
    """Return what one line of a rule could ask of a group: how long, how large, how uneven, how much is kept."""
    usd = [r.usd for r in rows]
    got, paid = defaultdict[str, float](float), defaultdict[str, float](float)
    for r in rows:
        got[r.payee] += r.usd
        paid[r.payer] += r.usd
    kept = [paid[a] / got[a] for a in got if a in paid]
    spent = {"passed on": statistics.median(kept), "least alike": max(abs(math.log(k)) for k in kept)} if kept else {}
    return spent | {
        "hours": (max(r.minute for r in rows) - min(r.minute for r in rows)) / 60,
        "unevenness": max(usd) / min(usd),
        "dollars": sum(usd),
        "usual amount": statistics.median(usd),
        "payments": len(rows),
        "accounts": len(got.keys() | paid.keys()),
        "payments of a pair": len(rows) / len({(r.payer, r.payee) for r in rows}),
        "by night": sum(r.minute % DAY < 420 for r in rows) / len(rows),
    }


@pytest.mark.parametrize("preset", ["hi-small", "hi-large", "uk-retail"])
def test_no_one_line_tells_attempts_from_normal_groups(preset: str, make: Make) -> None:
    measured: dict[str, dict[str, list[float]]] = {"attempts": defaultdict(list), "normal_groups": defaultdict(list)}
    for seed in (1, 2, 3):
        world = make(preset, 400_000, seed, "look-alikes=0.1")
        for name, found in measured.items():
            groups = world.answers[name][:: 1 if name == "attempts" else 7]
            paid = {row.line: row for row in world.pays([t for group in groups for t in group["transactions"]])}
            for group in groups:
                for what, value in of_group([paid[line] for line in world.lines(group["transactions"])]).items():
                    found[what].append(value)
    apart = {
        what: float(ks_2samp(values, measured["normal_groups"][what]).statistic)
        for what, values in measured["attempts"].items()
    }
    assert len(measured["attempts"]["hours"]) > 30
    assert max(apart.values()) < 0.35, apart


def test_parts_of_split_payments_are_round_in_attempts_as_in_normal_groups(make: Make) -> None:
    world, share = make("hi-small", 400_000, 1, "look-alikes=0.1", "split-amounts"), {}
    for name in ("attempts", "normal_groups"):
        rows = world.table([t for group in world.answers[name] for t in group["transactions"]])
        share[name] = (rows["gave"].cast(pl.Float64) % 1 == 0).mean()
    assert share["attempts"] == pytest.approx(share["normal_groups"], abs=0.05)


def test_who_holds_several_companies_seldom_controls_a_gang(make: Make) -> None:
    held = controls = 0
    for seed in (3, 5, 6):
        world = make("uk-retail", 400_000, seed)
        many = world.ledger("holdings").group_by("owner").len().filter(pl.col("len").is_between(4, 20))["owner"]
        held += len(many)
        controls += len(set(many) & {a["controller"] for a in world.attempts()})
    assert held > 60
    assert controls < 0.1 * held


def test_who_shares_a_device_or_a_telephone_with_others_elsewhere_is_mostly_no_mule(make: Make) -> None:
    for kind in ("device", "phone"):
        shares = bad = 0
        everyone = launder = 0
        for world in (make("uk-retail", 400_000, 5), make("uk-retail", 400_000, 6), make("demo", 250_000, 4)):
            contacts, criminals = world.ledger("contacts"), launderers(world)
            home: dict[str, set[str]] = {}
            for party, value in contacts.filter(pl.col("kind") == "address").select("party", "value").iter_rows():
                home.setdefault(party, set()).add(value)
            for (members,) in (
                contacts.filter(pl.col("kind") == kind).group_by("value").agg("party").select("party").iter_rows()
            ):
                if len(members) > 1 and not set.intersection(*(home[p] for p in members)):
                    shares += len(members)
                    bad += sum(p in criminals for p in members)
            everyone += len(home)
            launder += sum(p in criminals for p in home)
        assert bad / shares < 5 * launder / everyone, kind


def with_persons(world: World, entries: list[dict[str, Any]]) -> list[tuple[bool, bool]]:
    """Return for each entry whether a person pays, and whether one is paid who does not pay on."""
    person = dict(world.accounts.select("account", pl.col("Entity Name").str.starts_with("Individual")).iter_rows())
    found = []
    for entry in entries:
        pays = world.pays(entry["transactions"])
        payers = {r.payer for r in pays}
        ends = {r.payee for r in pays} - payers
        found.append((any(person[a] for a in payers), any(person[a] for a in ends)))
    return found


def test_persons_are_in_normal_groups_about_as_often_as_in_attempts(make: Make, demo: World) -> None:
    worlds = [demo, make("demo", 250_000, 4)]
    for typology, kinds in ALIKE.items():
        one, other = list[tuple[bool, bool]](), list[tuple[bool, bool]]()
        for world in worlds:
            one += with_persons(world, world.attempts(typology))
            other += with_persons(world, [g for g in world.answers["normal_groups"] if g["kind"] in kinds])
        assert len(one) > 20
        for place, whose in enumerate(("who pays", "who is paid")):
            apart = sum(o[place] for o in one) / len(one) - sum(o[place] for o in other) / len(other)
            most = 0.6 if typology == "gather-scatter" and place else 0.35  # who saves in turn is paid, and paid before
            assert abs(apart) < most, (typology, whose, apart)


@pytest.mark.parametrize("preset", ["demo", "uk-retail"])
def test_who_pays_whom_in_which_format_tells_little(preset: str, make: Make) -> None:
    parts = []
    for world in (make(preset, 200_000, seed, "look-alikes=0.1") for seed in range(8, 14)):
        person = dict(world.accounts.select("account", pl.col("Entity Name").str.starts_with("Individual")).iter_rows())
        inside = pl.col("line").is_in(list(world.named("attempts"))).alias("inside")
        ends = [pl.col(end).replace_strict(person).alias(f"{end}_person") for end in ("payer", "payee")]
        parts.append(world.rows.select(*ends, "format", inside))
    rows = pl.concat(parts)
    pair = ["payer_person", "payee_person"]
    cells = (
        rows.group_by(*pair, "inside", "format")
        .agg(pl.len())
        .with_columns((pl.col("len") / pl.col("len").sum().over(*pair, "inside")).alias("share"))
    )
    one, other = (cells.filter(pl.col("inside") == inside) for inside in (True, False))
    both = one.join(other, on=[*pair, "format"], suffix="_normal").filter(pl.col("len") >= 10)
    assert both.height >= 5
    told = both.filter(pl.col("share") > 2 * pl.col("share_normal") + 0.05)
    assert told.height == 0, told


def test_cash_passes_over_a_desk_in_laundering_as_elsewhere(make: Make) -> None:
    cells = []
    for world in (make("uk-retail", 400_000, seed) for seed in (5, 6)):
        kind = dict(world.ledger("accounts").select("name", "kind").iter_rows())
        among = [pl.col(end).replace_strict(kind) == "internal" for end in ("payer", "payee")]
        dirty = {n for name in ("attempts", "integration") for n in world.named(name)}
        cells.append(
            world.rows.filter(*among).select((pl.col("format") == "Cash").alias("cash"), pl.col("line").is_in(dirty))
        )
    share = dict(pl.concat(cells).group_by("line").agg(pl.col("cash").mean()).iter_rows())
    assert 0 < share[True] < 2.5 * share[False], share


def test_normal_groups_pay_in_the_formats_of_attempts(make: Make) -> None:
    used = {}
    for name in ("attempts", "normal_groups"):
        rows = [w.rows.filter(pl.col("line").is_in(list(w.named(name))))["format"] for w in several(make)]
        used[name] = dict(pl.concat(rows).value_counts(normalize=True).iter_rows())
    for name in ("Faster Payments", "BACS", "Card"):
        assert used["attempts"][name] / 3 < used["normal_groups"][name] < 3 * used["attempts"][name], (name, used)


def several(make: Make) -> list[World]:
    return [make("uk-retail", 400_000, seed) for seed in (5, 6)]
