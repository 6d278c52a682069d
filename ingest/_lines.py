"""Split irregular text into records, exactly: quotes, lines of a wrong length, bytes that are no text."""

import csv
import io
from dataclasses import dataclass, field

__all__ = ["Fault", "Records", "split"]

MOST_LINES = 50  # lines that a quoted field may run over; a quote that stays open longer is taken for a stray one
MOST_TEXT = 200  # characters of a bad value that are kept
_SPACE = " \t\r"


@dataclass(frozen=True, slots=True)
class Fault:
    """Say what is wrong with a line."""

    line: int
    column: str  # "" where the line as a whole is wrong
    value: str
    reason: str


@dataclass(slots=True)
class Records:
    """Hold the records of some lines, and what could not be one."""

    fields: list[list[str]] = field(default_factory=list)  # each of the width asked for
    line: list[int] = field(default_factory=list)  # first line of each record
    faults: list[Fault] = field(default_factory=list)
    lines: int = 0  # lines used up
    rest: bytes = b""  # lines of a record that goes on in the next block


def split(data: bytes, first: int, width: int, separator: str, last: bool) -> Records:
    """Return the records of *data*, whose first line is number *first*; empty lines are none.

    A record of wrong width, an undecodable byte, a NUL or a quote that never closes costs one line, not the file.
    """
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    found = Records()
    at = 0
    # A loop over lines: only irregular blocks come here.
    while at < len(lines):
        if lines[at] in (b"", b"\r"):
            at += 1
            continue
        used, got = _record(lines, at, width, separator)
        if got is None:
            if not last and len(lines) - at < MOST_LINES:
                found.rest = b"\n".join(lines[at:]) + b"\n"
                break
            got = "A quote opens and never closes."
        if isinstance(got, str):
            found.faults.append(Fault(first + at, "", _shown(lines[at]), got))
            used = 1
        else:
            found.fields.append(got)
            found.line.append(first + at)
        at += used
    found.lines = at
    return found


def _record(lines: list[bytes], at: int, width: int, separator: str) -> tuple[int, list[str] | str | None]:
    # Fields, or the sentence that says why there are none, or None where a quote is still open at the end.
    text = ""
    for used in range(1, min(MOST_LINES, len(lines) - at) + 1):
        raw = lines[at + used - 1]
        try:
            text += raw.decode("utf-8") if used == 1 else "\n" + raw.decode("utf-8")
        except UnicodeDecodeError:
            return 1, "The line holds bytes that are no text in the file's encoding."
        if "\0" in text:
            return 1, "The line holds a NUL character."
        fields = _fields(text, separator)
        if fields is None:
            continue
        if isinstance(fields, str):
            return 1, fields
        if len(fields) != width:
            return 1, f"The line has {len(fields)} fields, expected {width}."
        return used, [f.strip(_SPACE) for f in fields]
    return 1, None if len(lines) - at < MOST_LINES else "A quote opens and never closes."


def _fields(text: str, separator: str) -> list[str] | str | None:
    if '"' not in text:
        return text.split(separator)
    try:
        return next(csv.reader(io.StringIO(text.rstrip("\r"), newline=""), delimiter=separator, strict=True), [])
    except csv.Error as fault:
        if "unexpected end of data" in str(fault):
            return None
        return f"The line cannot be split into fields: {fault}."


def _shown(raw: bytes) -> str:
    return raw[: MOST_TEXT * 4].decode("utf-8", "replace").replace("\0", "\ufffd").rstrip("\r")[:MOST_TEXT]
