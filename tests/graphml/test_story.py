"""Rings keep their ids through growth, splits and merges whose truth is known."""

import random
from dataclasses import replace

import pytest

from graphml.graph import TransactionGraph
from graphml.ledger import Ledger
from graphml.ring import Ring
from graphml.story import Known, Story, Terms, tell
from graphml.window import DAY
from tests import toy

Payment = tuple[int, int, float, float]
NOW = toy.START + 10 * DAY


def chain(first: int, count: int, day: float = 0.0, value: float = 100.0) -> list[Payment]:
    """Return *count* payments from account *first* on, one an hour, each to the next account."""
    return [(first + i, first + i + 1, day + i / 24, value) for i in range(count)]


def known(groups: list[list[Payment]], n: int = 60, turn: int = 0) -> list[Known]:
    """Return a ring for each group of payments, all in one ledger; *turn* renumbers accounts and shuffles groups."""
    every = sorted({payment for group in groups for payment in group}, key=lambda p: p[2])
    ledger = toy.ledger(every, n=n)
    graph = TransactionGraph.of(ledger)
    found = []
    for group in groups:
        wanted = named(group)
        rows = [r for r in range(graph.hi) if (int(graph.source[r]), int(graph.target[r]), *place(graph, r)) in wanted]
        found.append(Known.of(ledger, ring(ledger, graph, rows)))
    if turn:
        random.Random(turn).shuffle(found)
    return found


def place(graph: TransactionGraph, row: int) -> tuple[int, float]:
    return int(graph.time[row]), float(graph.value[row])


def named(group: list[Payment]) -> set[tuple[int, int, int, float]]:
    made = TransactionGraph.of(toy.ledger(sorted(group, key=lambda p: p[2]), n=60))
    return {(int(made.source[r]), int(made.target[r]), *place(made, r)) for r in range(made.hi)}


def ring(ledger: Ledger, graph: TransactionGraph, rows: list[int]) -> Ring:
    ends = sorted({int(a) for r in rows for a in (graph.source[r], graph.target[r])})
    value = float(graph.value[rows].sum())
    return Ring(
        "chain", tuple(rows), tuple((a, "mule") for a in ends), (), int(graph.time[rows[0]]), int(graph.time[rows[-1]]),
        value, ("chain",), id=f"r{ends[0]:02}{ends[-1]:02}{len(rows):02}", lineage={"event": "born"},
    )  # fmt: skip


def events(story: Story) -> dict[str, str]:
    return {ring.id: ring.lineage["event"] for ring in story.rings}


def test_a_first_run_has_only_births() -> None:
    story = tell(known([chain(0, 5), chain(20, 4)]), [], NOW)
    assert events(story) == {"r000505": "born", "r202404": "born"}
    assert [ring.lineage["alert"] for ring in story.rings] == ["new", "new"]
    assert story.ended == ()


def test_a_new_ring_of_old_payments_says_so() -> None:
    (old,) = known([chain(20, 4)])
    until = (old.until - toy.START) / DAY
    late, early = known([chain(0, 5, until)]), known([chain(0, 5, until - 1)])
    assert [ring.lineage.get("why") for ring in tell([*late, *early], [old], NOW).rings] == [
        None, "The run before looked at this time too: it ranked these payments lower, drew them otherwise, or lacked them.",
    ]  # fmt: skip
    assert "why" not in tell(early, [], NOW).rings[0].lineage


def test_growing_keeps_the_id_and_says_what_is_more() -> None:
    old = known([chain(0, 5)])
    story = tell(known([chain(0, 8)]), old, NOW)
    assert events(story) == {"r000505": "grew"}
    (one,) = story.rings
    assert one.lineage["changed"] == "3 accounts more, 3 payments more, 500.00 became 800.00"
    assert one.lineage["content"] == "r000808"
    assert (story.changed[0].accounts_more, story.changed[0].accounts_less) == (("B0:A06", "B1:A07", "B2:A08"), ())
    assert len(story.changed[0].payments_more) == 3


def test_shrinking_and_staying() -> None:
    old = known([chain(0, 8), chain(20, 4)])
    story = tell(known([chain(0, 6), chain(20, 4)]), old, NOW)
    assert events(story) == {"r000808": "shrank", "r202404": "unchanged"}
    assert story.rings[1].lineage["alert"] == "known"


