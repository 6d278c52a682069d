"""Check the ledger beside the files: it equals what reading the files gives, and what it says more is consistent."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import ingest
from graphml.ledger import Ledger, combined, table_digests
from tests.ingest.world.conftest import Make
from tests.ingest.world.reading import DOLLARS, World

RICHER = {"accounts": ["kind", "country", "opened", "opening_balance"], "parties": ["kind", "country", "born", "occupation", "expected_turnover"]}  # fmt: skip


@pytest.fixture(scope="module", params=[("demo", 20_000, 2), ("uk-retail", 20_000, 2), ("demo", 20_000, 2, "hardened")])
def world(request: pytest.FixtureRequest, make: Make) -> World:
    return make(*request.param)


@pytest.fixture(scope="module")
def delayed(make: Make) -> World:
    return make("demo", 100_000, 1, "label-delay=60", "label-noise=0.3")


def test_the_ledger_equals_what_reading_the_files_gives(world: World) -> None:
    currency = "UK Pound" if world.answers["preset"] == "uk-retail" else None
    options = ingest.Options(reference_currency=currency)
    read = ingest.read("ibm_aml", [world.transactions, world.owners, world.patterns], options)
    mine = Ledger.load(world.folder / "ledger")
    assert_frame_equal(mine.transactions, read.transactions, rel_tol=1e-12)
    for name, richer in RICHER.items():
        assert_frame_equal(getattr(mine, name).drop(richer), getattr(read, name).drop(richer))
    assert_frame_equal(mine.ownership, read.ownership)
    assert mine.labels["row"].equals(read.labels["row"])
    assert mine.labels["laundering"].equals(read.labels["laundering"])
    assert mine.quarantine.height == read.quarantine.height == 0
    for field in ("reference_currency", "rates_digest", "rates_date", "zone", "resolution", "rows_in", "rows_kept"):
        assert getattr(mine.meta, field) == getattr(read.meta, field), field


def test_the_digest_can_be_computed_again(world: World) -> None:
    mine = Ledger.load(world.folder / "ledger")
    digests = table_digests(mine.meta.own_ids)
    for name, digest in digests.items():
        digest.update(getattr(mine, name))
    assert mine.meta.digest == combined(digests)
    assert len(mine.meta.digest) == 64


def test_values_are_the_amounts_paid_in_dollars_or_in_the_only_currency(world: World) -> None:
    rows = world.ledger("transactions").with_columns(pl.col("currency").cast(pl.String))
    wanted = rows["amount"].cast(pl.Float64) * rows["currency"].replace_strict(DOLLARS, return_dtype=pl.Float64)
    wanted = wanted / world.unit
    assert ((rows["value"] - wanted).abs() <= 1e-9 * wanted + 1e-12).all()


def test_labels_name_the_attempts_of_the_answer_key(world: World) -> None:
    rows = world.ledger("transactions")["id"]
    labels = world.ledger("labels").with_columns(rows.gather(world.ledger("labels")["row"]).alias("id"))
    found = {
        attempt: (typology[0], set(ids))
        for attempt, typology, ids in labels.filter(pl.col("attempt").is_not_null())
        .group_by("attempt").agg("typology", "id").iter_rows()
    }  # fmt: skip
    shown = [a for a in world.attempts() if a["labelled"]]
    assert {a["id"]: (a["typology"], set(a["transactions"])) for a in shown} == found
    names = world.ledger("accounts")["name"]
    key: dict[str, dict[str, str]] = {}
    for attempt, account, role in (
        world.ledger("attempts").filter("laundering").select("attempt", "account", "role").iter_rows()
    ):
        key.setdefault(attempt, {})[names[account]] = role
    assert key == {a["id"]: {x["account"]: x["role"] for x in a["accounts"]} for a in world.attempts()}


def test_an_attempt_that_nobody_found_is_not_in_the_labels(delayed: World) -> None:
    labels = delayed.ledger("labels")
    hidden = {a["id"] for a in delayed.attempts() if not a["labelled"]}
    assert hidden
    assert not hidden & set(labels["attempt"].drop_nulls().to_list())


def test_every_label_becomes_known_late(delayed: World) -> None:
    labels = delayed.ledger("labels").filter("laundering")
    times = delayed.ledger("transactions")["time"].gather(labels["row"])
    wait = (labels["known"] - times).dt.total_days()
    assert labels["known"].null_count() == 0, "known with the payment"
    assert 30 <= wait.min() < 40
    assert wait.max() == 60
    one = labels.with_columns(wait.alias("wait")).filter(pl.col("attempt").is_not_null()).group_by("attempt")
    assert one.agg(pl.col("wait").n_unique())["wait"].max() == 1, "an attempt is found as a whole"


def test_labels_are_known_at_once_without_a_delay_and_say_what_found_them(world: World) -> None:
    labels = world.ledger("labels")
    if "label-delay" not in world.answers["switches"]:
        assert labels["known"].null_count() == labels.height
    assert labels.filter("laundering")["provenance"].null_count() == 0
    assert (
        labels.filter(~pl.col("laundering"))["provenance"].null_count() == labels.filter(~pl.col("laundering")).height
    )
    told = (
        labels.filter(pl.col("attempt").is_not_null(), "laundering")
        .group_by("attempt")
        .agg(pl.col("provenance").unique())
    )
    shown = {a["id"]: [a["found_by"]] for a in world.attempts() if a["labelled"]}
    assert dict(told.iter_rows()) == shown


def test_tables_refer_to_what_exists(world: World) -> None:
    parties = world.ledger("parties")
    known, accounts = set(parties["party"]), world.ledger("accounts").height
    assert parties["party"].n_unique() == parties.height == len(known)
    owned = world.ledger("ownership")
    assert set(owned["party"]) == known
    assert owned["account"].sort().to_list() == list(range(accounts))
    assert set(world.ledger("contacts")["party"]) <= known
    held = world.ledger("holdings")
    assert set(held["owner"]) | set(held["company"]) <= known
    assert held.filter(pl.col("owner") == pl.col("company")).height == 0
    assert world.ledger("attempts")["account"].is_between(0, accounts - 1).all()
    assert {a["controller"] for a in world.attempts()} <= known


def test_persons_are_grown_up_and_accounts_opened_in_their_lifetime(delayed: World, retail: World) -> None:
    for world, begin in ((delayed, datetime(2022, 9, 1, tzinfo=UTC)), (retail, datetime(2024, 1, 1, tzinfo=UTC))):
        parties, accounts = world.ledger("parties"), world.ledger("accounts")
        person = parties["kind"] == "person"
        assert parties.filter(person)["born"].null_count() == 0
        assert parties.filter(~person)["born"].null_count() == (~person).sum()
        age = (pl.Series([begin.date()]).new_from_index(0, parties.height) - parties["born"]).dt.total_days() / 365.25
        assert 16 < age.min() < 25
        assert 70 < age.max() < 95
        retired = parties.filter(pl.col("occupation") == "retired")["born"]
        assert (retired.dt.year() <= begin.year - 65).all()
        assert parties["occupation"].null_count() == 0
        assert (parties["expected_turnover"] > 0).all()
        assert (accounts["opened"] < begin).all()
        assert (accounts["opening_balance"] > 0).all()
        named = accounts.with_row_index("account").with_columns(pl.col("account").cast(pl.Int32))
        both = world.ledger("ownership").join(named, on="account").join(parties, on="party")
        assert both.filter(pl.col("opened").dt.date() < pl.col("born")).height == 0, "opened before the owner was born"


def test_expected_turnover_is_near_what_is_turned_over(retail: World) -> None:
    paid = retail.ledger("transactions").group_by(pl.col("source").alias("account")).agg(pl.col("value").sum() / 4)
    both = retail.ledger("ownership").join(paid, on="account").group_by("party").agg(pl.col("value").sum())
    both = both.join(retail.ledger("parties"), on="party").filter(pl.col("kind") == "person")
    ratio = both["value"] / both["expected_turnover"]
    assert 0.2 < ratio.median() < 5


def test_a_company_is_held_once_and_no_share_tells_who_launders(delayed: World) -> None:
    held = delayed.ledger("holdings")
    assert held.group_by("owner", "company").len()["len"].max() == 1
    whole = held.group_by("company").agg(pl.col("share").sum())["share"]
    assert ((whole - 1).abs() < 0.011).mean() > 0.95
    assert whole.max() < 1.011
    assert held.filter((pl.col("share") <= 0) | (pl.col("share") > 1)).height == 0, "a share of nothing"


def test_mules_of_a_herd_share_a_device_and_a_phone(demo: World, make: Make) -> None:
    for kind in ("device", "phone"):
        shared = herds = 0
        for world in (demo, *(make("demo", 100_000, seed) for seed in (1, 2, 3, 4))):
            owner = dict(world.accounts.select("account", "Entity ID").iter_rows())
            contacts = world.ledger("contacts").filter(pl.col("kind") == kind)
            for attempt in world.attempts("mule-herd"):
                mules = {owner[a["account"]] for a in attempt["accounts"] if a["role"] == "mule"}
                one = contacts.filter(pl.col("party").is_in(list(mules)))["value"].value_counts()["count"].max()
                shared += (one or 0) >= 0.5 * len(mules)
                herds += 1
        assert herds >= 3
        assert shared >= 0.7 * herds, f"a {kind} is not shared"


def test_a_shared_flat_has_one_address_and_often_one_device_as_a_herd_has(demo: World) -> None:
    owner = dict(demo.accounts.select("account", "Entity ID").iter_rows())
    contacts = demo.ledger("contacts").with_columns(pl.concat_str("kind", "value").alias("what"))
    by: dict[str, set[str]] = {}
    for party, what in contacts.select("party", "what").iter_rows():
        by.setdefault(party, set()).add(what)
    flats = [g for g in demo.answers["normal_groups"] if g["kind"] == "shared-flat"]
    both = []
    for flat in flats[:-1]:  # the last one may be cut
        pays = demo.pays(flat["transactions"])
        members = {r.payee for r in pays} & {r.payer for r in pays}
        if len(members) >= 3:
            both.append(set.intersection(*(by[owner[a]] for a in members)))
    assert len(both) > 0.8 * len(flats) > 20
    assert sum(any(w.startswith("address") for w in b) for b in both) > 0.95 * len(both)
    for kind in ("device", "phone"):
        assert 0.2 < sum(any(w.startswith(kind) for w in b) for b in both) / len(both) < 0.8


def test_normal_families_share_devices_too_and_have_as_many(demo: World) -> None:
    contacts = demo.ledger("contacts").filter(pl.col("kind") == "device")
    shared = contacts.group_by("value").len().filter(pl.col("len") > 1)
    assert shared.height > 20 * len(demo.attempts("mule-herd"))
    owner = dict(demo.accounts.select("account", "Entity ID").iter_rows())
    mules = {owner[a["account"]] for x in demo.attempts("mule-herd") for a in x["accounts"] if a["role"] == "mule"}
    several = set(contacts.group_by("party").len().filter(pl.col("len") > 1)["party"])
    assert len(several & mules) <= 0.5 * len(several), "only mules have two devices"


def test_in_retail_banking_who_is_young_or_has_a_new_account_is_likelier_recruited(make: Make) -> None:
    young: list[tuple[bool, bool]] = []  # whether recruited, whether young
    new: list[tuple[bool, bool]] = []
    for seed in (5, 6, 7):
        world, begin = make("uk-retail", 400_000, seed), datetime(2024, 1, 1, tzinfo=UTC)
        parties = world.ledger("parties").filter(pl.col("kind") == "person")
        born = dict(parties.select("party", "born").iter_rows())
        owner = dict(world.accounts.select("account", "Entity ID").iter_rows())
        mules = {a["account"] for x in world.attempts() for a in x["accounts"] if a["role"] == "mule"}
        for name, opened in world.ledger("accounts").select("name", "opened").iter_rows():
            if owner[name] in born:
                young.append((name in mules, begin.year - born[owner[name]].year <= 28))
                new.append((name in mules, begin - opened <= timedelta(days=400)))
    for rows, least, most in ((young, 1.5, 5.0), (new, 1.1, 3.0)):
        recruited = [yes for mule, yes in rows if mule]
        assert len(recruited) > 150
        lift = sum(recruited) / len(recruited) / (sum(yes for _, yes in rows) / len(rows))
        assert least < lift < most
