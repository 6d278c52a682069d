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


def test_rings_in_which_one_owner_has_different_accounts_are_linked() -> None:
    owner, known = np.array([0, 0, 1, 2, 2, *[3] * 21], np.int32), np.array([True] * 26)
    rings = [
        Ring("cycle", (place,), tuple((a, "mule") for a in accounts), (), 0, 0, 0.0, id=name)
        for place, (name, accounts) in enumerate({"a": (0, 2, 3, 5), "b": (1, 2, 4, 6), "c": (2, 0, 7)}.items())
    ]
    first, second, third = linked(rings, People(np.zeros(26, np.int32), owner, known, ()))
    # b has another account of owners 0 and 2 than a; c has the same account of 0 as a; owner 3 has too many.
    assert dict(first.lineage) == {"owners": "linked by owners of other accounts: parent of b (2 owners)"}
    said = "linked by owners of other accounts: child of a (2 owners), parent of c (1 owner)"
    assert dict(second.lineage) == {"owners": said}
    assert dict(third.lineage) == {"owners": "linked by owners of other accounts: child of b (1 owner)"}
    nobody = linked(rings, People(np.zeros(26, np.int32), owner, ~known, ()))
    assert not any(ring.lineage for ring in nobody)


def test_an_owner_who_stands_in_many_rings_ties_none() -> None:
    people = People(np.zeros(7, np.int32), np.zeros(7, np.int32), np.ones(7, np.bool_), ())
    rings = [Ring("cycle", (place,), ((place, "mule"),), (), 0, 0, 0.0, id=str(place)) for place in range(6)]
    assert not any(ring.lineage for ring in linked(rings, people))
    assert all("owners" in ring.lineage for ring in linked(rings[:5], people))
