"""Prove that an evidence package is what its manifest says, byte for byte."""

import hashlib
import json
from pathlib import Path
from typing import Any

from graphml.errors import VerifyError
from graphml.evidence import digest_of

__all__ = ["identity", "of_run", "verify"]


def verify(folder: Path) -> list[str]:
    """Return how the package in *folder* differs from its manifest, a sentence a difference; empty means proven.

    Whoever can rewrite the manifest too can make any package pass: compare the seal with the one that came by another
    way (`of_run`, a letter).

    Raises:
        VerifyError: the folder has no manifest, or one that cannot be read.
    """
    manifest = _manifest(folder)
    stated: dict[str, Any] = manifest["files"]
    there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_symlink() or not p.is_dir()}
    differences = [f"{name}: missing." for name in sorted(set(stated) - there)]
    differences += [f"{name}: not in the manifest." for name in sorted(there - set(stated) - {"manifest.json"})]
    for name in sorted(set(stated) & there):
        path = folder / name
        if path.is_symlink():
            differences.append(f"{name}: a link, not a file.")
            continue
        content = path.read_bytes()
        if len(content) != stated[name]["bytes"]:
            differences.append(f"{name}: {len(content)} bytes, the manifest says {stated[name]['bytes']}.")
        elif hashlib.sha256(content).hexdigest() != stated[name]["sha256"]:
            differences.append(f"{name}: changed, its SHA-256 is not the manifest's.")
    return differences + _content(folder, manifest)


def identity(folder: Path) -> dict[str, str]:
    """Return what a package is known by: ring, profile, evidence digest, seal (SHA-256 of the manifest).

    Raises:
        VerifyError: the folder has no manifest, or one that cannot be read.
    """
    manifest = _manifest(folder)
    seal = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    return {**{key: str(manifest.get(key, "")) for key in ("ring", "profile", "evidence")}, "seal": seal}


def of_run(who: dict[str, str], run: Path) -> list[str]:
    """Return how a package (as `identity` says it) differs from what the run in *run* made of that ring.

    The run's own packages have its seal; one that was made later from the run has its evidence digest.

    Raises:
        VerifyError: the run says nothing of the ring.
    """
    from casework.run import Run

    loaded = Run.load(run)
    stated = loaded.manifest.get("evidence", {}).get(who["ring"], {})
    if who["profile"] != "full":
        raise VerifyError(f"A package of profile '{who['profile']}' has other content than the run; compare its seal.")
    known = stated.get("evidence") or loaded.evidence(who["ring"]).digest
    if known != who["evidence"]:
        return [f"ring.json: the run says that the evidence digest of {who['ring']} is {known}."]
    if stated and stated["seal"] != who["seal"]:
        return [f"manifest.json: the run says that the seal of {who['ring']} is {stated['seal']}."]
    return []


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        for file in manifest["files"].values():
            _ = file["bytes"], file["sha256"]
        _ = manifest["evidence"]
    except (OSError, ValueError) as fault:
        raise VerifyError(f"'{folder}' has no manifest.json that can be read, so it is no evidence package.") from fault
    except (KeyError, TypeError, AttributeError) as fault:
        raise VerifyError(
            f"'{path}' lacks the list of files or the evidence digest. Ask for the package again."
        ) from fault
    assert isinstance(manifest, dict)  # noqa: S101  # it has keys
    return manifest


def _content(folder: Path, manifest: dict[str, Any]) -> list[str]:
    try:
        content = json.loads((folder / "ring.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ["ring.json: cannot be read, so the evidence digest cannot be checked."]
    if digest_of(content) != manifest["evidence"]:
        return ["ring.json: its content does not have the evidence digest of the manifest."]
    if content.get("provenance") != manifest.get("provenance"):
        return ["manifest.json: its provenance is not that of ring.json."]
    return []
