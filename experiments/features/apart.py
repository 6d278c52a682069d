"""Run a measurement in a process of its own, so that memory and compiled code are its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Took", "answer", "apart", "clock", "finish", "peak_gb"]

ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Took:
    """Hold seconds of the clock and of the processor, of all threads, and those of the processor in the system."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    system_seconds: float = 0.0  # above all, what memory takes that is new to the process


@contextmanager
def clock(took: Took) -> "Iterator[Took]":
    """Add what the block takes to *took*."""
    begin, used, system = time.perf_counter(), time.process_time(), os.times().system
    yield took
    took.seconds += time.perf_counter() - begin
    took.cpu_seconds += time.process_time() - used
    took.system_seconds += os.times().system - system


def apart(module: str, /, patience: float | None = None, **asked: Any) -> dict[str, Any]:
    """Return what *module* of this folder answers; `failed` with the reason where it did not, or not in time."""
    command = [sys.executable, "-m", f"experiments.features.{module}", json.dumps(asked)]
    return finish(command, patience)


def finish(command: list[str], limit: float | None = None) -> dict[str, Any]:
    """Return the JSON on the last line that *command* prints; `failed` where it fails or takes more than *limit*."""
    begin = time.perf_counter()
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {limit:g} s", "limit": limit}
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"ended by signal {-done.returncode}"]
        return {"failed": last[0], "code": done.returncode, "after": round(time.perf_counter() - begin, 1)}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def answer(work: Callable[..., Mapping[str, Any]]) -> None:
    """Print what *work* gives for the JSON on the command line, and the memory that this process took at most."""
    load = os.getloadavg()[0]
    found = dict(work(**json.loads(sys.argv[1])))
    print(json.dumps({**found, "peak_gb": peak_gb(), "machine_load": [round(load, 2), round(os.getloadavg()[0], 2)]}))


def peak_gb() -> float:
    """Return the most memory that this process has held, in GiB; unlike `ru_maxrss` it forgets the parent's."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return round(kilobytes / 2**20, 2)
