"""Make a world: population, normal life, laundering and files, from one seed."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from graphml.errors import ParameterError
from graphml.folder import new_folder, require_place
from ingest.world.answers import write_answers
from ingest.world.book import Book
from ingest.world.files import Files
from ingest.world.preset import Preset
from ingest.world.switches import Switches
from ingest.world.world import World

__all__ = ["generate"]

_LOG = logging.getLogger(__name__)
_MOST = 200_000_000  # rows
_FEW = 10  # attempts, too few to learn from or to judge by
_SOONEST = 30  # days until the first label is known under `label-delay`


def generate(
    preset: str | Preset, transactions: int, seed: int, out: Path, switches: Iterable[str] = ()
) -> Path:  # fmt: skip
    """Write the world *preset* with exactly *transactions* rows into the folder *out*, whole or not at all.

    Files: `TITLE_Trans.csv`, `TITLE_Patterns.txt`, `TITLE_accounts.csv` (layout of AMLworld, Altman et al., 2023),
    `answers.json`: each attempt with typology, accounts and roles, phases, and transactions as FILE:LINE; and the
    same world as a ledger with richer tables in `ledger/`. Equal arguments give equal bytes.

    Args:
        preset: a name of `presets`, or a preset that was changed.
        transactions: rows wanted, 1 to 200 million.
        seed: 0 or more.
        out: the folder; an older world in it is replaced.
        switches: names of `SWITCHES` or `BUNDLES`, each with `=VALUE` where it has one.

    Returns:
        The folder *out*.

    Raises:
        UnknownName: there is no such preset or switch.
        ParameterError: a number is impossible, the world is too small for one laundering attempt, or *out* holds
            something else than a world.
    """
    chosen, on = Preset.of(preset) if isinstance(preset, str) else preset, Switches.of(switches)
    _possible(chosen, transactions, seed)
    require_place(out, "answers.json")
    world = World.of(chosen, on, transactions, seed)
    _hint(world)
    with new_folder(out, "answers.json") as folder, (folder / Files.name_of(world)).open("wb") as rows:
        files = Files(world, folder, rows)
        book = Book(world, files, folder / "ledger")
        for block in world.days():
            book.write(block, *files.write(block))
            _LOG.info("%d days: %d payments", block.day + block.days, block.first - 2 + len(block.payments))
        files.close()
        book.close(world.opening)
        write_answers(world, files, folder)
    _LOG.info("wrote %d transactions, %d attempts to %s", transactions, len(world.crime.attempts), out)
    return out


def _hint(world: World) -> None:
    # What is possible, but hardly what is wanted.
    many, days = len(world.crime.attempts), world.calendar.days
    if many < _FEW and not world.preset.attempts:
        _LOG.warning(
            "Laundering attempts: %d, too few to learn from or to judge by. For more among as many transactions: "
            "--attempts %d", many, 5 * _FEW,
        )  # fmt: skip
    if world.switches.label_delay and days <= _SOONEST:
        _LOG.warning(
            "No label will be known before the world ends: with label-delay the first one is %d days after its payment, "
            "and the world has %d days. Take a longer preset, for example hi-large, or a later end: --end %s",
            _SOONEST, days, world.calendar.first + timedelta(4 * _SOONEST),
        )  # fmt: skip
    if world.switches.no_cross_currency and not world.preset.cross_share:
        _LOG.warning("'no-cross-currency' changes nothing: in %s no payment changes the currency.", world.preset.name)


def _possible(chosen: Preset, transactions: int, seed: int) -> None:
    if not 1 <= transactions <= _MOST:
        raise ParameterError(f"{transactions} transactions were asked for; expected 1 to {_MOST}. Try 50000.")
    if chosen.accounts > transactions:
        raise ParameterError(
            f"{chosen.accounts} accounts were asked for, but {transactions} transactions; expected no more accounts than "
            f"transactions. Try {max(20, round(transactions / chosen.rows_per_account))} accounts."
        )
    accounts = chosen.accounts or max(20, round(transactions / chosen.rows_per_account))
    if chosen.attempts > accounts:
        raise ParameterError(
            f"{chosen.attempts} attempts were asked for, but {accounts} accounts; expected no more attempts than accounts. "
            f"Try --attempts {max(1, accounts // 100)}."
        )
    if seed < 0:
        raise ParameterError(f"The seed is {seed}; expected 0 or more. Any such number will do, for example 1.")
