"""Make the worlds that the tests read, each once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.world import generate
from tests.ingest.world.reading import World

Make = Callable[..., World]


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Return a maker of worlds: preset, transactions, seed, switches."""
    home, made = tmp_path_factory.mktemp("worlds"), {}

    def world(preset: str, transactions: int, seed: int, *switches: str) -> World:
        key = (preset, transactions, seed, switches)
        if key not in made:
            made[key] = World(generate(preset, transactions, seed, home / str(len(made)), switches))
        return made[key]

    return world


@pytest.fixture(scope="session")
def demo(make: Make) -> World:
    """Return the world that most is measured in: 154 attempts or so in ten days."""
    return make("demo", 500_000, 3)


@pytest.fixture(scope="session")
def retail(make: Make) -> World:
    """Return four months of British retail banking."""
    return make("uk-retail", 150_000, 5)


@pytest.fixture(scope="session")
def small(make: Make) -> World:
    """Return a world that is read in no time."""
    return make("demo", 20_000, 2)


@pytest.fixture(scope="session")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("out")
