"""Name what can be switched on: the known shortcuts of published data, and what makes laundering harder to see."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Self

from graphml.errors import ParameterError, UnknownName

__all__ = ["BUNDLES", "SWITCHES", "Switch", "Switches"]


@dataclass(frozen=True, slots=True)
class Switch:
    """Describe one switch."""

    kind: str  # shortcut: a defect of published data; hardening: a difficulty of real data
    sentence: str
    default: float  # what it is when switched on without a value; 1 where it has no value
    least: float = 1.0
    most: float = 1.0
    unit: str = ""  # of its value, "" where it has none


SWITCHES = {
    "one-format": Switch("shortcut", "All laundering uses one payment format, as 86.6 % does in AMLworld.", 1),
    "tail": Switch("shortcut", "Attempts begin until the last day and end after normal life has stopped.", 1),
    "no-cross-currency": Switch("shortcut", "No laundering payment changes the currency.", 1),
    "disjoint-bipartite": Switch("shortcut", "Bipartite attempts are disjoint pairs, and most stacks disjoint chains.", 1),
    "single-payments": Switch("shortcut", "Some attempts are a single payment; with disjoint-bipartite too it is one in eight, as in AMLworld.", 1),
    "own-amounts": Switch("shortcut", "First payments of attempts are even from 150 to 20,000 dollars, and a few huge, as in AMLworld; else a gang's sums are as large as somebody's in normal life.", 1),
    "split-amounts": Switch("hardening", "Each payment of an attempt is split with this probability, and as many of normal groups.", 0.5, 0, 1, "share"),
    "extra-hops": Switch("hardening", "Another account is put into a payment with this probability.", 0.3, 0, 1, "share"),
    "delays": Switch("hardening", "Attempts, rests and normal groups are so many times as long.", 2, 1, 10, "times"),
    "mixed-formats": Switch("hardening", "Each payment of an attempt has a format of its own; else most have one.", 1),
    "look-alikes": Switch("hardening", "This share of all rows are normal groups in the shapes of laundering.", 0.15, 0, 0.5, "share"),
    "label-noise": Switch("hardening", "This share of attempts is not labelled, and as many normal groups are.", 0.1, 0, 0.9, "share"),
    "label-delay": Switch("hardening", "Labels become known 30 to this many days after the payment.", 90, 30, 3650, "days"),
    "drift": Switch("hardening", "After this share of the time new typologies appear, the largest shop closes, and the second currency, where there is one, falls by a fifth against the others.", 0.6, 0, 1, "share of the time"),
}  # fmt: skip
BUNDLES = {
    "amlworld": ("one-format", "tail", "no-cross-currency", "disjoint-bipartite", "single-payments", "own-amounts"),
    "hardened": tuple(name for name, switch in SWITCHES.items() if switch.kind == "hardening"),
}


@dataclass(frozen=True, slots=True)
class Switches:
    """Hold the value of each switch of `SWITCHES`, 0 or None when it is off."""

    one_format: float = 0
    tail: float = 0
    no_cross_currency: float = 0
    disjoint_bipartite: float = 0
    single_payments: float = 0
    own_amounts: float = 0
    split_amounts: float = 0
    extra_hops: float = 0
    delays: float = 0
    mixed_formats: float = 0
    look_alikes: float | None = None
    label_noise: float = 0
    label_delay: float = 0
    drift: float | None = None

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """Return the switches of *texts*: `NAME`, `NAME=VALUE` or a bundle; a later text wins.

        Raises:
            UnknownName: there is no such switch.
            ParameterError: a value is no number, outside its range, or given to a switch that has none; or two
                switches say the opposite.
        """
        found = cls()
        for text in texts:
            name, sign, value = text.strip().partition("=")
            if name in BUNDLES and sign:
                raise ParameterError(f"'{name}' is a bundle, which has no value. Write only: {name}")
            if sign and not value:
                raise ParameterError(f"'{text}' has no value after '='. Write {name}, or {name}=VALUE.")
            if name in BUNDLES:
                for part in BUNDLES[name]:
                    found = replace(found, **{part.replace("-", "_"): SWITCHES[part].default})
            elif name in SWITCHES:
                found = replace(found, **{name.replace("-", "_"): _value(name, value)})
            else:
                raise UnknownName.of("switch", name, (*SWITCHES, *BUNDLES))
        if found.one_format and found.mixed_formats:
            raise ParameterError(
                "'one-format' and 'mixed-formats' say the opposite of each other (the bundle 'amlworld' has the one, "
                "'hardened' the other). Leave one of them out."
            )
        return found

    @property
    def on(self) -> dict[str, float]:
        """Return the names and values of what is switched on."""
        values = {f.name.replace("_", "-"): getattr(self, f.name) for f in fields(self)}
        return {n: v for n, v in values.items() if v is not None and (v or n in ("look-alikes", "drift"))}


def _value(name: str, text: str) -> float:
    switch = SWITCHES[name]
    if not text:
        return switch.default
    if not switch.unit:
        raise ParameterError(f"'{name}' has no value, but '{text}' was given. Write only: {name}")
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not switch.least <= value <= switch.most:
        raise ParameterError(
            f"'{name}' is '{text}'; expected {switch.least:g} to {switch.most:g} ({switch.unit}). "
            f"For example: {name}={switch.default:g}"
        )
    return value
