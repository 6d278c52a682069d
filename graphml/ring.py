"""Hold a finding: its transactions, its accounts with roles, its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["ROLES", "Cut", "Reason", "Ring"]

ROLES = ("source", "collector", "mule", "distributor", "cash-out")


@dataclass(frozen=True, slots=True)
class Reason:
    """Say why, in a sentence for an analyst, with the value and the threshold it passed."""

    sentence: str
    value: float | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """Say what a limit dropped: where, how much, and by which order the rest was chosen."""

    account: int
    degree: int
    kept: int
    dropped: int
    dropped_value: float  # reference currency
    order: str


@dataclass(frozen=True, slots=True)
class Ring:
    """Hold one finding; rows and accounts are those of the ledger."""

    typology: str
    rows: tuple[int, ...]  # ascending
    roles: tuple[tuple[int, str], ...]  # (account, role), by account
    reasons: tuple[Reason, ...]
    start: int  # microseconds UTC of the first row
    end: int  # microseconds UTC of the last row
    value: float  # sum over rows, reference currency
    parts: tuple[str, ...] = ()  # typologies of the instances joined in it
    cut: tuple[Cut, ...] = ()
    score: float = 0.0  # higher is more suspicious
    id: str = ""
    lineage: Mapping[str, str] = field(default_factory=dict)

    @property
    def accounts(self) -> tuple[int, ...]:
        """Return the accounts, ascending."""
        return tuple(account for account, _ in self.roles)
