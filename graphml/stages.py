"""Time the stages of a job and keep their peak memory."""

import logging
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

__all__ = ["Stage", "Stages"]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stage:
    """Say how long a stage took and the most memory the process had used by its end."""

    name: str
    seconds: float
    peak_mb: int


@dataclass(slots=True)
class Stages:
    """Collect stages; `on_change(name, done)` hears of each start and end."""

    on_change: Callable[[str, bool], None] = lambda _name, _done: None
    done: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block as the stage *name*; a block that fails leaves no stage."""
        self.on_change(name, False)
        start = time.perf_counter()
        yield
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.done.append(Stage(name, round(time.perf_counter() - start, 2), peak))
        _LOG.info("%s: %.2f s, peak %d MB", name, self.done[-1].seconds, peak)
        self.on_change(name, True)
