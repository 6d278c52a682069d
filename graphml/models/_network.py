"""Encode neighbourhoods as tensors and pass messages along them, in both directions."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from graphml.elementary import log1p
from graphml.graph import TransactionGraph
from graphml.sampler import TemporalSampler
from graphml.scorer import Examples
from graphml.window import HOUR

with warnings.catch_warnings():  # importing torch_geometric uses torch.jit, which torch has deprecated
    warnings.simplefilter("ignore")
    import torch
    from torch_geometric.data import Data
    from torch_geometric.loader import NodeLoader
    from torch_geometric.utils import scatter

__all__ = ["Batch", "Encoding", "Network", "batches", "ports"]


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """Hold what turns raw values into inputs: statistics and names of the training part, nothing later."""

    names: tuple[str, ...]  # F account features
    mean: NDArray[np.float32]  # (F,) of the signed logs
    scale: NDArray[np.float32]  # (F,)
    currencies: tuple[str, ...]  # number 0 is kept for names that training did not know
    formats: tuple[str, ...]

    @classmethod
    def of(cls, graph: TransactionGraph, train: Examples) -> Self:
        """Return the encoding learnt from *train* and the rows strictly before its last instant."""
        seen = graph.before(int(train.at.max()))
        logs = _logs(train.features)
        currencies = tuple(graph.currencies[i] for i in np.unique(seen.currency[seen.rows]))
        formats = tuple(graph.formats[i] for i in np.unique(seen.format[seen.rows]))
        scale = np.maximum(logs.std(axis=0), 1e-3).astype(np.float32)
        return cls(train.names, logs.mean(axis=0).astype(np.float32), scale, currencies, formats)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return the number of features, currencies and formats, each with one for the unknown."""
        return len(self.names), len(self.currencies) + 1, len(self.formats) + 1

    def features(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the standardised features (M, F), cut at 5 deviations."""
        return np.asarray(np.clip((_logs(raw) - self.mean) / self.scale, -5.0, 5.0), np.float32)


def _logs(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    clean = np.nan_to_num(raw, nan=0.0, posinf=1e30, neginf=-1e30)
    return np.asarray(np.sign(clean) * log1p(np.abs(clean)), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Hold disjoint neighbourhoods: V nodes, the first B are the seeds, L sampled edges."""

    features: torch.Tensor  # (B, F)
    label: torch.Tensor  # (B,)
    nodes: torch.Tensor  # () V
    near: torch.Tensor  # (L,) node that a message leaves
    to_: torch.Tensor  # (L,) node that it reaches
    back: torch.Tensor  # (L,) bool: the message runs against the money
    numbers: torch.Tensor  # (L, 4) log value, log hours before the instant, log in-port, log out-port
    currency: torch.Tensor  # (L,)
    format: torch.Tensor  # (L,)

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on *device*."""
        return Batch(**{f.name: getattr(self, f.name).to(device) for f in fields(self)})


def ports(own: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return for each row the rank of *other* among those that *own* met, by first contact; later rows change nothing."""
    key = own.astype(np.int64) << 32 | other
    _, first, where = np.unique(key, return_index=True, return_inverse=True)
    order = np.lexsort((first, own[first]))
    start = np.flatnonzero(np.diff(own[first][order], prepend=-1))
    rank = np.empty(len(first), np.int64)
    counts = np.diff(start, append=len(first))
    rank[order] = np.arange(len(first)) - np.repeat(start, counts)
    return rank[where]


def batches(
    graph: TransactionGraph,
    examples: Examples,
    order: NDArray[np.int64],
    encoding: Encoding,
    size: tuple[tuple[int, ...], int],  # fan-out, accounts a batch
) -> Iterator[Batch]:
    """Yield the examples in *order* (positions) as batches of disjoint neighbourhoods."""
    view = slice(graph.lo, graph.hi)
    numbers = np.zeros((len(graph.time), 3), np.float32)
    numbers[view, 0] = log1p(np.abs(graph.value[view]))
    numbers[view, 1] = log1p(ports(graph.target[view], graph.source[view]))
    numbers[view, 2] = log1p(ports(graph.source[view], graph.target[view]))
    currency = _known(graph.currencies, encoding.currencies)[graph.currency]
    payment = _known(graph.formats, encoding.formats)[graph.format]
    account, at = torch.from_numpy(examples.account[order].astype(np.int64)), torch.from_numpy(examples.at[order])
    data = Data(num_nodes=graph.n, edge_index=torch.zeros((2, 0), dtype=torch.long))
    sampler = TemporalSampler(graph, size[0])
    if not len(order):
        return
    for piece in NodeLoader(data, sampler, account, at, batch_size=size[1], shuffle=False):
        mine = order[piece.input_id.numpy()]
        back, row = np.divmod(piece.e_id.numpy(), len(graph.time))
        instant = examples.at[mine][piece.batch.numpy()[piece.edge_index[1].numpy()]]
        hours = log1p((instant - graph.time[row]) / HOUR).astype(np.float32)
        yield Batch(
            features=torch.from_numpy(encoding.features(examples.features[mine])),
            label=torch.from_numpy((examples.label[mine] == 1).astype(np.float32)),
            nodes=torch.tensor(len(piece.n_id)),
            near=piece.edge_index[0],
            to_=piece.edge_index[1],
            back=torch.from_numpy(back == 1),
            numbers=torch.from_numpy(np.concatenate([numbers[row], hours[:, None]], axis=1)),
            currency=torch.from_numpy(currency[row]),
            format=torch.from_numpy(payment[row]),
        )


def _known(names: tuple[str, ...], learnt: tuple[str, ...]) -> NDArray[np.int64]:
    return np.array([learnt.index(name) + 1 if name in learnt else 0 for name in names], np.int64)


class Network(torch.nn.Module):
    """Pass messages with the money and against it, each way with its own weights; read out at the seeds."""

    def __init__(self, shape: tuple[int, int, int], hidden: int, layers: int) -> None:
        super().__init__()
        features, currencies, formats = shape
        self.currency = torch.nn.Embedding(currencies, 4)
        self.format = torch.nn.Embedding(formats, 4)
        self.seed = torch.nn.Linear(features, hidden)
        self.other = torch.nn.Parameter(torch.zeros(hidden))
        self.edge = torch.nn.ModuleList(torch.nn.Linear(12, 2 * hidden) for _ in range(layers))
        self.message = torch.nn.ModuleList(torch.nn.Linear(hidden, 2 * hidden) for _ in range(layers))
        self.update = torch.nn.ModuleList(torch.nn.Linear(3 * hidden, hidden) for _ in range(layers))
        self.norm = torch.nn.ModuleList(torch.nn.LayerNorm(hidden) for _ in range(layers))
        self.out = torch.nn.Sequential(
            torch.nn.Linear(hidden + features, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 1)
        )

    def forward(self, b: Batch) -> torch.Tensor:
        """Return the log odds (B,) of the seeds."""
        seeds, nodes = len(b.features), int(b.nodes)
        h = torch.cat([torch.relu(self.seed(b.features)), self.other.expand(nodes - seeds, -1)])
        kinds = torch.cat([b.numbers, self.currency(b.currency), self.format(b.format)], dim=1)
        width, way = h.shape[1], b.back.long()
        leaves, reaches, own = 2 * b.near + way, 2 * b.to_ + way, 2 * torch.arange(len(way), device=way.device) + way
        for edge, message, update, norm in zip(self.edge, self.message, self.update, self.norm, strict=True):
            # A layer gives two rows of *width*, one for each way; a message takes that of its own way.
            sent = torch.relu(message(h).view(-1, width)[leaves] + edge(kinds).view(-1, width)[own])
            got = scatter(sent, reaches, dim=0, dim_size=2 * nodes, reduce="sum").view(nodes, 2 * width)
            h = norm(h + torch.relu(update(torch.cat([h, got], dim=1))))
        result: torch.Tensor = self.out(torch.cat([h[:seeds], b.features], dim=1)).squeeze(1)
        return result