def test_a_ring_without_new_payments_is_dormant_after_a_while() -> None:
    both = known([chain(0, 5)])
    last = both[0].ring.end
    assert events(tell(both, both, last + 30 * DAY)) == {"r000505": "unchanged"}
    assert events(tell(both, both, last + 30 * DAY + 1)) == {"r000505": "dormant"}


def test_a_split_gives_the_id_to_the_larger_part() -> None:
    whole = chain(0, 5) + chain(5, 9)
    story = tell(known([chain(0, 5), chain(5, 9)]), known([whole]), NOW)
    assert events(story) == {"r001414": "split", "r000505": "split"}
    small, large = story.rings
    assert large.id == "r001414"
    assert small.lineage["former"] == "r001414"
    assert "former" not in large.lineage


def test_a_merge_keeps_the_id_of_the_larger_and_names_the_other() -> None:
    old = known([chain(0, 5), chain(5, 9)])
    story = tell(known([[*chain(0, 5), *chain(5, 9), (2, 9, 1.0, 5.0)]]), old, NOW)
    assert events(story) == {"r051409": "merged"}
    assert story.rings[0].lineage["absorbed"] == "r000505"
    assert story.rings[0].lineage["alert"] == "again"
    assert "took in another ring" in story.rings[0].lineage["why"]
    assert story.ended == (("r000505", "it is in r051409 now"),)


def test_what_is_found_no_more_has_ended() -> None:
    old = known([chain(0, 5), chain(20, 4)])
    story = tell(known([chain(20, 4)]), old, NOW)
    assert story.ended == (("r000505", "it is found no more"),)
    ((_, said),) = tell(known([chain(20, 4)]), old, NOW, left=1200).ended
    assert said.startswith(
        "it is told no more: no ring that is told now continues it; it can be among the 1,200 patterns"
    )


def test_a_part_that_equals_what_its_ring_once_was_gets_an_id_of_its_own() -> None:
    first = known([chain(0, 5)])
    second = tell(known([chain(0, 5) + chain(5, 9)]), first, NOW).rings
    grown = [Known(replace(second[0]), k.accounts, k.payments, k.ids) for k in known([chain(0, 5) + chain(5, 9)])]
    story = tell(known([chain(0, 5), chain(5, 9)]), grown, NOW)
    assert len({ring.id for ring in story.rings}) == 2
    assert story.rings[1].id == "r000505"  # the larger part keeps it


def test_small_steps_add_up_to_a_new_alert() -> None:
    before, said = known([chain(0, 10)]), []
    for count in (11, 12, 13, 14):
        now = known([chain(0, count)])
        story = tell(now, before, NOW, Terms(more_accounts=99))
        said.append(story.rings[0].lineage["alert"])
        before = [Known(story.rings[0], k.accounts, k.payments, k.ids) for k in now]
    assert said == ["known", "known", "again", "known"]
    assert story.rings[0].id == "r001010"


def shown(one: Known, *parts: str) -> Known:
    return Known(replace(one.ring, parts=parts), one.accounts, one.payments, one.ids)


def test_a_new_typology_is_a_new_alert_where_payments_were_added() -> None:
    (old,), (more,) = known([chain(0, 9)]), known([chain(0, 10)])
    (told,) = tell([shown(more, "chain", "fan-in")], [old], NOW).rings
    assert told.lineage["alert"] == "again"
    assert told.lineage["why"] == "Since the last alert it shows fan-in for the first time."
    (same,) = tell([shown(old, "chain", "fan-in")], [old], NOW).rings
    assert (same.lineage["alert"], same.lineage["alerted_parts"]) == ("known", "chain")


def test_a_ring_that_shrank_is_no_new_alert() -> None:
    # It lost half of its money; the small payment that it has now makes it a fan-in as well.
    (old,), (less,) = known([chain(0, 8)]), known([[*chain(0, 4), (9, 2, 1.0, 5.0)]])
    story = tell([shown(less, "chain", "fan-in")], [old], NOW)
    assert events(story) == {old.ring.id: "shrank"}
    told = story.rings[0].lineage
    assert told["alert"] == "known"
    assert told["why"] == "It shows fan-in for the first time, but holds less money than at the last alert."


