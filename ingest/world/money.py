"""Name the currencies and payment formats of a world, with how often each is used for what."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["UK", "WORLD", "Money"]


@dataclass(frozen=True, slots=True, eq=False)
class Money:
    """Hold what money is in a world; places in `currencies` are also places in `countries`."""

    currencies: tuple[str, ...]
    countries: tuple[str, ...]
    rates: tuple[float, ...]  # US dollars for one unit
    parts: tuple[float, ...]  # of accounts, by currency; any scale
    formats: tuple[str, ...]
    channels: Mapping[str, tuple[float, ...]]  # what a payment is for -> weight of each format
    own: str  # the format that laundering uses under the switch `one-format`
    crypto: str = ""  # currency and format in one, "" where there is none
    windows: Mapping[str, tuple[int, int, float]] = field(default_factory=dict)
    # format -> minutes of a working day between which it is settled, and the least sum in units; all else is instant
    instant: str = ""  # the format of what falls outside a window
    firms: tuple[str, ...] = ()  # formats in which only companies are paid
    bulk: tuple[str, ...] = ()  # formats in which persons do not pay persons

    @property
    def shares(self) -> NDArray[np.float64]:
        """Return the share of accounts in each currency, adding up to 1."""
        parts = np.array(self.parts, np.float64)
        shares: NDArray[np.float64] = parts / parts.sum()
        return shares

    @property
    def cumulative(self) -> Mapping[str, NDArray[np.float64]]:
        """Return for each channel the cumulative share of the formats."""
        return {name: np.cumsum(weights) / sum(weights) for name, weights in self.channels.items()}

    def settled(
        self, how: NDArray[np.integer], units: NDArray[np.float64], minute: NDArray[np.integer], working: bool
    ) -> NDArray[np.integer]:
        """Return the formats (E,) of payments at a *minute* (E,) of a day, with those outside their window instant."""
        for name, (first, last, least) in self.windows.items():
            outside = (minute % 1440 < first) | (minute % 1440 >= last) | (units < least) | (not working)
            mine = how == self.formats.index(name)
            how = np.where(mine & outside, self.formats.index(self.instant), how)
        return how


WORLD = Money(  # rates and shares of accounts as in AMLworld's files (Altman et al., 2023); formats: its Table 5
    currencies=(
        "US Dollar", "Euro", "Swiss Franc", "Yuan", "Shekel", "Rupee", "UK Pound", "Ruble", "Yen", "Bitcoin",
        "Canadian Dollar", "Australian Dollar", "Mexican Peso", "Saudi Riyal", "Brazil Real",
    ),
    countries=(
        "USA", "Germany", "Switzerland", "China", "Israel", "India", "UK", "Russia", "Japan", "Crypto",
        "Canada", "Australia", "Mexico", "Saudi Arabia", "Brazil",
    ),
    rates=(
        1, 1.1718, 1.0929, 0.1493, 0.2961, 0.01362, 1.2917, 0.01285, 0.00949, 11879, 0.758, 0.7078, 0.0473, 0.2666,
        0.1771,
    ),
    parts=(37, 23, 4.7, 4.2, 3.8, 3.8, 3.6, 3.1, 3.1, 2.1, 2.8, 2.7, 2.2, 1.8, 1.3),
    formats=("Cheque", "Credit Card", "ACH", "Cash", "Reinvestment", "Wire", "Bitcoin"),
    channels={
        "shop": (0.31, 0.50, 0.06, 0.13, 0, 0, 0),
        "bill": (0.58, 0.14, 0.19, 0.05, 0, 0.04, 0),
        "friend": (0.50, 0.16, 0.13, 0.19, 0, 0.02, 0),
        "firm": (0.57, 0.19, 0.13, 0.05, 0, 0.06, 0),
        "pay": (0.45, 0, 0.50, 0, 0, 0.05, 0),
        "cash": (0, 0, 0, 1, 0, 0, 0),
        "interest": (0, 0, 0, 0, 1, 0, 0),
    },
    own="ACH",
    crypto="Bitcoin",
)  # fmt: skip

UK = Money(
    currencies=("UK Pound",),
    countries=("UK",),
    rates=(1.2917,),
    parts=(1,),
    formats=("Faster Payments", "BACS", "CHAPS", "Card", "Cash"),
    channels={
        "shop": (0.06, 0.02, 0, 0.92, 0),
        "bill": (0.19, 0.76, 0.02, 0, 0.03),  # cash: paid in over the counter
        "friend": (0.94, 0, 0.01, 0, 0.05),
        "firm": (0.36, 0.48, 0.10, 0.04, 0.02),
        "coins": (0.7, 0, 0, 0.3, 0),
        "pay": (0.08, 0.92, 0, 0, 0),
        "cash": (0, 0, 0, 0, 1),
        "interest": (0, 1, 0, 0, 0),
    },
    own="Faster Payments",
    windows={"BACS": (0, 1050, 0.0), "CHAPS": (480, 1080, 10_000.0)},  # CHAPS is asked for where a sum is large
    instant="Faster Payments",
    firms=("Card",),
    bulk=("BACS",),
)
