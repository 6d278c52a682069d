"""Keep worlds and runs the same, to the byte, whatever instructions and however many cores a processor has."""

import os
import subprocess
import sys
from pathlib import Path

# An old processor: what NumPy and its linear algebra may use, and one core.
OLD = {
    "NPY_DISABLE_CPU_FEATURES": "AVX512_ICL AVX512_CNL AVX512_CLX AVX512_SKX X86_V4 X86_V3",
    "OPENBLAS_CORETYPE": "Nehalem",
    "OMP_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
}
RUN = ("scores/accounts.parquet", "scores/transactions.parquet", "rings.json", "metrics.json", "cuts.json")
MODELS = ("stack/stack.json", "gnn/weights.npz", "lightgbm/model.txt")


def unlike(tmp_path: Path, names: list[str], *words: str) -> list[str]:
    """Return which of the files *names* that a command writes another processor writes differently."""
    command = [sys.executable, "-c", "from casework.cli import main; main()", *words, "--out"]
    for folder, other in (("here", {}), ("there", OLD)):
        subprocess.run([*command, str(tmp_path / folder)], check=True, capture_output=True, env={**os.environ, **other})
    return [n for n in names if (tmp_path / "here" / n).read_bytes() != (tmp_path / "there" / n).read_bytes()]


def test_another_processor_makes_the_same_world(tmp_path: Path) -> None:
    names = ["Demo_Trans.csv", "Demo_accounts.csv", "Demo_Patterns.txt", "answers.json", "ledger/holdings.parquet"]
    assert unlike(tmp_path, names, "generate", "demo") == []


def test_another_processor_finds_the_same(tmp_path: Path) -> None:
    names = [*(f"run/{name}" for name in RUN), *(f"run/model/{name}" for name in MODELS)]
    assert unlike(tmp_path, names, "demo", "--transactions", "3000") == []