def test_what_two_rings_held_already_is_no_new_alert_in_one() -> None:
    for parts in ([chain(0, 5), chain(1, 4)], [chain(0, 5), chain(5, 9)]):
        old, (new,) = known(parts), known([sorted({*parts[0], *parts[1]})])
        (told,) = tell([new], old, NOW).rings
        assert (told.lineage["event"], told.lineage["alert"]) == ("merged", "known")


def test_what_was_paid_before_the_run_before_ended_makes_no_second_alert() -> None:
    # Drawn larger, by payments that the run before had seen and did not take for a part of the ring.
    (old,), (more,) = known([chain(0, 5)]), known([chain(0, 9)])
    seen = Known(old.ring, old.accounts, old.payments, old.ids, until=more.until)
    (told,) = tell([more], [seen], NOW).rings
    assert (told.lineage["event"], told.lineage["alert"]) == ("grew", "known")
    assert told.lineage["why"].startswith("What it has more is of the time that the run before had seen")
    (told,) = tell([more], [Known(old.ring, old.accounts, old.payments, old.ids, until=old.ring.end + 1)], NOW).rings
    assert told.lineage["alert"] == "again"


def test_a_small_later_payment_is_no_reason_to_alert_for_what_is_drawn_anew() -> None:
    (old,), (small, large) = known([chain(0, 5)]), known([[*chain(0, 9), (9, 10, 2.0, pay)] for pay in (10.0, 200.0)])
    seen = Known(old.ring, old.accounts, old.payments, old.ids, until=toy.START + DAY)
    (told,) = tell([small], [seen], NOW).rings
    assert (told.lineage["event"], told.lineage["alert"]) == ("grew", "known")
    (told,) = tell([large], [seen], NOW).rings
    assert told.lineage["why"] == "Since the last alert 200.00 was paid in it, which held 500.00 then."
    (told,) = tell([small], [seen], NOW).rings
    assert told.lineage["why"] == (
        "Since the last alert 10.00 was paid in it, which held 500.00 then: too little for another."
    )


def test_a_ring_that_moves_on_alerts_for_what_was_paid_though_it_holds_no_more() -> None:
    (old,), (new,) = known([chain(0, 8)]), known([[*chain(0, 8)[4:], *((4 + k, 5 + k, 2.0, 100.0) for k in range(3))]])
    seen = Known(old.ring, old.accounts, old.payments, old.ids, until=toy.START + DAY)
    (told,) = tell([new], [seen], NOW).rings
    assert (told.id, told.lineage["event"], told.lineage["alert"]) == (old.ring.id, "shrank", "again")
    assert told.lineage["why"] == "Since the last alert 300.00 was paid in it, which held 800.00 then."


def test_accounts_that_join_by_later_payments_make_a_new_alert() -> None:
    (old,), (new,) = known([chain(0, 9)]), known([[*chain(0, 9), (9, 10, 2.0, 1.0), (9, 11, 2.0, 1.0)]])
    seen = Known(old.ring, old.accounts, old.payments, old.ids, until=toy.START + DAY)
    (told,) = tell([new], [seen], NOW).rings
    assert told.lineage["why"] == "Since the last alert 2 accounts joined it, which had 10 then."


def test_a_ring_without_a_payment_of_another_is_new_though_its_accounts_are_the_same() -> None:
    (old,), (heir, new) = known([chain(0, 5)]), known([chain(0, 5), chain(0, 5, 3.0)])
    kept, other = tell([heir, new], [old], NOW).rings
    assert (kept.id, kept.lineage["event"]) == (old.ring.id, "unchanged")
    assert (other.lineage["event"], other.lineage["alert"]) == ("born", "new")
    assert "former" not in other.lineage


def test_a_ring_of_which_nothing_was_parted_did_not_split() -> None:
    (old,), (heir, inner) = known([chain(0, 5)]), known([chain(0, 6), chain(0, 4)])
    story = tell([heir, inner], [old], NOW)
    assert [ring.lineage["event"] for ring in story.rings] == ["grew", "born"]
    assert story.rings[1].lineage["former"] == old.ring.id


