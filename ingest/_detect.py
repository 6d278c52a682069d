"""Find the format of files, and ask its source for what they hold."""

from collections.abc import Sequence
from pathlib import Path

from graphml.errors import InputError
from graphml.source import Delivery, Head, Options, Source
from ingest import _files, _guess, formats, source

__all__ = ["delivered", "detected"]


def detected(paths: Sequence[Path], options: Options) -> str:
    """Return the name of the format that recognises most of the files; `mapped` where a map is given.

    Raises:
        InputError: no format recognises any, or two recognise equally many.
    """
    if options.map is not None:
        return "mapped"
    heads = [_files.head(path) for path, _ in _files.expand(paths)]
    count = {name: sum(map(source(name).recognises, heads)) for name in formats()}
    most = max(count.values())
    if most == 0:
        raise _unknown(heads)
    best = [name for name, n in count.items() if n == most]
    if len(best) > 1:
        raise InputError(f"The files could be {' or '.join(best)}. Name the format instead of auto.")
    return best[0]


def delivered(chosen: Source, paths: Sequence[Path], options: Options) -> Delivery:
    """Return what the source makes of *paths*; files of a folder that are not of the format are passed over.

    Raises:
        InputError: a file that was named is not of the format.
    """
    heads = []
    for path, named in _files.expand(paths):
        head = _files.head(path)
        if chosen.recognises(head) or chosen.name == "mapped":
            heads.append(head)
        elif named:
            has = ", ".join(head.columns) or "no columns"
            raise InputError(
                f"'{head.name}' is not of the format {chosen.name}: it has {has}. Let auto find the format, or write a "
                f"map with: muletrail ingest mapped --guess {head.name}"
            )
    return chosen.deliver(heads, options)


def _unknown(heads: Sequence[Head]) -> InputError:
    # The file that looks most like payments says why it cannot be read.
    dateless = _guess.dateless(heads)
    if dateless is not None:
        return _guess.no_dates(dateless)
    first = heads[0]
    if any((sign < " " and sign not in "\t\r") or sign == "\ufffd" for sign in first.first):
        return InputError(
            f"'{first.name}' is no text in UTF-8: expected CSV, gzip of CSV (name it .gz) or Parquet (name it .parquet). "
            "For text in another encoding write a map and name the encoding there."
        )
    return InputError(
        f"'{first.name}' is of no format that is known ({', '.join(formats())}); it has "
        f"{', '.join(first.columns) or 'no columns'}. Write a map with: muletrail ingest mapped --guess {first.name}"
    )
