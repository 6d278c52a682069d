"""Name currencies and payment formats, and settle payments in them, the same way for all."""

import numpy as np
from numpy.typing import NDArray

from ingest.world.payments import Payments

__all__ = ["BITCOIN", "COUNTRIES", "CURRENCIES", "FORMATS", "RATES", "SHARES", "settle"]

CURRENCIES = (
    "US Dollar", "Euro", "Swiss Franc", "Yuan", "Shekel", "Rupee", "UK Pound", "Ruble", "Yen", "Bitcoin",
    "Canadian Dollar", "Australian Dollar", "Mexican Peso", "Saudi Riyal", "Brazil Real",
)  # fmt: skip
BITCOIN = CURRENCIES.index("Bitcoin")
RATES = np.array(  # US dollars for one unit
    [1, 1.1718, 1.0929, 0.1493, 0.2961, 0.01362, 1.2917, 0.01285, 0.00949, 11879, 0.758, 0.7078, 0.0473, 0.2666, 0.1771]
)
SHARES = np.array([37, 23, 4.7, 4.2, 3.8, 3.8, 3.6, 3.1, 3.1, 2.9, 2.8, 2.7, 2.2, 1.8, 1.3]) / 100
SHARES = SHARES / SHARES.sum()
COUNTRIES = (
    "USA", "Germany", "Switzerland", "China", "Israel", "India", "UK", "Russia", "Japan", "Crypto",
    "Canada", "Australia", "Mexico", "Saudi Arabia", "Brazil",
)  # fmt: skip
FORMATS = ("Cheque", "Credit Card", "ACH", "Cash", "Reinvestment", "Wire", "Bitcoin")


def settle(
    payments: Payments, currency: NDArray[np.int64], cross_share: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the currencies paid and received (E,) for account currencies *currency* (N,).

    A payer pays in its account's currency. The payee gets the same, but for *cross_share* of the rows, which are
    changed to the payee's own currency, or to any other where the two are one.
    """
    paid = currency[payments.payer]
    own = currency[payments.payee]
    other = rng.choice(len(CURRENCIES), len(paid), p=SHARES)
    wanted = np.where(own != paid, own, np.where(other != paid, other, (paid + 1) % len(CURRENCIES)))
    return paid, np.where(rng.random(len(paid)) < cross_share, wanted, paid)
