"""Follow dirty money in plain Python, by the rule as it is stated, from opening balances and the answer key.

Laundering moves dirty money whole. Who launders pays for normal life from clean money; everyone else pays from
both in proportion. A payment launders when at least half of it is dirty. What reaches an institution has left.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class Purse:
    """Hold an account's money."""

    clean: float
    dirty: float = 0.0

    def share(self, amount: float, launders: bool) -> float:
        """Return how much of *amount* is dirty when it is paid for normal life."""
        if self.dirty <= 0:
            return 0.0
        if launders:
            return 0.0
        return min(self.dirty, amount * self.dirty / max(self.clean + self.dirty, amount))


def follow(
    rows: Iterable[tuple[int, int, str, str, float]], opening: dict[str, float], dirty: set[int],
    who: tuple[set[str], set[str]], seed: int,
) -> set[int]:  # fmt: skip
    """Return the lines that launder; rows are (line, minute, payer, payee, US dollars), ties are broken by *seed*.

    *who* are those who launder, and the institutions.
    """
    launder, institutions = who
    purses = {name: Purse(money) for name, money in opening.items()}
    tie, found = random.Random(seed), set()
    for line, _, payer, payee, usd in sorted(rows, key=lambda r: (r[1], tie.random())):
        source, target = purses[payer], purses[payee]
        moved = usd if line in dirty else source.share(usd, payer in launder)
        if moved >= 0.5 * usd:
            found.add(line)
        if payer != payee:
            source.dirty = max(0.0, source.dirty - moved)
            source.clean = max(0.0, source.clean - (usd - moved))
            if payee not in institutions:
                target.dirty += moved
                target.clean += usd - moved
    return found
