"""Read the saved questions: one `.cypher` file each, whose header says what it asks and of what.

A header is the file's leading comment: the question as a sentence, an empty line, one line for each
parameter (`name: type [low..high] [= default]. Sentence.`), an empty line, and how to read the answer.
Types are `text`, `account` and `ring` (text that names one in the store), `integer`, `number`, `date` (ISO 8601, milliseconds since 1970 UTC in the store) and
`duration` (72h, 30d, 15m or 20s, milliseconds in the store).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from math import inf
from typing import Any, Self

from graphml.errors import ParameterError, UnknownName
from graphml.window import LONGEST, instant

__all__ = ["Parameter", "Question", "bind", "question", "questions", "statements"]

_LINE = re.compile(r"(\w+): (text|account|ring|integer|number|date|duration)(?: (\S+)\.\.(\S+?))?(?: = (\S*?))?\. (.+)")
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")
_UNIT = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}  # milliseconds


@dataclass(frozen=True, slots=True)
class Parameter:
    """Hold what a question needs to be told."""

    name: str
    type: str
    sentence: str
    default: str | None = None  # as a person would write it; None where it must be given
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, line: str) -> Self:
        """Return the parameter that a header line states.

        Raises:
            ParameterError: the line is not `name: type [low..high] [= default]. Sentence.`
        """
        found = _LINE.fullmatch(line)
        if found is None:
            raise ParameterError(
                f"'{line}' is no parameter. Write it as: hops: integer 1..4 = 3. How many payments away."
            )
        name, kind, low, high, default, sentence = found.groups()
        return cls(name, kind, sentence, default, float(low) if low else None, float(high) if high else None)

    def value(self, given: Any) -> Any:
        """Return *given* as the store takes it; text is read by type, other values must have the type.

        Raises:
            ParameterError: the value has another type or lies outside the bounds.
        """
        value: Any = _READ[self.type](self.name, given) if isinstance(given, str) else given
        wanted = _TYPES.get(self.type, (int,))
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise ParameterError(f"{self.name} = {given!r} is no {self.type}. {self.sentence}")
        longest = LONGEST // 1000 if self.type == "duration" else inf
        low, high = -inf if self.low is None else self.low, longest if self.high is None else self.high
        if isinstance(value, int | float) and not low <= value <= high:
            raise ParameterError(f"{self.name} = {given} lies outside {low:g} to {high:g}. {self.sentence}")
        return float(value) if isinstance(value, int) and self.type == "number" else value


@dataclass(frozen=True, slots=True)
class Question:
    """Hold a saved question in the analyst's words, with its Cypher."""

    name: str
    sentence: str
    parameters: tuple[Parameter, ...]
    reading: str  # how to read the answer
    text: str  # Cypher, without the header

    @classmethod
    def of(cls, name: str, text: str) -> Self:
        """Return the question written in *text*, the content of a `.cypher` file."""
        lines = text.splitlines()
        length = next((i for i, line in enumerate(lines) if not line.startswith("//")), len(lines))
        header = "\n".join(line.removeprefix("//").removeprefix(" ") for line in lines[:length])
        sentence, parameters, reading = header.split("\n\n", 2)
        return cls(
            name=name,
            sentence=sentence.replace("\n", " "),
            parameters=tuple(Parameter.of(line) for line in parameters.splitlines()),
            reading=" ".join(reading.split()),
            text="\n".join(lines[length:]).strip(),
        )

    def bind(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return every parameter's value as the store takes it; what is not given has its default.

        Raises:
            ParameterError: a parameter is missing, unknown, of another type or outside its bounds.
        """
        known = {p.name: p for p in self.parameters}
        for name in given:
            if name not in known:
                raise UnknownName.of(f"parameter of {self.name}", name, known)
        missing = [p for p in self.parameters if p.name not in given and p.default is None]
        if missing:
            wanted = " ".join(f"{p.name} ({p.type}): {p.sentence}" for p in missing)
            raise ParameterError(f"{self.name} also needs {wanted} Give it as --param {missing[0].name}=VALUE.")
        return {name: p.value(given.get(name, p.default)) for name, p in known.items()}

    def describe(self) -> dict[str, Any]:
        """Return the question as a JSON object."""
        fields = ("name", "type", "default", "low", "high", "sentence")
        parameters = [{f: getattr(p, f) for f in fields if getattr(p, f) is not None} for p in self.parameters]
        return {"name": self.name, "sentence": self.sentence, "parameters": parameters, "reading": self.reading}


def questions() -> tuple[Question, ...]:
    """Return the saved questions, by name."""
    found = [f for f in files("cypher").joinpath("queries").iterdir() if f.name.endswith(".cypher")]
    made = (Question.of(f.name.removesuffix(".cypher"), f.read_text(encoding="utf-8")) for f in found)
    return tuple(sorted(made, key=lambda q: q.name))


def question(name: str) -> Question:
    """Return the saved question of that name; hyphens may stand for underscores.

    Raises:
        UnknownName: there is none.
    """
    known = {q.name: q for q in questions()}
    found = known.get(name.replace("-", "_"))
    if found is None:
        raise UnknownName.of("question", name, known)
    return found


def bind(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of the question *name* as the store takes them: dates and durations in milliseconds.

    Raises:
        UnknownName: there is no such question.
        ParameterError: a parameter is missing, unknown, of another type or outside its bounds.
    """
    return question(name).bind(given)


def statements(path: str) -> tuple[str, ...]:
    """Return the statements, ended by semicolons, of the file *path* of this package, without comments."""
    text = files("cypher").joinpath(path).read_text(encoding="utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))
    return tuple(part.strip() for part in code.split(";") if part.strip())


def _integer(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError as fault:
        raise ParameterError(f"{name} = '{text}' is no whole number. Write it as {name}=3.") from fault


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as fault:
        raise ParameterError(f"{name} = '{text}' is no number. Write it as {name}=0.8.") from fault


def _date(_name: str, text: str) -> int:
    # Up to the next millisecond: a bound between two milliseconds then divides them as the exact bound does.
    return -(-instant(text) // 1_000)


def _duration(name: str, text: str) -> int:
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise ParameterError(f"{name} = '{text}' is no length of time. Write it as 72h, 30d, 15m or 20s.")
    return round(float(found[1]) * _UNIT[found[2]])


def _text(_name: str, text: str) -> str:
    return text


_TEXT = ("text", "account", "ring")
_TYPES: dict[str, tuple[type, ...]] = {**dict.fromkeys(_TEXT, (str,)), "number": (int, float)}
_READ: dict[str, Callable[[str, str], Any]] = {
    **dict.fromkeys(_TEXT, _text),
    "integer": _integer,
    "number": _number,
    "date": _date,
    "duration": _duration,
}
