"""Sampled neighbourhoods against a scan of the rows."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from graphml.graph import TransactionGraph
from graphml.sampler import TemporalSampler
from tests import toy

Sampler = TemporalSampler


def seeds(graph: TransactionGraph, seed: int, count: int = 60) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(seed)
    at = rng.choice(graph.time, count)  # exactly at rows, so that ties count
    return torch.from_numpy(rng.integers(0, graph.n, count)), torch.from_numpy(at)


def draw(sampler: Sampler, node: torch.Tensor, at: torch.Tensor):
    return sampler.sample_from_nodes(SimpleNamespace(node=node, time=at, input_id=torch.arange(len(node))))


def check(sampler: Sampler, graph: TransactionGraph, seed: int) -> None:
    """Assert: no edge at or after its seed's instant, edges stay inside a seed, and everything due is there."""
    node, at = seeds(graph, seed)
    out = draw(sampler, node, at)
    rows = out.edge.numpy() % len(graph.time)
    batch = out.batch.numpy()
    assert (batch[out.row.numpy()] == batch[out.col.numpy()]).all(), "an edge joins two seeds"
    leaks = int((graph.time[rows] >= at.numpy()[batch[out.col.numpy()]]).sum())
    assert leaks == 0, f"{leaks} of {len(rows)} edges are not strictly earlier than their seed"
    back = out.edge.numpy() >= len(graph.time)
    near, far = (
        np.where(back, graph.target[rows], graph.source[rows]),
        np.where(back, graph.source[rows], graph.target[rows]),
    )
    assert (out.node.numpy()[out.row.numpy()] == near).all()
    assert (out.node.numpy()[out.col.numpy()] == far).all()
    for i in range(len(node)):
        mine = sorted(out.edge.numpy()[batch[out.col.numpy()] == i].tolist())
        assert mine == reach(graph, int(node[i]), int(at[i])), f"seed {i}"


def reach(graph: TransactionGraph, node: int, at: int) -> list[int]:
    found, done, level = [], {node}, [node]
    for _ in range(2):
        step: list[int] = []
        for v in level:
            for e in range(graph.lo, graph.hi):
                if graph.time[e] < at and graph.target[e] == v:
                    found.append(e)
                    step.append(int(graph.source[e]))
                if graph.time[e] < at and graph.source[e] == v:
                    found.append(e + len(graph.time))
                    step.append(int(graph.target[e]))
        level = [u for u in dict.fromkeys(step) if u not in done]
        done |= set(level)
    return sorted(found)


@pytest.mark.parametrize("recent", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_with_room_for_all_exactly_the_earlier_rows_are_sampled(seed: int, recent: bool) -> None:
    graph = toy.graph(toy.random_rows(seed))
    check(TemporalSampler(graph, (99, 99), recent), graph, seed)


class SameInstant(TemporalSampler):
    def bound(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.searchsorted(self.graph.time, at, "right")


class SharedClock(TemporalSampler):
    """What a sampler that shares nodes between seeds does: the latest clock of the batch opens a node to all."""

    def bound(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.full(len(at), np.searchsorted(self.graph.time, at.max(), "left"))


@pytest.mark.parametrize("leaky", [SameInstant, SharedClock])
def test_a_leaky_sampler_is_caught(leaky: type[TemporalSampler]) -> None:
    graph = toy.graph(toy.random_rows(1))
    with pytest.raises(AssertionError, match="strictly earlier"):
        check(leaky(graph, (99, 99)), graph, 1)


def test_recent_takes_the_latest_and_random_takes_distinct_rows() -> None:
    graph = toy.graph([(1 + i % 4, 0, float(i), 5.0) for i in range(20)])
    node, at = torch.tensor([0]), torch.tensor([int(graph.time[15])])
    assert sorted(draw(TemporalSampler(graph, (3,)), node, at).edge.tolist()) == [12, 13, 14]
    taken = [draw(TemporalSampler(graph, (6,), False, seed=s), node, at).edge.tolist() for s in range(200)]
    assert all(len(set(t)) == 6 and max(t) < 15 for t in taken)
    counts = np.bincount(np.concatenate(taken), minlength=15)
    assert counts.min() > 40  # 80 expected of each
    assert counts.max() < 125


def test_a_draw_does_not_depend_on_the_batch_it_is_in() -> None:
    graph = toy.graph(toy.random_rows(4, rows=300))
    node, at = seeds(graph, 4)
    sampler = TemporalSampler(graph, (3, 2), recent=False, seed=9)
    whole = draw(sampler, node, at)
    for i in range(len(node)):
        alone = draw(sampler, node[i : i + 1], at[i : i + 1])
        assert alone.edge.tolist() == whole.edge[whole.batch[whole.col] == i].tolist()


def test_a_view_hides_rows_outside_it() -> None:
    graph = toy.graph(toy.random_rows(2))
    view = graph.window(type(graph.span)(int(graph.time[10]), int(graph.time[30])))
    check(TemporalSampler(view, (99, 99)), view, 2)
