from graphml.linking import linked
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
