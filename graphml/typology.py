"""State what a typology is, a laundering pattern with thresholds as fields, and look for several."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from graphml.cores import side_by_side
from graphml.graph import TransactionGraph
from graphml.ring import Found

__all__ = ["Typology", "search"]


@runtime_checkable
class Typology(Protocol):
    """Find the instances of one pattern. A file in `graphml/typologies` has one, with defaults, as `TYPOLOGY`.

    A pattern that asks who is behind accounts has a field `people: People | None = None`; a run fills it.
    """

    @property
    def name(self) -> str:
        """Return the name in the field's words, with hyphens: `fan-in`."""
        ...

    def find(self, graph: TransactionGraph) -> Found:
        """Return the maximal instances in the view, and every place where a limit stopped the search."""
        ...


def search(graph: TransactionGraph, typologies: Sequence[Typology]) -> list[Found]:
    """Return what each of *typologies* finds in the view, as many at a time as there are cores."""
    return side_by_side(lambda one: one.find(graph), typologies)
