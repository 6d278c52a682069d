"""Jobs side by side, on two cores whatever the machine has."""

import threading
import time

import numpy as np
import pytest

from graphml import cores
from graphml.cores import over_accounts, side_by_side


@pytest.fixture(autouse=True)
def _two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores.os, "cpu_count", lambda: 2)


def test_what_jobs_give_stands_in_their_order_and_no_thread_is_left() -> None:
    def late(job: int) -> int:
        time.sleep(0.002 * (5 - job))
        return job * job

    assert side_by_side(late, range(5)) == [0, 1, 4, 9, 16]
    assert threading.active_count() == 1


def test_jobs_run_at_a_time() -> None:
    both = threading.Barrier(2, timeout=20)
    assert sorted(side_by_side(lambda _: both.wait(), range(2))) == [0, 1]


def test_a_core_without_jobs_takes_parts_of_another_job() -> None:
    both, alone = threading.Barrier(2, timeout=20), threading.Event()

    def work(job: int) -> list[int]:
        if job:
            alone.set()  # and nothing else: this core is free for parts of the first job
            return []
        assert alone.wait(20)
        return side_by_side(lambda _: both.wait(), range(2))

    assert sorted(side_by_side(work, range(2))[0]) == [0, 1]


def test_what_is_waited_for_is_not_kept_from_being_made() -> None:
    # The first job makes in parts what the others wait for, so its core must not wait on one of these meanwhile.
    made = threading.Event()

    def work(job: int) -> list[int]:
        if job:
            assert made.wait(20)
            return []
        found = side_by_side(lambda part: part, range(4))
        made.set()
        return found

    assert side_by_side(work, range(4)) == [[0, 1, 2, 3], [], [], []]


def test_the_first_fault_is_raised_and_what_has_not_begun_is_left_out() -> None:
    begun, both = [], threading.Barrier(2, timeout=20)

    def work(job: int) -> None:
        begun.append(job)
        both.wait()
        raise ValueError(f"job {job}")

    with pytest.raises(ValueError, match="job 0"):
        side_by_side(work, range(10))
    assert sorted(begun) == [0, 1]
    assert threading.active_count() == 1


def test_a_fault_in_a_part_is_raised_where_the_part_was_given() -> None:
    def part(number: int) -> None:
        if number == 1:
            raise ValueError("part 1")

    def work(job: int) -> str:
        try:
            side_by_side(part, range(2))
        except ValueError as fault:
            return f"{job}: {fault}"
        return "none"

    assert side_by_side(work, range(2)) == ["0: part 1", "1: part 1"]


def test_blocks_cover_each_account_once_with_as_many_entries() -> None:
    load = np.concatenate([[0], np.cumsum(np.r_[np.full(1000, 30), 30_000, np.full(1000, 30)])])
    seen, spans = np.zeros(len(load) - 1, np.int64), []

    def work(first: int, last: int) -> None:
        seen[first:last] += 1
        spans.append((first, last))

    over_accounts(work, load)
    assert (seen == 1).all()
    assert len(spans) > 4
    assert max(load[last] - load[first] for first, last in spans if last - first > 1) <= load[-1] / 8 + 30_030


def test_a_thread_that_cannot_be_started_leaves_none_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores.os, "cpu_count", lambda: 4)
    start, started = threading.Thread.start, []

    def starts(thread: threading.Thread) -> None:
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", starts)
    with pytest.raises(RuntimeError, match="start new thread"):
        side_by_side(abs, range(9))
    assert threading.active_count() == 1


def test_an_interrupt_goes_before_what_jobs_raise() -> None:
    both = threading.Barrier(2, timeout=20)

    def work(job: int) -> None:
        both.wait()
        raise ValueError(f"job {job}") if job == 0 else KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        side_by_side(work, range(2))
