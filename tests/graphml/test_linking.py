import numpy as np

from graphml.linking import linked
from graphml.people import People
from graphml.ring import Ring


def _ring(name: str, *rows: int) -> Ring:
    return Ring("cycle", rows, (), (), 0, 0, 0.0, id=name, lineage={"event": "born"})


def test_rings_with_payments_in_common_are_parent_and_child() -> None:
    first, second, third = linked([_ring("a", 1, 2, 3), _ring("b", 3, 4), _ring("c", 5)])
    assert first.lineage["linked"] == "linked by common payments: parent of b (1 of its 2 payments)"
    assert second.lineage["linked"] == "linked by common payments: child of a (1 of its 3 payments)"
    assert dict(third.lineage) == {"event": "born"}


def test_of_many_links_five_are_named_best_first_and_the_others_counted() -> None:
    rings = linked([*(_ring(f"r{i}", i, 99) for i in range(7)), _ring("z", *range(7))])
    assert rings[-1].lineage["linked"] == (
        "linked by common payments: child of r0 (1 of its 2 payments), child of r1 (1 of its 2 payments), "
        "child of r2 (1 of its 2 payments), child of r3 (1 of its 2 payments), child of r4 (1 of its 2 payments), 2 more"
    )


def _of(name: str, place: int, accounts: tuple[int, ...]) -> Ring:
    return Ring("cycle", (place,), tuple((a, "mule") for a in accounts), (), 0, 0, 0.0, id=name)


def test_rings_with_accounts_in_common_are_linked_where_no_payment_does() -> None:
    first, second, third = linked([_of("a", 0, (1, 2, 3)), _of("b", 1, (2, 3, 4, 5)), _of("c", 1, (5, 6))])
    assert dict(first.lineage) == {"shared": "linked by common accounts: parent of b (2 of its 4 accounts)"}
    assert second.lineage["shared"] == "linked by common accounts: child of a (2 of its 3 accounts)"
    assert dict(third.lineage) == {"linked": "linked by common payments: child of b (1 of its 1 payments)"}
    many = [_of(str(place), place, (0, place + 1)) for place in range(6)]
    assert not any(ring.lineage for ring in linked(many))
    assert all("shared" in ring.lineage for ring in linked(many[:5]))
    # An account in six rings ties none, but counts where another does.
    tied = linked([*many[:5], _of("5", 5, (0, 6, 9)), _of("6", 6, (0, 7, 9))])
    assert tied[5].lineage["shared"] == "linked by common accounts: parent of 6 (2 of its 3 accounts)"


def test_rings_in_which_owners_have_other_accounts_are_linked() -> None:
    owner, known = np.array([0, 0, 1, 2, 2, *[3] * 21], np.int32), np.array([True] * 26)
    rings = [_of("a", 0, (0, 3, 5)), _of("b", 1, (1, 4, 6)), _of("c", 2, (1, 2, 7))]
    first, second, third = linked(rings, People(np.zeros(26, np.int32), owner, known, ()))
    # b has other accounts of owners 0 and 2 than a, c of owner 0 alone; owner 3 has too many.
    assert dict(first.lineage) == {"owners": "linked by common owners, by other accounts: parent of b (2 owners)"}
    assert second.lineage["owners"] == "linked by common owners, by other accounts: child of a (2 owners)"
    assert second.lineage["shared"] == "linked by common accounts: parent of c (1 of its 3 accounts)"
    assert "owners" not in third.lineage
    nobody = linked(rings, People(np.zeros(26, np.int32), owner, ~known, ()))
    assert not any("owners" in ring.lineage for ring in nobody)


def test_an_owner_who_stands_in_many_rings_ties_none() -> None:
    people = People(np.zeros(12, np.int32), np.array([0, 1] * 6, np.int32), np.ones(12, np.bool_), ())
    rings = [_of(str(place), place, (2 * place, 2 * place + 1)) for place in range(6)]
    assert not any(ring.lineage for ring in linked(rings, people))
    assert all("owners" in ring.lineage for ring in linked(rings[:5], people))
