import pytest

from graphml import registry
from graphml.errors import UnknownName


def test_private_files_are_no_plugins() -> None:
    assert registry.names("graphml.typologies")
    assert not [name for name in registry.names("ingest") if name.startswith(("-", "_"))]


def test_an_unknown_name_is_answered_with_near_ones() -> None:
    with pytest.raises(UnknownName, match="Did you mean cycle"):
        registry.plugin("graphml.typologies", "cycles", "TYPOLOGY")