def test_a_ring_that_comes_back_keeps_its_id_and_is_no_new_alert() -> None:
    every = [chain(0, 5), chain(20, 4)]
    first = [Known(k.ring, k.accounts, k.payments, k.ids, toy.START + DAY) for k in known(every)]
    second = tell(known(every[1:]), first, NOW)
    assert (second.ended, second.silent) == ((("r000505", "it is found no more"),), (0,))
    told = Known(
        second.rings[0], *(getattr(first[1], key) for key in ("accounts", "payments", "ids")), toy.START + 2 * DAY
    )
    before = [told, replace(first[0], silent=True)]
    third = tell(known(every), before, NOW)
    back = third.rings[0]
    assert (back.id, back.lineage["event"], back.lineage["alert"]) == ("r000505", "unchanged", "known")
    assert back.lineage["last_told"] == "2020-09-14T00:00:00+00:00"
    assert "last_told" not in third.rings[1].lineage
    assert (third.ended, third.silent) == ((), ())
    assert tell(known(every[1:]), before, NOW).silent == (1,)  # silent once more, and no end of its own again
    assert tell(known(every[1:]), before, NOW).ended == ()
    assert tell(known(every[1:]), before, NOW + 60 * DAY).silent == ()
    (later,) = known([[*chain(0, 5), (5, 6, 3.0, 400.0)]])
    again = tell([later], before, NOW).rings[0].lineage
    assert (again["alert"], again["why"]) == (
        "again",
        "Since the last alert 400.00 was paid in it, which held 500.00 then.",
    )


def test_equal_money_neither_grew_nor_shrank_by_value() -> None:
    (old,), (more,) = known([chain(0, 5)]), known([[*chain(0, 4), (4, 5, 1.0, 50.0), (4, 6, 1.0, 50.0)]])
    for before, after, event in ((old, more, "grew"), (more, old, "shrank")):
        (told,) = tell([after], [before], NOW).rings
        assert told.lineage["event"] == event


def test_growth_counts_what_was_paid_since_the_last_alert_not_since_the_last_run() -> None:
    steps = [[*chain(0, 5), *((5 + k, 6 + k, 1.0 + k, 60.0) for k in range(count))] for count in range(5)]
    before, said = [], []
    for count, step in enumerate(steps):
        now = [Known(k.ring, k.accounts, k.payments, k.ids, toy.START + (count + 1) * DAY - 1) for k in known([step])]
        story = tell(now, before, NOW, Terms(more_accounts=99))
        said.append((story.rings[0].lineage["alert"], story.rings[0].lineage.get("alerted_until", "")[8:10]))
        before = [Known(story.rings[0], k.accounts, k.payments, k.ids, k.until) for k in now]
    assert said == [("new", ""), ("known", "13"), ("known", "13"), ("again", "16"), ("known", "16")]


def test_a_network_is_no_typology_that_a_ring_shows() -> None:
    (old,), (more,) = known([chain(0, 9)]), known([chain(0, 10)])
    (told,) = tell([shown(more, "chain", "network")], [old], NOW).rings
    assert told.lineage["alert"] == "known"


def test_a_ring_with_little_of_another_is_no_part_of_it() -> None:
    # The old ring goes on; a larger one has a payment and most of the money of its smaller accounts in common.
    old = known([chain(0, 2)])
    story = tell(known([chain(0, 2), [*chain(1, 1), *chain(0, 1), *chain(2, 9)]]), old, NOW)
    assert [ring.lineage["event"] for ring in story.rings] == ["unchanged", "born"]
    assert story.rings[1].lineage["former"] == old[0].ring.id


def test_a_neighbour_that_is_told_no_more_is_no_merger() -> None:
    old = known([chain(0, 5), chain(1, 4)])
    story = tell(known([chain(0, 5)]), old, NOW)
    (told,) = story.rings
    assert told.lineage["event"] == "unchanged"
    assert "absorbed" not in told.lineage
    assert story.ended == ((old[1].ring.id, f"it is told no more; what it shares with {told.id}, that had before"),)


