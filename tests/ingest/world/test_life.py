"""Measure normal life: its rhythm, its hub and heavy tail, its look-alikes, who owns what, and who sleeps."""

from datetime import date

import polars as pl
import pytest

from tests.ingest.world import groups
from tests.ingest.world.conftest import Make
from tests.ingest.world.reading import World

UK_HOLIDAYS = [date(2024, m, d) for m, d in ((1, 1), (3, 29), (4, 1), (5, 6))]  # gov.uk/bank-holidays, to April
COMPANY = ("Sole Proprietorship", "Partnership", "Corporation")


def ends(world: World) -> pl.DataFrame:
    """Return the payments with `by` and `to_whom`: person or company."""
    kind = world.accounts.select(
        "account", pl.when(pl.col("Entity Name").str.starts_with("Individual")).then(pl.lit("person"))
        .otherwise(pl.lit("company")).alias("kind"),
    )  # fmt: skip
    return (
        world.rows.join(kind.rename({"account": "payer", "kind": "by"}), on="payer")
        .join(kind.rename({"account": "payee", "kind": "to_whom"}), on="payee")
        .with_columns(pl.col("when").dt.date().alias("date"), pl.col("when").dt.hour().alias("hour"))
        .filter(pl.col("payer") != pl.col("payee"))
    )


def hourly(rows: pl.DataFrame, first: int, last: int) -> float:
    return rows.filter(pl.col("hour").is_between(first, last)).height / (last - first + 1)


def test_salaries_come_on_working_days_the_same_amount_from_the_same_payer(retail: World) -> None:
    paid = ends(retail).filter(pl.col("by") == "company", pl.col("to_whom") == "person")
    paid = paid.filter(~pl.col("gave").str.contains(r"[05]\.00$"))  # round amounts repeat by chance
    steady = paid.group_by("payer", "payee", "gave").agg(pl.len().alias("times"), "date").filter(pl.col("times") >= 3)
    persons = retail.accounts.filter(pl.col("Entity Name").str.starts_with("Individual"))["Entity ID"].n_unique()
    assert steady["payee"].n_unique() > 0.5 * persons, "three in five are salaried, and a pension comes to others"
    days = steady.explode("date")["date"]
    working = (days.dt.weekday() <= 5) & ~days.is_in(UK_HOLIDAYS)
    assert working.mean() > 0.99
    monthly = steady.filter(pl.col("times").is_between(3, 5)).explode("date").unique(["payer", "date"])
    few = monthly["date"].dt.day().value_counts(sort=True)
    assert few["count"].head(8).sum() / few["count"].sum() > 0.5, "there are pay days"


def test_rent_and_bills_are_standing_orders(retail: World) -> None:
    paid = ends(retail).filter(pl.col("by") == "person", pl.col("to_whom") == "company")
    steady = paid.group_by("payer", "payee", "gave").len().filter(pl.col("len") >= 3)
    assert steady["payer"].n_unique() > 0.3 * paid["payer"].n_unique()


def test_offices_keep_hours_and_days(demo: World) -> None:
    firms = ends(demo).filter(pl.col("by") == "company", pl.col("to_whom") == "company")
    each = firms.group_by("date").len().with_columns(pl.col("date").dt.weekday().alias("day"))
    rest = (pl.col("day") > 5) | (pl.col("date") == date(2022, 9, 5))  # Labor Day
    weekday, weekend = each.filter(~rest)["len"].mean(), each.filter(pl.col("day") > 5)["len"].mean()
    assert weekend < 0.55 * weekday
    assert each.filter(pl.col("date") == date(2022, 9, 5))["len"].item() < 0.6 * weekday
    assert hourly(firms, 9, 16) > 4 * hourly(firms, 0, 5)


def test_persons_shop_by_day_and_more_on_friday_and_saturday_than_on_sunday(demo: World) -> None:
    shop = ends(demo).filter(pl.col("by") == "person", pl.col("to_whom") == "company")
    assert hourly(shop, 10, 20) > 4 * hourly(shop, 1, 5)
    each = shop.group_by(pl.col("date").dt.weekday().alias("day")).agg(pl.len() / pl.col("date").n_unique())
    by = dict(each.iter_rows())
    assert min(by[5], by[6]) > 1.2 * by[7]


def test_after_pay_day_more_is_spent(retail: World) -> None:
    shop = ends(retail).filter(pl.col("by") == "person", pl.col("format") == "Card")
    each = shop.group_by("date").len().with_columns(pl.col("date").dt.day().alias("day"))
    turn = (pl.col("day") <= 5) | (pl.col("day") >= 27)
    assert each.filter(turn)["len"].mean() > 1.03 * each.filter(~turn)["len"].mean()


