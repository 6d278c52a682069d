"""Install what features are compared with into an environment of its own; nothing of it is a dependency."""

import json
import subprocess
import venv
from pathlib import Path

from experiments.features.apart import ROOT

__all__ = ["PEERS", "install", "versions"]

PEERS = ("snapml", "duckdb", "raphtory", "numpy")  # snapml is proprietary: IBM's terms bind whoever installs it


def install(folder: Path) -> tuple[str, str]:
    """Return the Python of the environment in *folder*, made where it is missing, and "" or why it cannot be used."""
    python = folder / "bin" / "python"
    try:
        if not python.is_file():
            venv.create(folder, with_pip=True)
        if not versions(str(python)):
            subprocess.run(
                [str(python), "-m", "pip", "install", "--quiet", *PEERS],
                check=True, capture_output=True, text=True, timeout=1800,
            )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as fault:
        said = getattr(fault, "stderr", None) or str(fault)
        return str(python), f"comparators cannot be installed: {said.strip().splitlines()[-1]}"
    return str(python), ""


def versions(python: str) -> dict[str, str]:
    """Return the versions of the comparators that *python* has; none where one is missing."""
    code = (
        "import importlib.metadata as m, json, platform; "
        f"print(json.dumps({{n: m.version(n) for n in {PEERS!r}}} | {{'python': platform.python_version()}}))"
    )
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    except OSError:
        return {}
    found: dict[str, str] = json.loads(done.stdout) if not done.returncode else {}
    return found