def test_money_weighs_more_than_numbers() -> None:
    # Two of five payments stay, but they are nearly all of the money.
    stay = [(0, 1, 0.0, 9000.0), (1, 2, 0.1, 9000.0)]
    old = known([[*stay, *chain(2, 3, 1.0, 1.0)]])
    story = tell(known([[*stay, (1, 40, 1.0, 5.0), (1, 41, 1.1, 5.0), (1, 42, 1.2, 5.0)]]), old, NOW)
    assert story.rings[0].id == old[0].ring.id


def slow_links(rings: list[Known], before: list[Known], same: float) -> set[tuple[str, str]]:
    def common(one: dict[object, float], two: dict[object, float]) -> float:
        return sum(min(one.get(k, 0.0), two.get(k, 0.0)) for k in {*one, *two}) / min(
            sum(one.values()), sum(two.values())
        )

    return {
        (n.ring.id, o.ring.id)
        for n in rings
        for o in before
        if (common(dict(n.accounts), dict(o.accounts)) + common(dict(n.payments), dict(o.payments))) / 2 >= same
    }


@pytest.mark.parametrize("seed", range(30))
def test_a_story_follows_its_definition_and_does_not_depend_on_order(seed: int) -> None:
    rng = random.Random(seed)
    pool = [(rng.randrange(30), 30 + rng.randrange(20), i / 24, rng.choice([1.0, 5.0, 50.0])) for i in range(60)]
    groups = [[[p for p in pool if rng.random() < 0.15] or pool[:3] for _ in range(5)] for _ in range(2)]
    old, new = (known(part) for part in groups)
    for number, k in enumerate([*old, *new]):
        object.__setattr__(k, "ring", replace(k.ring, id=f"{number:02}"))
    story = tell(new, old, NOW)
    linked = slow_links(new, old, 0.5)
    ids = [ring.id for ring in story.rings]
    assert len(set(ids)) == len(ids)
    for k, ring in zip(new, story.rings, strict=True):
        olds = {o for n, o in linked if n == k.ring.id}
        event = ring.lineage["event"]
        assert event == "born" if not olds else event != "born" or ring.id not in olds
        if event == "split" and ring.id not in olds:
            (former,) = (o for o in old if o.ring.id == ring.lineage["former"])
            (heir,) = (n for n, r in zip(new, story.rings, strict=True) if r.id == former.ring.id)
            left = former.payments.keys() - heir.payments.keys()
            assert sum(v for p, v in k.payments.items() if p in left) >= 0.5 * sum(k.payments.values())
        if event == "merged":
            others = [o for o in old if o.ring.id in olds - {ring.id}]
            (own,) = (o for o in old if o.ring.id == ring.id)
            assert any(p in k.payments and p not in own.payments for o in others for p in o.payments)
        if ring.id != k.ring.id:
            assert ring.id in olds
        gone = set(ring.lineage.get("absorbed", "").split())
        source = ring.id if ring.id in olds else ring.lineage.get("former")
        own = {p for o in old if o.ring.id == source for p in o.payments}
        lost = [o for o in old if o.ring.id in olds - set(ids)]
        assert gone == {o.ring.id for o in lost if (o.payments.keys() - own) & k.payments.keys()}
    ended = dict(story.ended)
    assert ended.keys() == {o.ring.id for o in old} - set(ids)
    for name, said in ended.items():
        assert said.startswith("it is found no more") == (not any(o == name for _, o in linked))
    turned = tell(rng.sample(new, len(new)), rng.sample(old, len(old)), NOW)
    assert sorted((r.id, sorted(r.lineage.items())) for r in turned.rings) == sorted(
        (r.id, sorted(r.lineage.items())) for r in story.rings
    )
    assert turned.ended == story.ended


def test_a_new_ring_never_takes_an_id_that_another_keeps() -> None:
    kept, new = known([chain(0, 5), chain(20, 4)])
    new = Known(replace(new.ring, id=kept.ring.id), new.accounts, new.payments, new.ids)
    story = tell([new, kept], [kept], NOW)
    assert story.rings[1].id == kept.ring.id
    assert story.rings[0].id != kept.ring.id
    assert story.changed[0].ring == story.rings[0].id
