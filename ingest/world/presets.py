"""State the worlds that can be generated: every number that makes one differ from another is a field."""

from dataclasses import dataclass
from typing import Self

from graphml.errors import UnknownName

__all__ = ["PRESETS", "Preset", "presets"]


@dataclass(frozen=True, slots=True)
class Preset:
    """Hold what a world is made of; defaults follow Altman et al. (2023), HI-Small."""

    name: str
    title: str  # first part of the file names
    illicit_share: float  # laundering rows of all rows
    pattern_share: float  # rows inside attempts, of the laundering rows; the rest is integration
    bipartite_dense: float = 0.0  # share of bipartite attempts where all pay all; else disjoint pairs (measured: 0)
    stack_dense: float = 0.35  # share of stacks where all pay all; else two-hop chains (measured: 31 to 40 % connected)
    start: str = "2022-09-01"  # first day
    days: int = 10  # length of the world; nothing happens after it
    stage_days: int = 4  # longest one-stage attempt; gather-scatter has two stages
    smallest: int = 2  # least size of an attempt: targets, sources, hops or chains
    largest: int = 17  # greatest size of an attempt
    rows_per_account: float = 10.0  # mean over the world
    hub_share: float = 0.03  # rows paid by the one super-hub, of all rows
    cross_share: float = 0.015  # rows that change currency, laundering or not

    @classmethod
    def of(cls, name: str) -> Self:
        """Return the preset of *name*.

        Raises:
            UnknownName: there is no such preset.
        """
        if name not in PRESETS:
            raise UnknownName.of("preset", name, PRESETS)
        title, illicit, pattern, bipartite, stack = PRESETS[name]
        return cls(name, title, illicit, pattern, bipartite, stack)

    @property
    def minutes(self) -> int:
        """Return the length of the world in minutes."""
        return self.days * 1440


PRESETS = {  # title, illicit share, pattern share, dense bipartite, dense stack
    "demo": ("Demo", 0.004, 0.62, 0.5, 0.5),
    "hi-small": ("HI-Small", 1 / 980, 0.62, 0.0, 0.35),
    "li-small": ("LI-Small", 1 / 1940, 0.29, 0.0, 0.35),
}


def presets() -> tuple[str, ...]:
    """Return the names that `generate` takes, ascending."""
    return tuple(sorted(PRESETS))
