"""Read the folder that a run left."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import polars as pl

from graphml.errors import InputError, UnknownName
from graphml.evidence import Evidence, Provenance
from graphml.ledger import Ledger
from graphml.ring import Cut, Reason, Ring
from graphml.story import Known
from graphml.window import instant

__all__ = ["Run"]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Hold a run's manifest and rings; the ledger is read when it is asked for."""

    folder: Path
    manifest: dict[str, Any]
    rings: list[dict[str, Any]] = field(repr=False)  # as in rings.json, best first

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the run in *folder*.

        Raises:
            InputError: the folder holds no finished run.
        """
        manifest, rings = _read(folder, "manifest.json", dict), _read(folder, "rings.json", list)
        return cls(folder, manifest, rings)

    @property
    def at(self) -> int:
        """Return the instant (microseconds UTC) that it looks from."""
        return instant(self.manifest["provenance"]["at"])

    def ring(self, name: str) -> dict[str, Any]:
        """Return the ring of that id, as in rings.json.

        Raises:
            UnknownName: the run has no such ring.
        """
        for ring in self.rings:
            if ring["id"] == name:
                return ring
        raise UnknownName.of("ring", name, [ring["id"] for ring in self.rings], f"muletrail rings {self.folder}")

    def strange_to(self, ledger: Ledger) -> bool:
        """Return whether there are rings, and *ledger* has not one account of them."""
        names = {account["account"] for ring in self.rings for account in ring["accounts"]}
        return bool(names) and not ledger.accounts["name"].is_in(list(names)).any()

    def evidence(self, name: str) -> Evidence:
        """Return the evidence of the ring of that id."""
        content = self.ring(name)
        ledger = Ledger.load(self.folder / "ledger")
        scores = pl.read_parquet(self.folder / "scores/accounts.parquet").select("account", "score")
        ordered = ledger.accounts.select("name").join(
            scores, left_on="name", right_on="account", how="left", maintain_order="left"
        )
        origin = Provenance(**self.manifest["provenance"])
        (ring,) = _rings(ledger, [content])
        return Evidence.of(ledger, ring, origin, ordered["score"].to_numpy())

    @property
    def silent(self) -> list[dict[str, Any]]:
        """Return the rings that runs before this one told and this one did not, as in rings.json, `until` with them."""
        if not (self.folder / "story.json").is_file():
            return []
        found: list[dict[str, Any]] = _read(self.folder, "story.json", dict).get("silent", [])
        return found

    def known(self) -> list[Known]:
        """Return all rings, then those that are silent, to be found again in a later run.

        Of the latter those are left out of which this run's ledger does not have all transactions, under their ids and of
        their time.
        """
        ledger = Ledger.load(self.folder / "ledger")
        ids = set(ledger.transactions["id"])
        silent = [one for one in self.silent if ids.issuperset(one["transactions"])]
        told = [Known.of(ledger, ring) for ring in _rings(ledger, self.rings)]
        rest = [Known.of(ledger, ring) for ring in _rings(ledger, silent)]
        return told + [
            replace(one, until=instant(said["until"]), silent=True)
            for one, said in zip(rest, silent, strict=True)
            if (min(p[2] for p in one.payments), max(p[2] for p in one.payments)) == (one.ring.start, one.ring.end)
        ]


def _read(folder: Path, name: str, kind: type) -> Any:
    try:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise InputError(f"'{folder}' is no run. Make one with: muletrail run LEDGER --out {folder}") from fault
    except ValueError as fault:
        raise InputError(f"'{folder / name}' is broken: {fault}. Make the run again.") from fault
    if not isinstance(content, kind):
        raise InputError(f"'{folder / name}' holds something else than a run writes. Make the run again.")
    return content


def _rings(ledger: Ledger, contents: Sequence[Mapping[str, Any]]) -> list[Ring]:
    account = {name: i for i, name in enumerate(ledger.accounts["name"])}
    wanted = {name for content in contents for name in content["transactions"]}
    row = {name: i for i, name in enumerate(ledger.transactions["id"]) if name in wanted}
    return [
        Ring(
            typology=content["typology"],
            rows=tuple(sorted(row[name] for name in content["transactions"])),
            roles=tuple(sorted((account[a["account"]], a["role"]) for a in content["accounts"])),
            reasons=tuple(Reason(r["sentence"], r["value"], r["threshold"]) for r in content["reasons"]),
            start=instant(content["start"]),
            end=instant(content["end"]),
            value=content["value"],
            parts=tuple(content["parts"]),
            cut=tuple(Cut(account=account[c.pop("account")], **c) for c in map(dict, content["cut"])),
            score=content["score"],
            id=content["id"],
            lineage=content["lineage"],
            figures=content.get("figures", {}),
        )
        for content in contents
    ]
