"""Read files into a Ledger: one file a format, each binding `SOURCE`."""

from collections.abc import Sequence
from pathlib import Path

from graphml import registry
from graphml.errors import InputError, UnknownName
from graphml.ledger import Ledger
from graphml.source import Options, Source

__all__ = ["Options", "formats", "guess", "read", "source"]


def formats() -> tuple[str, ...]:
    """Return the names of the formats, ascending."""
    return tuple(name.replace("-", "_") for name in registry.names("ingest"))


def source(name: str) -> Source:
    """Return the source of a format.

    Raises:
        UnknownName: there is no such format.
    """
    if name.replace("-", "_") not in formats():
        raise UnknownName.of("format", name, ("auto", *formats()))
    found: Source = registry.plugin("ingest", name, "SOURCE")
    return found


def read(format: str, paths: Sequence[Path], options: Options = Options()) -> Ledger:  # noqa: A002, B008
    """Return the ledger of *paths* (files, or folders of them) in *format*; `auto` finds the format.

    Raises:
        UnknownName: there is no such format, or no rate for the reference currency.
        InputError: a file cannot be used.
        BadShare: more rows are bad than the options allow.
    """
    # The engine that reads is loaded at use, so that the command line starts without it.
    from ingest import _assemble, _detect

    if format == "auto":
        format = _detect.detected(paths, options)  # noqa: A001
    chosen = source(format)
    return _assemble.assemble(chosen.name, _detect.delivered(chosen, paths, options), options)


def guess(path: Path) -> str:
    """Return a first TOML map for `mapped`, made from the header and the values of *path*.

    Raises:
        InputError: the file has no dates, or no accounts or amounts that could be found.
    """
    from ingest import _detect, _guess

    try:
        known = _detect.detected([path], Options())
    except InputError:
        return _guess.guess(path)
    return f"# '{path.name}' is of the format {known}, which needs no map: muletrail ingest {known} FILE\n{_guess.guess(path)}"
