"""Do the main job: a ledger in, a run folder out."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from casework import provenance
from casework.drawing import draw
from casework.package import write_package
from casework.quality import of_models, of_rings
from casework.report import RunSummary, run_report
from casework.run import Run
from casework.tables import score_table, top_reasons, write_json, write_tables
from cypher import open_store
from graphml.config import Config
from graphml.evidence import Evidence, Provenance, ring_json
from graphml.folder import new_folder
from graphml.ledger import Ledger
from graphml.pipeline import Findings, find
from graphml.stages import Stages
from graphml.story import Known, Story
from graphml.window import to_datetime

__all__ = ["STAGES", "Job"]

_APART = ("graph", "evidence")  # evidence packages carry manifests of their own, the store's files change when opened
STAGES = 7  # graph, features, suspicion, rings, files, entity graph, evidence


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Hold what a run is asked to do; equal ledger, configuration and instant give equal findings."""

    ledger: Ledger
    config: Config
    store: str = ""  # URI of a graph store, "" for the run's own embedded one
    at: int | None = None  # microseconds UTC; only earlier transactions exist
    before: Run | None = None  # whose rings keep their ids where they go on

    def id(self, seen: Ledger) -> str:
        """Return the run's id, from the digests of what was *seen*, of parameters and code, the instant and the run before."""
        parts = [seen.meta.digest, seen.meta.answers, self.config.digest, provenance.code_digest(), str(self.at)]
        if self.before is not None:
            parts.append(self.before.manifest["run"])
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12]

    def run(self, out: Path, stages: Stages) -> Path:
        """Do the job and put its folder at *out*, which is replaced as a whole when all is done."""
        with new_folder(out, "rings.json") as folder:
            known = [] if self.before is None else self.before.known()
            found = find(self.ledger, self.config, stages, self.at, None if self.before is None else known)
            ledger = found.ledger
            with stages.stage("files"):
                write_tables(found, folder)
                origin = self._provenance(found, folder)
                rings = [ring_json(ledger, ring) for ring in found.rings]
                write_json(folder / "rings.json", rings)
                write_json(folder / "cuts.json", _cuts(found))
                if self.before is not None and found.story is not None:
                    write_json(folder / "story.json", _told(self.before, known, found.story))
            with stages.stage("entity graph"), open_store(self.store or f"embedded:{folder / 'graph'}") as graph:
                counts = dict(graph.load(ledger))
                graph.write_back(self.id(ledger), ledger, found.suspicion.score, found.suspicion.flagged, found.rings)
            with stages.stage("evidence"):
                for ring in found.rings[: self.config.evidence]:
                    evidence = Evidence.of(ledger, ring, origin, found.suspicion.score)
                    write_package(evidence, folder / "evidence" / ring.id)
                summary = self._summary(found, stages, rings, origin)
                (folder / "report.html").write_text(run_report(summary), encoding="utf-8")
            write_json(folder / "manifest.json", self._manifest(found, stages, counts, origin, folder))
        return out

    def _provenance(self, found: Findings, folder: Path) -> Provenance:
        model = hashlib.sha256()
        for path in sorted((folder / "model").rglob("*")):
            if path.is_file():
                model.update(path.read_bytes())
        return Provenance(
            ledger=found.ledger.meta.digest,
            run=self.id(found.ledger),
            code=provenance.code_digest(),
            parameters=self.config.digest,
            model=model.hexdigest(),
            seed=self.config.seed,
            at=to_datetime(found.features.at).isoformat(),
        )

    def _manifest(
        self, found: Findings, stages: Stages, counts: dict[str, int], origin: Provenance, folder: Path
    ) -> dict[str, Any]:
        files = sorted(p for p in folder.rglob("*") if p.is_file() and p.relative_to(folder).parts[0] not in _APART)
        return {
            "run": origin.run,
            "provenance": asdict(origin),
            "versions": provenance.versions(),
            "parameters": asdict(self.config),
            "seed": self.config.seed,
            "store": self.store or "embedded",
            "evidence": _seals(folder),
            "ledger": asdict(found.ledger.meta),
            "protocol": found.suspicion.sentence,
            "stages": [asdict(stage) for stage in stages.done],
            "counts": {
                "transactions": found.ledger.transactions.height,
                "accounts": found.ledger.accounts.height,
                "quarantined": found.ledger.quarantine.height,
                "flagged": int(found.suspicion.flagged.sum()),
                "rings": len(found.rings),
                "candidates_left": found.left,
                "cuts": sum(map(len, found.cuts.values())),
                "graph": counts,
            },
            "files": {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files},
        }

    def _summary(self, found: Findings, stages: Stages, rings: list[dict[str, Any]], origin: Provenance) -> RunSummary:
        top = found.rings[:3]
        drawings = {r.id: draw(Evidence.of(found.ledger, r, origin, found.suspicion.score)) for r in top}
        flagged = score_table(found).filter(pl.col("flagged")).head(20)
        return RunSummary(
            title=f"muletrail run {origin.run}",
            meta=found.ledger.meta,
            quarantine=top_reasons(found.ledger),
            protocol=found.suspicion.sentence,
            metrics=of_models(found.suspicion.metrics),
            flagged_count=int(found.suspicion.flagged.sum()),
            accounts_count=found.ledger.accounts.height,
            flagged=[{**row, "reasons": json.loads(row["reasons"])} for row in flagged.to_dicts()],
            rings_count=len(rings),
            rings=rings[:10],
            drawings=drawings,
            ring_metrics=of_rings(found.ring_metrics),
            stages=tuple(stages.done),
            provenance=origin,
            notes=_limits(found),
        )


def _told(before: Run, known: Sequence[Known], story: Story) -> dict[str, Any]:
    ended = [{"id": name, "what": what} for name, what in story.ended]
    contents = {one["id"]: one for one in (*before.rings, *before.silent)}
    silent = [{**contents[known[p].ring.id], "until": to_datetime(known[p].until).isoformat()} for p in story.silent]
    changed = [asdict(change) for change in story.changed]
    return {"before": before.manifest["run"], "rings": changed, "ended": ended, "silent": silent}


def _seals(folder: Path) -> dict[str, dict[str, str]]:
    # What verify prints of a package, so that it can be compared with what the run says.
    found = {}
    for path in sorted((folder / "evidence").glob("*/manifest.json")):
        content = path.read_bytes()
        found[path.parent.name] = {
            "evidence": json.loads(content)["evidence"],
            "seal": hashlib.sha256(content).hexdigest(),
        }
    return found


def _cuts(found: Findings) -> list[dict[str, Any]]:
    # Where limits stopped the search for rings, near a ring or not.
    names = found.ledger.accounts["name"]
    return [
        {"typology": typology, **asdict(cut), "account": names[cut.account]}
        for typology, cuts in sorted(found.cuts.items())
        for cut in cuts
    ]


def _limits(found: Findings) -> tuple[str, ...]:
    stopped = {cut.account for cuts in found.cuts.values() for cut in cuts}
    at = (
        f"At {len(stopped):,} accounts a limit stopped the search for rings: see cuts.json for what was left out there."
    )
    left = f"The {len(found.rings):,} rings with the highest scores are told; {found.left:,} patterns with lower scores are not."
    return (*((at,) if stopped else ()), *((left,) if found.left else ()))