def test_activity_has_a_heavy_tail_with_one_super_hub(demo: World) -> None:
    paid = demo.rows["payer"].value_counts(sort=True)["count"]
    assert paid[0] / demo.rows.height == pytest.approx(0.03, abs=0.004)
    assert paid[1] < 0.5 * paid[0]
    both = pl.concat([demo.rows["payer"], demo.rows["payee"]]).value_counts(sort=True)["count"]
    assert both[len(both) // 100] > 6 * both[len(both) // 2]
    assert both[: len(both) // 100].sum() > 0.15 * both.sum()
    assert demo.rows.height / demo.accounts.height == pytest.approx(9.86, rel=0.01)


def test_owners_have_several_accounts_at_several_banks(demo: World) -> None:
    owned = demo.accounts.group_by("Entity ID").agg(
        pl.len().alias("accounts"), pl.col("Bank ID").n_unique().alias("banks")
    )
    assert (owned["accounts"] > 1).mean() == pytest.approx(0.38, abs=0.1)
    assert (owned["banks"] > 1).mean() > 0.2
    kinds = demo.accounts.unique("Entity ID")["Entity Name"].str.replace(r" #\d+$", "").unique().to_list()
    assert set(kinds) == {"Individual", *COMPANY}


def test_currencies_have_realistic_shares(demo: World) -> None:
    share = dict(demo.rows["gave_in"].value_counts(normalize=True).iter_rows())
    assert share["US Dollar"] == pytest.approx(0.37, abs=0.05)
    assert share["Euro"] == pytest.approx(0.23, abs=0.05)
    assert min(share.values()) > 0.005


def test_companies_own_companies(demo: World) -> None:
    held, kind = demo.ledger("holdings"), dict(demo.ledger("parties").select("party", "kind").iter_rows())
    assert all(kind[c] == "company" for c in held["company"])
    owners = [kind[o] for o in held["owner"]]
    assert owners.count("company") / len(owners) == pytest.approx(0.13, abs=0.05)
    firms = {p for p, k in kind.items() if k == "company"}
    assert len(set(held["company"])) > 0.98 * len(firms), "whose is a company?"
    chains = set(held["owner"]) & set(held["company"])
    assert len(chains) > 10, "layers of ownership"


def test_one_account_in_a_hundred_sleeps(demo: World) -> None:
    used = demo.rows.filter(pl.col("payer") != pl.col("payee"))
    busy = set(used["payer"].to_list()) | set(used["payee"].to_list())
    assert 0.005 < 1 - len(busy) / demo.accounts.height < 0.03


def test_launderers_also_live_normal_lives(demo: World, retail: World) -> None:
    for world in (demo, retail):
        good = world.rows.filter(~pl.col("bad"), pl.col("payer") != pl.col("payee"))
        normal = set(good["payer"].to_list()) | set(good["payee"].to_list())
        criminals = world.launderers()
        assert len(criminals & normal) / len(criminals) > 0.95


@pytest.mark.parametrize("kind", groups.KINDS)
def test_normal_groups_have_the_shape_that_their_name_says(kind: str, demo: World) -> None:
    mine = [g for g in demo.answers["normal_groups"] if g["kind"] == kind]
    some = mine[:: max(1, len(mine) // 80)]
    seen = [groups.found(kind, sorted(demo.pays(g["transactions"]), key=lambda r: r.minute)) for g in some]
    assert len(seen) >= 60
    assert sum(seen) / len(seen) > 0.9, [g["id"] for g, ok in zip(some, seen, strict=True) if not ok][:5]


def test_the_answer_key_lists_the_normal_groups(demo: World) -> None:
    named = {(g["id"], g["kind"], a) for g in demo.answers["normal_groups"] for a in g["accounts"]}
    assert named == set(groups.members(demo).select("group", "kind", "account").iter_rows())
    every = [t for g in demo.answers["normal_groups"] for t in g["transactions"]]
    assert len(every) == len(set(every)) == round(0.06 * demo.rows.height)
    bad = demo.table(every).filter("bad")["line"].to_list()
    assert set(bad) <= demo.named("transitive"), "who has dirty money may pay with it in a normal group"
    for group in demo.answers["normal_groups"][::50]:
        assert {x for r in demo.pays(group["transactions"]) for x in (r.payer, r.payee)} == set(group["accounts"])
        assert not group["accused"]
    of_laundering = demo.ledger("attempts").filter("laundering")
    assert of_laundering["attempt"].n_unique() == len(demo.attempts())


def test_groups_keep_to_one_way_of_paying_as_attempts_do(demo: World) -> None:
    shares = {}
    for what, entries in (("attempts", demo.attempts()), ("normal_groups", demo.answers["normal_groups"][::9])):
        each = []
        for entry in entries:
            rows = demo.table(entry["transactions"]).filter(pl.col("gave_in") != "Bitcoin")
            if rows.height > 5:
                each.append(rows["format"].value_counts(normalize=True)["proportion"].max())
        shares[what] = sum(each) / len(each)
    assert shares["attempts"] == pytest.approx(shares["normal_groups"], abs=0.1)


def test_who_lives_together_pays_each_other(demo: World) -> None:
    owner = dict(demo.accounts.select("account", "Entity ID").iter_rows())
    home = dict(demo.ledger("contacts").filter(pl.col("kind") == "address").select("party", "value").iter_rows())
    paid = ends(demo).filter(pl.col("by") == "person", pl.col("to_whom") == "person").select("payer", "payee")
    inside = [home[owner[a]] == home[owner[b]] for a, b in paid.iter_rows() if owner[a] != owner[b]]
    assert 0.05 < sum(inside) / len(inside) < 0.4


def test_persons_seldom_spend_what_they_do_not_have(retail: World, demo: World) -> None:
    for world, most in ((demo, 0.2), (retail, 0.3)):
        rows = world.rows.sort("minute", "line").select("payer", "payee", "usd")
        has = dict(world.ledger("accounts").select("name", pl.col("opening_balance") * world.unit).iter_rows())
        over = set()
        for payer, payee, usd in rows.iter_rows():
            has[payer] -= usd
            has[payee] += usd
            if has[payer] < 0:
                over.add(payer)
        persons = world.accounts.filter(pl.col("Entity Name").str.starts_with("Individual"))["account"]
        assert persons.is_in(list(over)).mean() < most


def test_british_formats_are_used_when_and_for_what_they_can_be(retail: World) -> None:
    kind = dict(retail.ledger("parties").select("party", "kind").iter_rows())
    owner = dict(retail.accounts.select("account", "Entity ID").iter_rows())
    firm = pl.col("payee").replace_strict(owner).replace_strict(kind) == "company"
    rows = retail.rows.with_columns(
        ((pl.col("when").dt.weekday() > 5) | pl.col("when").dt.date().is_in(UK_HOLIDAYS)).alias("rest"),
        (pl.col("minute") % 1440).alias("at"), pl.col("gave").cast(float).alias("pounds"), firm.alias("firm"),
    )  # fmt: skip
    bacs, chaps = (rows.filter(pl.col("format") == name) for name in ("BACS", "CHAPS"))
    assert not pl.concat([bacs, chaps])["rest"].any()
    assert bacs["at"].max() < 17.5 * 60
    assert chaps["at"].is_between(8 * 60, 18 * 60, closed="left").all()
    assert chaps["pounds"].min() >= 10_000
    card = rows.filter(pl.col("format") == "Card")
    assert card["firm"].mean() > 0.98, "only refunds are paid to a person's card"


def test_gangs_pay_as_others_do_in_retail_banking(make: Make) -> None:
    worlds = [make("uk-retail", 400_000, seed) for seed in (5, 6)]
    inside = pl.concat([w.rows.filter(pl.col("line").is_in(list(w.named("attempts")))) for w in worlds])
    share = dict(inside["format"].value_counts(normalize=True).iter_rows())
    desks = [
        name for w in worlds for name, kind in w.ledger("accounts").select("name", "kind").iter_rows() if kind == "cash"
    ]
    over = pl.col("payer").is_in(desks) | pl.col("payee").is_in(desks)
    usual = dict(pl.concat([w.rows for w in worlds]).filter(~over)["format"].value_counts(normalize=True).iter_rows())
    assert share["Faster Payments"] < 0.75, "a third of all payments"
    for name in ("Card", "BACS"):
        assert share[name] > 0.25 * usual[name], name
    assert 0 < share["Cash"] < 4 * usual["Cash"], "one gang in fifty pays in cash, over no desk"


def test_savings_earn_interest_in_retail_banking(retail: World) -> None:
    first = retail.rows.filter(pl.col("payer") == retail.answers["institutions"][0], pl.col("minute") % 1440 < 6 * 60)
    monthly = first.group_by("payee", "gave").len().filter(pl.col("len") >= 3)
    assert monthly["payee"].n_unique() > 0.1 * retail.accounts.height
