"""Keep worlds and runs the same, to the byte, whatever instructions and however many cores a processor has."""

import os
import subprocess
import sys
from pathlib import Path

DEMO = (sys.executable, "-c", "from casework.cli import main; main()", "demo", "--transactions", "3000", "--out")
# An old processor: what NumPy, its linear algebra and compiled functions may use, and one core.
OLD = {
    "NPY_DISABLE_CPU_FEATURES": "AVX512_ICL AVX512_CNL AVX512_CLX AVX512_SKX X86_V4 X86_V3",
    "OPENBLAS_CORETYPE": "Nehalem",
    "NUMBA_CPU_NAME": "x86-64-v2",
    "NUMBA_CPU_FEATURES": "",
    "OMP_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
}
WORLD = ("Demo_Trans.csv", "Demo_accounts.csv", "Demo_Patterns.txt", "answers.json")
RUN = ("scores/accounts.parquet", "scores/transactions.parquet", "rings.json", "metrics.json", "cuts.json")


def made(out: Path, **other: str) -> dict[str, bytes]:
    subprocess.run([*DEMO, str(out)], check=True, capture_output=True, env={**os.environ, **other})
    folders = {"world": WORLD, "run": RUN, "run/model/stack": ("stack.json", "gnn/weights.npz", "lightgbm/model.txt")}
    return {
        f"{folder}/{name}": (out / folder / name).read_bytes() for folder, names in folders.items() for name in names
    }


def test_another_processor_gives_the_same_bytes(tmp_path: Path) -> None:
    here, there = made(tmp_path / "here"), made(tmp_path / "there", **OLD, NUMBA_CACHE_DIR=str(tmp_path / "compiled"))
    assert [name for name in here if here[name] != there[name]] == []
