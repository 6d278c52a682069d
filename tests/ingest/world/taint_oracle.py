"""Follow dirty money in plain Python, by the rule as it is stated, from opening balances and the answer key.

Laundering moves dirty money whole; proceeds of crime are paid clean and are dirty on arrival. Who keeps dirty money
apart pays for normal life from clean money; everyone else pays from both in proportion. A payment launders when at
least a tenth of it is dirty, but for proceeds. What reaches an institution has left.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class Purse:
    """Hold an account's money."""

    clean: float
    dirty: float = 0.0

    def share(self, amount: float, apart: bool) -> float:
        """Return how much of *amount* is dirty when it is paid for normal life."""
        if self.dirty <= 0 or apart:
            return 0.0
        return min(self.dirty, amount * self.dirty / max(self.clean + self.dirty, amount))


def follow(
    rows: Iterable[tuple[int, int, str, str, float]], opening: dict[str, float],
    lines: tuple[set[int], set[int]], who: tuple[set[str], set[str]], seed: int,
) -> set[int]:  # fmt: skip
    """Return the lines that launder; rows are (line, minute, payer, payee, US dollars), ties are broken by *seed*.

    *lines* are those of attempts and integration, and those of placement; *who* are those who keep dirty money apart,
    and the institutions.
    """
    (dirty, proceeds), (apart, institutions) = lines, who
    purses = {name: Purse(money) for name, money in opening.items()}
    tie, found = random.Random(seed), set()
    for line, _, payer, payee, usd in sorted(rows, key=lambda r: (r[1], tie.random())):
        source, target = purses[payer], purses[payee]
        moved = usd if line in dirty else source.share(usd, payer in apart)
        if moved >= 0.1 * usd and line not in proceeds:
            found.add(line)
        if payer != payee:
            source.dirty = max(0.0, source.dirty - moved)
            source.clean = max(0.0, source.clean - (usd - moved))
            if payee not in institutions:
                came = usd if line in proceeds else moved
                target.dirty += came
                target.clean += usd - came
    return found
