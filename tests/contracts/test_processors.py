"""Keep worlds and runs the same, to the byte, whatever instructions and however many cores a processor has."""

import os
import subprocess
import sys
from pathlib import Path

# What NumPy and its linear algebra may use on an old processor. Compiled functions are left as they are: to compile them
# all for another processor takes minutes.
OLD = {
    "NPY_DISABLE_CPU_FEATURES": "AVX512_ICL AVX512_CNL AVX512_CLX AVX512_SKX X86_V4 X86_V3",
    "OPENBLAS_CORETYPE": "Nehalem",
    "OMP_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
}
CALL = "import os; os.cpu_count = lambda: {cores}; from casework.cli import main; main()"
OWN = {"manifest.json", "report.html", "graph"}  # of a run: when it was made, and how the store lays things out


def unlike(tmp_path: Path, *words: str) -> list[str]:
    """Return which files that a command writes another processor writes differently, and that there are any."""
    made = []
    for cores, other in ((2, {}), (5, OLD)):
        out = tmp_path / str(cores)
        command = [sys.executable, "-c", CALL.format(cores=cores), *words, "--out", str(out)]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, **other})
        files = (path.relative_to(out) for path in sorted(out.rglob("*")) if path.is_file())
        kept = [name for name in files if name.parts[0] != "run" or name.parts[1] not in OWN]
        made.append({str(name): (out / name).read_bytes() for name in kept})
    here, there = made
    assert len(here) > 10
    return [name for name in sorted(here.keys() | there.keys()) if here.get(name) != there.get(name)]


def test_another_processor_makes_the_same_world(tmp_path: Path) -> None:
    assert unlike(tmp_path, "generate", "demo") == []


def test_another_processor_finds_the_same(tmp_path: Path) -> None:
    assert unlike(tmp_path, "demo", "--transactions", "3000") == []
