"""Make a world: population, normal life, laundering and files, from one seed."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np

from graphml.errors import ParameterError
from graphml.folder import new_folder
from ingest.world.clock import Clock
from ingest.world.economy import background
from ingest.world.laundering import disguise, launder
from ingest.world.money import BITCOIN, FORMATS, settle
from ingest.world.payments import Payments
from ingest.world.population import Population
from ingest.world.presets import Preset
from ingest.world.write import World, write

__all__ = ["generate"]

_LOG = logging.getLogger(__name__)
_MOST = 200_000_000  # rows; the columns of more do not fit into the memory of one machine


def generate(preset: str, transactions: int, seed: int, out: Path) -> Path:
    """Write the world *preset* with exactly *transactions* rows into the folder *out*, whole or not at all.

    Files: `TITLE_Trans.csv`, `TITLE_Patterns.txt`, `TITLE_accounts.csv` (layout of AMLworld, Altman et al., 2023)
    and `answers.json`: each attempt with typology, accounts and roles, phases, and transactions as FILE:LINE.
    Equal arguments give equal bytes.

    Returns:
        The folder *out*.

    Raises:
        UnknownName: there is no such preset.
        ParameterError: a number is impossible, the world is too small for one laundering attempt, or *out* holds
            something else than a world.
    """
    chosen = Preset.of(preset)
    if not 1 <= transactions <= _MOST:
        raise ParameterError(f"{transactions} transactions were asked for; expected 1 to {_MOST}. Try 50000.")
    if seed < 0:
        raise ParameterError(f"The seed is {seed}; expected 0 or more. Any such number will do, for example 1.")
    _check_place(out)
    world = _world(chosen, transactions, seed)
    with new_folder(out) as folder:
        write(world, folder, _rng(seed, 4))
    _LOG.info("wrote %d transactions, %d attempts to %s", transactions, len(world.crime.attempts), out)
    return out


def _world(preset: Preset, transactions: int, seed: int) -> World:
    clock = Clock.of(preset.start, preset.days)
    people = Population.of(max(20, round(transactions / preset.rows_per_account)), _rng(seed, 0))
    crime = launder(preset, people, clock, transactions, _rng(seed, 1))
    hub = preset.hub_share * transactions / (transactions - len(crime.payments))
    normal = background(people, clock, transactions - len(crime.payments), hub, _rng(seed, 2))
    rng = _rng(seed, 3)
    crime = replace(
        crime, payments=replace(crime.payments, format=disguise(crime.payments, normal, people.currency, rng))
    )
    payments = Payments.of([normal, crime.payments])
    paid, received = settle(payments, people.currency, preset.cross_share, rng)
    payments = replace(payments, format=np.where(paid == BITCOIN, FORMATS.index("Bitcoin"), payments.format))
    about: dict[str, object] = {"preset": preset.name, "transactions": transactions, "seed": seed}
    return World(f"{preset.title}", people, clock, payments, paid, received, crime, about)


def _rng(seed: int, part: int) -> np.random.Generator:
    # Each part has its own stream, so that a change in one leaves the others as they were.
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(part,))))


def _check_place(out: Path) -> None:
    # The folder is replaced as a whole, so a folder that holds anything else must not be taken.
    if out.is_dir() and any(out.iterdir()) and not (out / "answers.json").is_file():
        raise ParameterError(f"{out} holds something else than a generated world. Name a new or empty folder.")
    if out.exists() and not out.is_dir():
        raise ParameterError(f"{out} is a file; expected a folder. Name a new or empty folder.")
