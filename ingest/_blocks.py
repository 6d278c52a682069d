"""Cut a text file into blocks that end with a line, in UTF-8, so that memory does not grow with the file."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from graphml.errors import InputError
from graphml.source import Head
from ingest._files import bytes_of

__all__ = ["Block", "blocks"]

SIZE = 24 << 20  # bytes of a block


@dataclass(frozen=True, slots=True)
class Block:
    """Hold whole lines of a file."""

    data: bytes  # UTF-8, ends with a line feed unless the file does not
    last: bool


def blocks(head: Head, size: int = SIZE) -> Iterator[Block]:
    """Yield the file from its first line on, the byte-order mark removed.

    Bytes that the encoding does not know come through as they are, so that they are found to be no UTF-8.

    Raises:
        InputError: the file cannot be read.
    """
    with bytes_of(head.path) as file:
        rest = b""
        first = True
        for piece in _utf8(file, head, size):
            data = rest + (piece.removeprefix(b"\xef\xbb\xbf") if first else piece)
            first = False
            cut = data.rfind(b"\n") + 1
            rest = data[cut:]
            if cut:
                yield Block(data[:cut], False)
        yield Block(rest, True)


def _utf8(file: IO[bytes], head: Head, size: int) -> Iterator[bytes]:
    plain = codecs.lookup(head.encoding).name in {"utf-8", "utf-8-sig", "ascii"}
    decoder = codecs.getincrementaldecoder(head.encoding)(errors="surrogateescape")
    while piece := file.read(size):
        try:
            yield piece if plain else decoder.decode(piece).encode("utf-8", "surrogateescape")
        except UnicodeError as fault:
            raise InputError(f"'{head.name}' is not {head.encoding} text: {fault}. Name its encoding.") from fault
