"""Share work among cores: jobs side by side, and the parts of a job with cores that have none."""

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["at_once", "over_accounts", "side_by_side"]

_HERE = threading.local()  # `crew`: this thread does the jobs of one
_SMALL = 20_000  # entries that one core has done before another has begun
_PARTS = 4  # blocks of accounts for each core: one that is done early takes another
T = TypeVar("T")
R = TypeVar("R")


def side_by_side(work: Callable[[T], R], jobs: Iterable[T]) -> list[R]:
    """Return what *work* gives for each of *jobs*, as many at a time as there are cores.

    A job may call this again: its own jobs are done by its core, and by those that find nothing else to do. Where jobs
    fail, those that have not begun are left out and what the first of the others raised is raised.
    """
    todo, cores = list(jobs), os.cpu_count() or 1
    if len(todo) < 2 or cores < 2:
        return [work(job) for job in todo]
    batch = _Batch(work, todo)
    crew: _Crew | None = getattr(_HERE, "crew", None)
    if crew is not None:
        return crew.do(batch)
    crew, others = _Crew(), []
    try:
        _HERE.crew = crew
        for _ in range(cores - 1):
            other = threading.Thread(target=crew.help, daemon=True)
            other.start()
            others.append(other)
        return crew.do(batch)
    finally:
        _HERE.crew = None
        crew.close()
        for other in others:
            other.join()


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Return what each of *jobs* gives, as `side_by_side` does them."""
    return side_by_side(_call, jobs)


def _call(job: Callable[[], Any]) -> Any:
    return job()


def over_accounts(work: Callable[[int, int], object], load: NDArray[np.int64]) -> None:
    """Call *work*(first, last) for blocks of accounts, on all cores, each with about as many entries.

    *load* (N+1,) is the running number of entries. A block writes what belongs to its accounts only, so the result
    does not depend on the number of cores; *work* must let go of the interpreter.
    """
    cores, n, total = os.cpu_count() or 1, len(load) - 1, int(load[-1])
    blocks = 1 if cores == 1 or total < _SMALL else cores * _PARTS
    edges = np.searchsorted(load, np.linspace(0, total, blocks + 1)[1:-1])
    edges = np.unique(np.concatenate([[0], np.minimum(edges, n), [n]]))
    spans = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    side_by_side(lambda span: work(*span), spans)


class _Batch:
    # The jobs of one call: which has to be begun, how many have begun and not ended, and what came of them.
    def __init__(self, work: Callable[[Any], Any], jobs: Sequence[Any]) -> None:
        self.work, self.jobs = work, jobs
        self.next = self.running = 0
        self.found: list[Any] = [None] * len(jobs)
        self.fault: tuple[tuple[bool, int], BaseException] | None = None


class _Crew:
    # Who waits for the end of a batch takes nothing else meanwhile: it could be what waits for what this one makes.
    def __init__(self) -> None:
        self.batches: list[_Batch] = []
        self.change = threading.Condition()
        self.closed = False

    def do(self, batch: _Batch) -> list[Any]:
        with self.change:
            self.batches.append(batch)
            self.change.notify_all()
        while (place := self._begin(batch)) is not None:
            self._run(batch, place)
        with self.change:
            self.change.wait_for(lambda: batch.running == 0)
        if batch.fault is not None:
            raise batch.fault[1]
        return batch.found

    def help(self) -> None:
        _HERE.crew = self
        while True:
            with self.change:
                self.change.wait_for(lambda: self.closed or self.batches)
                if self.closed:
                    return
                batch = self.batches[0]  # of the outermost call: jobs before parts of a job
            place = self._begin(batch)
            if place is not None:
                self._run(batch, place)

    def close(self) -> None:
        with self.change:
            self.closed = True
            self.change.notify_all()

    def _begin(self, batch: _Batch) -> int | None:
        with self.change:
            if batch.next == len(batch.jobs):
                return None
            batch.next, batch.running = batch.next + 1, batch.running + 1
            if batch.next == len(batch.jobs):
                self.batches.remove(batch)
            return batch.next - 1

    def _run(self, batch: _Batch, place: int) -> None:
        fault = None
        try:
            batch.found[place] = batch.work(batch.jobs[place])
        except BaseException as raised:
            fault = raised
        with self.change:
            batch.running -= 1
            if fault is not None:
                rank = isinstance(fault, Exception), place  # an interrupt goes before what jobs raise
                if batch.fault is None or rank < batch.fault[0]:
                    batch.fault = rank, fault
                if batch.next < len(batch.jobs):
                    batch.next = len(batch.jobs)
                    self.batches.remove(batch)
            self.change.notify_all()
