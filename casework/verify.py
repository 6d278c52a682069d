"""Prove that an evidence package is what its manifest says, byte for byte."""

import hashlib
import json
from pathlib import Path
from typing import Any

from graphml.errors import VerifyError
from graphml.evidence import digest_of

__all__ = ["verify"]


def verify(folder: Path) -> list[str]:
    """Return how the package in *folder* differs from its manifest, a sentence a difference; empty means proven.

    Whoever can rewrite the manifest too can make any package pass: compare the evidence digest with the one that
    came by another way (the run's report, a letter).

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
