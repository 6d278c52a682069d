"""Read files into a Ledger: one file a format, each binding `SOURCE`."""

from collections.abc import Sequence
from pathlib import Path

from graphml import registry
from graphml.errors import InputError, UnknownName
from graphml.ledger import Ledger
from graphml.source import Options, Source

__all__ = ["Options", "formats", "guess", "read"]

_ENDINGS = (".csv", ".csv.gz", ".parquet", ".txt")


def formats() -> tuple[str, ...]:
    """Return the names of the formats, ascending."""
    return tuple(name.replace("-", "_") for name in registry.names("ingest"))


def read(format: str, paths: Sequence[Path], options: Options) -> Ledger:  # noqa: A002
    """Return the ledger of *paths* (files, or folders of them) in *format*; `auto` finds the format.

    Raises:
        UnknownName: there is no such format. InputError: a file cannot be used. BadShare: too many rows are bad.
    """
    from ingest._assemble import assemble

    if format != "auto" and format not in formats():
        raise UnknownName.of("format", format, ("auto", *formats()))
    files = _files(paths)
    source = _detected(files) if format == "auto" else _source(format)
    return assemble(source.name, files, source.read(files, options), options)


def guess(path: Path) -> str:
    """Return a first TOML map for `mapped`, made from the header and the values of *path*."""
    from ingest.mapped import guessed

    return guessed(path)


def _source(name: str) -> Source:
    source: Source = registry.plugin("ingest", name, "SOURCE")
    return source


def _detected(files: Sequence[Path]) -> Source:
    from ingest._table import header

    headers = {path: header(path) for path in files}
    for name in formats():
        source = _source(name)
        if any(source.recognises(cells) for cells in headers.values()):
            return source
    path, cells = next(iter(headers.items()))
    dated = any(word in cell.lower() for cell in cells for word in ("date", "time", "step", "day"))
    why = "" if dated else " It has no column of dates or times, and without them nothing can be put in order."
    raise InputError(
        f"'{path.name}' is of no format that is known ({', '.join(formats())}); its columns are {', '.join(cells)}.{why} "
        f"Write a map with: muletrail ingest mapped --guess {path.name}"
    )


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(
                p
                for p in path.iterdir()
                if p.name.endswith(_ENDINGS) and p.name != "SOURCE.txt" and p.name != "metadata.txt"
            )
            if not inside:
                raise InputError(f"The folder '{path}' holds no file that ends in {', '.join(_ENDINGS)}.")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise InputError(f"There is no file or folder '{path}'. Check the path.")
    return found
